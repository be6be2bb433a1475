"""The count: the only place that reads settled choices, and only to add them up.

One pass over the choices for all motions; whoever has no accepted ballot is found by subtracting
from the roll's totals, never by looking for what is not there. Memory and the number of rows
fetched depend on the number of motions, never on the number of ballots.
"""

from __future__ import annotations

from collections.abc import Iterator

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

    Raises Refusal when an accepted ballot says nothing to a motion.
    """
    counts = {}
    for motion_id, said, rest in _counted(vote):
        # Whoever sent a ballot has got one: delivery matters for the silent alone.
        groups = [
            Group(Choice(mark), True, pile.persons, pile.area, pile.missing)
            for mark, pile in said.items()
        ]
        counts[motion_id] = tally([*groups, *rest])
    return counts


def count_poll(vote: Vote) -> dict[int, PollCounts]:
    """The whole roll by what each voter did, per question of a poll. Raises as ``count``."""
    empty = (Choice.ABSTAIN.value, Choice.INVALID.value)
    return {
        motion_id: PollCounts(
            marks={mark: pile.persons for mark, pile in said.items()},
            valid=sum((pile for mark, pile in said.items() if mark not in empty), Pile()),
            abstain=said.get(Choice.ABSTAIN.value, Pile()),
            invalid=said.get(Choice.INVALID.value, Pile()),
            absent=sum((Pile(g.persons, g.area, g.missing_area_persons) for g in rest), Pile()),
        )
        for motion_id, said, rest in _counted(vote)
    }


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


Said = dict[str, Pile]
"""Accepted ballots by mark."""


def _counted(vote: Vote) -> Iterator[tuple[int, Said, list[Group]]]:
    """Per motion what accepted ballots say, and those of the roll who have none."""
    accepted = _accepted(vote.id)
    ballots = _accepted_ballots(vote.id)
    roll, void = _roll(vote.id), _void(vote.id)
    for motion in vote.motions:
        mine = accepted.get(motion.id, {})
        said: Said = {}
        for (mark, _delivered), pile in mine.items():
            said[mark] = said.get(mark, Pile()) + pile
        persons = sum(pile.persons for pile in said.values())
        require(persons == ballots, M_("表决票数与名册人数不平，不能计票。请联系街道核查数据。"))
        rest = []
        for delivered in (True, False):
            back = sum((pile for (_, flag), pile in mine.items() if flag is delivered), Pile())
            gone = void.get(delivered, Pile())
            silent = roll.get(delivered, Pile()) - back - gone
            for pile, flag in ((gone, True), (silent, False)):
                group = Group(None, delivered, pile.persons, pile.area, pile.missing, answered=flag)
                rest.append(group)
        yield motion.id, said, rest


def _accepted(vote_id: int) -> dict[int, dict[tuple[str, bool], Pile]]:
    """Accepted ballots by motion, and in it by mark and whether they were delivered with proof."""
    by = (BallotChoice.vote_motion_id, BallotChoice.mark, RollEntry.delivered)
    rows = db.session.execute(
        sa.select(*by, *_SIZES)
        .join(Ballot, BallotChoice.ballot_id == Ballot.id)
        .join(RollEntry, Ballot.roll_entry_id == RollEntry.id)
        .where(Ballot.vote_id == vote_id, Ballot.state == BallotState.ACCEPTED)
        .group_by(*by)
    )
    found: dict[int, dict[tuple[str, bool], Pile]] = {}
    for motion_id, mark, delivered, persons, area, missing in rows:
        pile = Pile(persons, int(area or 0), missing)
        found.setdefault(motion_id, {})[mark, bool(delivered)] = pile
    return found


def _accepted_ballots(vote_id: int) -> int:
    """How many ballots were accepted; a voter has at most one (a unique index says so)."""
    query = sa.select(sa.func.count()).select_from(Ballot)
    query = query.where(Ballot.vote_id == vote_id, Ballot.state == BallotState.ACCEPTED)
    return db.session.scalar(query) or 0


def _roll(vote_id: int) -> dict[bool, Pile]:
    """The roll by whether a ballot was delivered with proof."""
    return _by_delivery(RollEntry.vote_id == vote_id)


def _void(vote_id: int) -> dict[bool, Pile]:
    """Voters without an accepted ballot of whom something came back, by delivery."""
    other = aliased(Ballot)
    stands = sa.exists().where(
        other.roll_entry_id == Ballot.roll_entry_id, other.state == BallotState.ACCEPTED
    )
    came = sa.select(Ballot.roll_entry_id).where(
        Ballot.vote_id == vote_id, Ballot.state.in_(ANSWERED), ~stands
    )
    return _by_delivery(RollEntry.id.in_(came))


def _by_delivery(*where: sa.ColumnElement[bool]) -> dict[bool, Pile]:
    rows = db.session.execute(
        sa.select(RollEntry.delivered, *_SIZES).where(*where).group_by(RollEntry.delivered)
    )
    return {bool(flag): Pile(n, int(area or 0), missing) for flag, n, area, missing in rows}
