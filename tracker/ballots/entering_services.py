"""Reading choices off the ballots: two independent entries, and a third where they differ.

The only place that writes choices. Nothing here tells one or writes one into the history.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from tracker.accounts.models import User
from tracker.ballots import entry_queries, queries
from tracker.ballots.collecting_services import locked_entry
from tracker.ballots.marks import differing, is_mark, together
from tracker.ballots.models import Ballot, BallotChoice, BallotEntry, EntryMark
from tracker.ballots.rules import COUNTABLE_STATES, BallotState
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, Refusal, require
from tracker.kernel.words import M_, Message
from tracker.projects.services import require_running
from tracker.votes import queries as votes
from tracker.votes.models import Vote
from tracker.votes.queries import rule_of
from tracker.votes.services import tell
from tracker.votes.words import VoteState


def enter(
    actor: User, now: datetime, vote_id: int, *, ballot_id: int, marks: Mapping[int, str]
) -> BallotEntry:
    """Enter what a ballot says, as its first or second reader.

    ``marks`` by id of the vote's motions, one for each. The second reading never sees the first;
    when both agree the ballot is read. Raises Refusal before the close, for a ballot that does
    not count, was read twice, or was read by the same person; FieldRefusal for a missing mark.
    """
    vote = _counting(actor, vote_id)
    ballot = _countable(actor, vote, ballot_id)
    readings = entry_queries.readings(ballot.id, vote.count_number)
    require(
        all(reading.entered_by != actor.id for reading in readings),
        M_("这张票您已经录过，第二遍要由另一个人来录。"),
    )
    require(len(readings) < 2, M_("这张票两遍都录过了。"))
    made = _write(actor, now, vote, ballot, len(readings) + 1, marks)
    if len(readings) == 1:
        first = entry_queries.marks_of([readings[0].id])[readings[0].id]
        if not differing(first, marks):
            _settle(vote, ballot, marks)
    tell(actor, now, vote, "ballot.entered", _said(ballot, made.number))
    return made


def settle(
    actor: User,
    now: datetime,
    vote_id: int,
    *,
    ballot_id: int,
    marks: Mapping[int, str],
    reason: str,
) -> BallotEntry:
    """Settle, as a third person with the paper in hand, what two readings differ on.

    Raises Refusal unless they differ, or for one of the two readers; FieldRefusal without a
    reason.
    """
    vote = _counting(actor, vote_id)
    ballot = _countable(actor, vote, ballot_id)
    readings = entry_queries.readings(ballot.id, vote.count_number)
    require(len(readings) == 2, M_("这张票没有两遍不一致的录入。"))
    found = entry_queries.marks_of([reading.id for reading in readings])
    require(
        bool(differing(found[readings[0].id], found[readings[1].id])),
        M_("两遍录入一致，不需要裁定。"),
    )
    require(
        all(reading.entered_by != actor.id for reading in readings),
        M_("您录过这张票，不一致要由第三个人对照原票裁定。"),
    )
    if not reason.strip():
        raise FieldRefusal("reason", M_("请写明裁定的理由。"))
    made = _write(actor, now, vote, ballot, 3, marks, reason.strip())
    _settle(vote, ballot, marks)
    tell(
        actor, now, vote, "ballot.settled", M_("裁定表决票第 %(n)d 号的录入", n=ballot.entry.serial)
    )
    return made


def _counting(actor: User, vote_id: int) -> Vote:
    vote = votes.locked_vote(actor, vote_id, shared=True)
    require_running(vote.project)
    before = (VoteState.DRAFT, VoteState.FROZEN, VoteState.OPEN)
    require(vote.state not in before, M_("截止之前谁也不能读票上的意见，请截止后再录入。"))
    require(
        vote.state is VoteState.COUNTING,
        M_("表决%(state)s，不能再录入。", state=vote.state),
    )
    return vote


def _countable(actor: User, vote: Vote, ballot_id: int) -> Ballot:
    ballot = queries.ballot(actor, ballot_id)
    require(ballot.vote_id == vote.id, M_("这张票不属于这次表决。"))
    # One at a time for a voter, so that two readers are first and second, never both first.
    locked_entry(ballot.roll_entry_id)
    db.session.refresh(ballot, ["state"])
    if ballot.state is BallotState.RETURNED:
        raise Refusal(M_("这张票还没有核对身份，先核对再录入。"))
    require(
        ballot.state in COUNTABLE_STATES,
        M_("这张票%(state)s，不录入意见。", state=ballot.state),
    )
    require(not ballot.sealed, M_("线上票由系统开封，不用录入。"))
    return ballot


def _write(
    actor: User,
    now: datetime,
    vote: Vote,
    ballot: Ballot,
    number: int,
    marks: Mapping[int, str],
    reason: str = "",
) -> BallotEntry:
    _require_marks(vote, marks)
    made = BallotEntry(
        committee_id=vote.committee_id,
        vote_id=vote.id,
        ballot_id=ballot.id,
        count_number=vote.count_number,
        number=number,
        entered_by=actor.id,
        entered_at=now,
        reason=reason,
    )
    db.session.add(made)
    db.session.flush()
    rows = [
        {
            "committee_id": vote.committee_id,
            "entry_id": made.id,
            "vote_motion_id": motion,
            "mark": mark,
        }
        for motion, mark in marks.items()
    ]
    db.session.execute(sa.insert(EntryMark), rows)
    return made


def _require_marks(vote: Vote, marks: Mapping[int, str]) -> None:
    method = rule_of(vote).method
    known = {motion.id: [o["key"] for o in motion.options] for motion in vote.motions}
    require(set(marks) <= set(known), M_("表决票上没有这一事项。"))
    for motion, keys in known.items():
        if not is_mark(marks.get(motion, ""), method, vote.choices, keys):
            raise FieldRefusal(mark_field(motion), M_("请录入票面所填的意见。"))


def mark_field(vote_motion_id: int) -> str:
    """The name of a motion's field in the forms of entering."""
    return f"mark_{vote_motion_id}"


def _settle(vote: Vote, ballot: Ballot, marks: Mapping[int, str]) -> None:
    """Write what the ballot says; two co-owners' ballots are made one on the named voter's."""
    _choose(vote, ballot, marks)
    pair = entry_queries.co_owned(ballot.roll_entry_id)
    if pair is None:
        return
    main, second = pair
    settled = entry_queries.settled_marks([main.id, second.id], vote.count_number)
    if len(settled) == 2:
        _choose(vote, main, together(settled[main.id], settled[second.id]))


def _choose(vote: Vote, ballot: Ballot, marks: Mapping[int, str]) -> None:
    db.session.execute(sa.delete(BallotChoice).where(BallotChoice.ballot_id == ballot.id))
    rows = [
        {
            "committee_id": vote.committee_id,
            "ballot_id": ballot.id,
            "vote_motion_id": motion,
            "mark": mark,
        }
        for motion, mark in marks.items()
    ]
    db.session.execute(sa.insert(BallotChoice), rows)


def _said(ballot: Ballot, number: int) -> Message:
    return M_("录入表决票第 %(n)d 号（第 %(time)d 遍）", n=ballot.entry.serial, time=number)
