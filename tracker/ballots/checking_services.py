"""The identity check: a returned ballot is accepted or rejected before its choices are read.

A signer has one accepted paper. A second one is rejected as a duplicate until the signer takes
the first one back: the last ballot that was *accepted* before the close counts, and nobody has to
guess which of two papers in one box is the later. A co-owner signs beside the named voter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tracker.accounts.models import User
from tracker.ballots import entry_queries, queries, standing_services
from tracker.ballots.entering_services import set_aside
from tracker.ballots.models import Ballot
from tracker.ballots.reading_services import take_up
from tracker.ballots.rules import COUNTABLE_STATES, BallotState, PaperState, RejectReason
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, NotFound, Refusal, require
from tracker.kernel.words import M_, Message
from tracker.projects.services import require_running
from tracker.votes import queries as votes
from tracker.votes.models import Vote
from tracker.votes.rules import Channel
from tracker.votes.services import tell
from tracker.votes.words import VoteState


def check(
    actor: User, now: datetime, ballot_id: int, *, rejected: RejectReason | None = None
) -> Ballot:
    """Accept a returned paper, or reject it with a reason.

    A second paper of the same signer is rejected as a duplicate; a co-owner's is kept beside the
    named voter's and merged when counted. An accepted paper takes the place of an online ballot.
    Raises Refusal for one that was checked before.
    """
    ballot = queries.ballot(actor, ballot_id)
    checked = check_all(actor, now, ballot.vote_id, decisions={ballot_id: rejected})
    for refusal in checked.refused.values():
        raise refusal
    return checked.ballots[0]


@dataclass(frozen=True)
class Checked:
    """What became of papers checked together: those decided, and why others were not."""

    ballots: list[Ballot] = field(default_factory=list)
    refused: dict[int, Refusal] = field(default_factory=dict)


def check_all(
    actor: User,
    now: datetime,
    vote_id: int,
    *,
    decisions: Mapping[int, RejectReason | None],
) -> Checked:
    """Decide on several papers, each by itself: None accepts. One that cannot stops no other.

    Raises Refusal for a vote that is neither open nor being counted, NotFound for a ballot of
    another vote.
    """
    vote = _checkable(actor, vote_id)
    entries = entry_queries.entries_of(vote.id, list(decisions))
    if set(entries) != set(decisions):
        raise NotFound
    entry_queries.lock_entries(list(entries.values()))
    found = {b.id: b for b in entry_queries.standing_ballots(list(entries.values()))}
    checked = Checked()
    for ballot_id, rejected in decisions.items():
        ballot = found.get(ballot_id)
        if ballot is None or ballot.state is not BallotState.RETURNED:
            checked.refused[ballot_id] = Refusal(_no_longer(ballot))
            continue
        _decide(actor, now, vote, ballot, rejected)
        checked.ballots.append(ballot)
    for ballot in checked.ballots:
        text = M_("核对表决票第 %(n)d 号：%(state)s", n=ballot.serial, state=ballot.state)
        tell(actor, now, vote, "ballot.checked", text)
    return checked


def correct(
    actor: User,
    now: datetime,
    ballot_id: int,
    *,
    rejected: RejectReason | None,
    reason: str,
) -> Ballot:
    """Decide anew on a paper that was checked; the old record stays and is superseded.

    What was read of it is set aside: an accepted one is then read anew by two people. Raises
    Refusal for a paper that was not checked, for the same decision, for a void paper, a second one
    of the same signer or one from before the signer withdrew, and for whoever has read it;
    FieldRefusal without a reason.
    """
    ballot = queries.ballot(actor, ballot_id)
    vote = _checkable(actor, ballot.vote_id)
    desk = take_up(vote, [ballot.roll_entry_id])
    old = desk.of(ballot_id)
    _require_correctable(old, rejected)
    readings = desk.readings[old.id]
    require(
        all(reading.entered_by != actor.id for reading in readings),
        M_("您录过这张票上的意见，核对结果要由没有录过它的人更正。"),
    )
    if not reason.strip():
        raise FieldRefusal("reason", M_("请写明更正的原因。"))
    if readings:
        set_aside(desk, old, reason)
    old.state = BallotState.SUPERSEDED
    # The old one must step back before a new one may be the accepted one, or of the same paper.
    db.session.flush()
    new = _anew(old, reason.strip())
    _decide(actor, now, vote, new, rejected)
    standing_services.arrange(vote, new.roll_entry_id)
    text = M_("更正表决票第 %(n)d 号的核对：%(state)s", n=new.serial, state=new.state)
    tell(actor, now, vote, "ballot.check_corrected", text)
    return new


def _checkable(actor: User, vote_id: int) -> Vote:
    """A vote whose papers may be checked, held together with others who record."""
    vote = votes.locked_vote(actor, vote_id, shared=True)
    require_running(vote.project)
    require(
        vote.state in (VoteState.OPEN, VoteState.COUNTING),
        M_("表决%(state)s，不能核对身份。", state=vote.state),
    )
    return vote


def _no_longer(ballot: Ballot | None) -> Message:
    if ballot is None:
        return M_("这张票的收回登记已更正或撤销。")
    if ballot.checked_at is not None:
        return M_("这张票已经核对过了。")
    return M_("这张票%(state)s，不用核对。", state=ballot.state)


def _decide(
    actor: User, now: datetime, vote: Vote, ballot: Ballot, rejected: RejectReason | None
) -> None:
    """Accept a returned paper unless a rule rejects it, or reject it."""
    if rejected is None:
        others = queries.ballots_of(ballot.roll_entry_id)
        rejected = _found_wrong(ballot, others)
    ballot.checked_at, ballot.checked_by = now, actor.id
    if rejected is None and others == [ballot]:
        # Nothing to arrange, as for nearly every paper of a count.
        ballot.state = BallotState.ACCEPTED
    elif rejected is None:
        # Until it is arranged: another may still be the accepted one.
        ballot.state = BallotState.CO_OWNER
        standing_services.arrange(vote, ballot.roll_entry_id, others)
    else:
        ballot.state, ballot.reject_reason = BallotState.REJECTED, rejected
    db.session.flush()


def _found_wrong(ballot: Ballot, others: Sequence[Ballot]) -> RejectReason | None:
    """Why a paper that looks right cannot be accepted all the same."""
    if ballot.paper and ballot.paper.state is PaperState.SPOILT:
        return RejectReason.VOID_PAPER
    return RejectReason.DUPLICATE if _accepted_before(ballot, others) else None


def _accepted_before(ballot: Ballot, others: Sequence[Ballot]) -> Ballot | None:
    """The accepted paper of the same signer, if there is one."""
    for other in others:
        same = other.channel is Channel.PAPER and other.second_owner == ballot.second_owner
        if same and other is not ballot and other.state in COUNTABLE_STATES:
            return other
    return None


def _withdrawn_after(ballot: Ballot, other: Ballot) -> bool:
    """Whether the signer took back, with a later paper, all that came before."""
    withdrawn = other.state is BallotState.WITHDRAWN and other.channel is Channel.PAPER
    same = other.second_owner == ballot.second_owner
    return withdrawn and same and other.received_at >= ballot.received_at


def _require_correctable(ballot: Ballot, rejected: RejectReason | None) -> None:
    require(
        ballot.channel is Channel.PAPER and ballot.checked_at is not None,
        M_("这张票还没有核对过，不用更正。"),
    )
    require(
        ballot.state in (*COUNTABLE_STATES, BallotState.REJECTED),
        M_("这张票%(state)s，不能更正核对结果。", state=ballot.state),
    )
    require(ballot.reject_reason is not rejected, M_("更正后的结果和原来一样。"))
    if rejected is not None:
        return
    others = queries.ballots_of(ballot.roll_entry_id)
    found = _accepted_before(ballot, others)
    if found is not None:
        raise Refusal(M_("同一表决权人的第 %(n)d 号已经有效，请先更正那一张。", n=found.serial))
    require(
        not any(_withdrawn_after(ballot, other) for other in others),
        M_("本人后来书面撤回过，这张票不能再改为有效。"),
    )
    require(
        ballot.paper is not None and ballot.paper.state is not PaperState.SPOILT,
        M_("已作废的票不能改为有效。"),
    )


def _anew(old: Ballot, reason: str) -> Ballot:
    """The record of the same paper that takes the place of ``old``; the receipt stays valid."""
    new = Ballot(
        committee_id=old.committee_id,
        vote_id=old.vote_id,
        entry=old.entry,
        paper=old.paper,
        box_id=old.box_id,
        channel=old.channel,
        second_owner=old.second_owner,
        state=BallotState.RETURNED,
        received_at=old.received_at,
        recorded_at=old.recorded_at,
        recorded_by=old.recorded_by,
        receipt=old.receipt,
        supersedes_id=old.id,
        correction_reason=reason,
    )
    db.session.add(new)
    db.session.flush()
    return new
