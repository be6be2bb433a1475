"""The identity check: a returned ballot is accepted or rejected before its choices are read."""

from __future__ import annotations

from datetime import datetime

from tracker.accounts.models import User
from tracker.ballots import queries
from tracker.ballots.collecting_services import locked_entry, taking
from tracker.ballots.models import Ballot
from tracker.ballots.rules import BallotState, RejectReason
from tracker.kernel.database import db
from tracker.kernel.errors import require
from tracker.kernel.words import M_
from tracker.votes.rules import Channel
from tracker.votes.services import tell


def check(
    actor: User, now: datetime, ballot_id: int, *, rejected: RejectReason | None = None
) -> Ballot:
    """Accept a returned paper, or reject it with a reason.

    A second paper of the same signer is rejected as a duplicate; a co-owner's is kept beside the
    first and merged when counted. An accepted paper takes the place of an online ballot.
    Raises Refusal for one that was checked before.
    """
    ballot = queries.ballot(actor, ballot_id)
    vote = taking(actor, ballot.vote_id)
    locked_entry(ballot.roll_entry_id)
    db.session.refresh(ballot, ["state"])
    require(ballot.state is BallotState.RETURNED, M_("这张票已经核对过了。"))
    if rejected is None:
        rejected = _take(ballot)
    if rejected is not None:
        ballot.state, ballot.reject_reason = BallotState.REJECTED, rejected
    ballot.checked_at, ballot.checked_by = now, actor.id
    db.session.flush()
    text = M_("核对表决票第 %(n)d 号：%(state)s", n=_serial(ballot), state=ballot.state)
    tell(actor, now, vote, "ballot.checked", text)
    return ballot


def _take(ballot: Ballot) -> RejectReason | None:
    """Make the ballot the accepted one of its voter; a reason to reject it when it cannot be."""
    standing = queries.accepted_of(ballot.roll_entry_id)
    if standing is not None and standing.channel is Channel.ONLINE:
        standing.state = BallotState.SUPERSEDED
        # The online one must step back before the paper may be the accepted one.
        db.session.flush()
        standing = None
    if standing is None:
        ballot.state = BallotState.ACCEPTED
        return None
    if ballot.second_owner != standing.second_owner:
        ballot.state = BallotState.CO_OWNER
        return None
    return RejectReason.DUPLICATE


def _serial(ballot: Ballot) -> int:
    return ballot.paper.serial if ballot.paper else ballot.entry.serial
