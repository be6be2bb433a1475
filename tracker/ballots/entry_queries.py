"""Readings of ballots: who may read what, how far they are; for services alone, what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import aliased, contains_eager, joinedload

from tracker.ballots.codes import read_code
from tracker.ballots.marks import settled
from tracker.ballots.models import Ballot, BallotEntry, EntryMark
from tracker.ballots.paper_models import Paper
from tracker.ballots.rules import COUNTABLE_STATES, CURRENT_STATES, BallotState
from tracker.kernel.database import db
from tracker.places.models import Building
from tracker.places.rules import half_width
from tracker.votes.models import RollEntry, Vote
from tracker.votes.rules import Channel

# ---- one ballot, on its way to be read ----


@dataclass(frozen=True)
class FoundPaper:
    """What is needed of a paper to find its ballot."""

    id: int
    serial: int
    roll_entry_id: int | None


_OF_VOTE = sa.select(Paper.id, Paper.serial, Paper.roll_entry_id).where(
    Paper.vote_id == sa.bindparam("vote")
)
_BY_CODE = _OF_VOTE.where(Paper.code == sa.bindparam("code"))
_BY_SERIAL = _OF_VOTE.where(Paper.serial == sa.bindparam("serial"))


def find_paper(vote_id: int, text: str) -> FoundPaper | None:
    """The paper of a scanned code or a typed serial; None when there is none."""
    plain = half_width(text)
    if code := read_code(plain):
        row = db.session.execute(_BY_CODE, {"vote": vote_id, "code": code}).one_or_none()
    elif plain.isascii() and plain.isdecimal() and len(plain) <= 9:
        # Longer numbers fit no serial, and not every database's integers.
        meant = {"vote": vote_id, "serial": int(plain)}
        row = db.session.execute(_BY_SERIAL, meant).one_or_none()
    else:
        return None
    return FoundPaper(*row) if row else None


def entries_of(vote_id: int, ballot_ids: Sequence[int]) -> dict[int, int]:
    """The voter of each ballot that belongs to the vote, by ballot."""
    query = sa.select(Ballot.id, Ballot.roll_entry_id).where(
        Ballot.vote_id == vote_id, Ballot.id.in_(ballot_ids)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


# Asked for each paper that is read, therefore put together once.
_HELD = (
    sa.select(RollEntry.id)
    .where(RollEntry.id.in_(sa.bindparam("entries", expanding=True)))
    .order_by(RollEntry.id)
    .with_for_update()
)
_STANDING = (
    sa.select(Ballot)
    .outerjoin(Ballot.paper)
    .where(
        Ballot.roll_entry_id.in_(sa.bindparam("entries", expanding=True)),
        Ballot.state.in_(CURRENT_STATES),
    )
    .options(contains_eager(Ballot.paper))
    .order_by(Ballot.id)
    .execution_options(populate_existing=True)
)
_READINGS = (
    sa.select(
        BallotEntry.id,
        BallotEntry.ballot_id,
        BallotEntry.number,
        BallotEntry.entered_by,
        EntryMark.vote_motion_id,
        EntryMark.mark,
    )
    .join(EntryMark, EntryMark.entry_id == BallotEntry.id)
    .where(
        BallotEntry.ballot_id.in_(sa.bindparam("ballots", expanding=True)),
        BallotEntry.count_number == sa.bindparam("count"),
        ~BallotEntry.superseded,
    )
    .order_by(BallotEntry.number)
)


def lock_entries(entry_ids: Sequence[int]) -> None:
    """Hold voters, so that one person at a time records for each of them; always in one order."""
    db.session.execute(_HELD, {"entries": entry_ids}).all()


def standing_ballots(entry_ids: Sequence[int]) -> Sequence[Ballot]:
    """The standing ballots of voters as they are in the database now, with their papers."""
    return db.session.scalars(_STANDING, {"entries": entry_ids}).all()


@dataclass(frozen=True)
class Reading:
    """A standing reading of a ballot. ``marks`` by motion are for comparing: no page shows them."""

    id: int
    ballot_id: int
    number: int
    entered_by: int
    marks: Mapping[int, str]


def readings(ballot_ids: Sequence[int], count_number: int) -> dict[int, list[Reading]]:
    """The standing readings of ballots in a count, first to third, by ballot."""
    found: dict[int, list[Reading]] = {ballot_id: [] for ballot_id in ballot_ids}
    rows = db.session.execute(_READINGS, {"ballots": ballot_ids, "count": count_number})
    marks: dict[int, dict[int, str]] = {}
    for entry_id, ballot_id, number, entered_by, motion_id, mark in rows:
        if entry_id not in marks:
            marks[entry_id] = {}
            reading = Reading(entry_id, ballot_id, number, entered_by, marks[entry_id])
            found[ballot_id].append(reading)
        marks[entry_id][motion_id] = mark
    return found


def settled_marks(ballot_ids: Sequence[int], count_number: int) -> dict[int, dict[int, str]]:
    """What ballots say whose readings agree or were settled, by ballot; for services alone."""
    found = readings(ballot_ids, count_number)
    said = {ballot_id: settled([r.marks for r in read]) for ballot_id, read in found.items()}
    return {ballot_id: dict(marks) for ballot_id, marks in said.items() if marks is not None}


# ---- what a person has still to read ----


def _standing(vote: Vote, *more: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Whether a ballot has a standing reading in the present count of which ``more`` is true."""
    return (
        sa.exists()
        .where(
            BallotEntry.ballot_id == Ballot.id,
            BallotEntry.count_number == vote.count_number,
            ~BallotEntry.superseded,
            *more,
        )
        .correlate(Ballot)
    )


