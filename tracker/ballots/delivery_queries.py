"""Who still lacks a ballot, building by building; what was brought when; who was reminded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from tracker.accounts.models import User
from tracker.accounts.rules import Role
from tracker.ballots.models import Ballot
from tracker.ballots.paper_models import BallotDelivery, Paper, Visit
from tracker.ballots.queries import TURNOUT_STATES
from tracker.ballots.rules import CURRENT_STATES, BallotState, PaperState
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.places.models import Building, LeaderScope, Unit
from tracker.places.rules import building_label, entrance_label
from tracker.projects.queries import within_reach
from tracker.votes import roll_queries
from tracker.votes.models import RollEntry, RollUnit, Vote

LACKING, REMINDING, EVERYBODY = "lacking", "reminding", "everybody"
"""Lists of a building: without a ballot; with one that has not come back; all."""


def own_buildings(actor: User) -> set[int] | None:
    """The buildings somebody may record for; None when all of the committee's."""
    if actor.role is not Role.BUILDING_LEADER:
        return None
    query = sa.select(LeaderScope.building_id).where(LeaderScope.user_id == actor.id)
    return set(db.session.scalars(query))


def reaches(actor: User, entry: RollEntry) -> bool:
    """Whether somebody may record for a voter."""
    own = own_buildings(actor)
    return own is None or entry.building_id in own


def _sent_something(vote_id: int, states: Collection[BallotState]) -> sa.ColumnElement[bool]:
    """Whether a ballot of a voter is in one of these states, as part of a query over the roll."""
    voters = sa.select(Ballot.roll_entry_id).where(
        Ballot.vote_id == vote_id, Ballot.state.in_(states)
    )
    return RollEntry.id.in_(voters)


def voted(vote_id: int) -> sa.ColumnElement[bool]:
    """Whether a voter's ballot came in and stands, on paper or online."""
    return _sent_something(vote_id, TURNOUT_STATES)


def lacking(vote_id: int) -> sa.ColumnElement[bool]:
    """Whether no ballot has reached a voter: none was brought, and none came back either."""
    return sa.and_(~RollEntry.delivered, ~_sent_something(vote_id, CURRENT_STATES))


def has_voted(roll_entry_id: int) -> bool:
    """Whether a voter's ballot is in, on paper or online."""
    query = sa.exists().where(
        Ballot.roll_entry_id == roll_entry_id, Ballot.state.in_(TURNOUT_STATES)
    )
    return bool(db.session.scalar(sa.select(query)))


@dataclass(frozen=True)
class BuildingProgress:
    """How far the delivery of one building is, in voters."""

    building_id: int
    number: str
    voters: int
    lacking: int
    voted: int
    to_remind: int

    @property
    def label(self) -> str:
        """How the building is called."""
        return building_label(self.number)

    @property
    def reached(self) -> int:
        """Voters whom a ballot has reached."""
        return self.voters - self.lacking


def progress(vote_id: int, own: set[int] | None) -> list[BuildingProgress]:
    """The buildings of a vote's roll; only ``own`` ones unless None."""

    def number(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)

    query = (
        sa.select(
            Building.id,
            Building.number,
            sa.func.count(),
            number(lacking(vote_id)),
            number(voted(vote_id)),
            number(sa.and_(RollEntry.delivered, ~voted(vote_id))),
        )
        .select_from(RollEntry)
        .join(Building, RollEntry.building_id == Building.id)
        .where(RollEntry.vote_id == vote_id)
        .group_by(Building.id, Building.number, Building.position)
        .order_by(Building.position, Building.id)
    )
    if own is not None:
        query = query.where(Building.id.in_(own))
    return [
        BuildingProgress(key, name, *(int(figure) for figure in figures))
        for key, name, *figures in db.session.execute(query)
    ]


def building(actor: User, vote: Vote, building_id: int) -> Building:
    """A building of the roll; NotFound when nobody there votes or it is another leader's."""
    own = own_buildings(actor)
    here = sa.exists().where(RollEntry.vote_id == vote.id, RollEntry.building_id == Building.id)
    found = db.session.scalar(sa.select(Building).where(Building.id == building_id, here))
    if found is None or (own is not None and found.id not in own):
        raise NotFound
    return found


def doors(vote_id: int, building_id: int, which: str) -> sa.Select[RollEntry]:
    """Voters of a building in the order in which one walks through it."""
    query = (
        sa.select(RollEntry)
        .where(RollEntry.vote_id == vote_id, RollEntry.building_id == building_id)
        .options(selectinload(RollEntry.units))
        .order_by(RollEntry.serial)
    )
    if which == LACKING:
        query = query.where(lacking(vote_id))
    elif which == REMINDING:
        query = query.where(RollEntry.delivered, ~voted(vote_id))
    return query


@dataclass(frozen=True)
class Door:
    """A voter of a list with what was done so far.

    ``entrance``: its name, empty where a building has none. ``papers``: serials of valid papers.
    ``tries``: times nobody was at home. ``standing``: how the ballot was brought.
    """

    entry: RollEntry
    entrance: str
    papers: tuple[int, ...]
    tries: int
    standing: BallotDelivery | None
    last_visit: Visit | None
    voted: bool

    @property
    def rooms(self) -> str:
        """The rooms of the voter."""
        return "、".join(unit.label for unit in self.entry.units)


def door(actor: User, vote: Vote, serial: int) -> Door:
    """One voter by the serial of the roll; NotFound for another leader's building."""
    entry = roll_queries.entry_numbered(vote.id, serial)
    if entry is None or not reaches(actor, entry):
        raise NotFound
    return with_doings([entry])[0]


