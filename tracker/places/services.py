"""What happens to compounds, buildings, units and the people who vote for them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tracker.accounts.models import User
from tracker.accounts.queries import staff
from tracker.accounts.rules import Role
from tracker.audit.services import record
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, NotFound, require_version
from tracker.kernel.words import M_, Message
from tracker.places import queries, rules
from tracker.places.models import (
    Building,
    Compound,
    Entrance,
    Grid,
    LeaderScope,
    Unit,
    VotingPerson,
)
from tracker.places.person_services import forget_unless_voting
from tracker.places.roll_writing import next_codes


def _record(actor: User, now: datetime, action: str, committee_id: int, message: Message) -> None:
    record(action, message, actor_id=actor.id, now=now, committee_id=committee_id)


def _unused(model: Any, field: str, message: Message, *, but: int | None, **values: Any) -> None:
    """Raise FieldRefusal when another row than ``but`` has these values."""
    query = sa.select(model.id).filter_by(**values)
    found = db.session.scalar(query.where(model.id != but) if but is not None else query)
    if found is not None:
        raise FieldRefusal(field, message)


def _save(row: Any) -> None:
    db.session.add(row)
    db.session.flush()


# ---- compounds and grids ----

_COMPOUND_TAKEN = M_("已有同名的小区。")
_GRID_TAKEN = M_("这个小区已有同名的微网格。")


def add_compound(actor: User, now: datetime, *, name: str, address: str = "") -> Compound:
    """Add a compound to the actor's committee; raises FieldRefusal for a name in use."""
    if actor.committee_id is None:
        raise NotFound
    home = actor.committee_id
    _unused(Compound, "name", _COMPOUND_TAKEN, but=None, committee_id=home, name=name)
    compound = Compound(committee_id=home, name=name, address=address)
    _save(compound)
    _record(actor, now, "compound.added", home, M_("新增小区「%(name)s」", name=name))
    return compound


def edit_compound(
    actor: User, now: datetime, compound_id: int, *, version: int, name: str, address: str
) -> Compound:
    """Correct a compound; raises FieldRefusal for a name in use, Stale when it was changed."""
    compound = queries.compound(actor, compound_id)
    require_version(compound.version, version)
    home = compound.committee_id
    _unused(Compound, "name", _COMPOUND_TAKEN, but=compound.id, committee_id=home, name=name)
    compound.name, compound.address = name, address
    _record(actor, now, "compound.edited", home, M_("修改小区「%(name)s」", name=name))
    return compound


def add_grid(actor: User, now: datetime, compound_id: int, *, name: str) -> Grid:
    """Add a grid to a compound; raises FieldRefusal for a name in use."""
    compound = queries.compound(actor, compound_id)
    _unused(Grid, "name", _GRID_TAKEN, but=None, compound_id=compound.id, name=name)
    grid = Grid(committee_id=compound.committee_id, compound_id=compound.id, name=name)
    _save(grid)
    message = M_("%(compound)s新增微网格「%(name)s」", compound=compound.name, name=name)
    _record(actor, now, "grid.added", grid.committee_id, message)
    return grid


def edit_grid(actor: User, now: datetime, grid_id: int, *, version: int, name: str) -> Grid:
    """Rename a grid; raises FieldRefusal for a name in use, Stale when it was changed."""
    grid = queries.grid(actor, grid_id)
    require_version(grid.version, version)
    _unused(Grid, "name", _GRID_TAKEN, but=grid.id, compound_id=grid.compound_id, name=name)
    grid.name = name
    message = M_("%(compound)s的微网格改名为「%(name)s」", compound=grid.compound.name, name=name)
    _record(actor, now, "grid.edited", grid.committee_id, message)
    return grid


# ---- buildings and entrances ----

_BUILDING_TAKEN = M_("这个小区已有这栋楼。")
_ENTRANCE_TAKEN = M_("这栋楼已有这个门洞。")


def _grid_within(compound: Compound, grid_id: int | None) -> int | None:
    if grid_id is not None and grid_id not in {g.id for g in queries.grids(compound.id)}:
        raise FieldRefusal("grid", M_("请选这个小区的微网格。"))
    return grid_id


