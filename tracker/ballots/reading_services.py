"""What reading a ballot needs: who holds it, what may be read, and how a reading is kept.

What ballots say is written here once they are read, by ``choice_services``; nothing tells it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from tracker.accounts.models import User
from tracker.ballots import choice_services, entry_queries
from tracker.ballots.entry_queries import Reading
from tracker.ballots.marks import is_mark, keys_of, mark_of, settled, together
from tracker.ballots.models import Ballot, BallotEntry, EntryMark
from tracker.ballots.rules import COUNTABLE_STATES, BallotState
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, Refusal, require
from tracker.kernel.words import M_, Message
from tracker.projects.services import require_running
from tracker.votes import queries as votes
from tracker.votes.models import Vote
from tracker.votes.queries import rule_of
from tracker.votes.rules import Channel
from tracker.votes.words import VoteState


class Unreadable(FieldRefusal):
    """Several fields of one ballot that cannot stand, each with its reason, all at once."""

    def __init__(self, fields: Mapping[str, Message]) -> None:
        self.fields = fields
        super().__init__(*next(iter(fields.items())))
        Refusal.__init__(self, *fields.values())


def counting(actor: User, vote_id: int) -> Vote:
    """A vote whose choices may be read, held together with all others who read them."""
    vote = votes.locked_vote(actor, vote_id, shared=True)
    require_running(vote.project)
    require_counting(vote)
    return vote


def require_counting(vote: Vote) -> None:
    """Refuse to read choices before the close, and after the count was certified."""
    before = (VoteState.DRAFT, VoteState.FROZEN, VoteState.OPEN)
    require(vote.state not in before, M_("截止之前谁也不能读票上的意见，请截止后再录入。"))
    require(
        vote.state is VoteState.COUNTING,
        M_("表决%(state)s，不能再录入。", state=vote.state),
    )


class Desk:
    """The standing ballots of some voters, with the readings of those that count."""

    def __init__(self, vote: Vote, ballots: Sequence[Ballot]) -> None:
        self.vote = vote
        self.ballots = {ballot.id: ballot for ballot in ballots}
        self.readings = entry_queries.readings(list(self.ballots), vote.count_number)

    def of(self, ballot_id: int) -> Ballot:
        """One of the ballots; raises Refusal for one that no longer stands."""
        found = self.ballots.get(ballot_id)
        if found is None:
            raise Refusal(M_("这张票的登记已更正，请刷新后再录。"))
        return found

    def of_paper(self, paper_id: int) -> Ballot:
        """The ballot of a paper; raises Refusal for a paper that has not come back."""
        for ballot in self.ballots.values():
            if ballot.paper_id == paper_id:
                return ballot
        raise Refusal(M_("这张票还没有登记收回。"))

    def countable_of(self, entry_id: int) -> list[Ballot]:
        """The ballots of one voter that count: one, or two of co-owners."""
        return [
            ballot
            for ballot in self.ballots.values()
            if ballot.roll_entry_id == entry_id and ballot.state in COUNTABLE_STATES
        ]


def take_up(vote: Vote, entry_ids: Iterable[int]) -> Desk:
    """Hold some voters and look at what came from them.

    One person at a time for a voter, so that two readers are first and second, never both first.
    """
    held = sorted(set(entry_ids))
    entry_queries.lock_entries(held)
    return Desk(vote, entry_queries.standing_ballots(held))


def numbered(vote: Vote, text: str) -> tuple[int, int]:
    """The voter and the paper that a serial or a code means."""
    found = entry_queries.find_paper(vote.id, text)
    if found is None:
        raise Refusal(M_("没有这张票，请核对编号或重新扫码。"))
    if found.roll_entry_id is None:
        raise Refusal(M_("第 %(n)d 号是备用票，没有发给任何人。", n=found.serial))
    return found.roll_entry_id, found.id


def require_readable(ballot: Ballot, readings: Sequence[Reading], actor: User) -> None:
    """Refuse a ballot that does not count, was read twice, or was read by this person."""
    require_countable(ballot)
    require(
        all(reading.entered_by != actor.id for reading in readings),
        M_("这张票您已经录过，第二遍要由另一个人来录。"),
    )
    require(len(readings) < 2, M_("这张票两遍都录过了。"))


def require_countable(ballot: Ballot) -> None:
    """Refuse a ballot whose choices are not to be read, or not by people."""
    require(ballot.state is not BallotState.RETURNED, M_("这张票还没有核对身份，先核对再录入。"))
    require(
        ballot.state in COUNTABLE_STATES,
        M_("这张票%(state)s，不录入意见。", state=ballot.state),
    )
    require(ballot.paper_id is not None, M_("线上票由系统开封，不用录入。"))


def read_keys(vote: Vote, typed: Mapping[int, str]) -> tuple[dict[int, str], dict[str, Message]]:
    """Marks by motion from the keys pressed, and what is wrong by field."""
    method = rule_of(vote).method
    marks: dict[int, str] = {}
    wrong: dict[str, Message] = {}
    for motion in vote.motions:
        pressed = typed.get(motion.id, "")
        mark = mark_of(pressed, method, keys_of(method, vote.choices, motion.options))
        if mark is not None:
            marks[motion.id] = mark
        elif pressed.strip():
            wrong[mark_field(motion.id)] = M_("没有这个键，请按表头所列的键。")
        else:
            wrong[mark_field(motion.id)] = M_("请录入票面所填的意见。")
    return marks, wrong


def require_marks(vote: Vote, marks: Mapping[int, str]) -> None:
    """Refuse marks unless they answer every motion as a ballot of this vote can."""
    method = rule_of(vote).method
    known = {motion.id: [o["key"] for o in motion.options] for motion in vote.motions}
    require(set(marks) <= set(known), M_("表决票上没有这一事项。"))
    wrong = {
        mark_field(motion): M_("请录入票面所填的意见。")
        for motion, keys in known.items()
        if not is_mark(marks.get(motion, ""), method, vote.choices, keys)
    }
    if wrong:
        raise Unreadable(wrong)


def mark_field(vote_motion_id: int) -> str:
    """The name of a motion's field in the forms of entering."""
    return f"mark_{vote_motion_id}"


