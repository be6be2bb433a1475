"""Finding compounds, buildings, units and who votes for them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from tracker.accounts.models import Committee, User
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.places import rules
from tracker.places.models import (
    Building,
    Compound,
    Entrance,
    Grid,
    LeaderScope,
    Unit,
    VotingPerson,
)

FOUND_AT_MOST = 50
"""So many results of a search; who needs more writes more of the number."""


def own(actor: User, model: Any) -> sa.ColumnElement[bool]:
    """Rows of the actor's committee; of the whole subdistrict for an officer."""
    if actor.committee_id is not None:
        return sa.and_(model.committee_id == actor.committee_id)
    of_area = sa.select(Committee.id).where(Committee.subdistrict_id == actor.subdistrict_id)
    return sa.and_(model.committee_id.in_(of_area))


def _one(query: sa.Select[Any]) -> Any:
    found = db.session.scalar(query)
    if found is None:
        raise NotFound
    return found


def compound(actor: User, compound_id: int) -> Compound:
    """A compound that ``actor`` may see; raises NotFound for any other."""
    query = sa.select(Compound).where(Compound.id == compound_id, own(actor, Compound))
    found: Compound = _one(query)
    return found


def grid(actor: User, grid_id: int) -> Grid:
    """A grid with its compound; raises NotFound for a foreign one."""
    query = sa.select(Grid).options(joinedload(Grid.compound))
    found: Grid = _one(query.where(Grid.id == grid_id, own(actor, Grid)))
    return found


def building(actor: User, building_id: int) -> Building:
    """A building with its compound and grid; raises NotFound for a foreign one."""
    query = sa.select(Building).options(joinedload(Building.compound), joinedload(Building.grid))
    found: Building = _one(query.where(Building.id == building_id, own(actor, Building)))
    return found


def entrance(actor: User, entrance_id: int) -> Entrance:
    """An entrance with its building; raises NotFound for a foreign one."""
    query = sa.select(Entrance).options(joinedload(Entrance.building).joinedload(Building.compound))
    found: Entrance = _one(query.where(Entrance.id == entrance_id, own(actor, Entrance)))
    return found


def unit(actor: User, unit_id: int) -> Unit:
    """A unit with building and voting person; raises NotFound for a foreign one."""
    query = sa.select(Unit).options(
        joinedload(Unit.building).joinedload(Building.compound), joinedload(Unit.voting_person)
    )
    found: Unit = _one(query.where(Unit.id == unit_id, own(actor, Unit)))
    return found


def person(actor: User, person_id: int) -> VotingPerson:
    """A voting person with the compound; raises NotFound for a foreign one."""
    query = sa.select(VotingPerson).options(joinedload(VotingPerson.compound))
    found: VotingPerson = _one(query.where(VotingPerson.id == person_id, own(actor, VotingPerson)))
    return found


def compounds(committee_id: int) -> Sequence[Compound]:
    """All compounds of a committee, in the order they were added."""
    query = sa.select(Compound).where(Compound.committee_id == committee_id)
    return db.session.scalars(query.order_by(Compound.id)).all()


def grids(compound_id: int) -> Sequence[Grid]:
    """The grids of a compound."""
    return db.session.scalars(
        sa.select(Grid).where(Grid.compound_id == compound_id).order_by(Grid.id)
    ).all()


def buildings_of(compound_id: int) -> sa.Select[Building]:
    """The buildings of a compound with their grids, 2 before 10."""
    query = sa.select(Building).options(joinedload(Building.grid))
    query = query.where(Building.compound_id == compound_id)
    return query.order_by(Building.position, Building.number)


def buildings(compound_id: int) -> Sequence[Building]:
    """The buildings of a compound with their grids, 2 before 10."""
    return db.session.scalars(buildings_of(compound_id)).all()


def entrances(building_id: int) -> Sequence[Entrance]:
    """The entrances of a building."""
    query = sa.select(Entrance).where(Entrance.building_id == building_id)
    return db.session.scalars(
        query.order_by(sa.func.length(Entrance.number), Entrance.number)
    ).all()


