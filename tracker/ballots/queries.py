"""What came back and how much of the roll that is. Nothing here reads a choice."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from tracker.accounts.models import User
from tracker.ballots.models import Ballot
from tracker.ballots.rules import COUNTABLE_STATES, CURRENT_STATES, BallotState
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.places.models import Building
from tracker.projects.queries import within_reach
from tracker.votes import figures
from tracker.votes.figures import Turnout
from tracker.votes.models import RollEntry, RollUnit, Vote
from tracker.votes.queries import rule_of
from tracker.votes.tally import Pile


def ballot(actor: User, ballot_id: int) -> Ballot:
    """A recorded paper; raises NotFound for an unknown or foreign one."""
    found = db.session.scalar(
        sa.select(Ballot)
        .join(Vote, Ballot.vote_id == Vote.id)
        .join(Vote.project)
        .where(Ballot.id == ballot_id, within_reach(actor))
        .options(joinedload(Ballot.entry).selectinload(RollEntry.units))
    )
    if found is None:
        raise NotFound
    return found


def current_ballots(entry_ids: Sequence[int]) -> dict[int, list[Ballot]]:
    """The standing papers of roll entries, oldest first."""
    found: dict[int, list[Ballot]] = {}
    query = (
        sa.select(Ballot)
        .where(Ballot.roll_entry_id.in_(entry_ids), Ballot.state.in_(CURRENT_STATES))
        .options(joinedload(Ballot.recorder))
        .order_by(Ballot.id)
    )
    for paper in db.session.scalars(query):
        found.setdefault(paper.roll_entry_id, []).append(paper)
    return found


def recent_ballots(vote_id: int, limit: int = 10) -> Sequence[Ballot]:
    """The papers recorded last."""
    return db.session.scalars(
        sa.select(Ballot)
        .where(Ballot.vote_id == vote_id, Ballot.state.in_(CURRENT_STATES))
        .options(
            joinedload(Ballot.entry).selectinload(RollEntry.units), joinedload(Ballot.recorder)
        )
        .order_by(Ballot.id.desc())
        .limit(limit)
    ).all()


def papers(vote_id: int) -> int:
    """Papers recorded so far, accepted or not."""
    query = sa.select(sa.func.count()).select_from(Ballot)
    query = query.where(Ballot.vote_id == vote_id, Ballot.state.in_(CURRENT_STATES))
    return db.session.scalar(query) or 0


TURNOUT_STATES = (BallotState.RETURNED, *COUNTABLE_STATES)
"""A ballot that came in time, whether or not its identity has been checked yet."""


def turnout(vote: Vote) -> Turnout:
    """Ballots returned against the roll and its quorum, by building; never what they say."""
    # A list to look up in: joined as a table, SQLite goes through all of it for each voter.
    back = RollEntry.id.in_(
        sa.select(Ballot.roll_entry_id).where(
            Ballot.vote_id == vote.id, Ballot.state.in_(TURNOUT_STATES)
        )
    )
    rows = db.session.execute(
        sa.select(
            Building.number,
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(RollEntry.area), 0),
            sa.func.count() - sa.func.count(RollEntry.area),
            sa.func.count(sa.case((back, 1))),
            sa.func.coalesce(sa.func.sum(sa.case((back, RollEntry.area))), 0),
        )
        .select_from(RollEntry)
        .join(Building, RollEntry.building_id == Building.id)
        .where(RollEntry.vote_id == vote.id)
        .group_by(Building.id, Building.number, Building.position)
        .order_by(Building.position, Building.id)
    )
    buildings = {
        number: (Pile(persons, int(area), missing), Pile(returned, int(returned_area)))
        for number, persons, area, missing, returned, returned_area in rows
    }
    others = _papers_by_state(vote.id)
    return figures.turnout_of(
        rule_of(vote),
        buildings,
        rejected=others.get(BallotState.REJECTED, 0),
        late=others.get(BallotState.LATE, 0),
    )


def _papers_by_state(vote_id: int) -> dict[BallotState, int]:
    query = sa.select(Ballot.state, sa.func.count()).where(Ballot.vote_id == vote_id)
    return {row[0]: row[1] for row in db.session.execute(query.group_by(Ballot.state))}


def ballots_of(roll_entry_id: int) -> Sequence[Ballot]:
    """Every ballot that came in for a voter, on paper and online, oldest first."""
    query = sa.select(Ballot).where(Ballot.roll_entry_id == roll_entry_id)
    return db.session.scalars(query.order_by(Ballot.id)).all()


def current_of_paper(paper_id: int) -> Ballot | None:
    """The standing record of a paper that came back."""
    return db.session.scalar(
        sa.select(Ballot).where(Ballot.paper_id == paper_id, Ballot.state.in_(CURRENT_STATES))
    )


_CAME_BACK = sa.select(
    sa.exists().where(Ballot.paper_id == sa.bindparam("paper"), Ballot.state.in_(CURRENT_STATES))
)


def came_back(paper_id: int) -> bool:
    """Whether a paper has a standing record; asked for every paper that is received."""
    return bool(db.session.scalar(_CAME_BACK, {"paper": paper_id}))


_ROOMS = (
    sa.select(RollUnit.label)
    .where(RollUnit.roll_entry_id == sa.bindparam("entry"))
    .order_by(RollUnit.id)
)


def rooms_of(roll_entry_id: int) -> str:
    """The rooms of a voter: 3号楼101室、5号楼202室."""
    return "、".join(db.session.scalars(_ROOMS, {"entry": roll_entry_id}))
