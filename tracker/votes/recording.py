"""Recording the papers that come back, and correcting what was recorded.

Nothing here reads a choice, tells one, or writes one into the history.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from tracker.accounts.models import User
from tracker.audit.services import record
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, Reason, Refusal, require
from tracker.kernel.words import M_, Message
from tracker.projects.services import require_running
from tracker.votes import queries, roll_queries
from tracker.votes.models import Ballot, BallotChoice, RollEntry, Vote
from tracker.votes.rules import Choice
from tracker.votes.words import CURRENT_STATES, BallotState, RejectReason, VoteState

PAPER_CHOICES = (Choice.FOR, Choice.AGAINST, Choice.ABSTAIN, Choice.INVALID)
"""What a paper may say; following the majority needs a clause that is not kept here yet."""


def record_ballot(
    actor: User,
    now: datetime,
    vote_id: int,
    *,
    serial: int,
    choices: Mapping[int, Choice],
    received_at: datetime,
    rejected: RejectReason | None = None,
) -> Ballot:
    """Record one paper of an open vote.

    ``choices`` by id of the vote's motions, one for each; they are dropped unread for a paper
    that is ``rejected`` or arrived after the close, which is kept as rejected or late.
    Raises Refusal when the vote takes no ballots or this person's paper is recorded already,
    FieldRefusal for an unknown serial, a missing choice or an impossible time.
    """
    vote = _taking_ballots(actor, vote_id)
    entry = _entry(vote, serial)
    state = _state(vote, now, received_at, rejected)
    _require_single(entry, state)
    ballot = _ballot(actor, now, vote, entry, state, choices, received_at, rejected)
    _tell(actor, now, vote, "ballot.recorded", _recorded(state, serial))
    return ballot


def correct_ballot(
    actor: User,
    now: datetime,
    ballot_id: int,
    *,
    reason: str,
    choices: Mapping[int, Choice],
    received_at: datetime,
    rejected: RejectReason | None = None,
    void: bool = False,
) -> Ballot:
    """Replace what was recorded from a paper; the old record stays and is superseded.

    ``void``: the paper was recorded for the wrong person; nothing takes its place and the
    person counts as not having returned one. Raises as ``record_ballot``, and Refusal for a
    record that was corrected before.
    """
    old = queries.ballot(actor, ballot_id)
    vote = _taking_ballots(actor, old.vote_id)
    entry = _entry(vote, old.entry.serial)
    # Only under the lock of the entry is it certain that nobody corrects it at the same time.
    db.session.refresh(old, ["state"])
    require(old.state in CURRENT_STATES, M_("这条登记已经更正过，请更正最新的一条。"))
    if not reason.strip():
        raise FieldRefusal("reason", M_("请写明更正的原因。"))
    state = BallotState.VOIDED if void else _state(vote, now, received_at, rejected)
    old.state = BallotState.SUPERSEDED
    # The old one must step back before a new one may be the accepted one.
    db.session.flush()
    _require_single(entry, state)
    ballot = _ballot(
        actor,
        now,
        vote,
        entry,
        state,
        choices,
        received_at,
        None if void else rejected,
        supersedes_id=old.id,
        correction_reason=reason.strip(),
    )
    text = M_("更正了 1 张表决票的登记（第 %(serial)d 号）", serial=entry.serial)
    _tell(actor, now, vote, "ballot.corrected", text)
    return ballot


def _taking_ballots(actor: User, vote_id: int) -> Vote:
    vote = queries.locked_vote(actor, vote_id, shared=True)
    require_running(vote.project)
    require(
        vote.state not in (VoteState.DRAFT, VoteState.FROZEN),
        M_("表决还没有开始，不能登记表决票。"),
    )
    require(
        vote.state is VoteState.OPEN,
        M_("表决%(state)s，不能再登记或更正表决票；迟到的票请原样封存。", state=vote.state),
    )
    return vote


def _entry(vote: Vote, serial: int) -> RollEntry:
    entry = roll_queries.entry_numbered(vote.id, serial, lock=True)
    if entry is None:
        raise FieldRefusal("serial", M_("名册上没有第 %(serial)d 号。", serial=serial))
    return entry


def _state(
    vote: Vote, now: datetime, received_at: datetime, rejected: RejectReason | None
) -> BallotState:
    # Times are entered by the minute; the vote may have opened within that minute.
    opened = (vote.opened_at or vote.opens_at).replace(second=0, microsecond=0)
    if received_at < opened:
        raise FieldRefusal("received_at", M_("收到时间早于开始投票的时间。"))
    if received_at > now:
        raise FieldRefusal("received_at", M_("收到时间还没有到。"))
    if rejected is not None:
        return BallotState.REJECTED
    return BallotState.LATE if received_at > vote.closes_at else BallotState.ACCEPTED


def _require_single(entry: RollEntry, state: BallotState) -> None:
    """One accepted paper per person; and the same refused paper is not recorded twice."""
    standing = queries.current_ballots([entry.id]).get(entry.id, [])
    same = next((ballot for ballot in standing if ballot.state is state), None)
    if same is None:
        return
    text = M_(
        "第 %(serial)d 号已经登记过：%(state)s。要更改请去更正。", serial=entry.serial, state=state
    )
    raise Refusal(Reason(text, "votes.correct", (("ballot_id", same.id),)))


def _ballot(
    actor: User,
    now: datetime,
    vote: Vote,
    entry: RollEntry,
    state: BallotState,
    choices: Mapping[int, Choice],
    received_at: datetime,
    rejected: RejectReason | None,
    *,
    supersedes_id: int | None = None,
    correction_reason: str = "",
) -> Ballot:
    ballot = Ballot(
        committee_id=vote.committee_id,
        vote_id=vote.id,
        entry=entry,
        state=state,
        reject_reason=rejected,
        received_at=received_at,
        recorded_at=now,
        recorded_by=actor.id,
        supersedes_id=supersedes_id,
        correction_reason=correction_reason,
        choices=_choices(vote, choices) if state is BallotState.ACCEPTED else [],
    )
    db.session.add(ballot)
    db.session.flush()
    return ballot


def _choices(vote: Vote, choices: Mapping[int, Choice]) -> list[BallotChoice]:
    known = {motion.id for motion in vote.motions}
    require(set(choices) <= known, M_("表决票上没有这一事项。"))
    for motion in vote.motions:
        if choices.get(motion.id) not in PAPER_CHOICES:
            raise FieldRefusal(choice_field(motion.id), M_("请选择票面所填的意见。"))
    return [
        BallotChoice(committee_id=vote.committee_id, vote_motion_id=motion_id, choice=choice)
        for motion_id, choice in choices.items()
    ]


def choice_field(vote_motion_id: int) -> str:
    """The name of a motion's field in the form of a ballot."""
    return f"choice_{vote_motion_id}"


def _recorded(state: BallotState, serial: int) -> Message:
    if state is BallotState.ACCEPTED:
        return M_("登记了 1 张表决票（第 %(serial)d 号）", serial=serial)
    return M_(
        "登记了 1 张表决票（第 %(serial)d 号），%(state)s，不计票", serial=serial, state=state
    )


def _tell(actor: User, now: datetime, vote: Vote, action: str, text: Message) -> None:
    record(
        action,
        text,
        actor_id=actor.id,
        now=now,
        committee_id=vote.committee_id,
        project_id=vote.project_id,
    )
