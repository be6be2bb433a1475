"""Putting the papers of a vote away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from tracker.accounts.models import User
from tracker.counts import queries
from tracker.counts.models import Archive
from tracker.counts.rules import kept_at_least_until
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, Reason, Refusal, require
from tracker.kernel.words import M_
from tracker.votes.queries import locked_vote
from tracker.votes.services import tell
from tracker.votes.words import VoteState


@dataclass(frozen=True)
class Deposit:
    """What is put away, where, in whose care, and until when."""

    custodian: str
    place: str
    contents: str
    keep_until: date


def archive(actor: User, now: datetime, vote_id: int, deposit: Deposit) -> Archive:
    """Record that the sealed papers of an announced vote were put away; it is over.

    A project that has ended meanwhile does not matter. Raises Refusal before the objection period
    is over or while an objection has no ruling, FieldRefusal for anything missing and for papers
    kept too short.
    """
    vote = locked_vote(actor, vote_id)
    require(vote.state is not VoteState.ARCHIVED, M_("这次表决已经归档了。"))
    require(vote.state is VoteState.ANNOUNCED, M_("只有已公告的表决可以归档。"))
    until = queries.objections_until(vote)
    assert vote.announced_at is not None
    assert until is not None
    if clock.local_date(now) <= until:
        raise Refusal(M_("异议期到 %(day)s 为止，期满后才能归档。", day=until))
    waiting = queries.open_objections(vote.id)
    if waiting:
        text = M_("还有 %(n)d 条对结果的异议没有裁定，不能归档。", n=waiting)
        raise Refusal(Reason(text, "counts.objections", (("vote_id", vote.id),)))
    _check(deposit, kept_at_least_until(clock.local_date(vote.announced_at)))
    made = Archive(
        committee_id=vote.committee_id,
        vote_id=vote.id,
        custodian=deposit.custodian.strip(),
        place=deposit.place.strip(),
        contents=deposit.contents.strip(),
        keep_until=deposit.keep_until,
        archived_by=actor.id,
        archived_at=now,
    )
    db.session.add(made)
    vote.state = VoteState.ARCHIVED
    db.session.flush()
    text = M_("归档表决「%(title)s」，保管到 %(day)s", title=vote.title, day=made.keep_until)
    tell(actor, now, vote, "vote.archived", text)
    return made


def _check(deposit: Deposit, at_least: date) -> None:
    for name in ("custodian", "place", "contents"):
        if not getattr(deposit, name).strip():
            raise FieldRefusal(name, M_("请填写这一项。"))
    if deposit.keep_until < at_least:
        raise FieldRefusal("keep_until", M_("至少要保管到 %(day)s。", day=at_least))
