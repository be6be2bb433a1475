"""The count: the only place that reads settled choices, and only to add them up."""

from __future__ import annotations

import sqlalchemy as sa

from tracker.ballots.models import Ballot, BallotChoice
from tracker.ballots.rules import BallotState
from tracker.kernel.database import db
from tracker.kernel.errors import require
from tracker.kernel.words import M_
from tracker.votes.models import RollEntry, Vote
from tracker.votes.roll_queries import roll_size
from tracker.votes.rules import Choice
from tracker.votes.tally import Counts, Group, tally

_SIZES = (
    sa.func.count(),
    sa.func.coalesce(sa.func.sum(RollEntry.area), 0),
    sa.func.count() - sa.func.count(RollEntry.area),
)
"""Persons, known area in 0.01 m², and persons whose area is missing."""

ANSWERED = (BallotState.REJECTED, BallotState.LATE, BallotState.WITHDRAWN)
"""Something came back that does not stand: such a voter is not silent."""


def count(vote: Vote) -> dict[int, Counts]:
    """The whole roll by what each voter did, per motion of a yes-or-no vote.

    Memory depends on the number of motions, never on the number of ballots. Raises Refusal
    when the figures do not add up to the roll.
    """
    accepted = _accepted(vote.id)
    rest = _without_accepted(vote.id)
    size = roll_size(vote.id)
    counts = {motion.id: tally([*accepted.get(motion.id, ()), *rest]) for motion in vote.motions}
    for found in counts.values():
        require(
            found.roll.persons == size,
            M_("表决票数与名册人数不平，不能计票。请联系街道核查数据。"),
        )
    return counts


def marks(vote: Vote) -> dict[int, dict[str, int]]:
    """Accepted ballots by what they say, per motion of a poll."""
    rows = db.session.execute(
        sa.select(BallotChoice.vote_motion_id, BallotChoice.mark, sa.func.count())
        .join(Ballot, BallotChoice.ballot_id == Ballot.id)
        .where(Ballot.vote_id == vote.id, Ballot.state == BallotState.ACCEPTED)
        .group_by(BallotChoice.vote_motion_id, BallotChoice.mark)
    )
    found: dict[int, dict[str, int]] = {motion.id: {} for motion in vote.motions}
    for motion_id, mark, ballots in rows:
        found[motion_id][mark] = ballots
    return found


def _accepted(vote_id: int) -> dict[int, list[Group]]:
    rows = db.session.execute(
        sa.select(BallotChoice.vote_motion_id, BallotChoice.mark, *_SIZES)
        .join(Ballot, BallotChoice.ballot_id == Ballot.id)
        .join(RollEntry, Ballot.roll_entry_id == RollEntry.id)
        .where(Ballot.vote_id == vote_id, Ballot.state == BallotState.ACCEPTED)
        .group_by(BallotChoice.vote_motion_id, BallotChoice.mark)
    )
    groups: dict[int, list[Group]] = {}
    for motion_id, mark, persons, area, missing in rows:
        # Whoever sent a ballot has got one: delivery matters for the silent alone.
        group = Group(Choice(mark), True, persons, int(area or 0), missing)
        groups.setdefault(motion_id, []).append(group)
    return groups


def _without_accepted(vote_id: int) -> list[Group]:
    """Those without an accepted ballot: whose paper was refused, and who sent none."""

    def sent(*states: BallotState) -> sa.ColumnElement[bool]:
        return (
            sa.exists()
            .where(
                Ballot.roll_entry_id == RollEntry.id,
                Ballot.vote_id == vote_id,
                Ballot.state.in_(states),
            )
            .correlate(RollEntry)
        )

    answered = sa.case((sent(*ANSWERED), 1), else_=0)
    rows = db.session.execute(
        sa.select(answered, RollEntry.delivered, *_SIZES)
        .select_from(RollEntry)
        .where(RollEntry.vote_id == vote_id, ~sent(BallotState.ACCEPTED))
        .group_by(answered, RollEntry.delivered)
    )
    return [
        Group(None, delivered, persons, int(area or 0), missing, answered=bool(flag))
        for flag, delivered, persons, area, missing in rows
    ]