def with_doings(entries: Sequence[RollEntry]) -> list[Door]:
    """Voters with their papers, deliveries and visits, in the order given."""
    ids = [entry.id for entry in entries]
    entrances = _entrances(entries)
    papers = _live_papers(ids)
    tries: dict[int, int] = {}
    standing: dict[int, BallotDelivery] = {}
    for brought in db.session.scalars(
        sa.select(BallotDelivery)
        .where(BallotDelivery.roll_entry_id.in_(ids), ~BallotDelivery.superseded)
        .options(joinedload(BallotDelivery.server))
    ):
        if brought.delivered:
            standing[brought.roll_entry_id] = brought
        else:
            tries[brought.roll_entry_id] = tries.get(brought.roll_entry_id, 0) + 1
    visited = sa.select(Visit).where(Visit.roll_entry_id.in_(ids)).order_by(Visit.at, Visit.id)
    visits = {visit.roll_entry_id: visit for visit in db.session.scalars(visited)}
    in_ = set(
        db.session.scalars(
            sa.select(Ballot.roll_entry_id).where(
                Ballot.roll_entry_id.in_(ids), Ballot.state.in_(TURNOUT_STATES)
            )
        )
    )
    return [
        Door(
            entry,
            entrances.get(entry.id, ""),
            tuple(papers.get(entry.id, ())),
            tries.get(entry.id, 0),
            standing.get(entry.id),
            visits.get(entry.id),
            entry.id in in_,
        )
        for entry in entries
    ]


def _entrances(entries: Sequence[RollEntry]) -> dict[int, str]:
    """The entrance of each voter's first room in the building where they are listed."""
    rows = db.session.execute(
        sa.select(RollUnit.roll_entry_id, Unit.entrance_number)
        .join(Unit, Unit.id == RollUnit.unit_id)
        .join(RollEntry, RollEntry.id == RollUnit.roll_entry_id)
        .where(
            RollEntry.id.in_([entry.id for entry in entries]),
            Unit.building_id == RollEntry.building_id,
        )
        .order_by(RollUnit.id.desc())
    )
    return {entry_id: entrance_label(number) if number else "" for entry_id, number in rows}


def _live_papers(entry_ids: Sequence[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    rows = db.session.execute(
        sa.select(Paper.roll_entry_id, Paper.serial)
        .where(Paper.roll_entry_id.in_(entry_ids), Paper.state == PaperState.LIVE)
        .order_by(Paper.second_owner, Paper.serial.desc())
    )
    for entry_id, serial in rows:
        if entry_id is not None:
            found.setdefault(entry_id, []).append(serial)
    return found


# ---- single records ----


def live_paper(roll_entry_id: int) -> Paper | None:
    """The valid paper that a voter should have: the latest of their own."""
    return db.session.scalar(
        sa.select(Paper)
        .where(
            Paper.roll_entry_id == roll_entry_id,
            Paper.state == PaperState.LIVE,
            ~Paper.second_owner,
        )
        .order_by(Paper.serial.desc())
        .limit(1)
    )


def standing(roll_entry_id: int) -> BallotDelivery | None:
    """The delivery of a voter's ballot that stands."""
    return db.session.scalar(
        sa.select(BallotDelivery).where(
            BallotDelivery.roll_entry_id == roll_entry_id,
            BallotDelivery.delivered,
            ~BallotDelivery.superseded,
        )
    )


def delivery(actor: User, delivery_id: int) -> BallotDelivery:
    """One record of a delivery; NotFound for a foreign one or another leader's building."""
    own = own_buildings(actor)
    query = (
        sa.select(BallotDelivery)
        .join(Vote, BallotDelivery.vote_id == Vote.id)
        .join(Vote.project)
        .where(BallotDelivery.id == delivery_id, within_reach(actor))
        .options(joinedload(BallotDelivery.server))
    )
    if own is not None:
        query = query.join(RollEntry, RollEntry.id == BallotDelivery.roll_entry_id).where(
            RollEntry.building_id.in_(own)
        )
    found = db.session.scalar(query)
    if found is None:
        raise NotFound
    return found


def deliveries_of(roll_entry_id: int) -> Sequence[BallotDelivery]:
    """Everything recorded about bringing a voter's ballot, corrected records too."""
    return db.session.scalars(
        sa.select(BallotDelivery)
        .where(BallotDelivery.roll_entry_id == roll_entry_id)
        .options(joinedload(BallotDelivery.server))
        .order_by(BallotDelivery.id)
    ).all()


@dataclass(frozen=True)
class VisitRow:
    """A reminder visit as it is shown."""

    at: datetime
    outcome: str
    who: str


def visits_of(roll_entry_id: int) -> list[VisitRow]:
    """The reminder visits to a voter, oldest first."""
    rows = db.session.execute(
        sa.select(Visit, User.display_name)
        .join(User, User.id == Visit.visited_by)
        .where(Visit.roll_entry_id == roll_entry_id)
        .order_by(Visit.at, Visit.id)
    )
    return [VisitRow(visit.at, visit.outcome, name) for visit, name in rows]


def serial_of(brought: BallotDelivery) -> int:
    """The serial on the roll of the voter to whom a ballot was brought."""
    query = sa.select(RollEntry.serial).where(RollEntry.id == brought.roll_entry_id)
    return db.session.execute(query).scalar_one()
