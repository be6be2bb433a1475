"""Finding papers: by serial, by code, by voter; and how many there are of each kind."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from tracker.accounts.models import User
from tracker.ballots.codes import read_code
from tracker.ballots.models import Ballot
from tracker.ballots.paper_models import Box, Paper, PrintRun
from tracker.ballots.rules import CURRENT_STATES, PaperState, RunKind
from tracker.kernel.database import db
from tracker.places.models import Building
from tracker.places.rules import half_width
from tracker.votes.models import RollEntry, Vote
from tracker.votes.roll_queries import find_entry


def came_back(vote_id: int) -> sa.ColumnElement[bool]:
    """Whether a paper of a vote came back, as part of a query over papers.

    Looked up in one list of the vote's ballots: an EXISTS for each paper would go through all of
    them each time.
    """
    returned = sa.select(Ballot.paper_id).where(
        Ballot.vote_id == vote_id,
        Ballot.paper_id.is_not(None),
        Ballot.state.in_(CURRENT_STATES),
    )
    return Paper.id.in_(returned)


def last_serial(vote_id: int) -> int:
    """The highest serial numbered so far; 0 before the first."""
    return (
        db.session.scalar(sa.select(sa.func.max(PrintRun.last)).where(PrintRun.vote_id == vote_id))
        or 0
    )


def runs(vote_id: int) -> int:
    """How many runs there were."""
    query = sa.select(sa.func.count()).select_from(PrintRun).where(PrintRun.vote_id == vote_id)
    return db.session.scalar(query) or 0


def serial_of(text: str) -> int | None:
    """The number somebody typed, full-width digits too; None when it is none.

    Longer numbers fit no serial, and not every database's integers.
    """
    bare = half_width(text)
    plain = bare.isascii() and bare.isdecimal() and len(bare) <= 9
    return int(bare) if plain else None


_OF_VOTE = sa.select(Paper).where(Paper.vote_id == sa.bindparam("vote"))
_BY_CODE = _OF_VOTE.where(Paper.code == sa.bindparam("code"))
_BY_SERIAL = _OF_VOTE.where(Paper.serial == sa.bindparam("serial"))


def find(vote_id: int, text: str) -> Paper | None:
    """The paper of a scanned code or a typed serial of a vote; None when there is none."""
    if code := read_code(half_width(text)):
        return db.session.scalar(_BY_CODE, {"vote": vote_id, "code": code})
    serial = serial_of(text)
    if serial is None:
        return None
    return db.session.scalar(_BY_SERIAL, {"vote": vote_id, "serial": serial})


def belongs_elsewhere(vote: Vote, text: str) -> bool:
    """Whether a code is that of another vote's paper of the same committee."""
    code = read_code(half_width(text))
    query = sa.exists().where(
        Paper.code == code, Paper.committee_id == vote.committee_id, Paper.vote_id != vote.id
    )
    return code is not None and bool(db.session.scalar(sa.select(query)))


def find_voter(vote_id: int, text: str) -> RollEntry | None:
    """The voter of a paper's serial or code, or of a room; None when there is none."""
    paper = find(vote_id, text)
    if paper is not None:
        return paper.entry
    return find_entry(vote_id, text)


def papers_of(roll_entry_id: int) -> Sequence[Paper]:
    """All papers a voter was ever given, by serial."""
    return db.session.scalars(
        sa.select(Paper).where(Paper.roll_entry_id == roll_entry_id).order_by(Paper.serial)
    ).all()


def papers_out(entry: RollEntry, *, second_owner: bool) -> Sequence[Paper]:
    """Valid papers of a voter, or of the co-owner beside, that have not come back."""
    return db.session.scalars(
        sa.select(Paper)
        .where(
            Paper.roll_entry_id == entry.id,
            Paper.second_owner == second_owner,
            Paper.state == PaperState.LIVE,
            ~came_back(entry.vote_id),
        )
        .order_by(Paper.serial)
    ).all()


@dataclass(frozen=True)
class PaperCounts:
    """Papers of a vote by what became of them; the first equation of the tally sheet, live.

    ``printed`` comes from the serials of the print runs, all others from the papers themselves.
    ``void_returned``: void papers that came back all the same; they are among the returned.
    """

    printed: int
    returned: int
    unreturned: int
    spare: int
    spoilt: int
    void_returned: int

    @property
    def balanced(self) -> bool:
        """printed = returned + unreturned + spare + spoilt."""
        return self.printed == self.returned + self.unreturned + self.spare + self.spoilt


def counts(vote_id: int) -> PaperCounts:
    """How many papers of a vote there are of each kind."""
    flag = sa.case((came_back(vote_id), 1), else_=0).label("returned")
    found: dict[tuple[PaperState, int], int] = {}
    for state, returned, number in db.session.execute(
        sa.select(Paper.state, flag, sa.func.count())
        .where(Paper.vote_id == vote_id)
        .group_by(Paper.state, sa.text("returned"))
    ):
        found[state, returned] = number
    printed = sa.select(sa.func.coalesce(sa.func.sum(PrintRun.last - PrintRun.first + 1), 0)).where(
        PrintRun.vote_id == vote_id
    )
    return PaperCounts(
        printed=int(db.session.scalar(printed) or 0),
        returned=sum(number for (_state, back), number in found.items() if back),
        unreturned=found.get((PaperState.LIVE, 0), 0),
        spare=found.get((PaperState.SPARE, 0), 0),
        spoilt=found.get((PaperState.SPOILT, 0), 0),
        void_returned=found.get((PaperState.SPOILT, 1), 0),
    )


