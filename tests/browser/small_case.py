"""The library as shipped, but case 6 asks for as much as one test can click."""

from __future__ import annotations

from pathlib import Path

import yaml
from flask import Flask

from tracker.anthology.services import CASES, load_folder
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.workdays import services as workdays

AMOUNTS = {
    "min_opinions": 3,
    "min_coverage": 30,
    "meetings_held": 1,
    "picture_pair": 1,
    "min_responses": 2,
}
"""The fifteen days of notice stay: days cost a test nothing."""


def load_library(app: Flask, folder: Path) -> None:
    """Load the calendar and all cases, then case 6 again with smaller amounts."""
    [file] = CASES.glob("06-*.yaml")
    case = yaml.safe_load(file.read_text(encoding="utf-8"))
    for stage in case["stages"]:
        for gate in stage["gate"]:
            if gate["kind"] in AMOUNTS:
                gate["amount"] = AMOUNTS[gate["kind"]]
    small = folder / "cases"
    small.mkdir()
    (small / file.name).write_text(yaml.safe_dump(case, allow_unicode=True), encoding="utf-8")
    with app.app_context():
        workdays.load_packaged(clock.now())
        reports = [load_folder(CASES, clock.now()), load_folder(small, clock.now())]
        db.session.commit()
    assert [len(report.loaded) for report in reports] == [14, 1]
    assert not any(report.problems for report in reports)