def _units() -> sa.Select[Unit]:
    # Shorter numbers first, so that 1001 follows 901.
    return (
        sa.select(Unit)
        .join(Unit.building)
        .options(contains_eager(Unit.building), joinedload(Unit.voting_person))
        .order_by(
            Building.position,
            Building.number,
            sa.func.length(Unit.entrance_number),
            Unit.entrance_number,
            sa.func.length(Unit.room),
            Unit.room,
        )
    )


def units_of(compound_id: int) -> Sequence[Unit]:
    """All units of a compound with building and voting person, in walking order."""
    return db.session.scalars(_units().where(Unit.compound_id == compound_id)).all()


def units_in(building_id: int) -> sa.Select[Unit]:
    """The units of a building with their voting persons, in walking order."""
    return _units().where(Unit.building_id == building_id)


def unit_label(found: Unit) -> str:
    """How a unit is called: 3号楼2门洞101室. Its building should be loaded."""
    return rules.unit_label(found.building.number, found.entrance_number, found.room)


_PLACE = re.compile(
    r"(?P<building>[^-]+?)(?:号楼|栋|幢|楼|-)"
    r"(?:(?P<entrance>[^-]+?)(?:号门洞|门洞|单元|号门|门|-))?(?P<room>[^-]*?)室?"
)


def unit_search(
    compound_id: int,
    text: str,
    building_ids: Collection[int] | None = None,
    *,
    without_area: bool = False,
) -> sa.Select[Unit]:
    """Units by room (101), place (3号楼101, 3-2-101) or voting person's name.

    ``building_ids`` narrows to the buildings somebody may record for; None for all.
    """
    query = _units().where(Unit.compound_id == compound_id)
    if building_ids is not None:
        query = query.where(Unit.building_id.in_(list(building_ids)))
    if without_area:
        query = query.where(Unit.area.is_(None))
    text = "".join(rules.half_width(text).split())
    if not text:
        return query
    place = _PLACE.fullmatch(text)
    at_room = Unit.room.startswith(rules.room_number(text), autoescape=True)
    by_name = Unit.voting_person_id.in_(
        sa.select(VotingPerson.id).where(
            VotingPerson.compound_id == compound_id,
            VotingPerson.name.contains(text, autoescape=True),
        )
    )
    if place is None:
        return query.where(sa.or_(at_room, by_name))
    here = [
        Building.number == rules.building_number(place["building"]),
        Unit.room.startswith(rules.room_number(place["room"]), autoescape=True),
    ]
    if place["entrance"]:
        here.append(Unit.entrance_number == rules.entrance_number(place["entrance"]))
    return query.where(sa.or_(sa.and_(*here), by_name))


def search_units(
    compound_id: int, text: str, building_ids: Collection[int] | None = None
) -> Sequence[Unit]:
    """The first fifty units that ``unit_search`` finds, to choose a household from."""
    query = unit_search(compound_id, text, building_ids)
    return db.session.scalars(query.limit(FOUND_AT_MOST)).all()


def household_count(compound_id: int) -> int:
    """How many units a compound has."""
    query = sa.select(sa.func.count()).select_from(Unit).where(Unit.compound_id == compound_id)
    return db.session.scalar(query) or 0


