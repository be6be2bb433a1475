"""Papers for the identity check: what came back and what was decided. No choice is read."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from tracker.ballots.models import Ballot
from tracker.ballots.paper_models import Paper
from tracker.ballots.rules import COUNTABLE_STATES, BallotState
from tracker.kernel.database import db
from tracker.places.models import Building
from tracker.votes.models import RollEntry


def to_check(vote_id: int, building_id: int | None = None) -> sa.Select[Ballot]:
    """Papers that came back and whose identity nobody has looked at, by serial, with rooms."""
    return _papers(vote_id, building_id).where(Ballot.state == BallotState.RETURNED)


def checked(vote_id: int, building_id: int | None = None) -> sa.Select[Ballot]:
    """Papers whose identity was decided on, by serial, with rooms."""
    return _papers(vote_id, building_id).where(
        Ballot.checked_at.is_not(None), Ballot.state.in_((*COUNTABLE_STATES, BallotState.REJECTED))
    )


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


def unchecked_by_building(vote_id: int) -> list[tuple[int, str, int]]:
    """Buildings with papers to be checked: id, number, how many."""
    rows = db.session.execute(
        sa.select(Building.id, Building.number, sa.func.count())
        .select_from(Ballot)
        .join(Ballot.entry)
        .join(Building, Building.id == RollEntry.building_id)
        .where(Ballot.vote_id == vote_id, Ballot.state == BallotState.RETURNED)
        .group_by(Building.id, Building.number, Building.position)
        .order_by(Building.position, Building.id)
    )
    return [(building_id, number, papers) for building_id, number, papers in rows]
