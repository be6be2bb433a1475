"""Papers that come back: which, when, in which box; taken back by mistake or by their voters.

No choice is read here.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from tracker.accounts.models import User
from tracker.ballots import paper_queries, queries, standing_services
from tracker.ballots.codes import read_code
from tracker.ballots.models import Ballot
from tracker.ballots.paper_models import Box, Paper
from tracker.ballots.receipts import paper_receipt
from tracker.ballots.rules import (
    COUNTABLE_STATES,
    CURRENT_STATES,
    BallotState,
    PaperState,
    RejectReason,
)
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, require
from tracker.kernel.words import M_, Message
from tracker.places.rules import half_width
from tracker.projects.services import require_running
from tracker.votes import queries as votes
from tracker.votes.models import RollEntry, Vote
from tracker.votes.rules import Channel
from tracker.votes.services import tell
from tracker.votes.words import VoteState


def receive(
    actor: User,
    now: datetime,
    vote_id: int,
    *,
    paper: str,
    received_at: datetime,
    box_number: int | None = None,
) -> Ballot:
    """Record that a paper came back; ``paper`` is its serial or the code scanned.

    After the close it is kept as late and refused. A spoilt paper is kept and rejected. Raises
    Refusal when the vote takes none, FieldRefusal for an unknown paper, one that was received
    before, a spare that was given to nobody, an impossible time, or a box that was not sealed
    then.
    """
    vote = taking(actor, vote_id)
    found = paper_queries.find(vote.id, paper)
    if found is None:
        raise FieldRefusal("paper", _unknown(vote, paper))
    if found.roll_entry_id is None:
        raise FieldRefusal("paper", M_("第 %(n)d 号是备用票，没有发给任何人。", n=found.serial))
    # One at a time for a voter: only so is it certain that nobody receives the same paper.
    entry = locked_entry(found.roll_entry_id)
    if queries.came_back(found.id):
        raise FieldRefusal("paper", M_("第 %(n)d 号已经登记过收回。", n=found.serial))
    state, reason = _state(vote, now, found, received_at)
    ballot = Ballot(
        committee_id=vote.committee_id,
        vote_id=vote.id,
        entry=entry,
        paper=found,
        box=_box(vote, box_number, received_at),
        channel=Channel.PAPER,
        second_owner=found.second_owner,
        state=state,
        reject_reason=reason,
        received_at=received_at,
        recorded_at=now,
        recorded_by=actor.id,
        receipt=paper_receipt(vote.seal_key, vote.id, found.serial, now),
    )
    db.session.add(ballot)
    db.session.flush()
    text = M_("收回表决票第 %(n)d 号", n=found.serial)
    if state is not BallotState.RETURNED:
        text = M_("收回表决票第 %(n)d 号，%(state)s，不计票", n=found.serial, state=state)
    tell(actor, now, vote, "ballot.received", text)
    return ballot


def undo(actor: User, now: datetime, ballot_id: int, *, reason: str) -> Ballot:
    """Take back a receipt that was recorded by mistake; the paper counts as not returned.

    Raises Refusal for one whose identity was checked, or that was taken back before,
    FieldRefusal without a reason.
    """
    vote, ballot = _held(actor, ballot_id)
    require(
        ballot.state in CURRENT_STATES and ballot.state is not BallotState.WITHDRAWN,
        M_("这条登记已经撤销或撤回过。"),
    )
    require(ballot.checked_at is None, M_("这张票已经核对过身份，不能再撤销收回登记。"))
    _end(ballot, BallotState.VOIDED, reason, M_("请写明撤销的原因。"))
    text = M_("撤销收回登记：表决票第 %(n)d 号", n=ballot.serial)
    tell(actor, now, vote, "ballot.undone", text)
    return ballot


def withdraw(actor: User, now: datetime, ballot_id: int, *, reason: str) -> Ballot:
    """Give a ballot back to its voter's will before the close; it is kept and does not count.

    ``reason``: the written request it rests on. What the voter sent online before goes with it;
    the voter may then get a spare, or vote online again. A co-owner's ballot that was merged with
    it stands alone from now on. Raises Refusal after
    the close and for a ballot that does not stand, FieldRefusal without a reason.
    """
    vote, ballot = _held(actor, ballot_id)
    require(
        vote.state is VoteState.OPEN and now < vote.ends_at,
        M_("截止之后不能再撤回表决票。"),
    )
    require(ballot.channel is Channel.PAPER, M_("线上票不能在这里撤回。"))
    require(
        ballot.state is BallotState.RETURNED or ballot.state in COUNTABLE_STATES,
        M_("这张票%(state)s，不能撤回。", state=ballot.state),
    )
    _end(ballot, BallotState.WITHDRAWN, reason, M_("请写明本人书面申请的日期或编号。"))
    standing_services.follow_withdrawal(vote, ballot)
    text = M_("本人撤回表决票第 %(n)d 号", n=ballot.serial)
    tell(actor, now, vote, "ballot.withdrawn", text)
    return ballot


def _held(actor: User, ballot_id: int) -> tuple[Vote, Ballot]:
    """A ballot of a vote that takes papers, held with its voter and as the database has it."""
    ballot = queries.ballot(actor, ballot_id)
    vote = taking(actor, ballot.vote_id)
    locked_entry(ballot.roll_entry_id)
    db.session.refresh(ballot, ["state", "checked_at"])
    return vote, ballot


def _end(ballot: Ballot, state: BallotState, reason: str, wanted: Message) -> None:
    if not reason.strip():
        raise FieldRefusal("reason", wanted)
    ballot.state, ballot.correction_reason = state, reason.strip()
    db.session.flush()


def taking(actor: User, vote_id: int) -> Vote:
    """A vote to which papers may still come in, held together with others who record.

    Papers found in a box after the close are received too, with the time at which they came.
    """
    vote = votes.locked_vote(actor, vote_id, shared=True)
    require_running(vote.project)
    require(
        vote.state in (VoteState.OPEN, VoteState.COUNTING),
        M_("表决%(state)s，不能登记收回的表决票。", state=vote.state),
    )
    return vote


_HELD = (
    sa.select(RollEntry)
    .where(RollEntry.id == sa.bindparam("entry"))
    .with_for_update()
    .execution_options(populate_existing=True)
)


def locked_entry(entry_id: int) -> RollEntry:
    """A voter of the roll, held so that one at a time records for them."""
    return db.session.scalars(_HELD, {"entry": entry_id}).one()


def _state(
    vote: Vote, now: datetime, paper: Paper, received_at: datetime
) -> tuple[BallotState, RejectReason | None]:
    # Times are entered by the minute; the vote may have opened within that minute.
    opened = (vote.opened_at or vote.opens_at).replace(second=0, microsecond=0)
    if received_at < opened:
        raise FieldRefusal("received_at", M_("收到时间早于开始投票的时间。"))
    if received_at > now:
        raise FieldRefusal("received_at", M_("收到时间还没有到。"))
    if paper.state is PaperState.SPOILT:
        return BallotState.REJECTED, RejectReason.VOID_PAPER
    # A vote may close before its time, once every ballot is in.
    if received_at > min(vote.ends_at, vote.closed_at or vote.ends_at):
        return BallotState.LATE, None
    return BallotState.RETURNED, None


def _unknown(vote: Vote, text: str) -> Message:
    """Why there is no such paper."""
    if paper_queries.belongs_elsewhere(vote, text):
        return M_("这张票是另一次表决的。")
    if paper_queries.serial_of(text) is None and read_code(half_width(text)) is None:
        return M_("编码不完整或有一位不对，请重新扫码，或输入票号。")
    return M_("没有这张票，请核对编号或重新扫码。")


def _box(vote: Vote, number: int | None, received_at: datetime) -> Box | None:
    """The box a paper was in; it was closed and sealed when the paper came."""
    if number is None:
        return None
    found = paper_queries.box(vote.id, number)
    if found is None:
        raise FieldRefusal("box", M_("没有这个票箱。"))
    # Times are entered by the minute; the box may have been sealed within that minute.
    if received_at < found.sealed_at.replace(second=0, microsecond=0):
        raise FieldRefusal("box", M_("第 %(n)d 号票箱那时还没有封箱。", n=number))
    if found.opened_at is not None and received_at > found.opened_at:
        raise FieldRefusal("box", M_("第 %(n)d 号票箱已经开箱，不能再投入表决票。", n=number))
    return found


def find_entry(vote: Vote, text: str) -> RollEntry:
    """The voter of a serial, a code or a room; raises FieldRefusal when it is not one."""
    entry = paper_queries.find_voter(vote.id, text)
    if entry is None:
        raise FieldRefusal(
            "serial", M_("名册上没有这个票号或房号。房号请写成 3-101 或 3号楼101室。")
        )
    return entry