def add_building(
    actor: User, now: datetime, compound_id: int, *, number: str, grid_id: int | None = None
) -> Building:
    """Add a building; 3号楼, 3栋 and 3幢 are the same. Raises FieldRefusal for a second one."""
    compound = queries.compound(actor, compound_id)
    number = rules.building_number(number)
    _unused(Building, "number", _BUILDING_TAKEN, but=None, compound_id=compound.id, number=number)
    building = Building(
        committee_id=compound.committee_id,
        compound_id=compound.id,
        number=number,
        position=rules.building_position(number),
        grid_id=_grid_within(compound, grid_id),
    )
    _save(building)
    label = rules.building_label(number)
    message = M_("%(compound)s新增%(building)s", compound=compound.name, building=label)
    _record(actor, now, "building.added", building.committee_id, message)
    return building


def edit_building(
    actor: User,
    now: datetime,
    building_id: int,
    *,
    version: int,
    number: str,
    grid_id: int | None,
) -> Building:
    """Correct a building; raises FieldRefusal for a number in use, Stale when it was changed."""
    building = queries.building(actor, building_id)
    require_version(building.version, version)
    compound, number = building.compound, rules.building_number(number)
    _unused(
        Building, "number", _BUILDING_TAKEN, but=building.id, compound_id=compound.id, number=number
    )
    building.number, building.position = number, rules.building_position(number)
    building.grid_id = _grid_within(compound, grid_id)
    db.session.flush()
    db.session.expire(building, ["grid"])
    label = rules.building_label(number)
    message = M_("%(compound)s修改%(building)s", compound=compound.name, building=label)
    _record(actor, now, "building.edited", building.committee_id, message)
    return building


def add_entrance(actor: User, now: datetime, building_id: int, *, number: str) -> Entrance:
    """Add an entrance to a building; raises FieldRefusal for a number in use."""
    building = queries.building(actor, building_id)
    number = rules.entrance_number(number)
    _unused(Entrance, "number", _ENTRANCE_TAKEN, but=None, building_id=building.id, number=number)
    entrance = Entrance(committee_id=building.committee_id, building_id=building.id, number=number)
    _save(entrance)
    label = rules.building_label(building.number) + rules.entrance_label(number)
    message = M_("%(compound)s新增%(entrance)s", compound=building.compound.name, entrance=label)
    _record(actor, now, "entrance.added", building.committee_id, message)
    return entrance


def edit_entrance(
    actor: User, now: datetime, entrance_id: int, *, version: int, number: str
) -> Entrance:
    """Correct the number of an entrance, and with it the labels of its units.

    Raises FieldRefusal for a number in use, Stale when somebody else changed it.
    """
    entrance = queries.entrance(actor, entrance_id)
    require_version(entrance.version, version)
    building, number = entrance.building, rules.entrance_number(number)
    _unused(
        Entrance, "number", _ENTRANCE_TAKEN, but=entrance.id, building_id=building.id, number=number
    )
    entrance.number = number
    db.session.execute(
        sa.update(Unit)
        .where(Unit.entrance_id == entrance.id)
        .values(entrance_number=number, version=Unit.version + 1)
    )
    label = rules.building_label(building.number) + rules.entrance_label(number)
    message = M_("%(compound)s修改%(entrance)s", compound=building.compound.name, entrance=label)
    _record(actor, now, "entrance.edited", entrance.committee_id, message)
    return entrance


def set_leader_buildings(
    actor: User, now: datetime, compound_id: int, user_id: int, building_ids: Collection[int]
) -> None:
    """Let a building leader record for these buildings of a compound, and for no others of it.

    Raises NotFound for a user who is no active building leader of the committee, or a
    building of another compound.
    """
    compound = queries.compound(actor, compound_id)
    leaders = staff(compound.committee_id, [Role.BUILDING_LEADER])
    here = {b.id for b in queries.buildings(compound.id)}
    if user_id not in {u.id for u in leaders} or not here.issuperset(building_ids):
        raise NotFound
    db.session.execute(
        sa.delete(LeaderScope).where(
            LeaderScope.user_id == user_id, LeaderScope.building_id.in_(here)
        )
    )
    for building_id in sorted(set(building_ids)):
        db.session.add(
            LeaderScope(
                committee_id=compound.committee_id, user_id=user_id, building_id=building_id
            )
        )
    db.session.flush()
    message = M_(
        "%(compound)s：一位楼组长负责 %(n)d 栋楼", compound=compound.name, n=len(set(building_ids))
    )
    _record(actor, now, "leader.buildings_set", compound.committee_id, message)