def _countable(vote: Vote) -> list[sa.ColumnElement[bool]]:
    return [
        Ballot.vote_id == vote.id,
        Ballot.channel == Channel.PAPER,
        Ballot.state.in_(COUNTABLE_STATES),
    ]


def _left_for(vote: Vote, user_id: int) -> list[sa.ColumnElement[bool]]:
    """Ballots that this person may still read: not read twice, and not by the same person."""
    return [
        *_countable(vote),
        ~_standing(vote, BallotEntry.number == 2),
        ~_standing(vote, BallotEntry.entered_by == user_id),
    ]


def to_read(vote: Vote, user_id: int, building_id: int | None = None) -> sa.Select[Ballot]:
    """The ballots that a person may still read, by serial, with their rooms."""
    query = (
        sa.select(Ballot)
        .join(Ballot.paper)
        .join(Ballot.entry)
        .where(*_left_for(vote, user_id))
        .options(
            contains_eager(Ballot.paper),
            contains_eager(Ballot.entry).selectinload(RollEntry.units),
        )
        .order_by(Paper.serial)
    )
    return query if building_id is None else query.where(RollEntry.building_id == building_id)


def among(query: sa.Select[Ballot], ballot_ids: Sequence[int]) -> Sequence[Ballot]:
    """Those ballots of a list that are named."""
    return db.session.scalars(query.where(Ballot.id.in_(ballot_ids))).all()


@dataclass(frozen=True)
class Share:
    """What one person has read of a vote, and what is left that they may read."""

    done: int
    left: int


def share(vote: Vote, user_id: int) -> Share:
    """A person's part in the present count; it says nothing of what anybody found."""
    mine = sa.select(sa.func.count()).where(
        BallotEntry.vote_id == vote.id,
        BallotEntry.count_number == vote.count_number,
        BallotEntry.entered_by == user_id,
        ~BallotEntry.superseded,
    )
    left = sa.select(sa.func.count()).where(*_left_for(vote, user_id))
    row = db.session.execute(sa.select(mine.scalar_subquery(), left.scalar_subquery())).one()
    return Share(*row)


def last_read(vote: Vote, user_id: int) -> Ballot | None:
    """The ballot that a person read last in the present count, with its rooms."""
    return db.session.scalar(
        sa.select(Ballot)
        .join(BallotEntry, BallotEntry.ballot_id == Ballot.id)
        .where(
            BallotEntry.vote_id == vote.id,
            BallotEntry.count_number == vote.count_number,
            BallotEntry.entered_by == user_id,
            ~BallotEntry.superseded,
        )
        .options(joinedload(Ballot.paper), joinedload(Ballot.entry).selectinload(RollEntry.units))
        .order_by(BallotEntry.id.desc())
        .limit(1)
    )


