"""Taking wrong entries off the list of places, as long as nothing refers to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tracker.accounts.models import User
from tracker.audit.services import record
from tracker.kernel.database import db
from tracker.kernel.errors import Refusal, require
from tracker.kernel.words import M_, Message
from tracker.places import queries, rules
from tracker.places.models import Building, Entrance, LeaderScope, Unit
from tracker.places.person_services import forget_unless_voting

IN_USE = M_("意见、公示或表决名册里用到了它，不能删除；写错了请修改。")


def remove_unit(actor: User, now: datetime, unit_id: int, *, reason: str) -> None:
    """Delete a unit, and its voting person when that was the only one.

    Raises Refusal when an opinion or a frozen roll refers to it.
    """
    unit = queries.unit(actor, unit_id)
    building, person_id = unit.building, unit.voting_person_id
    name = f"{building.compound.name}{queries.unit_label(unit)}"
    _delete(unit)
    if person_id is not None:
        forget_unless_voting(person_id)
    message = M_("删除%(place)s：%(reason)s", place=name, reason=reason)
    _record(actor, now, "unit.removed", building.committee_id, message)


def remove_building(actor: User, now: datetime, building_id: int, *, reason: str) -> None:
    """Delete a building without units, with its entrances.

    Who looked after it does so no more. Raises Refusal when it has units, or when a notice
    or a frozen roll refers to it.
    """
    building = queries.building(actor, building_id)
    compound, name = building.compound, rules.building_label(building.number)
    units = _count(Unit.building_id == building.id)
    require(not units, M_("这栋楼还有 %(n)d 户，请先逐户删除。", n=units))
    _delete(
        building,
        sa.delete(LeaderScope).where(LeaderScope.building_id == building.id),
        sa.delete(Entrance).where(Entrance.building_id == building.id),
    )
    message = M_("删除%(place)s：%(reason)s", place=compound.name + name, reason=reason)
    _record(actor, now, "building.removed", compound.committee_id, message)


def remove_entrance(actor: User, now: datetime, entrance_id: int, *, reason: str) -> None:
    """Delete an entrance without units. Raises Refusal otherwise."""
    entrance = queries.entrance(actor, entrance_id)
    building, label = entrance.building, rules.entrance_label(entrance.number)
    units = _count(Unit.entrance_id == entrance.id)
    require(not units, M_("这个门洞还有 %(n)d 户，请先改到别的门洞。", n=units))
    _delete(entrance)
    name = building.compound.name + rules.building_label(building.number) + label
    message = M_("删除%(place)s：%(reason)s", place=name, reason=reason)
    _record(actor, now, "entrance.removed", building.committee_id, message)


def remove_grid(actor: User, now: datetime, grid_id: int, *, reason: str) -> None:
    """Delete a grid without buildings. Raises Refusal otherwise."""
    grid = queries.grid(actor, grid_id)
    compound, name = grid.compound, grid.name
    found = sa.select(sa.func.count()).select_from(Building).where(Building.grid_id == grid.id)
    houses = db.session.scalar(found) or 0
    require(not houses, M_("还有 %(n)d 栋楼属于这个微网格，请先改掉。", n=houses))
    _delete(grid)
    message = M_("删除%(place)s：%(reason)s", place=f"{compound.name}「{name}」", reason=reason)
    _record(actor, now, "grid.removed", compound.committee_id, message)


def _count(condition: sa.ColumnElement[bool]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Unit).where(condition)) or 0


def _delete(row: Any, *first: sa.Delete) -> None:
    """Delete ``row`` after what goes along with it, all or nothing.

    What refers to a place lies above this capability: the foreign keys speak for it.
    """
    try:
        with db.session.begin_nested():
            for statement in first:
                db.session.execute(statement)
            db.session.delete(row)
            db.session.flush()
    except IntegrityError as error:
        raise Refusal(IN_USE) from error


def _record(actor: User, now: datetime, action: str, committee_id: int, message: Message) -> None:
    record(action, message, actor_id=actor.id, now=now, committee_id=committee_id)
