"""Readings as tests make them, and what is kept of them."""

from __future__ import annotations

import sqlalchemy as sa

from tests.factories import votes
from tests.factories.votes import AFTER
from tracker.accounts.models import User
from tracker.ballots import entering_services
from tracker.ballots.models import Ballot, BallotChoice, BallotEntry
from tracker.ballots.paper_models import Paper
from tracker.ballots.rules import CURRENT_STATES
from tracker.kernel.database import db
from tracker.votes.models import Vote


def ballot_of(vote: Vote, serial: int) -> Ballot:
    """The standing record of the paper with this serial."""
    return db.session.scalars(
        sa.select(Ballot)
        .join(Ballot.paper)
        .where(Paper.vote_id == vote.id, Paper.serial == serial, Ballot.state.in_(CURRENT_STATES))
    ).one()


def marks(vote: Vote, *codes: str) -> dict[int, str]:
    """Marks by motion, in the order of the ballot; one code for all when only one is given."""
    motions = votes.motions_of(vote)
    return dict(zip(motions, codes * len(motions) if len(codes) == 1 else codes, strict=True))


def enter(by: User, vote: Vote, serial: int, *codes: str) -> BallotEntry:
    """One reading of a ballot."""
    return entering_services.enter(
        by,
        AFTER,
        vote.id,
        ballot_id=ballot_of(vote, serial).id,
        marks=marks(vote, *(codes or ("for",))),
    )


def key_in(by: User, vote: Vote, paper: str, *keys: str) -> Ballot:
    """One reading as it comes from the keyboard."""
    typed = dict(zip(votes.motions_of(vote), keys, strict=False))
    return entering_services.enter_paper(by, AFTER, vote.id, paper=paper, typed=typed)


def settle(by: User, vote: Vote, serial: int, *codes: str, reason: str = "对照原票"):
    """What a third person finds on the paper; of the motions whose code is not empty."""
    given = {motion: code for motion, code in marks(vote, *codes).items() if code}
    return entering_services.settle(
        by, AFTER, vote.id, ballot_id=ballot_of(vote, serial).id, marks=given, reason=reason
    )


def reopen(by: User, vote: Vote, serial: int, reason: str = "两遍都看错了行") -> Ballot:
    """Have a ballot read anew."""
    return entering_services.reopen(
        by, AFTER, vote.id, ballot_id=ballot_of(vote, serial).id, reason=reason
    )


def choices(vote: Vote, serial: int) -> list[str]:
    """What is counted of a ballot, motion by motion; empty while it is not read."""
    return list(
        db.session.scalars(
            sa.select(BallotChoice.mark)
            .where(BallotChoice.ballot_id == ballot_of(vote, serial).id)
            .order_by(BallotChoice.vote_motion_id)
        )
    )


def readings(vote: Vote, serial: int, *, standing: bool = True) -> list[BallotEntry]:
    """The readings of a ballot, as they were made."""
    query = sa.select(BallotEntry).where(BallotEntry.ballot_id == ballot_of(vote, serial).id)
    query = query.where(BallotEntry.superseded.is_(not standing))
    return list(db.session.scalars(query.order_by(BallotEntry.id)))
