"""The house rules that no tool checks by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from tracker.accounts.guards import check_every_route

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
COMPONENTS = TEMPLATES / "components"
LONGEST = 400
"""Lines; a longer file is split by noun."""

IN_ONE_PIECE = {"tracker/votes/verify.py"}
"""People copy it to a computer that has nothing else of this program."""

ALWAYS_THE_SAME = re.compile(r"__init__|rules|models|(\w+_)?(queries|services|forms|views)")
"""A capability whose services or pages are many splits them by noun: ``roll_services``."""

MORE = {
    "accounts": {"guards", "mail", "passwords", "session"},
    "anthology": {"mechanisms"},
    "meetings": {"blueprint", "proposals"},
    "notifications": {"dispatch", "mail"},
    "places": {"blueprint", "roll", "roll_columns", "roll_file", "roll_plan", "roll_writing"},
    "projects": {"drafts"},
    "public": {"blueprint", "guessing"},
    "reminders": {"outlook", "wording"},
    "ballots": {
        *("answers", "blueprint", "codes", "marks", "paper_models", "pass_codes"),
        *("receipts", "roll_file", "seals"),
    },
    "counts": {"balance", "blueprint", "counting", "packing", "course", "pages", "wording"},
    "votes": {
        *("blueprint", "figures", "lint", "offers", "preferences", "roll", "sealing"),
        *("poll_figures", "shipped", "tally", "verdict", "verify", "words"),
    },
    "workdays": {"packaged"},
    "workflow": {"pages"},
    "works": {"album", "images", "support"},
}
"""What a capability has beyond the files that all share; each says in its first line why."""

NOT_CAPABILITIES = {"demo", "kernel", "web", "static", "translations", "__pycache__"}


def source_files(*folders: str, endings: Iterable[str] = (".py",)) -> Iterator[Path]:
    """The files that people wrote, in order."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in endings and "__pycache__" not in path.parts:
                yield path


def name(path: Path) -> str:
    """A path as it is read in a message."""
    return str(path.relative_to(ROOT))


def test_files_stay_short():
    files = source_files(
        "tracker", "tests", "templates", "script", endings=(".py", ".html", ".css", ".js")
    )
    lengths = {name(path): len(path.read_text().splitlines()) for path in files}
    long = {path: lines for path, lines in lengths.items() if lines >= LONGEST}
    assert {path: lines for path, lines in long.items() if path not in IN_ONE_PIECE} == {}


def test_nothing_is_left_to_do():
    """What is not done is an issue, not a comment."""
    note = re.compile(r"(#|//|/\*|<!--)[ \t]*(TODO|FIXME|XXX)\b")
    endings = (".py", ".html", ".css", ".js", ".yaml", "")
    files = source_files("tracker", "tests", "templates", "script", "migrations", endings=endings)
    assert [name(p) for p in files if p.is_file() and note.search(p.read_text())] == []


def test_capabilities_hold_only_files_that_one_expects():
    surprising = []
    for folder in sorted((ROOT / "tracker").iterdir()):
        if folder.is_dir() and folder.name not in NOT_CAPABILITIES:
            more = MORE.get(folder.name, set())
            stems = {p.stem for p in folder.glob("*.py")}
            assert sorted(more - stems) == [], f"{folder.name}: gone, take it off the list"
            surprising += [
                f"{folder.name}/{stem}.py"
                for stem in sorted(stems - more)
                if not ALWAYS_THE_SAME.fullmatch(stem)
            ]
    assert surprising == []


def test_services_never_commit():
    """The edge of a request commits once; jobs and commands commit for themselves."""
    services = [p for p in source_files("tracker") if p.stem.endswith("services")]
    assert [name(p) for p in services if "session.commit(" in p.read_text()] == []


def test_the_time_is_asked_for_in_one_place():
    asks = re.compile(r"\b(datetime\.(now|utcnow)|date\.today|time\.time)\(")
    files = [p for p in source_files("tracker") if p.name != "clock.py"]
    assert [name(p) for p in files if asks.search(p.read_text())] == []


def markup(path: Path) -> str:
    """A template without its comments."""
    return re.sub(r"{#.*?#}", "", path.read_text(), flags=re.DOTALL)


def macros_of(path: Path) -> list[str]:
    """The macros that a template defines."""
    return re.findall(r"{%-? *macro (\w+)", path.read_text())


def component_files() -> list[Path]:
    """One file per component."""
    return sorted(COMPONENTS.glob("*.html"))


def test_a_component_file_defines_the_macro_of_its_name():
    assert [name(p) for p in component_files() if p.stem not in macros_of(p)] == []


def test_every_component_is_used_on_a_page():
    """The living page of components shows all of them and therefore does not count."""
    pages = [p for p in TEMPLATES.rglob("*.html") if name(p) != "templates/web/components.html"]
    imported = set()
    for page in pages:
        imported |= set(re.findall(r'from "components/(\w+)\.html" import', page.read_text()))
    assert [p.stem for p in component_files() if p.stem not in imported] == []


def templates_possible_in(package: Path) -> set[str]:
    """Templates that a package may name in part: ``f"works/{name}.html"``, ``page("money")``."""
    text = "".join(path.read_text() for path in sorted(package.glob("*.py")))
    folders = re.findall(r"""f["'](\w+)/\{\w+\}\.html["']""", text)
    words = set(re.findall(r"""["'](\w+)["']""", text))
    return {f"{folder}/{word}.html" for folder in folders for word in words}


def test_every_template_is_rendered_and_every_rendered_template_is_there():
    naming = re.compile(r"""["']([\w/-]+\.(?:html|txt))["']""")
    files = source_files("tracker", "templates", endings=(".py", ".html"))
    wanted = {found for path in files for found in naming.findall(path.read_text())}
    packages = [p for p in (ROOT / "tracker").iterdir() if p.is_dir()]
    possible = set().union(*map(templates_possible_in, packages))
    present = {str(p.relative_to(TEMPLATES)) for p in TEMPLATES.rglob("*.*")}
    assert sorted(present - wanted - possible - {"components/README.md"}) == []
    assert sorted(wanted - present) == []


def test_templates_hold_neither_styles_nor_scripts():
    """The content policy of the site would not let them work."""
    inline = re.compile(r"\sstyle=|\son\w+=[\"']|<style|<script(?![^>]*\bsrc=)")
    assert [name(p) for p in TEMPLATES.rglob("*.html") if inline.search(markup(p))] == []


def test_a_route_that_declares_no_access_does_not_start():
    bare = Flask("bare")
    bare.add_url_rule("/secret", "secret", lambda: "everything")
    with pytest.raises(RuntimeError, match="secret"):
        check_every_route(bare)
