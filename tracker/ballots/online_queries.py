"""Passes to vote online, and the ballots that came by them. Nothing here reads a choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from tracker.accounts.models import User
from tracker.ballots.models import Ballot
from tracker.ballots.paper_models import OnlinePass
from tracker.ballots.rules import COUNTABLE_STATES, BallotState, RejectReason
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.projects.models import Project
from tracker.projects.queries import within_reach
from tracker.votes.models import RollEntry, Vote
from tracker.votes.rules import Channel


def sealed_ballots(vote_id: int) -> Sequence[Ballot]:
    """The online ballots that stand, and those that could not be opened, by serial."""
    return db.session.scalars(
        sa.select(Ballot)
        .join(Ballot.entry)
        .where(
            Ballot.vote_id == vote_id,
            Ballot.channel == Channel.ONLINE,
            sa.or_(
                Ballot.state == BallotState.ACCEPTED,
                Ballot.reject_reason == RejectReason.UNREADABLE,
            ),
        )
        .options(contains_eager(Ballot.entry))
        .order_by(RollEntry.serial, Ballot.id)
    ).all()


def vote_of_pass(secret_hash: str) -> Vote | None:
    """The vote that a pass opens, with all its page shows; None for an unknown secret."""
    return db.session.scalar(_public_votes().join(OnlinePass).where(_with_hash(secret_hash)))


def held_pass(secret_hash: str) -> OnlinePass:
    """A pass known to be there, as it stands now."""
    query = sa.select(OnlinePass).where(_with_hash(secret_hash))
    query = query.options(joinedload(OnlinePass.entry).selectinload(RollEntry.units))
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def _with_hash(secret_hash: str) -> sa.ColumnElement[bool]:
    return OnlinePass.secret_hash == secret_hash


def _public_votes() -> sa.Select[Vote]:
    return (
        sa.select(Vote)
        .join(Vote.project)
        .options(
            contains_eager(Vote.project).joinedload(Project.committee),
            joinedload(Vote.compound),
            joinedload(Vote.building),
            joinedload(Vote.entrance),
            selectinload(Vote.motions),
        )
    )


def public_vote(vote_id: int) -> Vote:
    """A vote known to be there, with all that residents' pages show of it."""
    return db.session.scalars(_public_votes().where(Vote.id == vote_id)).one()


def locked_vote(vote_id: int) -> Vote:
    """A vote as it stands, held together with others so that it cannot close meanwhile."""
    query = _public_votes().where(Vote.id == vote_id).with_for_update(read=True, of=Vote)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def pass_within_reach(actor: User, pass_id: int) -> OnlinePass:
    """A pass of a vote that the actor may see; raises NotFound for any other."""
    found = db.session.scalar(
        sa.select(OnlinePass)
        .join(Vote, OnlinePass.vote_id == Vote.id)
        .join(Vote.project)
        .where(OnlinePass.id == pass_id, within_reach(actor))
        .options(joinedload(OnlinePass.entry).selectinload(RollEntry.units))
    )
    if found is None:
        raise NotFound
    return found


def valid_pass(roll_entry_id: int) -> OnlinePass | None:
    """The pass that a voter may use."""
    return db.session.scalar(
        sa.select(OnlinePass).where(
            OnlinePass.roll_entry_id == roll_entry_id, OnlinePass.revoked_at.is_(None)
        )
    )


def passes(vote_id: int, own: set[int] | None) -> sa.Select[OnlinePass]:
    """The valid passes of a vote, the latest first; ``own`` narrows them to some buildings."""
    query = (
        sa.select(OnlinePass)
        .join(OnlinePass.entry)
        .where(OnlinePass.vote_id == vote_id, OnlinePass.revoked_at.is_(None))
        .options(
            contains_eager(OnlinePass.entry).selectinload(RollEntry.units),
            joinedload(OnlinePass.issuer),
        )
        .order_by(OnlinePass.id.desc())
    )
    return query if own is None else query.where(RollEntry.building_id.in_(own))


@dataclass(frozen=True)
class PassCount:
    """How many voters have a pass, and how many of them have used it."""

    issued: int
    used: int


def pass_count(vote_id: int) -> PassCount:
    """Valid passes of a vote."""
    query = sa.select(sa.func.count(), sa.func.count(OnlinePass.first_used_at)).where(
        OnlinePass.vote_id == vote_id, OnlinePass.revoked_at.is_(None)
    )
    return PassCount(*db.session.execute(query).one())


def online_sent(roll_entry_id: int) -> int:
    """How often a voter has voted online."""
    query = sa.select(sa.func.count()).select_from(Ballot)
    query = query.where(Ballot.roll_entry_id == roll_entry_id, Ballot.channel == Channel.ONLINE)
    return db.session.scalar(query) or 0


def paper_waits(roll_entry_id: int) -> bool:
    """Whether a paper of the voter came back whose identity nobody has looked at."""
    query = sa.exists().where(
        Ballot.roll_entry_id == roll_entry_id,
        Ballot.channel == Channel.PAPER,
        Ballot.second_owner.is_(False),
        Ballot.state == BallotState.RETURNED,
    )
    return db.session.scalar(sa.select(query)) or False


def paper_stands(roll_entry_id: int) -> bool:
    """Whether the named voter's paper was accepted; then nothing online counts."""
    query = sa.exists().where(
        Ballot.roll_entry_id == roll_entry_id,
        Ballot.channel == Channel.PAPER,
        Ballot.second_owner.is_(False),
        Ballot.state.in_(COUNTABLE_STATES),
    )
    return db.session.scalar(sa.select(query)) or False


def ballot_of_receipt(receipt: str) -> Ballot:
    """The online ballot behind a whole receipt; raises NotFound for an unknown one."""
    found = db.session.scalar(
        sa.select(Ballot)
        .where(Ballot.receipt == receipt, Ballot.channel == Channel.ONLINE)
        .options(joinedload(Ballot.entry))
        .order_by(Ballot.id.desc())
        .limit(1)
    )
    if not receipt or found is None:
        raise NotFound
    return found
