"""Which of a voter's ballots stands, whenever one came in, was checked or was taken back.

The rule is that of ``votes.tally.settle``: of one signer's ballots paper beats online, of online
ones the last counts; a co-owner's paper stands beside the named voter's ballot.
"""

from __future__ import annotations

from collections.abc import Sequence

from tracker.ballots import choice_services, entry_queries, queries
from tracker.ballots.models import Ballot
from tracker.ballots.reading_services import Desk, write_choices
from tracker.ballots.rules import COUNTABLE_STATES, BallotState, RejectReason
from tracker.kernel.database import db
from tracker.kernel.errors import Refusal
from tracker.kernel.vault import Altered, WrongKey
from tracker.kernel.words import M_
from tracker.votes.models import Vote
from tracker.votes.rules import Channel
from tracker.votes.words import VoteState

_MAY_STAND = (BallotState.ACCEPTED, BallotState.SUPERSEDED)


def arrange(vote: Vote, roll_entry_id: int, ballots: Sequence[Ballot] | None = None) -> None:
    """Let stand what should stand for a voter, whose roll entry the caller holds.

    To be called whenever a ballot's state changed; ``ballots``: all of the voter, oldest first,
    when the caller has them. An online ballot steps back before an accepted paper, and stands
    again when the paper falls away (a check corrected, a record voided). While ballots are
    counted, what the voter says is written anew, and an online ballot that does not open is
    rejected. Raises Refusal when it was sealed under another SECRET_KEY.
    """
    if ballots is None:
        ballots = queries.ballots_of(roll_entry_id)
    papers = {
        ballot.second_owner: ballot
        for ballot in reversed(ballots)
        if ballot.channel is Channel.PAPER and ballot.state in COUNTABLE_STATES
    }
    named, beside = papers.get(False) or last_online(ballots), papers.get(True)
    wanted = {
        ballot: BallotState.SUPERSEDED
        for ballot in ballots
        if ballot.channel is Channel.ONLINE and ballot.state is BallotState.ACCEPTED
    }
    if named is not None:
        wanted[named] = BallotState.ACCEPTED
    if beside is not None:
        wanted[beside] = BallotState.ACCEPTED if named is None else BallotState.CO_OWNER
    # The one accepted before steps back first: a voter never has two.
    for ballot, state in sorted(wanted.items(), key=lambda w: w[1] is BallotState.ACCEPTED):
        ballot.state = state
        db.session.flush()
    if vote.state is not VoteState.COUNTING:
        return
    if named is not None and named.channel is Channel.ONLINE and not _opens(vote, named):
        reject_unreadable(named)
        arrange(vote, roll_entry_id)
        return
    choice_services.forget([ballot.id for ballot in ballots])
    desk = Desk(vote, entry_queries.standing_ballots([roll_entry_id]))
    write_choices(desk, roll_entry_id)


def _opens(vote: Vote, ballot: Ballot) -> bool:
    try:
        choice_services.opened(vote, ballot)
    except WrongKey as error:
        raise Refusal(
            M_("线上票打不开：系统密钥（SECRET_KEY）和投票时不同，请先恢复原来的密钥。")
        ) from error
    except Altered:
        return False
    return True


def reject_unreadable(ballot: Ballot) -> None:
    """Refuse an online ballot whose seal was broken; what stands without it is to be arranged."""
    ballot.state, ballot.reject_reason = BallotState.REJECTED, RejectReason.UNREADABLE
    db.session.flush()


def last_online(ballots: Sequence[Ballot]) -> Ballot | None:
    """The online ballot that stands unless a paper does; ``ballots`` oldest first.

    None when the last was withdrawn or does not open: an earlier one never comes back.
    """
    sent = [ballot for ballot in ballots if ballot.channel is Channel.ONLINE]
    return sent[-1] if sent and sent[-1].state in _MAY_STAND else None


def follow_withdrawal(vote: Vote, paper: Ballot) -> None:
    """Take back what its signer sent online before a paper that was withdrawn."""
    online = last_online(queries.ballots_of(paper.roll_entry_id))
    if online is not None and not paper.second_owner:
        online.state = BallotState.WITHDRAWN
        db.session.flush()
    arrange(vote, paper.roll_entry_id)
