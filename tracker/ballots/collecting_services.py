"""Papers that come back: which, when, in which box. No choice is read."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from tracker.accounts.models import User
from tracker.ballots import paper_queries, queries
from tracker.ballots.models import Ballot
from tracker.ballots.paper_models import Box, Paper
from tracker.ballots.receipts import paper_receipt
from tracker.ballots.rules import BallotState, PaperState, RejectReason
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, require
from tracker.kernel.words import M_
from tracker.projects.services import require_running
from tracker.votes import queries as votes
from tracker.votes import roll_queries
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
    before, a spare that was given to nobody, or an impossible time.
    """
    vote = taking(actor, vote_id)
    found = paper_queries.find(vote.id, paper)
    if found is None:
        raise FieldRefusal("paper", M_("没有这张票，请核对编号或重新扫码。"))
    if found.roll_entry_id is None:
        raise FieldRefusal("paper", M_("第 %(n)d 号是备用票，没有发给任何人。", n=found.serial))
    # One at a time for a voter: only so is it certain that nobody receives the same paper.
    entry = locked_entry(found.roll_entry_id)
    if queries.current_of_paper(found.id) is not None:
        raise FieldRefusal("paper", M_("第 %(n)d 号已经登记过收回。", n=found.serial))
    state, reason = _state(vote, now, found, received_at)
    ballot = Ballot(
        committee_id=vote.committee_id,
        vote_id=vote.id,
        entry=entry,
        paper=found,
        box=_box(vote, box_number),
        channel=Channel.PAPER,
        second_owner=found.second_owner,
        state=state,
        reject_reason=reason,
        received_at=received_at,
        recorded_at=now,
        recorded_by=actor.id,
    )
    db.session.add(ballot)
    db.session.flush()
    ballot.receipt = paper_receipt(vote.seal_key, vote.id, ballot.id, entry.serial)
    db.session.flush()
    text = M_("收回表决票第 %(n)d 号", n=found.serial)
    if state is not BallotState.RETURNED:
        text = M_("收回表决票第 %(n)d 号，%(state)s，不计票", n=found.serial, state=state)
    tell(actor, now, vote, "ballot.received", text)
    return ballot


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


def locked_entry(entry_id: int) -> RollEntry:
    """A voter of the roll, held so that one at a time records for them."""
    query = sa.select(RollEntry).where(RollEntry.id == entry_id).with_for_update()
    return db.session.scalars(query).one()


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
    if received_at > vote.ends_at:
        return BallotState.LATE, None
    return BallotState.RETURNED, None


def _box(vote: Vote, number: int | None) -> Box | None:
    if number is None:
        return None
    found = db.session.scalar(sa.select(Box).where(Box.vote_id == vote.id, Box.number == number))
    if found is None:
        raise FieldRefusal("box", M_("没有这个票箱。"))
    return found


def find_entry(vote: Vote, text: str) -> RollEntry:
    """The voter of a serial or room; raises FieldRefusal when it is not one."""
    entry = roll_queries.find_entry(vote.id, text)
    if entry is None:
        raise FieldRefusal(
            "serial", M_("名册上没有这个票号或房号。房号请写成 3-101 或 3号楼101室。")
        )
    return entry