def units_by_building(compound_id: int) -> dict[int, int]:
    """Building id to its number of units; buildings without units are left out."""
    query = (
        sa.select(Unit.building_id, sa.func.count())
        .where(Unit.compound_id == compound_id)
        .group_by(Unit.building_id)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


def units_by_entrance(building_ids: Collection[int]) -> dict[int, list[tuple[str, int]]]:
    """Building id to its entrances (empty for none) with their numbers of units."""
    query = (
        sa.select(Unit.building_id, Unit.entrance_number, sa.func.count())
        .where(Unit.building_id.in_(list(building_ids)))
        .group_by(Unit.building_id, Unit.entrance_number)
        .order_by(sa.func.length(Unit.entrance_number), Unit.entrance_number)
    )
    found: dict[int, list[tuple[str, int]]] = {}
    for building_id, number, count in db.session.execute(query):
        found.setdefault(building_id, []).append((number, count))
    return found


@dataclass(frozen=True)
class Figures:
    """The size of a compound. ``area`` in 0.01 m², of the units whose area is known."""

    grids: int = 0
    buildings: int = 0
    units: int = 0
    persons: int = 0
    area: int = 0
    without_area: int = 0
    without_person: int = 0


def figures(compound_ids: Collection[int]) -> Mapping[int, Figures]:
    """Compound id to its figures, in three queries however many compounds."""
    ids = list(compound_ids)

    def count(model: type[Grid] | type[Building]) -> dict[int, int]:
        query = sa.select(model.compound_id, sa.func.count()).where(model.compound_id.in_(ids))
        return {r[0]: r[1] for r in db.session.execute(query.group_by(model.compound_id))}

    query = (
        sa.select(
            Unit.compound_id,
            sa.func.count(),
            sa.func.count(sa.distinct(Unit.voting_person_id)),
            sa.func.coalesce(sa.func.sum(Unit.area), 0),
            sa.func.count(Unit.area),
            sa.func.count(Unit.voting_person_id),
        )
        .where(Unit.compound_id.in_(ids))
        .group_by(Unit.compound_id)
    )
    of_units = {row[0]: row[1:] for row in db.session.execute(query)}
    of_grids, of_buildings = count(Grid), count(Building)
    found = {}
    for key in ids:
        units, persons, area, with_area, with_person = of_units.get(key, (0, 0, 0, 0, 0))
        found[key] = Figures(
            of_grids.get(key, 0),
            of_buildings.get(key, 0),
            units,
            persons,
            int(area or 0),  # PostgreSQL sums to a Decimal
            units - with_area,
            units - with_person,
        )
    return found


def persons_of(compound_id: int, text: str = "") -> sa.Select[VotingPerson]:
    """The voting persons of a compound, by their codes; ``text`` is part of name or code."""
    query = sa.select(VotingPerson).where(VotingPerson.compound_id == compound_id)
    if text := rules.person_name(text):
        query = query.where(
            sa.or_(
                VotingPerson.name.contains(text, autoescape=True),
                VotingPerson.code.startswith(text, autoescape=True),
            )
        )
    return query.order_by(sa.func.length(VotingPerson.code), VotingPerson.code)


def persons_to_choose(
    compound_id: int, text: str, also: Collection[int] = ()
) -> Sequence[VotingPerson]:
    """At most fifty persons that match ``text``, and those of ``also`` in any case."""
    found = list(db.session.scalars(persons_of(compound_id, text).limit(FOUND_AT_MOST)))
    missing = set(also) - {p.id for p in found}
    if missing:
        found += db.session.scalars(persons_of(compound_id).where(VotingPerson.id.in_(missing)))
    return found


def units_of_persons(person_ids: Collection[int]) -> dict[int, list[Unit]]:
    """Person id to the units they vote for."""
    found: dict[int, list[Unit]] = {number: [] for number in person_ids}
    query = _units().where(Unit.voting_person_id.in_(list(person_ids)))
    for row in db.session.scalars(query):
        if row.voting_person_id is not None:
            found[row.voting_person_id].append(row)
    return found


def buildings_of_leader(user_id: int) -> Sequence[Building]:
    """The buildings that a building leader records for."""
    query = sa.select(Building).join(LeaderScope, LeaderScope.building_id == Building.id)
    query = query.where(LeaderScope.user_id == user_id)
    return db.session.scalars(query.order_by(Building.position, Building.number)).all()


def leader_scopes(compound_id: int) -> dict[int, list[Building]]:
    """User id to the buildings of this compound that they look after."""
    query = (
        sa.select(LeaderScope.user_id, Building)
        .join(Building, Building.id == LeaderScope.building_id)
        .where(Building.compound_id == compound_id)
        .order_by(Building.position, Building.number)
    )
    found: dict[int, list[Building]] = {}
    for user_id, house in db.session.execute(query):
        found.setdefault(user_id, []).append(house)
    return found
