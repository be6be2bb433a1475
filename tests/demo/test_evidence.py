"""The evidence packs of the replays, verified by the program that stands alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.demo.test_replays import LIFTS, PARKING, REPLAYED
from tracker.accounts.models import User
from tracker.accounts.rules import Role
from tracker.counts import evidence_services
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.votes import verify
from tracker.votes.models import Vote


def pack_of(vote: Vote, folder: Path) -> Path:
    """The pack of a vote as the officer downloads it."""
    officer = db.session.scalars(sa.select(User).where(User.role == Role.OFFICER)).one()
    _vote, pieces = evidence_services.hand_out(officer, clock.now(), vote.id)
    path = folder / f"{vote.id}.json"
    path.write_bytes(b"".join(pieces))
    return path


def verified(pack: Path, folder: Path) -> tuple[int, dict[str, Any]]:
    """What the program says of a pack: alone, in an empty folder, with the library it came with."""
    program = folder / "verify.py"
    program.write_bytes(Path(verify.__file__).read_bytes())
    done = subprocess.run(
        [sys.executable, "-I", "-S", program, "--json", pack],
        capture_output=True,
        check=False,
        cwd=folder,
    )
    said: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, said


@pytest.mark.parametrize("title", REPLAYED)
def test_every_pack_of_a_replay_holds(votes_of, tmp_path, title):
    for vote in votes_of(title):
        code, said = verified(pack_of(vote, tmp_path), tmp_path)
        assert [check for check in said["checks"] if check["problems"]] == []
        assert code == 0


def test_the_program_finds_the_published_figures_of_case_6_anew(votes_of, tmp_path):
    [vote] = votes_of(PARKING)
    _code, said = verified(pack_of(vote, tmp_path), tmp_path)
    shares = [
        (result["outcome"], test["numerator"], test["denominator"])
        for result in said["results"]
        for test in result["tests"]
        if (test["stage"], test["measure"]) == ("approval", "persons")
    ]
    assert shares == [("carried", 237, 301), ("carried", 274, 301)]


def test_the_program_finds_that_two_thirds_are_not_more_than_two_thirds(votes_of, tmp_path):
    *_, tenth = votes_of(LIFTS)
    _code, said = verified(pack_of(tenth, tmp_path), tmp_path)
    assert [result["outcome"] for result in said["results"]] == ["not_formed"]


def test_one_choice_altered_afterwards_is_named(votes_of, tmp_path):
    [vote] = votes_of(PARKING)
    pack = pack_of(vote, tmp_path)
    content = json.loads(pack.read_text(encoding="utf-8"))
    [choices] = [s for s in content["counts"][0]["sections"] if s["name"] == "choices"]
    marks = choices["columns"].index("marks")
    row = next(row for row in choices["rows"] if row[marks] == ["for", "for"])
    row[marks] = ["against", "for"]
    pack.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    code, said = verified(pack, tmp_path)
    assert code == 1
    named = {(p["section"], p["row"]) for check in said["checks"] for p in check["problems"]}
    assert ("choices", row[0]) in named