@dataclass(frozen=True)
class RunRow:
    """A print run with what is left of it."""

    id: int
    number: int
    kind: RunKind
    first: int
    last: int
    made_at: datetime
    made_by: str
    printable: int


def print_runs(vote_id: int) -> list[RunRow]:
    """The print runs of a vote, the first one first; ``printable`` as ``to_print`` says."""
    printable = (
        sa.select(sa.func.count())
        .select_from(Paper)
        .where(Paper.run_id == PrintRun.id, *_printable(vote_id))
        .scalar_subquery()
    )
    rows = db.session.execute(
        sa.select(PrintRun, User.display_name, printable)
        .join(User, User.id == PrintRun.made_by)
        .where(PrintRun.vote_id == vote_id)
        .order_by(PrintRun.number)
    )
    return [
        RunRow(run.id, run.number, run.kind, run.first, run.last, run.made_at, name, number)
        for run, name, number in rows
    ]


def _printable(vote_id: int) -> list[sa.ColumnElement[bool]]:
    """Void papers are not printed again, nor those that came back."""
    return [Paper.state != PaperState.SPOILT, ~came_back(vote_id)]


def buildings_on_roll(vote_id: int) -> Sequence[Building]:
    """The buildings in which voters of a roll are listed."""
    query = sa.select(RollEntry.building_id).where(RollEntry.vote_id == vote_id)
    return db.session.scalars(
        sa.select(Building).where(Building.id.in_(query)).order_by(Building.position, Building.id)
    ).all()


@dataclass(frozen=True)
class Batch:
    """Which papers are printed together; each condition narrows."""

    building_id: int | None = None
    run_id: int | None = None
    first: int | None = None
    last: int | None = None


def to_print(vote_id: int, batch: Batch) -> sa.Select[Paper]:
    """Papers of a batch that can be printed, by serial, with their voters and rooms."""
    query = sa.select(Paper).where(Paper.vote_id == vote_id, *_printable(vote_id))
    if batch.building_id is not None:
        query = query.join(RollEntry, RollEntry.id == Paper.roll_entry_id).where(
            RollEntry.building_id == batch.building_id
        )
    if batch.run_id is not None:
        query = query.where(Paper.run_id == batch.run_id)
    if batch.first is not None:
        query = query.where(Paper.serial >= batch.first)
    if batch.last is not None:
        query = query.where(Paper.serial <= batch.last)
    loaded = joinedload(Paper.entry).selectinload(RollEntry.units)
    return query.options(loaded).order_by(Paper.serial)


PILES = ("printed", "returned", "unreturned", "spare", "spoilt")
"""The figures of ``PaperCounts`` that a list stands behind."""


def listed(vote_id: int, pile: str) -> sa.Select[Paper]:
    """The papers of one pile, by serial; raises KeyError for an unknown pile."""
    back = came_back(vote_id)
    conditions: dict[str, tuple[sa.ColumnElement[bool], ...]] = {
        "printed": (),
        "returned": (back,),
        "unreturned": (Paper.state == PaperState.LIVE, ~back),
        "spare": (Paper.state == PaperState.SPARE,),
        "spoilt": (Paper.state == PaperState.SPOILT, ~back),
    }
    return (
        sa.select(Paper)
        .where(Paper.vote_id == vote_id, *conditions[pile])
        .options(joinedload(Paper.entry).selectinload(RollEntry.units))
        .order_by(Paper.serial)
    )


def returned_among(papers: Collection[Paper]) -> set[int]:
    """Ids of those papers that came back."""
    query = sa.select(Ballot.paper_id).where(
        Ballot.paper_id.in_([paper.id for paper in papers]), Ballot.state.in_(CURRENT_STATES)
    )
    return {number for number in db.session.scalars(query) if number is not None}


# ---- boxes ----


def boxes(vote_id: int) -> Sequence[Box]:
    """The ballot boxes of a vote with their handovers, by number."""
    return db.session.scalars(
        sa.select(Box)
        .where(Box.vote_id == vote_id)
        .options(selectinload(Box.handovers))
        .order_by(Box.number)
    ).all()


def box(vote_id: int, number: int, *, lock: bool = False) -> Box | None:
    """A ballot box of a vote by its number; ``lock`` holds it until the transaction ends."""
    query = sa.select(Box).where(Box.vote_id == vote_id, Box.number == number)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.session.scalar(query)


def papers_in_boxes(vote_id: int) -> dict[int, int]:
    """Papers received so far by id of the box they were in."""
    rows = db.session.execute(
        sa.select(Ballot.box_id, sa.func.count())
        .where(
            Ballot.vote_id == vote_id,
            Ballot.box_id.is_not(None),
            Ballot.state.in_(CURRENT_STATES),
        )
        .group_by(Ballot.box_id)
    )
    return {box_id: number for box_id, number in rows if box_id is not None}
