"""Papers for the identity check: what came back and what was decided. No choice is read."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from tracker.ballots.models import Ballot
from tracker.ballots.paper_models import Paper
from tracker.ballots.rules import COUNTABLE_STATES, BallotState
from tracker.kernel.database import db
from tracker.places.models import Building
from tracker.votes.models import RollEntry

_DECIDED = (
    Ballot.paper_id.is_not(None),
    Ballot.checked_at.is_not(None),
    Ballot.state.in_((*COUNTABLE_STATES, BallotState.REJECTED)),
)


def to_check(vote_id: int, building_id: int | None = None) -> sa.Select[Ballot]:
    """Papers that came back and whose identity nobody has looked at, by serial, with rooms."""
    return _papers(vote_id, building_id).where(Ballot.state == BallotState.RETURNED)


def checked(vote_id: int, building_id: int | None = None) -> sa.Select[Ballot]:
    """Papers whose identity was decided on, by serial, with rooms."""
    query = _papers(vote_id, building_id).where(*_DECIDED)
    return query.options(joinedload(Ballot.checker))


def _papers(vote_id: int, building_id: int | None) -> sa.Select[Ballot]:
    query = (
        sa.select(Ballot)
        .join(Ballot.paper)
        .join(Ballot.entry)
        .where(Ballot.vote_id == vote_id)
        .options(
            contains_eager(Ballot.paper),
            contains_eager(Ballot.entry).selectinload(RollEntry.units),
        )
        .order_by(Paper.serial)
    )
    return query if building_id is None else query.where(RollEntry.building_id == building_id)


@dataclass(frozen=True)
class BuildingChecks:
    """Papers of one building that came back: ``left`` to be checked, and ``done``."""

    building_id: int
    number: str
    left: int
    done: int


def by_building(vote_id: int) -> list[BuildingChecks]:
    """Buildings from which papers came back in time, with how many are to be checked."""
    left = sa.func.count(sa.case((Ballot.state == BallotState.RETURNED, 1)))
    rows = db.session.execute(
        sa.select(Building.id, Building.number, left, sa.func.count() - left)
        .select_from(Ballot)
        .join(Ballot.entry)
        .join(Building, Building.id == RollEntry.building_id)
        .where(
            Ballot.vote_id == vote_id,
            sa.or_(Ballot.state == BallotState.RETURNED, sa.and_(*_DECIDED)),
        )
        .group_by(Building.id, Building.number, Building.position)
        .order_by(Building.position, Building.id)
    )
    return [BuildingChecks(*row) for row in rows]
