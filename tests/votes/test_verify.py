"""The stand-alone program: what it finds in packs of real votes, whole, altered and forged."""

from __future__ import annotations

import ast
import copy
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories.packs import PACKS
from tests.votes.forging import Pack, problems, section
from tracker.counts import packing
from tracker.votes import verify
from tracker.votes.sealing import canonical

PROGRAM = Path(verify.__file__)


def run(folder: Path, text: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the program alone, in a folder that has nothing but it and the pack."""
    shutil.copy(PROGRAM, folder / "verify.py")
    (folder / "pack.json").write_text(text, encoding="utf-8")
    command = [sys.executable, "-I", "verify.py", *options, "pack.json"]
    environment = {"PYTHONIOENCODING": "utf-8", "PATH": ""}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False
    )


# ---- whole packs ----


@pytest.mark.parametrize("name", PACKS)
def test_pack_of_a_real_vote_holds(packs, tmp_path, name):
    plain = packs(name)
    answer = run(tmp_path, json.dumps(plain, ensure_ascii=False))
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "核验通过，以上各项全部成立。 / Everything holds." in answer.stdout
    assert "[!!]" not in answer.stdout
    for one in plain["counts"]:
        assert one["digest"] in answer.stdout


def test_results_are_told_with_their_shares(packs, tmp_path):
    shown = run(tmp_path, json.dumps(packs("everything"))).stdout
    assert "1.1 车辆管理制度: 通过 / carried" in shown
    assert "1.2 门禁管理公约: 未形成决定 / no decision was formed" in shown
    assert "quorum area: 76345 / 100345  >=2/3" in shown
    assert "approval persons: 3 / 8  >1/2" in shown


def test_machines_are_told_the_same(packs, tmp_path):
    plain = packs("plain")
    answer = run(tmp_path, json.dumps(plain), "--json")
    told = json.loads(answer.stdout)
    assert (answer.returncode, told["ok"]) == (0, True)
    assert told["digests"] == [plain["counts"][0]["digest"]]
    assert {check["ok"] for check in told["checks"]} == {True}
    assert [result["outcome"] for result in told["results"]] == ["carried", "carried"]


def test_corrected_result_is_verified_beside_the_first(packs):
    plain = packs("counted_twice")
    report = verify.verify(plain)
    assert [(r["count"], r["motion"], r["outcome"]) for r in report.results] == [
        (1, 1, "carried"),
        (1, 2, "carried"),
        (2, 1, "not_formed"),
        (2, 2, "not_formed"),
    ]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (lambda digest: digest, True),
        (lambda digest: f"{digest[:4]}-{digest[4:8]}".upper(), True),
        (lambda digest: digest[:7], False),
        (lambda digest: "0" * 64, False),
    ],
)
def test_pack_is_compared_with_the_digest_announced(packs, tmp_path, given, found):
    plain = packs("plain")
    wanted = given(plain["counts"][0]["digest"])
    answer = run(tmp_path, json.dumps(plain), "--digest", wanted)
    assert answer.returncode == (0 if found else 1)
    assert ("no count has the digest" in answer.stdout) is not found


# ---- alone ----


def test_program_needs_the_standard_library_alone_and_python_3_8():
    tree = ast.parse(PROGRAM.read_text(encoding="utf-8"), feature_version=(3, 8))
    imported = {
        name
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= set(sys.stdlib_module_names)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        "[]",
        "{}",
        '{"format":"votes-evidence-2"}',
        '{"format":"votes-evidence-1","format":"votes-evidence-1"}',
        '{"format":"votes-evidence-1","counts":[1.5]}',
        '{"format":"votes-evidence-1","counts":[NaN]}',
        "[" * 100_000,
    ],
)
def test_what_is_no_pack_is_told_apart(tmp_path, text):
    answer = run(tmp_path, text)
    assert (answer.returncode, answer.stderr) == (2, "")
    machine = run(tmp_path, text, "--json")
    assert (machine.returncode, json.loads(machine.stdout)["ok"]) == (2, False)


def test_file_that_is_not_there_is_told(tmp_path):
    answer = run(tmp_path, "{}", "nothing.json")
    assert answer.returncode == 2


# ---- altered rows ----

ALL_SECTIONS = (*verify.COUNT_SECTIONS, *verify.AFTER_SECTIONS)
FULL = {
    **dict.fromkeys(ALL_SECTIONS, "everything"),
    "recounts": "counted_twice",
    "objections": "counted_twice",
}
EMPTY = {"archive"}
"""No pack of the tests comes from a vote that was archived."""


def other(value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if value is None:
        return 7
    if isinstance(value, str) and verify.moment(value):
        return value.replace("2026", "2027")
    if isinstance(value, str):
        return value + "x" if value else "x"
    return [value]


def cells() -> list[tuple[str, str]]:
    """Every column of every section that has rows."""
    found = []
    for name, columns in {**verify.COUNT_SECTIONS, **verify.AFTER_SECTIONS}.items():
        names = [column.split(":")[0] for column in columns.split()]
        found += [(name, column) for column in ("n", *names, "link") if name not in EMPTY]
    return found


@pytest.mark.parametrize(("name", "column"), cells())
def test_altered_value_is_found_and_its_row_named(packs, name, column):
    plain = packs(FULL[name])
    found = section(plain, name)
    rows = found["rows"]
    for place in {0, len(rows) // 2, len(rows) - 1}:
        changed = copy.deepcopy(plain)
        row = section(changed, name)["rows"][place]
        at = found["columns"].index(column)
        row[at] = other(row[at])
        told = problems(changed)
        assert any(
            code == "chain" and where == name and number in (row[0], place + 1)
            for code, where, number, _ in told
        ), told


@pytest.mark.parametrize("name", sorted(set(ALL_SECTIONS) - EMPTY))
def test_removed_row_is_named(packs, name):
    rows = section(packs(FULL[name]), name)["rows"]
    for place in {0, len(rows) // 2, len(rows) - 1}:
        plain = packs(FULL[name])
        del section(plain, name)["rows"][place]
        told = problems(plain)
        assert ("chain", name, place + 1, f"{name} #{place + 1}: this row was removed") in told


@pytest.mark.parametrize("name", sorted(set(ALL_SECTIONS) - EMPTY))
def test_added_row_is_named(packs, name):
    rows = section(packs(FULL[name]), name)["rows"]
    for place in {0, len(rows) // 2, len(rows) - 1}:
        plain = packs(FULL[name])
        added = copy.deepcopy(rows[place])
        section(plain, name)["rows"].insert(place, added)
        told = problems(plain)
        assert any(
            where == name and number == place + 1 and en.endswith("this row was added")
            for _, where, number, en in told
        ), told


@pytest.mark.parametrize("name", sorted(set(ALL_SECTIONS) - EMPTY))
def test_rows_that_changed_places_are_named(packs, name):
    plain = packs(FULL[name])
    rows = section(plain, name)["rows"]
    if len(rows) < 3:
        return
    rows[0], rows[1] = rows[1], rows[0]
    told = [problem for problem in problems(plain) if problem[0] == "chain"]
    assert [problem[1:3] for problem in told] == [(name, 1)]
    assert told[0][3].endswith("this row was moved")


def test_one_alteration_accuses_one_row(packs):
    plain = packs("everything")
    section(plain, "readings")["rows"][4][-2] = ["against", "for"]
    told = [problem for problem in problems(plain) if problem[0] == "chain"]
    assert [problem[1:3] for problem in told] == [("readings", 5)]


def test_row_whose_link_was_made_to_fit_shows_at_the_next_row_or_the_end(packs):
    for place, shown in ((3, 5), (20, None)):
        plain = packs("everything")
        rows = section(plain, "readings")["rows"]
        rows[place][-2] = ["against", "for"]
        rows[place][-1] = packing.next_link(rows[place - 1][-1], canonical(rows[place][:-1]))
        told = [problem for problem in problems(plain) if problem[0] == "chain"]
        assert [problem[1:3] for problem in told] == [("readings", shown)]


def outer() -> dict[str, Callable[[Pack], Any]]:
    """Alterations of what stands around the rows."""
    return {
        "made_at": lambda p: p.update(made_at="2030-01-01T00:00:00.000000+00:00"),
        "digest": lambda p: p.update(digest="0" * 64),
        "a field more": lambda p: p.update(note="x"),
        "no counts": lambda p: p.update(counts=[]),
        "counts gone": lambda p: p.pop("counts"),
        "counts are text": lambda p: p.update(counts="x"),
        "after gone": lambda p: p.pop("after"),
        "a count is text": lambda p: p["counts"].append("x"),
        "a count twice": lambda p: p["counts"].append(copy.deepcopy(p["counts"][0])),
        "number": lambda p: p["counts"][0].update(number=2),
        "number is text": lambda p: p["counts"][0].update(number="1"),
        "digest of the count": lambda p: p["counts"][0].update(digest="0" * 64),
        "sections are text": lambda p: p["counts"][0].update(sections="x"),
        "a section less": lambda p: p["counts"][0]["sections"].pop(7),
        "a section twice": lambda p: p["counts"][0]["sections"].append(section(p, "roll")),
        "an unknown section": lambda p: section(p, "roll").update(name="x"),
        "sections out of order": lambda p: p["counts"][0]["sections"].reverse(),
        "hash": lambda p: section(p, "roll").update(hash="0" * 64),
        "count": lambda p: section(p, "roll").update(count=10),
        "count less": lambda p: section(p, "roll").update(count=2),
        "count is true": lambda p: section(p, "archive").update(count=True),
        "a huge count": lambda p: section(p, "roll").update(count=10**30),
        "columns": lambda p: section(p, "roll")["columns"].reverse(),
        "rows are text": lambda p: section(p, "roll").update(rows="x"),
        "a row is text": lambda p: section(p, "roll")["rows"].append("x"),
        "an empty row": lambda p: section(p, "roll")["rows"].append([]),
        "a short row": lambda p: section(p, "roll")["rows"][1].pop(2),
        "a long row": lambda p: section(p, "roll")["rows"][1].append(1),
        "n is a list": lambda p: section(p, "roll")["rows"][1].__setitem__(0, [1]),
        "n is negative": lambda p: section(p, "roll")["rows"][1].__setitem__(0, -1),
    }


@pytest.mark.parametrize("name", outer())
def test_alteration_around_the_rows_is_found(packs, name):
    plain = packs("everything")
    outer()[name](plain)
    assert {code for code, *_ in problems(plain)} & {"chain", "digests"}


@settings(max_examples=150, deadline=None, database=None)
@given(data=st.data())
def test_whatever_is_altered_is_found(packs, data):
    """Some value somewhere in the file, however deep, becomes another."""
    name = data.draw(st.sampled_from(["everything", "silence", "ranked", "counted_twice"]))
    plain = packs(name)
    at: Any = plain
    while True:
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(at[key], dict | list) or not at[key]:
            break
        at = at[key]
    if at is plain and key == "format":
        return
    at[key] = data.draw(
        st.sampled_from(
            [None, True, 0, 1, -1, 10**20, "", "x", [], {}, [1], other(at[key])]
        ).filter(lambda value: canonical(value) != canonical(at[key]))
    )
    assert problems(plain)
