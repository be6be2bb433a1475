"""Objections to an announced result, the ruling on each, and counting again.

A recount leaves everything before it standing: the readings of the earlier count, its result and
its tally sheet. Only what the ballots were settled to say is read anew.
"""

from __future__ import annotations

import secrets
from datetime import date, datetime

import sqlalchemy as sa

from tracker.accounts.models import User
from tracker.ballots.models import Ballot, BallotChoice
from tracker.counts import queries
from tracker.counts.models import ResultObjection
from tracker.counts.rules import Ruling
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, require
from tracker.kernel.words import M_
from tracker.opinions.rules import RECEIPT_ALPHABET, RECEIPT_LENGTH
from tracker.projects.services import require_running
from tracker.votes.models import Vote
from tracker.votes.queries import locked_vote
from tracker.votes.rules import Channel
from tracker.votes.services import tell, writable
from tracker.votes.words import VoteState


def record_objection(
    actor: User, now: datetime, vote_id: int, *, received_on: date, text: str
) -> ResultObjection:
    """Take an objection to an announced result; its receipt is for whoever objects.

    One that comes after the objection period is recorded too, and shown as late. Raises Refusal
    before anything was announced, FieldRefusal for a day outside and for no text.
    """
    vote = locked_vote(actor, vote_id)
    announced = queries.announced_on(vote)
    require(bool(announced), M_("结果还没有公告，不能登记对结果的异议。"))
    if not announced[0] <= received_on <= clock.local_date(now):
        raise FieldRefusal("received_on", M_("收到日期要在公告之后，也不能是将来。"))
    if not text.strip():
        raise FieldRefusal("text", M_("请写明异议的内容。"))
    made = ResultObjection(
        committee_id=vote.committee_id,
        vote_id=vote.id,
        number=queries.objection_counts(vote.id)[0] + 1,
        receipt="".join(secrets.choice(RECEIPT_ALPHABET) for _ in range(RECEIPT_LENGTH)),
        received_on=received_on,
        text=text.strip(),
        recorded_by=actor.id,
    )
    db.session.add(made)
    db.session.flush()
    said = M_("登记对表决结果的第 %(n)d 条异议", n=made.number)
    tell(actor, now, vote, "result.objected", said)
    return made


def rule_on(
    actor: User, now: datetime, vote_id: int, number: int, *, ruling: Ruling, text: str
) -> ResultObjection:
    """Say what becomes of an objection; RECOUNT begins counting again.

    Raises Refusal for whoever certified the result, for one that was ruled on before, and for a
    recount of an archived vote; FieldRefusal without reasons.
    """
    vote = locked_vote(actor, vote_id)
    found = queries.objection(vote.id, number)
    require(found.ruling is None, M_("这条异议已经裁定过了。"))
    require(queries.certifier(vote) != actor.id, M_("结果由您确认，对它的异议要由另一个人裁定。"))
    if not text.strip():
        raise FieldRefusal("text", M_("请写明裁定的理由。"))
    found.ruling, found.ruling_text = ruling, text.strip()
    found.ruled_at, found.ruled_by = now, actor.id
    db.session.flush()
    said = M_("裁定对表决结果的第 %(n)d 条异议：%(ruling)s", n=number, ruling=ruling)
    tell(actor, now, vote, "result.ruled", said)
    # Another objection may have led to a recount already; then this one is heard in the same.
    if ruling is Ruling.RECOUNT and vote.state not in (VoteState.COUNTING, VoteState.CERTIFIED):
        require(
            vote.state is VoteState.ANNOUNCED,
            M_("表决%(state)s，票箱已封存，不能重新计票。", state=vote.state),
        )
        require_running(vote.project)
        _count_again(actor, now, vote)
    return found


def send_back(actor: User, now: datetime, vote_id: int, *, reason: str) -> Vote:
    """Have a certified result counted again before it is announced.

    Raises Refusal once it is announced: then only an objection leads back. FieldRefusal without
    a reason.
    """
    vote = writable(actor, vote_id)
    require(
        vote.state is VoteState.CERTIFIED,
        M_("只有已确认、未公告的结果可以退回重新计票；公告之后要有成立的异议。"),
    )
    if not reason.strip():
        raise FieldRefusal("reason", M_("请写明为什么重新计票。"))
    text = M_("退回计票结果：%(reason)s", reason=reason.strip())
    tell(actor, now, vote, "vote.sent_back", text)
    _count_again(actor, now, vote)
    return vote


def _count_again(actor: User, now: datetime, vote: Vote) -> None:
    """Back to counting: all papers are read anew by two people.

    Online ballots say what they say without anybody reading them, and stay.
    """
    papers = sa.select(Ballot.id).where(Ballot.vote_id == vote.id, Ballot.channel == Channel.PAPER)
    db.session.execute(
        sa.delete(BallotChoice)
        .where(BallotChoice.ballot_id.in_(papers))
        .execution_options(synchronize_session=False)
    )
    vote.count_number += 1
    vote.state = VoteState.COUNTING
    vote.certified_at = vote.certified_by = None
    vote.announced_at = vote.announced_by = None
    db.session.flush()
    text = M_("开始第 %(n)d 次计票，全部纸质票重新录入", n=vote.count_number)
    tell(actor, now, vote, "vote.recount", text)
