"""The roll: what it would be, what it is, and who stands on it."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from tracker.kernel.database import db
from tracker.places.models import Building, Unit, VotingPerson
from tracker.votes.models import Ballot, RollEntry, RollUnit, Vote
from tracker.votes.roll import UnitRow, room_key
from tracker.votes.sealing import SealedEntry, SealedUnit, Terms
from tracker.votes.words import BallotState


@dataclass(frozen=True)
class RollPreview:
    """What the roll would be if it were frozen now; ``area`` is the known area in 0.01 m²."""

    persons: int
    units: int
    area: int
    units_without_area: int
    persons_without_area: int
    units_without_person: int


def roll_preview(vote: Vote) -> RollPreview:
    """Figures of the roll to be, before freezing."""
    no_area = sa.case((Unit.area.is_(None), Unit.voting_person_id))
    nobody = sa.case((Unit.voting_person_id.is_(None), 1))
    row = db.session.execute(
        sa.select(
            sa.func.count(sa.distinct(Unit.voting_person_id)),
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(Unit.area), 0),
            sa.func.count() - sa.func.count(Unit.area),
            sa.func.count(sa.distinct(no_area)),
            sa.func.count(nobody),
        ).where(*_in_scope(vote))
    ).one()
    return RollPreview(*(int(value) for value in row))


def _in_scope(vote: Vote) -> list[sa.ColumnElement[bool]]:
    where = [Unit.compound_id == vote.project.compound_id]
    return where if vote.building_id is None else [*where, Unit.building_id == vote.building_id]


def units_for_roll(vote: Vote) -> list[UnitRow]:
    """Every unit in the vote's scope that has a voting person, in one snapshot."""
    rows = db.session.execute(
        sa.select(
            Unit.id.label("unit_id"),
            Building.id.label("building_id"),
            Building.number.label("building"),
            Building.position,
            Unit.entrance_number.label("entrance"),
            Unit.room,
            Unit.area,
            Unit.area_source.label("source"),
            VotingPerson.id.label("person_id"),
            VotingPerson.name.label("person"),
        )
        .join(Building, Unit.building_id == Building.id)
        .join(VotingPerson, Unit.voting_person_id == VotingPerson.id)
        .where(*_in_scope(vote))
    )
    return [UnitRow(**row) for row in rows.mappings()]


def terms(vote: Vote) -> Terms:
    """What freezing fixes besides the roll."""
    return Terms(
        title=vote.title,
        scope=vote.building.number if vote.building else "",
        opens_at=vote.opens_at,
        closes_at=vote.closes_at,
        motions=tuple((motion.title, motion.text) for motion in vote.motions),
        rule=vote.rule,
        invalid_policy=vote.invalid_policy.value,
        nonresponse_policy=vote.nonresponse_policy.value,
    )


def sealed_roll(vote_id: int) -> list[SealedEntry]:
    """The frozen roll as it stands in the database, to be compared with its hash."""
    units: dict[int, list[SealedUnit]] = {}
    unit_rows = db.session.execute(
        sa.select(
            RollUnit.roll_entry_id, RollUnit.label, RollUnit.area, RollUnit.area_source
        ).where(RollUnit.vote_id == vote_id)
    )
    for entry_id, label, area, source in unit_rows:
        units.setdefault(entry_id, []).append(SealedUnit(label, area, source))
    entries = db.session.execute(
        sa.select(
            RollEntry.id,
            RollEntry.serial,
            RollEntry.person_code,
            RollEntry.name,
            RollEntry.area,
            Building.number,
        )
        .join(Building, RollEntry.building_id == Building.id)
        .where(RollEntry.vote_id == vote_id)
    )
    return [
        SealedEntry(serial, code, name, area, number, tuple(units.get(entry_id, ())))
        for entry_id, serial, code, name, area, number in entries
    ]


def entry_numbered(vote_id: int, serial: int, *, lock: bool = False) -> RollEntry | None:
    """The roll entry of a serial; ``lock`` lets only one at a time record for it."""
    query = sa.select(RollEntry).where(RollEntry.vote_id == vote_id, RollEntry.serial == serial)
    return db.session.scalar(query.with_for_update() if lock else query)


def find_entry(vote_id: int, text: str) -> RollEntry | None:
    """The roll entry of a serial or a room (3-101, 3号楼101室), or None when it is not one."""
    parts = room_key(text).split("-")
    if len(parts) == 1:
        number = parts[0]
        # Longer numbers fit no serial, and not every database's integers.
        if not (number.isascii() and number.isdecimal() and len(number) <= 9):
            return None
        return entry_numbered(vote_id, int(number))
    near = db.session.scalars(
        sa.select(RollUnit).where(
            RollUnit.vote_id == vote_id,
            RollUnit.label.icontains(parts[-1], autoescape=True),
        )
    )
    matching = {unit.roll_entry_id for unit in near if room_key(unit.label) == "-".join(parts)}
    return db.session.get(RollEntry, matching.pop()) if len(matching) == 1 else None


def roll_page(vote_id: int, building_id: int | None, *, unreturned: bool) -> sa.Select[RollEntry]:
    """Roll entries by serial with their units; ``unreturned`` leaves out accepted ballots."""
    query = sa.select(RollEntry).where(RollEntry.vote_id == vote_id)
    if building_id is not None:
        query = query.where(RollEntry.building_id == building_id)
    if unreturned:
        accepted = sa.select(Ballot.roll_entry_id).where(
            Ballot.vote_id == vote_id, Ballot.state == BallotState.ACCEPTED
        )
        query = query.where(RollEntry.id.not_in(accepted))
    return query.options(selectinload(RollEntry.units)).order_by(RollEntry.serial)
