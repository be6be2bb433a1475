"""The roll: what it would be, what it is, and who stands on it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from tracker.kernel.database import db
from tracker.places.models import Building, Unit, VotingPerson
from tracker.places.rules import building_label, entrance_label
from tracker.votes.models import RollEntry, RollUnit, Vote
from tracker.votes.roll import UnitRow, room_key
from tracker.votes.rules import Basis
from tracker.votes.sealing import SealedEntry, SealedUnit, Terms


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
    voters = Unit.voting_person_id if vote.basis is Basis.PERSONS else Unit.id
    no_area = sa.case((Unit.area.is_(None), voters))
    nobody = sa.case((Unit.voting_person_id.is_(None), 1))
    row = db.session.execute(
        sa.select(
            sa.func.count(sa.distinct(voters)),
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(Unit.area), 0),
            sa.func.count() - sa.func.count(Unit.area),
            sa.func.count(sa.distinct(no_area)),
            sa.func.count(nobody),
        ).where(*in_scope(vote))
    ).one()
    return RollPreview(*(int(value) for value in row))


def in_scope(vote: Vote) -> list[sa.ColumnElement[bool]]:
    """Which units of the compound the vote is about."""
    where = [Unit.compound_id == vote.compound_id]
    if vote.building_id is not None:
        where.append(Unit.building_id == vote.building_id)
    if vote.entrance_id is not None:
        where.append(Unit.entrance_id == vote.entrance_id)
    return where


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
        .where(*in_scope(vote))
    )
    return [UnitRow._make(row) for row in rows]


def scope_text(vote: Vote) -> str:
    """Whose roll it is, as it is frozen: compound, building, entrance."""
    if vote.seal_format == 1:
        return vote.building.number if vote.building else ""
    parts = [vote.compound.name]
    if vote.building:
        parts.append(building_label(vote.building.number))
    if vote.entrance:
        parts.append(entrance_label(vote.entrance.number))
    return " ".join(parts)


def terms(vote: Vote) -> Terms:
    """What freezing fixes besides the roll."""
    return Terms(
        title=vote.title,
        scope=scope_text(vote),
        opens_at=vote.opens_at,
        closes_at=vote.closes_at,
        motions=tuple((motion.title, motion.text) for motion in vote.motions),
        options=tuple(
            tuple((option["key"], option["label"]) for option in motion.options)
            for motion in vote.motions
        ),
        rule=vote.rule,
        invalid_policy=vote.invalid_policy.value,
        nonresponse_policy=vote.nonresponse_policy.value,
        basis=vote.basis.value,
        choices=tuple(vote.choices),
        clause=vote.policy_clause,
        extension=(vote.extension_condition, vote.extension_days),
        online=vote.online,
        attachments=tuple((file.name, file.sha256) for file in vote.attachments),
        after=vote.after.roll_hash if vote.after else "",
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


def entry_ids(vote_id: int) -> dict[int, int]:
    """Ids of the roll's entries by serial."""
    query = sa.select(RollEntry.serial, RollEntry.id).where(RollEntry.vote_id == vote_id)
    return {row[0]: row[1] for row in db.session.execute(query)}


def entry_numbered(vote_id: int, serial: int, *, lock: bool = False) -> RollEntry | None:
    """The roll entry of a serial; ``lock`` lets only one at a time record for it."""
    query = sa.select(RollEntry).where(RollEntry.vote_id == vote_id, RollEntry.serial == serial)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.session.scalar(query)


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


def roll_page(vote_id: int, building_id: int | None) -> sa.Select[RollEntry]:
    """Roll entries by serial with their units, of one building or all."""
    query = sa.select(RollEntry).where(RollEntry.vote_id == vote_id)
    if building_id is not None:
        query = query.where(RollEntry.building_id == building_id)
    return query.options(selectinload(RollEntry.units)).order_by(RollEntry.serial)


def roll_size(vote_id: int) -> int:
    """Voters on the frozen roll."""
    query = sa.select(sa.func.count()).select_from(RollEntry).where(RollEntry.vote_id == vote_id)
    return db.session.scalar(query) or 0


def units_without_area(vote_id: int) -> Sequence[RollUnit]:
    """Units of the frozen roll whose area was missing, by their room."""
    return db.session.scalars(
        sa.select(RollUnit)
        .where(RollUnit.vote_id == vote_id, RollUnit.area.is_(None))
        .order_by(RollUnit.id)
    ).all()


def add_up_areas(vote_id: int) -> None:
    """Give each entry without an area the sum of its units, unless one of them still lacks it."""
    units = sa.select(RollUnit.roll_entry_id).where(RollUnit.area.is_(None))
    total = (
        sa.select(sa.func.sum(RollUnit.area))
        .where(RollUnit.roll_entry_id == RollEntry.id)
        .scalar_subquery()
    )
    db.session.execute(
        sa.update(RollEntry)
        .where(
            RollEntry.vote_id == vote_id,
            RollEntry.area.is_(None),
            RollEntry.id.not_in(units),
        )
        .values(area=total)
        .execution_options(synchronize_session=False)
    )


# ---- the roll to be, as people check it ----


def unit_rows(vote: Vote, building_id: int | None) -> sa.Select[Unit]:
    """The units the roll would be made of, as one walks through them, with their voters."""
    query = (
        sa.select(Unit)
        .join(Unit.building)
        .where(*in_scope(vote))
        .options(contains_eager(Unit.building), joinedload(Unit.voting_person))
        .order_by(
            Building.position,
            Building.id,
            Unit.entrance_number,
            sa.func.length(Unit.room),
            Unit.room,
            Unit.id,
        )
    )
    return query if building_id is None else query.where(Unit.building_id == building_id)


def units_of_voters(vote: Vote, person_ids: Collection[int]) -> dict[int, int]:
    """How many units of the roll to be each of these voting persons has."""
    counted = (
        sa.select(Unit.voting_person_id, sa.func.count())
        .where(*in_scope(vote), Unit.voting_person_id.in_(person_ids))
        .group_by(Unit.voting_person_id)
    )
    return {person: number for person, number in db.session.execute(counted) if person}


def scope_buildings(vote: Vote) -> Sequence[Building]:
    """The buildings whose units stand on the roll."""
    query = sa.select(Building).where(Building.compound_id == vote.compound_id)
    if vote.building_id is not None:
        query = query.where(Building.id == vote.building_id)
    return db.session.scalars(query.order_by(Building.position, Building.id)).all()