@dataclass(frozen=True)
class BuildingWork:
    """Ballots of one building that count: read once, read twice, and left for one person."""

    building_id: int
    number: str
    countable: int
    once: int
    twice: int
    left: int


def by_building(vote: Vote, user_id: int) -> list[BuildingWork]:
    """How far the reading is in each building from which something came."""

    def how_many(*where: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.count(sa.case((sa.and_(*where), 1)))

    first, second = (_standing(vote, BallotEntry.number == number) for number in (1, 2))
    own = _standing(vote, BallotEntry.entered_by == user_id)
    rows = db.session.execute(
        sa.select(
            Building.id,
            Building.number,
            sa.func.count(),
            how_many(first, ~second),
            how_many(second),
            how_many(~second, ~own),
        )
        .select_from(Ballot)
        .join(Ballot.entry)
        .join(Building, Building.id == RollEntry.building_id)
        .where(*_countable(vote))
        .group_by(Building.id, Building.number, Building.position)
        .order_by(Building.position, Building.id)
    )
    return [BuildingWork(*row) for row in rows]


# ---- how far the whole count is ----


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


def mismatches(vote_id: int, count_number: int) -> dict[int, list[int]]:
    """Motions on which two readings differ and that nobody has settled, by ballot.

    Which motions, never what either reading says.
    """
    first, second, third = (aliased(BallotEntry) for _ in range(3))
    one, two = aliased(EntryMark), aliased(EntryMark)

    def is_reading(entry: type[BallotEntry], number: int) -> sa.ColumnElement[bool]:
        return sa.and_(
            entry.ballot_id == Ballot.id,
            entry.count_number == count_number,
            entry.number == number,
            ~entry.superseded,
        )

    rows = db.session.execute(
        sa.select(Ballot.id, one.vote_motion_id)
        .join(first, is_reading(first, 1))
        .join(second, is_reading(second, 2))
        .join(one, one.entry_id == first.id)
        .join(two, sa.and_(two.entry_id == second.id, two.vote_motion_id == one.vote_motion_id))
        .where(
            Ballot.vote_id == vote_id,
            Ballot.state.in_(COUNTABLE_STATES),
            one.mark != two.mark,
            ~sa.exists().where(is_reading(third, 3)).correlate(Ballot),
        )
        .order_by(Ballot.id, one.vote_motion_id)
    )
    found: dict[int, list[int]] = {}
    for ballot_id, motion_id in rows:
        found.setdefault(ballot_id, []).append(motion_id)
    return found


def readers(ballot_ids: Sequence[int], count_number: int) -> dict[int, set[int]]:
    """Who read ballots in a count, superseded readings aside, by ballot."""
    found: dict[int, set[int]] = {ballot_id: set() for ballot_id in ballot_ids}
    rows = db.session.execute(
        sa.select(BallotEntry.ballot_id, BallotEntry.entered_by).where(
            BallotEntry.ballot_id.in_(ballot_ids),
            BallotEntry.count_number == count_number,
            ~BallotEntry.superseded,
        )
    )
    for ballot_id, user_id in rows:
        found[ballot_id].add(user_id)
    return found


def with_rooms(ballot_ids: Sequence[int]) -> Sequence[Ballot]:
    """Ballots with their papers and rooms, by serial of the roll."""
    return db.session.scalars(
        sa.select(Ballot)
        .join(Ballot.entry)
        .where(Ballot.id.in_(ballot_ids))
        .options(
            contains_eager(Ballot.entry).selectinload(RollEntry.units), joinedload(Ballot.paper)
        )
        .order_by(RollEntry.serial, Ballot.id)
    ).all()


def has_entered(vote_id: int, user_id: int) -> bool:
    """Whether this person read any ballot of the vote, in any count."""
    query = sa.exists().where(BallotEntry.vote_id == vote_id, BallotEntry.entered_by == user_id)
    return db.session.scalar(sa.select(query)) or False
