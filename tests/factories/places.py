"""Compounds with buildings and units."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook

from tracker.accounts.models import Committee
from tracker.kernel.database import db
from tracker.places.models import Building, Compound, Unit, VotingPerson


def compound(
    of: Committee,
    *,
    buildings: int = 2,
    rooms: int = 3,
    area: int | None = 8_000,
    name: str = "正文花园",
) -> Compound:
    """A compound whose units each have one voting person and ``area`` (0.01 m²)."""
    made = Compound(committee_id=of.id, name=name, address="政立路 1588 弄")
    db.session.add(made)
    db.session.flush()
    for number in range(1, buildings + 1):
        house = Building(
            committee_id=of.id, compound_id=made.id, number=str(number), position=number
        )
        db.session.add(house)
        db.session.flush()
        for room in range(101, 101 + rooms):
            person = VotingPerson(
                committee_id=of.id,
                compound_id=made.id,
                code=f"{number}-{room}",
                name=f"业主{number}-{room}",
            )
            db.session.add(person)
            db.session.flush()
            db.session.add(
                Unit(
                    committee_id=of.id,
                    compound_id=made.id,
                    building_id=house.id,
                    room=str(room),
                    area=area,
                    voting_person_id=person.id,
                )
            )
    db.session.flush()
    return made


ROLL_HEADINGS = (
    "楼栋",
    "门洞",
    "室号",
    "表决权人",
    "表决权人编号",
    "专有面积(㎡)",
    "面积来源",
    "微网格",
    "电话",
    "共有",
)


def roll_file(
    rows: Iterable[Sequence[object]], headings: Sequence[object] = ROLL_HEADINGS
) -> bytes:
    """An .xlsx file with these headings and rows, as a committee would upload it."""
    book = Workbook()
    sheet = book.worksheets[0]
    for row in (headings, *rows):
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