# ---- units ----


def add_unit(
    actor: User,
    now: datetime,
    building_id: int,
    *,
    room: str,
    entrance_id: int | None = None,
    area: int | None = None,
    area_source: str = "",
    person_id: int | None = None,
    new_person: str = "",
    co_owned: bool = False,
) -> Unit:
    """Add a unit to a building; ``area`` in 0.01 m². Arguments and errors as ``edit_unit``."""
    building = queries.building(actor, building_id)
    unit = Unit(
        committee_id=building.committee_id, compound_id=building.compound_id, building=building
    )
    with db.session.no_autoflush:
        _place(unit, building, entrance_id, room)
        _describe(unit, area, area_source, co_owned)
        unit.voting_person_id = _voter(building.compound, person_id, new_person)
    _save(unit)
    message = M_("新增%(unit)s", unit=_named(unit))
    _record(actor, now, "unit.added", unit.committee_id, message)
    return unit


def edit_unit(
    actor: User,
    now: datetime,
    unit_id: int,
    *,
    version: int,
    room: str,
    entrance_id: int | None,
    area: int | None,
    area_source: str,
    person_id: int | None,
    new_person: str,
    co_owned: bool,
) -> Unit:
    """Correct a unit; ``area`` in 0.01 m², None when nobody has proved it.

    The voting person is one of the compound (``person_id``), a new one by name, or nobody.
    Raises Stale when somebody else changed the unit, FieldRefusal for a room that exists,
    a foreign entrance or person, or two answers to who votes.
    """
    unit = queries.unit(actor, unit_id)
    require_version(unit.version, version)
    before = unit.voting_person_id
    with db.session.no_autoflush:
        _place(unit, unit.building, entrance_id, room)
        _describe(unit, area, area_source, co_owned)
        unit.voting_person_id = _voter(unit.building.compound, person_id, new_person)
    db.session.flush()
    db.session.expire(unit, ["entrance", "voting_person"])
    if before is not None and before != unit.voting_person_id:
        forget_unless_voting(before)
    message = M_("修改%(unit)s的登记", unit=_named(unit))
    _record(actor, now, "unit.edited", unit.committee_id, message)
    return unit


def _named(unit: Unit) -> str:
    return f"{unit.building.compound.name}{queries.unit_label(unit)}"


def _place(unit: Unit, building: Building, entrance_id: int | None, room: str) -> None:
    doors = {e.id: e.number for e in queries.entrances(building.id)}
    if entrance_id is not None and entrance_id not in doors:
        raise FieldRefusal("entrance", M_("请选这栋楼的门洞。"))
    door = doors[entrance_id] if entrance_id is not None else ""
    room = rules.room_number(room)
    _unused(
        Unit,
        "room",
        M_("这一户已经有了。"),
        but=unit.id,
        building_id=building.id,
        entrance_number=door,
        room=room,
    )
    unit.entrance_id, unit.entrance_number, unit.room = entrance_id, door, room


def _describe(unit: Unit, area: int | None, source: str, co_owned: bool) -> None:
    unit.area, unit.area_source, unit.co_owned = area, source, co_owned


def _voter(compound: Compound, person_id: int | None, new_person: str) -> int | None:
    name = rules.person_name(new_person)
    if name and person_id is not None:
        raise FieldRefusal("new_person", M_("已经选了一位表决权人，这里请不要再填。"))
    if name:
        return _add_person(compound, name).id
    if person_id is not None:
        found = db.session.get(VotingPerson, person_id)
        if found is None or found.compound_id != compound.id:
            raise FieldRefusal("person", M_("请选这个小区的表决权人。"))
    return person_id


# ---- voting persons ----


def _add_person(compound: Compound, name: str) -> VotingPerson:
    codes = sa.select(VotingPerson.code).where(VotingPerson.compound_id == compound.id)
    person = VotingPerson(
        committee_id=compound.committee_id,
        compound_id=compound.id,
        code=next(iter(next_codes(db.session.scalars(codes)))),
        name=name,
    )
    _save(person)
    return person
