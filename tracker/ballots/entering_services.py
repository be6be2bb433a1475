"""Two independent entries of each ballot by two people, and a third person where they differ.

Nothing here tells a choice, says whether two readings agree, or writes either into the history.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from tracker.accounts.models import User
from tracker.ballots import entry_queries
from tracker.ballots.entry_queries import Reading
from tracker.ballots.marks import differing
from tracker.ballots.models import Ballot, BallotEntry
from tracker.ballots.reading_services import (
    Desk,
    Unreadable,
    counting,
    mark_field,
    numbered,
    read_keys,
    require_countable,
    require_marks,
    require_readable,
    take_up,
    write_choices,
    write_reading,
)
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, NotFound, Refusal, require
from tracker.kernel.words import M_, Message
from tracker.votes.models import Vote
from tracker.votes.services import tell


def enter(
    actor: User, now: datetime, vote_id: int, *, ballot_id: int, marks: Mapping[int, str]
) -> Reading:
    """Enter what a ballot says, as its first or second reader.

    ``marks`` by id of the vote's motions, one for each. The second reading never sees the first;
    when both agree the ballot is read. Raises Refusal before the close, for a ballot that does
    not count, was read twice, or was read by the same person; Unreadable for missing marks.
    """
    desk, ballot = _held(actor, vote_id, ballot_id)
    vote = desk.vote
    require_readable(ballot, desk.readings[ballot_id], actor)
    require_marks(vote, marks)
    made = _read(actor, now, desk, ballot, marks)
    tell(actor, now, vote, "ballot.entered", _said(ballot, made.number))
    return made


def enter_paper(
    actor: User, now: datetime, vote_id: int, *, paper: str, typed: Mapping[int, str]
) -> Ballot:
    """The same from the keyboard: ``paper`` is its serial or code, ``typed`` the keys by motion.

    Raises Refusal before the close, Unreadable with everything wrong about paper and keys.
    """
    vote = counting(actor, vote_id)
    marks, wrong = read_keys(vote, typed)
    try:
        entry_id, paper_id = numbered(vote, paper)
        desk = take_up(vote, [entry_id])
        ballot = desk.of_paper(paper_id)
        require_readable(ballot, desk.readings[ballot.id], actor)
    except Refusal as refusal:
        raise Unreadable({"paper": refusal.reasons[0].message, **wrong}) from refusal
    if wrong:
        raise Unreadable(wrong)
    made = _read(actor, now, desk, ballot, marks)
    tell(actor, now, vote, "ballot.entered", _said(ballot, made.number))
    return ballot


@dataclass(frozen=True)
class Batch:
    """What became of ballots entered together: those entered, and why the others were not."""

    entered: list[Ballot] = field(default_factory=list)
    wrong: dict[int, Refusal] = field(default_factory=dict)


def enter_batch(
    actor: User, now: datetime, vote_id: int, *, typed: Mapping[int, Mapping[int, str]]
) -> Batch:
    """Enter several ballots at once: ``typed`` keys by motion, by ballot.

    Each ballot stands for itself: one that cannot be entered stops no other. Raises Refusal
    before the close, NotFound for a ballot of another vote.
    """
    vote = counting(actor, vote_id)
    entries = entry_queries.entries_of(vote.id, list(typed))
    if set(entries) != set(typed):
        raise NotFound
    desk = take_up(vote, list(entries.values()))
    batch = Batch()
    for ballot_id, keys in typed.items():
        try:
            ballot = desk.of(ballot_id)
            marks, wrong = read_keys(vote, keys)
            require_readable(ballot, desk.readings[ballot_id], actor)
            if wrong:
                raise Unreadable(wrong)
        except Refusal as refusal:
            batch.wrong[ballot_id] = refusal
        else:
            _read(actor, now, desk, ballot, marks)
            batch.entered.append(ballot)
    if batch.entered:
        serials = "、".join(str(ballot.serial) for ballot in batch.entered)
        text = M_("录入表决票 %(n)d 张：第 %(serials)s 号", n=len(batch.entered), serials=serials)
        tell(actor, now, vote, "ballot.entered", text)
    return batch


def readable(actor: User, vote: Vote, paper: str) -> Ballot:
    """The ballot of a paper that this person may read now; nothing is held or written.

    Raises Refusal with the reason why not.
    """
    entry_id, paper_id = numbered(vote, paper)
    desk = Desk(vote, entry_queries.standing_ballots([entry_id]))
    ballot = desk.of_paper(paper_id)
    require_readable(ballot, desk.readings[ballot.id], actor)
    return ballot


def _read(
    actor: User, now: datetime, desk: Desk, ballot: Ballot, marks: Mapping[int, str]
) -> Reading:
    number = len(desk.readings[ballot.id]) + 1
    made = write_reading(actor, now, desk, ballot, number, marks)
    if number == 2:
        write_choices(desk, ballot.roll_entry_id)
    return made


def _said(ballot: Ballot, number: int) -> Message:
    return M_("录入表决票第 %(n)d 号（第 %(time)d 遍）", n=ballot.serial, time=number)


# ---- the third person ----


def settle(
    actor: User,
    now: datetime,
    vote_id: int,
    *,
    ballot_id: int,
    marks: Mapping[int, str],
    reason: str,
) -> Reading:
    """Settle, as a third person with the paper in hand, what two readings differ on.

    ``marks`` by id of the motions that differ; of the others, on which both agree, none is
    needed and no other one is taken. Raises Refusal unless they differ, or for one of the two
    readers; FieldRefusal without a reason; Unreadable for missing marks.
    """
    desk, ballot = _held(actor, vote_id, ballot_id)
    return _settle(actor, now, desk, ballot, marks, reason)


def settle_keys(
    actor: User,
    now: datetime,
    vote_id: int,
    *,
    ballot_id: int,
    typed: Mapping[int, str],
    reason: str,
) -> Ballot:
    """The same from the keyboard: ``typed`` keys by motion, of the motions that differ alone."""
    desk, ballot = _held(actor, vote_id, ballot_id)
    readings = desk.readings[ballot_id]
    asked = differing(readings[0].marks, readings[1].marks) if len(readings) == 2 else []
    marks, wrong = read_keys(desk.vote, typed)
    told = {
        mark_field(motion): wrong[mark_field(motion)] for motion in asked if motion not in marks
    }
    if told:
        raise Unreadable(told)
    given = {motion: marks[motion] for motion in asked}
    _settle(actor, now, desk, ballot, given, reason)
    return ballot


def _settle(
    actor: User,
    now: datetime,
    desk: Desk,
    ballot: Ballot,
    marks: Mapping[int, str],
    reason: str,
) -> Reading:
    require_countable(ballot)
    readings = desk.readings[ballot.id]
    require(len(readings) == 2, M_("这张票没有两遍不一致的录入。"))
    first, second = (reading.marks for reading in readings)
    open_motions = differing(first, second)
    require(bool(open_motions), M_("两遍录入一致，不需要裁定。"))
    _require_third(actor, desk, ballot)
    _require_reason(reason, M_("请写明裁定的理由。"))
    require_marks(desk.vote, {**first, **dict.fromkeys(open_motions, ""), **marks})
    wrong = {
        mark_field(motion): M_("这一项两遍录入一致；如果都录错了，请退回重录。")
        for motion, mark in marks.items()
        if motion not in open_motions and mark != first[motion]
    }
    if wrong:
        raise Unreadable(wrong)
    made = write_reading(actor, now, desk, ballot, 3, {**first, **marks}, reason.strip())
    write_choices(desk, ballot.roll_entry_id)
    text = M_("裁定表决票第 %(n)d 号的录入", n=ballot.serial)
    tell(actor, now, desk.vote, "ballot.settled", text)
    return made


def reopen(actor: User, now: datetime, vote_id: int, *, ballot_id: int, reason: str) -> Ballot:
    """Have a ballot read anew that was read or settled wrongly; the old readings stay on record.

    Raises Refusal for a ballot that was not read twice, or for one of its readers; FieldRefusal
    without a reason.
    """
    desk, ballot = _held(actor, vote_id, ballot_id)
    _reopen(actor, now, desk, ballot, reason)
    return ballot


def reopen_paper(actor: User, now: datetime, vote_id: int, *, paper: str, reason: str) -> Ballot:
    """The same by the paper's serial or code; FieldRefusal for one that cannot be read anew."""
    vote = counting(actor, vote_id)
    try:
        entry_id, paper_id = numbered(vote, paper)
        desk = take_up(vote, [entry_id])
        ballot = desk.of_paper(paper_id)
        _reopen(actor, now, desk, ballot, reason)
    except FieldRefusal:
        raise
    except Refusal as refusal:
        raise FieldRefusal("paper", refusal.reasons[0].message) from refusal
    return ballot


