"""Readings of ballots: how far they are, and, for the services alone, what they say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from tracker.ballots.models import Ballot, BallotEntry, EntryMark
from tracker.ballots.rules import COUNTABLE_STATES, BallotState
from tracker.kernel.database import db
from tracker.votes.rules import Channel


def readings(ballot_id: int, count_number: int) -> Sequence[BallotEntry]:
    """The standing readings of a ballot in a count, first to third."""
    return db.session.scalars(
        sa.select(BallotEntry)
        .where(
            BallotEntry.ballot_id == ballot_id,
            BallotEntry.count_number == count_number,
            ~BallotEntry.superseded,
        )
        .order_by(BallotEntry.number)
    ).all()


def marks_of(entry_ids: Sequence[int]) -> dict[int, dict[int, str]]:
    """Marks by motion, by reading. For comparing: no page shows them."""
    found: dict[int, dict[int, str]] = {entry_id: {} for entry_id in entry_ids}
    rows = db.session.execute(
        sa.select(EntryMark.entry_id, EntryMark.vote_motion_id, EntryMark.mark).where(
            EntryMark.entry_id.in_(entry_ids)
        )
    )
    for entry_id, motion_id, mark in rows:
        found[entry_id][motion_id] = mark
    return found


def settled_marks(ballot_ids: Sequence[int], count_number: int) -> dict[int, dict[int, str]]:
    """What ballots say whose readings agree or were settled, by ballot."""
    settled: dict[int, dict[int, str]] = {}
    for ballot_id in ballot_ids:
        found = readings(ballot_id, count_number)
        marks = marks_of([reading.id for reading in found])
        said = [marks[reading.id] for reading in found]
        if len(said) == 3 or (len(said) == 2 and said[0] == said[1]):
            settled[ballot_id] = said[-1]
    return settled


def co_owned(roll_entry_id: int) -> tuple[Ballot, Ballot] | None:
    """The accepted ballot of a voter and the one of the co-owner beside it, if there is one."""
    found = {
        ballot.state: ballot
        for ballot in db.session.scalars(
            sa.select(Ballot).where(
                Ballot.roll_entry_id == roll_entry_id, Ballot.state.in_(COUNTABLE_STATES)
            )
        )
    }
    if len(found) < 2:
        return None
    return found[BallotState.ACCEPTED], found[BallotState.CO_OWNER]


@dataclass(frozen=True)
class EntryProgress:
    """How far the reading is: paper ballots that count, read once, read twice, and settled.

    ``unchecked``: returned, identity not looked at yet. ``mismatched``: two readings differ and
    nobody has settled it.
    """

    countable: int
    once: int
    twice: int
    mismatched: int
    unchecked: int

    @property
    def complete(self) -> bool:
        """Whether every ballot that counts was read twice and no difference is left."""
        return not (self.unchecked or self.mismatched) and self.twice == self.countable


def progress(vote_id: int, count_number: int) -> EntryProgress:
    """How far the reading of a vote's ballots is."""
    on_paper = (Ballot.vote_id == vote_id, Ballot.channel == Channel.PAPER)
    by_state = sa.select(Ballot.state, sa.func.count()).where(*on_paper).group_by(Ballot.state)
    states: dict[BallotState, int] = {row[0]: row[1] for row in db.session.execute(by_state)}
    read = (
        sa.select(BallotEntry.ballot_id, sa.func.count().label("times"))
        .join(Ballot, Ballot.id == BallotEntry.ballot_id)
        .where(
            *on_paper,
            Ballot.state.in_(COUNTABLE_STATES),
            BallotEntry.count_number == count_number,
            ~BallotEntry.superseded,
        )
        .group_by(BallotEntry.ballot_id)
        .subquery()
    )
    times: dict[int, int] = {}
    for number, ballots in db.session.execute(
        sa.select(read.c.times, sa.func.count()).group_by(read.c.times)
    ):
        times[number] = ballots
    return EntryProgress(
        countable=sum(states.get(state, 0) for state in COUNTABLE_STATES),
        once=times.get(1, 0),
        twice=times.get(2, 0) + times.get(3, 0),
        mismatched=len(mismatches(vote_id, count_number)),
        unchecked=states.get(BallotState.RETURNED, 0),
    )


def mismatches(vote_id: int, count_number: int) -> Sequence[int]:
    """Ballots whose two readings differ and that nobody has settled, by serial of the roll."""
    first, second = aliased(BallotEntry), aliased(BallotEntry)
    one, two = aliased(EntryMark), aliased(EntryMark)
    third = sa.select(BallotEntry.ballot_id).where(
        BallotEntry.vote_id == vote_id,
        BallotEntry.count_number == count_number,
        BallotEntry.number == 3,
        ~BallotEntry.superseded,
    )
    return db.session.scalars(
        sa.select(Ballot.id)
        .join(first, sa.and_(first.ballot_id == Ballot.id, first.number == 1, ~first.superseded))
        .join(
            second, sa.and_(second.ballot_id == Ballot.id, second.number == 2, ~second.superseded)
        )
        .join(one, one.entry_id == first.id)
        .join(two, sa.and_(two.entry_id == second.id, two.vote_motion_id == one.vote_motion_id))
        .where(
            Ballot.vote_id == vote_id,
            Ballot.state.in_(COUNTABLE_STATES),
            first.count_number == count_number,
            second.count_number == count_number,
            one.mark != two.mark,
            Ballot.id.not_in(third),
        )
        .distinct()
        .order_by(Ballot.id)
    ).all()


def has_entered(vote_id: int, user_id: int) -> bool:
    """Whether this person read any ballot of the vote, in any count."""
    query = sa.exists().where(BallotEntry.vote_id == vote_id, BallotEntry.entered_by == user_id)
    return db.session.scalar(sa.select(query)) or False
