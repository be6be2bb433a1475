"""Online ballots: passes are handed out after an identity check, and ballots come in by them.

A pass is a secret link for one voter, usable from the opening to the close. Choices are sealed as
they come in; nobody reads them before the close.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from tracker.accounts.models import User
from tracker.audit.services import record
from tracker.ballots import delivery_queries, online_queries, standing_services
from tracker.ballots.collecting_services import find_entry, locked_entry
from tracker.ballots.delivery_services import require_reach
from tracker.ballots.marks import is_mark
from tracker.ballots.models import Ballot
from tracker.ballots.paper_models import OnlinePass
from tracker.ballots.pass_codes import hashed, new_secret, read_secret
from tracker.ballots.receipts import online_receipt
from tracker.ballots.rules import BallotState, PassState
from tracker.ballots.seals import place, seal_marks
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, NotFound, Refusal, require
from tracker.kernel.vault import vault
from tracker.kernel.words import M_
from tracker.projects.rules import ProjectState
from tracker.projects.services import require_running
from tracker.votes import queries as votes
from tracker.votes.models import RollEntry, Vote
from tracker.votes.queries import rule_of
from tracker.votes.rules import Channel, Choice
from tracker.votes.services import tell
from tracker.votes.words import VoteState

MOST_CASTS = 20
"""Ballots of one voter: enough to change one's mind, too few to fill the database."""

LONGEST_NOTE = 200

_IDENTITY_NUMBER = re.compile(r"\d{15}")


class NotNow(Refusal):
    """A pass that cannot be used at present; ``state`` says why."""

    def __init__(self, state: PassState) -> None:
        self.state = state
        super().__init__(M_("%(state)s。", state=state))


def issue_pass(
    actor: User, now: datetime, vote_id: int, *, voter: str, told: str
) -> tuple[OnlinePass, str]:
    """Give a voter a new pass; a former one ends. Returns the pass and its secret, shown once.

    ``voter`` is a serial or a room; ``told`` what the identity was checked by. Raises Refusal
    when the vote takes no online ballots, FieldRefusal for an unknown voter, one of another
    leader's building, or without a note.
    """
    vote = votes.locked_vote(actor, vote_id, shared=True)
    require_running(vote.project)
    _require_passes(vote, now)
    entry = locked_entry(_voter(actor, vote, voter).id)
    note = told.strip()
    if not note or len(note) > LONGEST_NOTE:
        raise FieldRefusal("told", M_("请写明怎样核对的身份，最多 200 个字。"))
    if _IDENTITY_NUMBER.search(re.sub(r"[\s-]", "", note)):
        raise FieldRefusal("told", M_("不要登记证件号码，写明核对了什么证件即可。"))
    _end(online_queries.valid_pass(entry.id), now)
    secret = new_secret()
    made = OnlinePass(
        committee_id=vote.committee_id,
        vote_id=vote.id,
        roll_entry_id=entry.id,
        secret_hash=hashed(read_secret(secret) or ""),
        told=note,
        issued_at=now,
        issued_by=actor.id,
    )
    db.session.add(made)
    db.session.flush()
    tell(actor, now, vote, "pass.issued", M_("发给第 %(n)d 号线上投票凭证", n=entry.serial))
    return made, secret


def _voter(actor: User, vote: Vote, text: str) -> RollEntry:
    try:
        entry = find_entry(vote, text)
    except FieldRefusal as refusal:
        raise FieldRefusal("voter", refusal.reasons[0].message) from refusal
    if not delivery_queries.reaches(actor, entry):
        raise FieldRefusal("voter", M_("这一户不在您负责的楼栋。"))
    return entry


def end_pass(actor: User, now: datetime, pass_id: int) -> OnlinePass:
    """End a pass that was lost or is no longer wanted; what was voted by it stands.

    Raises NotFound for a foreign one or another leader's building, Refusal for one that has ended.
    """
    found = online_queries.pass_within_reach(actor, pass_id)
    require_reach(actor, found.entry)
    vote = votes.locked_vote(actor, found.vote_id, shared=True)
    require_running(vote.project)
    locked_entry(found.roll_entry_id)
    db.session.refresh(found, ["revoked_at"])
    require(found.revoked_at is None, M_("这个凭证已经停用了。"))
    _end(found, now)
    text = M_("停用第 %(n)d 号线上投票凭证", n=found.entry.serial)
    tell(actor, now, vote, "pass.ended", text)
    return found