def _reopen(actor: User, now: datetime, desk: Desk, ballot: Ballot, reason: str) -> None:
    require_countable(ballot)
    require(len(desk.readings[ballot.id]) >= 2, M_("这张票还没有录满两遍。"))
    _require_third(actor, desk, ballot)
    _require_reason(reason, M_("请写明退回重录的原因。"))
    set_aside(desk, ballot, reason)
    text = M_("退回表决票第 %(n)d 号，重新录入", n=ballot.serial)
    tell(actor, now, desk.vote, "ballot.reopened", text)


def set_aside(desk: Desk, ballot: Ballot, reason: str) -> None:
    """Let the readings of a ballot stand no longer, and take away what was counted from them."""
    standing = sa.and_(
        BallotEntry.ballot_id == ballot.id,
        BallotEntry.count_number == desk.vote.count_number,
        ~BallotEntry.superseded,
    )
    # The third keeps its own reason; what is said here stands with the other two.
    kept = sa.case((BallotEntry.number == 3, BallotEntry.reason), else_=reason.strip())
    db.session.execute(
        sa.update(BallotEntry)
        .where(standing)
        .values(superseded=True, reason=kept)
        .execution_options(synchronize_session="fetch")
    )
    desk.readings[ballot.id].clear()
    write_choices(desk, ballot.roll_entry_id)


def _held(actor: User, vote_id: int, ballot_id: int) -> tuple[Desk, Ballot]:
    vote = counting(actor, vote_id)
    entries = entry_queries.entries_of(vote.id, [ballot_id])
    if not entries:
        raise NotFound
    desk = take_up(vote, entries.values())
    return desk, desk.of(ballot_id)


def _require_third(actor: User, desk: Desk, ballot: Ballot) -> None:
    require(
        all(reading.entered_by != actor.id for reading in desk.readings[ballot.id]),
        M_("您录过这张票，要由第三个人对照原票处理。"),
    )


def _require_reason(reason: str, missing: Message) -> None:
    if not reason.strip():
        raise FieldRefusal("reason", missing)
