"""The course of a vote: prepared, frozen, open, closed, announced; or cancelled."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm.attributes import flag_modified

from tracker.accounts.models import User
from tracker.accounts.rules import Permission
from tracker.anthology.rules import StageKind
from tracker.audit.services import record
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, Reason, Refusal, Stale, require
from tracker.kernel.words import M_, Message
from tracker.meetings.services import put_on_ballot, take_off_ballot
from tracker.places.models import Building
from tracker.projects.models import Project, Stage
from tracker.projects.queries import stage_for
from tracker.projects.services import require_running
from tracker.votes import counting, queries, roll_queries
from tracker.votes.figures import to_figures
from tracker.votes.models import MotionResult, RollEntry, RollUnit, Vote, VoteMotion
from tracker.votes.recording import correct_ballot, record_ballot
from tracker.votes.roll import NewEntry, make_roll
from tracker.votes.rules import InvalidPolicy, Outcome, Rule
from tracker.votes.sealing import seal
from tracker.votes.verdict import decide, invalid_policy_matters
from tracker.votes.words import OBJECTION_DAYS, RUNNING_STATES, VoteState

__all__ = [
    "announce",
    "cancel",
    "close",
    "correct_ballot",
    "edit",
    "freeze",
    "open_vote",
    "prepare",
    "record_ballot",
]


@dataclass(frozen=True)
class Draft:
    """What can be changed until the roll is frozen.

    ``motion_ids``: motions worded in this round, in their order on the ballot. ``building_id``
    narrows the roll to one building, None is the whole compound.
    """

    title: str
    motion_ids: Sequence[int]
    rule_id: str
    rule_reason: str
    invalid_policy: InvalidPolicy
    opens_at: datetime
    closes_at: datetime
    building_id: int | None = None


def prepare(
    actor: User,
    now: datetime,
    project: Project,
    *,
    title: str,
    motion_ids: Sequence[int],
    rule_id: str,
    rule_reason: str,
    invalid_policy: InvalidPolicy,
    opens_at: datetime,
    closes_at: datetime,
    building_id: int | None = None,
) -> Vote:
    """Draft the vote of the project's open vote stage; the arguments are those of ``Draft``.

    Silence never counts here. Raises Refusal when the stage is not open or already has a vote,
    FieldRefusal for a field that cannot stand.
    """
    require_running(project)
    stage = _open_stage(project)
    existing = queries.vote_of(stage.id, stage.round)
    if existing is not None:
        text = M_("这一轮已经有一次表决「%(title)s」。", title=existing.title)
        raise Refusal(Reason(text, "votes.show", (("vote_id", existing.id),)))
    vote = Vote(
        committee_id=project.committee_id,
        project=project,
        stage=stage,
        round=stage.round,
        created_by=actor.id,
        created_at=now,
    )
    _fill(
        vote,
        now,
        Draft(
            title,
            motion_ids,
            rule_id,
            rule_reason,
            invalid_policy,
            opens_at,
            closes_at,
            building_id,
        ),
    )
    db.session.add(vote)
    db.session.flush()
    _tell(actor, now, vote, "vote.prepared", M_("准备表决「%(title)s」", title=title))
    return vote


def edit(actor: User, now: datetime, vote_id: int, draft: Draft, *, version: int) -> Vote:
    """Change a vote that is not frozen. Raises as ``prepare``, and Stale."""
    vote = _writable(actor, vote_id)
    require(vote.state is VoteState.DRAFT, M_("名册冻结后，事项、规则和计票办法都不能再改。"))
    if vote.version != version:
        raise Stale
    _fill(vote, now, draft)
    # Motions stand in a table of their own: without this their change would leave the version.
    flag_modified(vote, "title")
    db.session.flush()
    _tell(actor, now, vote, "vote.edited", M_("修改表决「%(title)s」", title=draft.title))
    return vote


def _fill(vote: Vote, now: datetime, draft: Draft) -> None:
    worded = {motion.id: motion for motion in queries.worded_motions(vote.project)}
    chosen = [worded[i] for i in dict.fromkeys(draft.motion_ids) if i in worded]
    building = _building(vote.project, draft.building_id)
    rule = queries.OFFERED_RULES.get(draft.rule_id)
    if not chosen or len(chosen) < len(set(draft.motion_ids)):
        raise FieldRefusal("motion_ids", M_("请从本轮写好的表决事项中至少选一项。"))
    if rule is None:
        raise FieldRefusal("rule_id", M_("请选择一条已录入条文的规则。"))
    if not draft.rule_reason.strip():
        raise FieldRefusal("rule_reason", M_("请写明为什么适用这条规则。"))
    if draft.closes_at <= draft.opens_at:
        raise FieldRefusal("closes_at", M_("截止时间要晚于开始时间。"))
    if draft.closes_at <= now:
        raise FieldRefusal("closes_at", M_("截止时间已经过去。"))
    vote.title, vote.rule_reason = draft.title, draft.rule_reason.strip()
    vote.rule_id, vote.rule = rule.id, rule.to_dict()
    vote.invalid_policy = draft.invalid_policy
    vote.opens_at, vote.closes_at = draft.opens_at, draft.closes_at
    vote.building = building
    if vote.id is not None:
        # The old lines must be gone before new ones take their positions.
        vote.motions.clear()
        db.session.flush()
    vote.motions = [
        VoteMotion(
            committee_id=vote.committee_id,
            motion=motion,
            position=position,
            title=motion.title,
            text=motion.text,
        )
        for position, motion in enumerate(chosen, start=1)
    ]


def _building(project: Project, building_id: int | None) -> Building | None:
    if building_id is None:
        return None
    found = {b.id: b for b in queries.buildings_of(project.compound_id)}.get(building_id)
    if found is None:
        raise FieldRefusal("building_id", M_("请选择本小区的楼栋。"))
    return found


def cancel(actor: User, now: datetime, vote_id: int, *, reason: str) -> Vote:
    """Void a vote for good; what was recorded stays.

    A draft may be voided by whoever prepares votes, a frozen or open one only by who may
    close it. A counted vote stands, unless missing areas keep it from being decided: nobody
    voids a result because of what it says. Raises Refusal, FieldRefusal without a reason.
    """
    vote = _writable(actor, vote_id)
    held = any(r.outcome is Outcome.HOLD for r in queries.results(vote))
    if vote.state is not VoteState.DRAFT:
        require(
            vote.state in RUNNING_STATES or (vote.state is VoteState.CLOSED and held),
            M_("表决%(state)s，不能作废。", state=vote.state),
        )
        require(actor.may(Permission.CLOSE_VOTE), M_("名册冻结后，只有居委会主任可以作废表决。"))
    if not reason.strip():
        raise FieldRefusal("reason", M_("请写明作废的原因。"))
    if vote.roll_hash:
        elsewhere = queries.motions_on_other_ballots(vote)
        take_off_ballot(m.motion for m in vote.motions if m.motion_id not in elsewhere)
    vote.state, vote.cancel_reason = VoteState.CANCELLED, reason.strip()
    db.session.flush()
    _tell(actor, now, vote, "vote.cancelled", M_("作废表决「%(title)s」", title=vote.title))
    return vote


def freeze(
    actor: User,
    now: datetime,
    vote_id: int,
    *,
    version: int | None = None,
    persons: int | None = None,
) -> Vote:
    """Fix roll, motions, rule and policies under one hash; there is no way back.

    ``version`` and ``persons`` are what the confirming page showed; Stale when either has
    changed since. Raises Refusal with everything that is in the way.
    """
    vote = _writable(actor, vote_id)
    require(vote.state is VoteState.DRAFT, M_("名册已经冻结过了。"))
    if version is not None and vote.version != version:
        raise Stale
    preview = roll_queries.roll_preview(vote)
    if persons is not None and preview.persons != persons:
        raise Stale
    obstacles = freeze_obstacles(vote, preview, now)
    if obstacles:
        raise Refusal(*obstacles)
    put_on_ballot([motion.motion for motion in vote.motions], now)
    roll = make_roll(roll_queries.units_for_roll(vote), lambda: secrets.token_hex(8))
    vote.seal_key = secrets.token_hex(32)
    vote.roll_hash = seal(roll_queries.terms(vote), [entry.sealed for entry in roll], vote.seal_key)
    vote.state, vote.frozen_at, vote.frozen_by = VoteState.FROZEN, now, actor.id
    _write_roll(vote, roll)
    text = M_(
        "冻结表决名册：%(persons)d 人，指纹 %(code)s", persons=len(roll), code=vote.fingerprint
    )
    _tell(actor, now, vote, "vote.frozen", text)
    return vote


def freeze_obstacles(vote: Vote, preview: roll_queries.RollPreview, now: datetime) -> list[Reason]:
    """Everything that keeps a draft from being frozen, each with where it is mended."""
    obstacles = []
    edit_page = ("votes.edit", (("vote_id", vote.id),))
    if preview.units_without_person:
        text = M_("还有 %(n)d 套房没有表决权人，请先补齐。", n=preview.units_without_person)
        obstacles.append(Reason(text, "places.index"))
    if not preview.persons:
        obstacles.append(Reason(M_("名册是空的，请先录入房屋和表决权人。"), "places.index"))
    worded = {motion.id: motion for motion in queries.worded_motions(vote.project)}
    for line in vote.motions:
        motion = worded.get(line.motion_id)
        if motion is None or (motion.title, motion.text) != (line.title, line.text):
            text = M_("事项「%(title)s」已被改动或撤回，请重新选择。", title=line.title)
            obstacles.append(Reason(text, *edit_page))
    if vote.closes_at <= now:
        obstacles.append(Reason(M_("截止时间已经过去，请改期。"), *edit_page))
    return obstacles


def _write_roll(vote: Vote, roll: Iterable[NewEntry]) -> None:
    """Insert entries and their units in bulk: a compound may have ten thousand."""
    common = {"committee_id": vote.committee_id, "vote_id": vote.id}
    entries = {entry.sealed.serial: entry for entry in roll}
    rows = [
        {
            **common,
            "serial": serial,
            "person_code": entry.sealed.person,
            "name": entry.sealed.name,
            "area": entry.sealed.area,
            "building_id": entry.building_id,
        }
        for serial, entry in entries.items()
    ]
    insert = sa.insert(RollEntry).returning(RollEntry.id, RollEntry.serial)
    units = [
        {
            **common,
            "roll_entry_id": entry_id,
            "unit_id": unit.unit_id,
            "label": unit.label,
            "area": unit.area,
            "area_source": unit.source,
        }
        for entry_id, serial in db.session.execute(insert, rows)
        for unit in entries[serial].units
    ]
    db.session.execute(sa.insert(RollUnit), units)


def open_vote(actor: User, now: datetime, vote_id: int) -> Vote:
    """Begin taking ballots; not before the planned time, nor after the planned close."""
    vote = _writable(actor, vote_id)
    require(vote.state is VoteState.FROZEN, M_("只有冻结了名册的表决才能开始。"))
    require(now >= vote.opens_at, M_("还没有到公布的开始时间，请按时开始。"))
    require(now < vote.closes_at, M_("公布的截止时间已过，请作废后重新准备。"))
    vote.state, vote.opened_at = VoteState.OPEN, now
    _tell(actor, now, vote, "vote.opened", M_("开始表决「%(title)s」", title=vote.title))
    return vote


def close(actor: User, now: datetime, vote_id: int) -> Vote:
    """End the voting and count.

    Raises Refusal before the planned close while a ballot is still out, for somebody who
    recorded a ballot of this vote, and when the roll no longer matches its hash.
    """
    vote = _writable(actor, vote_id)
    require(vote.state is VoteState.OPEN, M_("只有投票中的表决才能截止。"))
    require(
        not queries.has_recorded(vote.id, actor.id),
        M_("您登记过这次表决的票，不能由您截止计票，请换一位负责人。"),
    )
    if now < vote.closes_at and not queries.turnout(vote).all_in:
        raise Refusal(M_("还没有到截止时间，也还有票没有收回。"))
    require(roll_is_whole(vote), M_("名册、事项或规则与冻结时的指纹不符，不能计票。"))
    verdicts = []
    rule = Rule.from_dict(vote.rule)
    for motion_id, counts in counting.count(vote).items():
        policies = (vote.invalid_policy, vote.nonresponse_policy)
        verdict = decide(rule, counts, *policies)
        matters = invalid_policy_matters(rule, counts, vote.nonresponse_policy)
        verdicts.append(verdict.outcome)
        db.session.add(
            MotionResult(
                committee_id=vote.committee_id,
                vote_id=vote.id,
                vote_motion_id=motion_id,
                outcome=verdict.outcome,
                figures=to_figures(counts, verdict, policy_matters=matters),
                counted_at=now,
            )
        )
    vote.state, vote.closed_at, vote.closed_by = VoteState.CLOSED, now, actor.id
    db.session.flush()
    text = M_(
        "截止表决并计票：共 %(total)d 项，通过 %(carried)d 项",
        total=len(verdicts),
        carried=verdicts.count(Outcome.CARRIED),
    )
    _tell(actor, now, vote, "vote.closed", text)
    return vote


def roll_is_whole(vote: Vote) -> bool:
    """Whether roll, motions, rule and policies still give the hash they were frozen with."""
    return (
        seal(roll_queries.terms(vote), roll_queries.sealed_roll(vote.id), vote.seal_key)
        == vote.roll_hash
    )


def announce(actor: User, now: datetime, vote_id: int) -> Vote:
    """Publish the result; from now on residents see it.

    Raises Refusal for a result that missing areas keep from being decided.
    """
    vote = _writable(actor, vote_id)
    require(vote.state is VoteState.CLOSED, M_("只有已截止、未公告的表决可以公告。"))
    undecided = [r for r in queries.results(vote) if r.outcome is Outcome.HOLD]
    require(not undecided, M_("有事项因面积缺失不能认定，结果不能公告。"))
    vote.state, vote.announced_at = VoteState.ANNOUNCED, now
    db.session.flush()
    text = M_(
        "公告表决结果，异议期至 %(day)s", day=clock.local_date(now) + timedelta(days=OBJECTION_DAYS)
    )
    _tell(actor, now, vote, "vote.announced", text)
    return vote


def _open_stage(project: Project) -> Stage:
    stage = stage_for(project, StageKind.VOTE)
    if stage is None:
        raise Refusal(M_("这个项目没有表决阶段。"))
    require(stage.is_open, M_("表决阶段还没有开始，或已经结束。"))
    return stage


def _writable(actor: User, vote_id: int) -> Vote:
    vote = queries.locked_vote(actor, vote_id)
    require_running(vote.project)
    return vote


def _tell(actor: User, now: datetime, vote: Vote, action: str, text: Message) -> None:
    record(
        action,
        text,
        actor_id=actor.id,
        now=now,
        committee_id=vote.committee_id,
        project_id=vote.project_id,
    )
