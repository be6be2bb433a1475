"""From the draft to the open vote: frozen by two people, opened, extended, or cancelled."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from tracker.accounts.models import User
from tracker.accounts.rules import Permission
from tracker.kernel.bulk import insert_rows
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, Refusal, Stale, require
from tracker.kernel.words import M_
from tracker.meetings.services import put_on_ballot, take_off_ballot
from tracker.votes import lint, lint_queries, queries, roll_queries
from tracker.votes.models import Approval, RollEntry, RollUnit, Vote
from tracker.votes.roll import NewEntry, make_roll
from tracker.votes.sealing import digest, frozen_content, seal
from tracker.votes.services import drafted, tell, writable
from tracker.votes.words import RUNNING_STATES, TwoPersonStep, VoteState

CODE_BYTES = 8
"""Of the opaque code that stands for a voter; nobody can guess one."""


def propose_freeze(
    actor: User, now: datetime, vote_id: int, *, version: int, persons: int
) -> Approval:
    """Say, as the first of two people, that roll, motions, rule and policies are right.

    ``version`` and ``persons`` are what the confirming page showed; Stale when either has
    changed since. Raises Refusal with everything that is in the way.
    """
    vote = drafted(actor, vote_id)
    _require_proposing(actor)
    preview = roll_queries.roll_preview(vote)
    if (vote.version, preview.persons) != (version, persons):
        raise Stale
    _require_sound(vote, now)
    made = _propose(
        actor, now, vote, TwoPersonStep.FREEZE, draft_digest(vote), {"persons": persons}
    )
    tell(actor, now, vote, "vote.freeze_proposed", M_("提请冻结名册：%(n)d 人", n=persons))
    return made


def approve_freeze(
    actor: User, now: datetime, vote_id: int, *, proposal_id: int | None = None
) -> Vote:
    """Fix roll, motions, rule and policies under one hash; there is no way back.

    ``proposal_id``: the proposal that the page showed; Stale when another one waits by now.
    Raises Refusal with everything in the way, for whoever proposed it, and when anything has
    changed since it was proposed.
    """
    vote = drafted(actor, vote_id)
    proposal = _approvable(actor, vote, TwoPersonStep.FREEZE, proposal_id)
    _require_sound(vote, now)
    roll = _new_roll(vote)
    require(
        _draft_digest(vote, roll) == proposal.digest,
        M_("提请之后名册、事项或规则有改动，请核对后重新提请。"),
    )
    proposal.approved_by, proposal.approved_at = actor.id, now
    put_on_ballot([motion.motion for motion in vote.motions], now)
    vote.seal_key = secrets.token_hex(32)
    vote.roll_hash = seal(roll_queries.terms(vote), [entry.sealed for entry in roll], vote.seal_key)
    vote.state, vote.frozen_at, vote.frozen_by = VoteState.FROZEN, now, actor.id
    _write_roll(vote, roll)
    text = M_(
        "冻结表决名册：%(persons)d 人，指纹 %(code)s", persons=len(roll), code=vote.fingerprint
    )
    tell(actor, now, vote, "vote.frozen", text)
    return vote


def withdraw_proposal(actor: User, now: datetime, vote_id: int, step: TwoPersonStep) -> None:
    """Take back what waits for a second person: the proposer does, or who would approve.

    Raises Refusal when nothing waits.
    """
    vote = writable(actor, vote_id)
    require(
        actor.may(Permission.PREPARE_VOTE) or actor.may(Permission.APPROVE_VOTE),
        M_("提请由提请人撤回，或者由第二人退回。"),
    )
    proposal = queries.open_proposal(vote.id, step)
    if proposal is None:
        raise Refusal(M_("没有等待同意的提请。"))
    proposal.withdrawn_at = now
    db.session.flush()
    tell(actor, now, vote, "vote.proposal_withdrawn", M_("撤回提请：%(step)s", step=step))


def draft_digest(vote: Vote) -> str:
    """A hash of what would be frozen now, opaque codes of persons aside.

    It is compared with the one proposed, so that the second person approves what the first saw.
    """
    return _draft_digest(vote, _new_roll(vote))


def _draft_digest(vote: Vote, roll: Sequence[NewEntry]) -> str:
    content = frozen_content(roll_queries.terms(vote), (), "")
    content["roll"] = [(serial, *facts) for (serial, _code, *facts), _building, _units in roll]
    return digest(content)


def _new_roll(vote: Vote) -> list[NewEntry]:
    """The roll as the units are now, each voter with a new code."""
    units = roll_queries.units_for_roll(vote)
    # Drawn at once: the system is asked for randomness once, not once for each voter.
    drawn = secrets.token_hex(CODE_BYTES * len(units))
    size = 2 * CODE_BYTES
    codes = (drawn[place : place + size] for place in range(0, len(drawn), size))
    return make_roll(units, codes.__next__, vote.basis)


def _require_sound(vote: Vote, now: datetime) -> None:
    reasons = lint.musts(lint.findings(lint_queries.facts(vote, now)))
    if reasons:
        raise Refusal(*reasons)


def _propose(
    actor: User,
    now: datetime,
    vote: Vote,
    step: TwoPersonStep,
    digest_: str,
    details: dict[str, Any],
    reason: str = "",
) -> Approval:
    waiting = queries.open_proposal(vote.id, step)
    require(waiting is None, M_("已经提请过了，等另一个人同意。"))
    made = Approval(
        committee_id=vote.committee_id,
        vote_id=vote.id,
        step=step,
        digest=digest_,
        details=details,
        reason=reason,
        proposed_by=actor.id,
        proposed_at=now,
    )
    db.session.add(made)
    db.session.flush()
    return made


def _require_proposing(actor: User) -> None:
    require(actor.may(Permission.PREPARE_VOTE), M_("提请由准备表决的社工或主任作出。"))


def _approvable(
    actor: User, vote: Vote, step: TwoPersonStep, proposal_id: int | None = None
) -> Approval:
    require(actor.may(Permission.APPROVE_VOTE), M_("由居委会主任或街道作为第二人同意。"))
    proposal = queries.open_proposal(vote.id, step)
    if proposal is None:
        raise Refusal(M_("还没有人提请，或提请已被撤回。"))
    if proposal_id is not None and proposal.id != proposal_id:
        raise Stale
    require(proposal.proposed_by != actor.id, M_("您自己提请的，要由另一个人同意。"))
    return proposal


def _write_roll(vote: Vote, roll: Sequence[NewEntry]) -> None:
    """Insert entries and their units in bulk: a compound may have ten thousand."""
    common = vote.committee_id, vote.id
    of_entry = ("serial", "person_code", "name", "area", "building_id", "delivered")
    insert_rows(
        RollEntry,
        ("committee_id", "vote_id", *of_entry),
        [
            (*common, new.serial, new.person, new.name, new.area, building_id, False)
            for new, building_id, _units in roll
        ],
    )
    written = roll_queries.entry_ids(vote.id)
    of_unit = ("roll_entry_id", "unit_id", "label", "area", "area_source")
    insert_rows(
        RollUnit,
        ("committee_id", "vote_id", *of_unit),
        [
            (*common, written[new.serial], unit.unit_id, *sealed)
            for new, _building_id, units in roll
            for unit, sealed in zip(units, new.units, strict=True)
        ],
    )


def roll_is_whole(vote: Vote) -> bool:
    """Whether roll, motions, rule and policies still give the hash they were frozen with."""
    roll = roll_queries.sealed_roll(vote.id)
    now = seal(roll_queries.terms(vote), roll, vote.seal_key, vote.seal_format)
    return now == vote.roll_hash


# ---- missing areas supplied to a frozen roll ----


def propose_areas(
    actor: User, now: datetime, vote_id: int, *, areas: dict[int, tuple[int, str]], reason: str
) -> Approval:
    """Propose areas for units whose area was missing when the roll was frozen.

    ``areas``: (0.01 m², source) by id of the roll's unit. Nothing that stands is changed: an area
    that was known stays. Raises Refusal for any other unit, or without a reason.
    """
    vote = writable(actor, vote_id)
    _require_proposing(actor)
    _require_amendable(vote)
    if not reason.strip():
        raise FieldRefusal("reason", M_("请写明原因。"))
    missing = {unit.id for unit in roll_queries.units_without_area(vote.id)}
    require(bool(areas) and set(areas) <= missing, M_("只能补冻结时缺失的面积。"))
    require(
        all(area > 0 and source.strip() for area, source in areas.values()),
        M_("面积要大于 0，并写明来源。"),
    )
    details = {"areas": {str(i): [area, source.strip()] for i, (area, source) in areas.items()}}
    made = _propose(actor, now, vote, TwoPersonStep.AMEND, digest(details), details, reason.strip())
    tell(actor, now, vote, "roll.areas_proposed", M_("提请补录 %(n)d 套房的面积", n=len(areas)))
    return made


def approve_areas(
    actor: User, now: datetime, vote_id: int, *, proposal_id: int | None = None
) -> Vote:
    """Write the proposed areas into the roll and seal it anew; the hash before stays on record.

    ``proposal_id`` as for ``approve_freeze``.
    """
    vote = writable(actor, vote_id)
    _require_amendable(vote)
    proposal = _approvable(actor, vote, TwoPersonStep.AMEND, proposal_id)
    require(roll_is_whole(vote), M_("名册、事项或规则与冻结时的指纹不符。"))
    areas = {int(i): (area, source) for i, (area, source) in proposal.details["areas"].items()}
    for unit in roll_queries.units_without_area(vote.id):
        if unit.id in areas:
            unit.area, unit.area_source = areas[unit.id]
    db.session.flush()
    roll_queries.add_up_areas(vote.id)
    db.session.expire_all()
    proposal.details = proposal.details | {"roll_hash_before": vote.roll_hash}
    proposal.approved_by, proposal.approved_at = actor.id, now
    roll = roll_queries.sealed_roll(vote.id)
    vote.roll_hash = seal(roll_queries.terms(vote), roll, vote.seal_key, vote.seal_format)
    db.session.flush()
    text = M_("补录 %(n)d 套房的面积，名册新指纹 %(code)s", n=len(areas), code=vote.fingerprint)
    tell(actor, now, vote, "roll.areas_supplied", text)
    return vote


def _require_amendable(vote: Vote) -> None:
    require(vote.state in RUNNING_STATES, M_("表决%(state)s，名册不能再补。", state=vote.state))


# ---- opening, extending, cancelling ----


def open_vote(actor: User, now: datetime, vote_id: int, *, carried_first: bool) -> Vote:
    """Begin taking ballots; not before the planned time, nor after the planned close.

    ``carried_first``: whether every motion shared with the vote that goes before has carried
    there; a second tier does not open before (the 复旦 case: the compound, then the building).
    """
    vote = writable(actor, vote_id)
    require(vote.state is VoteState.FROZEN, M_("只有冻结了名册的表决才能开始。"))
    require(now >= vote.opens_at, M_("还没有到公布的开始时间，请按时开始。"))
    require(now < vote.closes_at, M_("公布的截止时间已过，请作废后重新准备。"))
    require(vote.after_id is None or carried_first, M_("先行的表决还没有通过，这一次不能开始。"))
    require(roll_is_whole(vote), M_("名册、事项或规则与冻结时的指纹不符，不能开始。"))
    _require_sound(vote, now)
    vote.state, vote.opened_at, vote.opened_by = VoteState.OPEN, now, actor.id
    db.session.flush()
    tell(actor, now, vote, "vote.opened", M_("开始表决「%(title)s」", title=vote.title))
    return vote


def propose_extension(actor: User, now: datetime, vote_id: int, *, reason: str) -> Approval:
    """Say, as the first of two people, that the published condition for extending is met.

    Raises Refusal when no condition was published, after the close, or when it was extended.
    """
    vote = writable(actor, vote_id)
    _require_proposing(actor)
    require_extendable(vote, now)
    if not reason.strip():
        raise FieldRefusal("reason", M_("请写明怎样符合公布的延长条件。"))
    until = vote.closes_at + timedelta(days=vote.extension_days)
    details = {"closes_at": vote.closes_at.isoformat(), "extended_to": until.isoformat()}
    made = _propose(
        actor, now, vote, TwoPersonStep.EXTEND, digest(details), details, reason.strip()
    )
    tell(actor, now, vote, "vote.extension_proposed", M_("提请延长投票时间"))
    return made


def approve_extension(
    actor: User, now: datetime, vote_id: int, *, proposal_id: int | None = None
) -> Vote:
    """Extend the voting by the published days. Raises as ``propose_extension``.

    ``proposal_id`` as for ``approve_freeze``.
    """
    vote = writable(actor, vote_id)
    proposal = _approvable(actor, vote, TwoPersonStep.EXTEND, proposal_id)
    require_extendable(vote, now)
    proposal.approved_by, proposal.approved_at = actor.id, now
    vote.extended_to = datetime.fromisoformat(proposal.details["extended_to"])
    db.session.flush()
    text = M_("延长投票时间 %(n)d 天", n=vote.extension_days)
    tell(actor, now, vote, "vote.extended", text)
    return vote


def require_extendable(vote: Vote, now: datetime) -> None:
    """Raise Refusal unless the vote may be extended: once, before the close, as published."""
    require(vote.state is VoteState.OPEN, M_("只有投票中的表决可以延长。"))
    require(bool(vote.extension_condition), M_("事先没有公布延长的条件，不能延长。"))
    require(vote.extended_to is None, M_("已经延长过一次。"))
    require(now < vote.closes_at, M_("截止时间已过，不能再延长。"))


def cancel(actor: User, now: datetime, vote_id: int, *, reason: str) -> Vote:
    """Void a vote for good; what was recorded stays.

    A draft may be voided by whoever prepares votes, a frozen or open one by who may close it;
    once ballots are being counted only the subdistrict may, so that nobody who has seen them
    voids a result because of what it says. A certified result stands, also while it is counted
    again. Raises Refusal, FieldRefusal without a reason.
    """
    vote = writable(actor, vote_id)
    require_may_cancel(actor, vote)
    if not reason.strip():
        raise FieldRefusal("reason", M_("请写明作废的原因。"))
    if vote.roll_hash:
        elsewhere = queries.motions_on_other_ballots(vote)
        take_off_ballot(m.motion for m in vote.motions if m.motion_id not in elsewhere)
    vote.state, vote.cancel_reason = VoteState.CANCELLED, reason.strip()
    db.session.flush()
    tell(actor, now, vote, "vote.cancelled", M_("作废表决「%(title)s」", title=vote.title))
    return vote


def require_may_cancel(actor: User, vote: Vote) -> None:
    """Raise Refusal unless this person may void the vote now; see ``cancel``."""
    if vote.state is not VoteState.DRAFT:
        require(vote.state in RUNNING_STATES, M_("表决%(state)s，不能作废。", state=vote.state))
    require(vote.count_number == 1, M_("结果确认过的表决只能重新计票，不能作废。"))
    needed, refused = {
        VoteState.DRAFT: (Permission.PREPARE_VOTE, M_("准备中的表决由社工或主任作废。")),
        VoteState.COUNTING: (Permission.OVERRIDE_GATE, M_("开始计票后，只有街道可以作废表决。")),
    }.get(vote.state, (Permission.CLOSE_VOTE, M_("名册冻结后，只有居委会主任可以作废表决。")))
    require(actor.may(needed), refused)
