"""The count: the only place that reads settled choices, and only to add them up.

One pass over the choices for all motions; whoever has no accepted ballot is found by subtracting
from the roll's totals, never by looking for what is not there. Memory and the number of rows
fetched depend on the number of motions, never on the number of ballots.
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from tracker.ballots.models import Ballot, BallotChoice
from tracker.ballots.rules import BallotState
from tracker.kernel.database import db
from tracker.kernel.errors import require
from tracker.kernel.words import M_
from tracker.votes.models import RollEntry, Vote
from tracker.votes.poll_figures import PollCounts
from tracker.votes.rules import Choice
from tracker.votes.tally import Counts, Group, Pile, tally

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

    Raises Refusal when the figures do not add up to the roll.
    """
    accepted = _accepted(vote.id)
    rest = [*_without_accepted(vote.id)]
    size = sum(pile.persons for pile in _roll(vote.id).values())
    counts = {}
    for motion in vote.motions:
        # Whoever sent a ballot has got one: delivery matters for the silent alone.
        said = [
            Group(Choice(mark), True, pile.persons, pile.area, pile.missing)
            for mark, pile in accepted.get(motion.id, {}).items()
        ]
        counts[motion.id] = tally([*said, *rest])
        _require_whole(counts[motion.id].roll, size)
    return counts


def count_poll(vote: Vote) -> dict[int, PollCounts]:
    """The whole roll by what each voter did, per question of a poll. Raises as ``count``."""
    accepted = _accepted(vote.id)
    roll = sum(_roll(vote.id).values(), Pile())
    absent = _sum(group for group in _without_accepted(vote.id))
    empty = (Choice.ABSTAIN.value, Choice.INVALID.value)
    counts = {}
    for motion in vote.motions:
        said = accepted.get(motion.id, {})
        counts[motion.id] = PollCounts(
            marks={mark: pile.persons for mark, pile in said.items()},
            valid=sum((pile for mark, pile in said.items() if mark not in empty), Pile()),
            abstain=said.get(Choice.ABSTAIN.value, Pile()),
            invalid=said.get(Choice.INVALID.value, Pile()),
            absent=absent,
        )
        _require_whole(counts[motion.id].roll, roll.persons)
    return counts


def marks(vote: Vote) -> dict[int, dict[str, int]]:
    """Accepted ballots by what they say, per motion."""
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


def _require_whole(counted: Pile, roll: int) -> None:
    require(counted.persons == roll, M_("表决票数与名册人数不平，不能计票。请联系街道核查数据。"))


def _accepted(vote_id: int) -> dict[int, dict[str, Pile]]:
    """Accepted ballots by motion and mark."""
    rows = db.session.execute(
        sa.select(BallotChoice.vote_motion_id, BallotChoice.mark, *_SIZES)
        .join(Ballot, BallotChoice.ballot_id == Ballot.id)
        .join(RollEntry, Ballot.roll_entry_id == RollEntry.id)
        .where(Ballot.vote_id == vote_id, Ballot.state == BallotState.ACCEPTED)
        .group_by(BallotChoice.vote_motion_id, BallotChoice.mark)
    )
    found: dict[int, dict[str, Pile]] = {}
    for motion_id, mark, persons, area, missing in rows:
        found.setdefault(motion_id, {})[mark] = Pile(persons, int(area or 0), missing)
    return found


def _roll(vote_id: int) -> dict[bool, Pile]:
    """The roll by whether a ballot was delivered with proof."""
    rows = db.session.execute(
        sa.select(RollEntry.delivered, *_SIZES)
        .where(RollEntry.vote_id == vote_id)
        .group_by(RollEntry.delivered)
    )
    return {bool(flag): Pile(n, int(area or 0), missing) for flag, n, area, missing in rows}


def _by_delivery(vote_id: int, *where: sa.ColumnElement[bool]) -> dict[bool, Pile]:
    """Voters of whom something came back, by whether their ballot was delivered with proof."""
    came = sa.select(Ballot.roll_entry_id).where(Ballot.vote_id == vote_id, *where).distinct()
    rows = db.session.execute(
        sa.select(RollEntry.delivered, *_SIZES)
        .where(RollEntry.id.in_(came))
        .group_by(RollEntry.delivered)
    )
    return {bool(flag): Pile(n, int(area or 0), missing) for flag, n, area, missing in rows}


def _without_accepted(vote_id: int) -> Iterable[Group]:
    """Those without an accepted ballot: whose paper was refused, and who sent none.

    Exact, as a voter has at most one accepted ballot (a unique index says so): the roll less the
    accepted, and of the rest those of whom something came back.
    """
    roll = _roll(vote_id)
    accepted = _by_delivery(vote_id, Ballot.state == BallotState.ACCEPTED)
    other = aliased(Ballot)
    stands = sa.exists().where(
        other.roll_entry_id == Ballot.roll_entry_id, other.state == BallotState.ACCEPTED
    )
    answered = _by_delivery(vote_id, Ballot.state.in_(ANSWERED), ~stands)
    for delivered in (True, False):
        void = answered.get(delivered, Pile())
        silent = roll.get(delivered, Pile()) - accepted.get(delivered, Pile()) - void
        for pile, flag in ((void, True), (silent, False)):
            yield Group(None, delivered, pile.persons, pile.area, pile.missing, answered=flag)


def _sum(groups: Iterable[Group]) -> Pile:
    return sum(
        (Pile(group.persons, group.area, group.missing_area_persons) for group in groups), Pile()
    )
