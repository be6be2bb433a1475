"""The identity check: a returned ballot is accepted or rejected before its choices are read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tracker.accounts.models import User
from tracker.ballots import queries, standing_services
from tracker.ballots.collecting_services import locked_entry, taking
from tracker.ballots.models import Ballot
from tracker.ballots.rules import COUNTABLE_STATES, BallotState, RejectReason
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
    named voter's and merged when counted. An accepted paper takes the place of an online ballot.
    Raises Refusal for one that was checked before.
    """
    ballot = queries.ballot(actor, ballot_id)
    vote = taking(actor, ballot.vote_id)
    locked_entry(ballot.roll_entry_id)
    db.session.refresh(ballot, ["state"])
    require(ballot.state is BallotState.RETURNED, M_("这张票已经核对过了。"))
    ballots = queries.ballots_of(ballot.roll_entry_id)
    if rejected is None and _is_second(ballot, ballots):
        rejected = RejectReason.DUPLICATE
    ballot.checked_at, ballot.checked_by = now, actor.id
    if rejected is None:
        # Until it is arranged: another may still be the accepted one.
        ballot.state = BallotState.CO_OWNER
        standing_services.arrange(vote, ballot.roll_entry_id, ballots)
    else:
        ballot.state, ballot.reject_reason = BallotState.REJECTED, rejected
    db.session.flush()
    text = M_("核对表决票第 %(n)d 号：%(state)s", n=_serial(ballot), state=ballot.state)
    tell(actor, now, vote, "ballot.checked", text)
    return ballot


def _is_second(ballot: Ballot, ballots: Sequence[Ballot]) -> bool:
    """Whether a paper of the same signer was accepted before."""
    return any(
        other.channel is Channel.PAPER
        and other.second_owner == ballot.second_owner
        and other.state in COUNTABLE_STATES
        for other in ballots
    )


def _serial(ballot: Ballot) -> int:
    return ballot.paper.serial if ballot.paper else ballot.entry.serial