# ---- writing ----


def write_reading(
    actor: User,
    now: datetime,
    desk: Desk,
    ballot: Ballot,
    number: int,
    marks: Mapping[int, str],
    reason: str = "",
) -> Reading:
    """Keep one reading with its marks; ``reason`` of the third."""
    vote = desk.vote
    # Rows, not objects: this is done for each paper twice while its voter is held.
    entry_id = db.session.scalars(
        sa.insert(BallotEntry).returning(BallotEntry.id),
        {
            "committee_id": vote.committee_id,
            "vote_id": vote.id,
            "ballot_id": ballot.id,
            "count_number": vote.count_number,
            "number": number,
            "entered_by": actor.id,
            "entered_at": now,
            "reason": reason,
            "superseded": False,
        },
    ).one()
    rows = [
        {
            "committee_id": vote.committee_id,
            "entry_id": entry_id,
            "vote_motion_id": motion,
            "mark": mark,
        }
        for motion, mark in marks.items()
    ]
    db.session.execute(sa.insert(EntryMark), rows)
    made = Reading(entry_id, ballot.id, number, actor.id, dict(marks))
    desk.readings[ballot.id].append(made)
    return made


def write_choices(desk: Desk, entry_id: int) -> None:
    """Write what a voter's ballots say, once all of them are read; until then nothing.

    Two co-owners' ballots are made one on the ballot that counts; where they differ on a motion
    it is invalid there.
    """
    ballots = desk.countable_of(entry_id)
    choice_services.forget([ballot.id for ballot in ballots])
    said = {ballot.id: _said(desk, ballot) for ballot in ballots}
    choices = {ballot_id: marks for ballot_id, marks in said.items() if marks is not None}
    if len(choices) < len(ballots):
        return
    if len(ballots) == 2:
        [main] = [ballot.id for ballot in ballots if ballot.state is BallotState.ACCEPTED]
        [other] = set(choices) - {main}
        choices[main] = together(choices[main], choices[other])
    choice_services.write(desk.vote, choices)


def _said(desk: Desk, ballot: Ballot) -> Mapping[int, str] | None:
    if ballot.channel is Channel.ONLINE:
        return choice_services.opened(desk.vote, ballot)
    return settled([reading.marks for reading in desk.readings[ballot.id]])
