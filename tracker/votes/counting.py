"""The count: the only place that reads choices, and only to add them up at the close."""

from __future__ import annotations

import sqlalchemy as sa

from tracker.kernel.database import db
from tracker.kernel.errors import require
from tracker.kernel.words import M_
from tracker.votes.models import Ballot, BallotChoice, RollEntry, Vote
from tracker.votes.tally import Counts, Group, tally
from tracker.votes.words import BallotState

_SIZES = (
    sa.func.count(),
    sa.func.coalesce(sa.func.sum(RollEntry.area), 0),
    sa.func.count() - sa.func.count(RollEntry.area),
)
"""Persons, known area in 0.01 m², and persons whose area is missing."""


def count(vote: Vote) -> dict[int, Counts]:
    """The whole roll by what each person did, per motion of the vote.

    Memory depends on the number of motions, never on the number of ballots. Raises Refusal
    when the figures do not add up to the roll.
    """
    accepted = _accepted(vote.id)
    rest = _without_accepted(vote.id)
    size = db.session.scalar(
        sa.select(sa.func.count()).select_from(RollEntry).where(RollEntry.vote_id == vote.id)
    )
    counts = {motion.id: tally([*accepted.get(motion.id, ()), *rest]) for motion in vote.motions}
    for found in counts.values():
        require(
            found.roll.persons == size,
            M_("表决票数与名册人数不平，不能计票。请联系街道核查数据。"),
        )
    return counts


def _accepted(vote_id: int) -> dict[int, list[Group]]:
    rows = db.session.execute(
        sa.select(BallotChoice.vote_motion_id, BallotChoice.choice, *_SIZES)
        .join(Ballot, BallotChoice.ballot_id == Ballot.id)
        .join(RollEntry, Ballot.roll_entry_id == RollEntry.id)
        .where(Ballot.vote_id == vote_id, Ballot.state == BallotState.ACCEPTED)
        .group_by(BallotChoice.vote_motion_id, BallotChoice.choice)
    )
    groups: dict[int, list[Group]] = {}
    for motion_id, choice, persons, area, missing in rows:
        # Delivery is not recorded here yet; an accepted ballot counts by its choice alone.
        group = Group(choice, False, persons, int(area or 0), missing)
        groups.setdefault(motion_id, []).append(group)
    return groups


def _without_accepted(vote_id: int) -> list[Group]:
    """Those without an accepted ballot: whose paper was refused, and who sent none."""

    def sent(*states: BallotState) -> sa.ColumnElement[bool]:
        ids = sa.select(Ballot.roll_entry_id)
        return RollEntry.id.in_(ids.where(Ballot.vote_id == vote_id, Ballot.state.in_(states)))

    answered = sent(BallotState.REJECTED, BallotState.LATE)
    groups = []
    for flag, condition in ((True, answered), (False, ~answered)):
        persons, area, missing = db.session.execute(
            sa.select(*_SIZES)
            .select_from(RollEntry)
            .where(RollEntry.vote_id == vote_id, ~sent(BallotState.ACCEPTED), condition)
        ).one()
        groups.append(Group(None, False, persons, int(area or 0), missing, answered=flag))
    return groups