def _end(found: OnlinePass | None, now: datetime) -> None:
    if found is not None:
        found.revoked_at = now
        db.session.flush()


def takes_passes(vote: Vote, now: datetime) -> bool:
    """Whether passes may be given out: from the freeze to the close."""
    going = vote.state in (VoteState.FROZEN, VoteState.OPEN)
    return vote.online and going and now <= vote.ends_at


def _require_passes(vote: Vote, now: datetime) -> None:
    require(vote.online, M_("这次表决不接受线上投票。"))
    require(
        vote.state in (VoteState.FROZEN, VoteState.OPEN),
        M_("表决%(state)s，不能发线上投票凭证。", state=vote.state),
    )
    require(takes_passes(vote, now), M_("投票已经截止，不能再发线上投票凭证。"))


def state_of(vote: Vote, found: OnlinePass, now: datetime) -> PassState:
    """Whether a pass can be used, and if not, why; arriving at the very close is in time."""
    if found.revoked_at is not None:
        return PassState.ENDED
    if vote.state is VoteState.CANCELLED:
        return PassState.CANCELLED
    if vote.state not in (VoteState.FROZEN, VoteState.OPEN) or now > vote.ends_at:
        return PassState.CLOSED
    if vote.state is VoteState.FROZEN:
        return PassState.EARLY
    if vote.project.state is not ProjectState.ACTIVE:
        return PassState.PAUSED
    if online_queries.paper_stands(found.roll_entry_id):
        return PassState.PAPER
    return PassState.USABLE


def known_pass(secret: str) -> tuple[Vote, OnlinePass]:
    """The vote and pass of a secret as it was followed or typed; raises NotFound."""
    code = read_secret(secret)
    vote = online_queries.vote_of_pass(hashed(code)) if code else None
    if code is None or vote is None:
        raise NotFound
    return vote, online_queries.held_pass(hashed(code))


def cast(now: datetime, secret: str, marks: Mapping[int, str]) -> Ballot:
    """Take a voter's ballot; it replaces an earlier online one.

    ``marks`` by id of the vote's motions, one for each. Raises NotFound for an unknown secret,
    NotNow when the pass cannot be used, Refusal for a mark that is none or one change too many.
    """
    vote, found = known_pass(secret)
    vote = online_queries.locked_vote(vote.id)
    entry = locked_entry(found.roll_entry_id)
    # Only now nobody closes the vote, ends the pass or accepts a paper meanwhile.
    found = online_queries.held_pass(found.secret_hash)
    state = state_of(vote, found, now)
    if state is not PassState.USABLE:
        raise NotNow(state)
    _require_marks(vote, marks)
    require(
        online_queries.online_sent(entry.id) < MOST_CASTS,
        M_("改投的次数太多了，以最后一次为准。要再改，请到居委会填纸质票。"),
    )
    ballot = Ballot(
        committee_id=vote.committee_id,
        vote_id=vote.id,
        entry=entry,
        channel=Channel.ONLINE,
        # Until it is arranged: the one before may still be the accepted one.
        state=BallotState.SUPERSEDED,
        received_at=now,
        recorded_at=now,
        receipt=online_receipt(vote.seal_key, vote.id, entry.serial),
    )
    db.session.add(ballot)
    db.session.flush()
    ballot.sealed = seal_marks(vault(), place(vote.id, entry.id, ballot.id), marks)
    found.first_used_at = found.first_used_at or now
    standing_services.arrange(vote, entry.id)
    record(
        "ballot.cast_online",
        M_("收到线上表决票第 %(n)d 号", n=entry.serial),
        actor_id=None,
        now=now,
        committee_id=vote.committee_id,
        project_id=vote.project_id,
    )
    return ballot


def _require_marks(vote: Vote, marks: Mapping[int, str]) -> None:
    method = rule_of(vote).method
    keys = {motion.id: [option["key"] for option in motion.options] for motion in vote.motions}
    require(set(marks) == set(keys), M_("请对每一项表示意见。"))
    for motion, mark in marks.items():
        sound = mark != Choice.INVALID and is_mark(mark, method, vote.choices, keys[motion])
        require(sound, M_("请对每一项表示意见。"))
