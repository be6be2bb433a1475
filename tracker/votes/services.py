"""Preparing a vote: what is asked, of whom, by which rule.

Its files and the objections to its roll are in ``check_services``; freezing, opening, extending
and cancelling in ``course_services``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm.attributes import flag_modified

from tracker.accounts.models import User
from tracker.anthology.rules import StageKind
from tracker.audit.services import record
from tracker.kernel.clock import local_date
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, Reason, Refusal, Stale, require
from tracker.kernel.words import M_, Message
from tracker.places.models import Building, Compound, Entrance
from tracker.projects.models import Project, Stage
from tracker.projects.queries import stage_for
from tracker.projects.services import require_running
from tracker.votes import queries, rule_queries
from tracker.votes.models import Vote, VoteMotion
from tracker.votes.rules import (
    Basis,
    Choice,
    InvalidPolicy,
    NonResponsePolicy,
    Rule,
)
from tracker.votes.words import PUBLIC_STATES, VoteState

USUAL_CHOICES = (Choice.FOR, Choice.AGAINST, Choice.ABSTAIN)
"""The answers printed on a ballot unless somebody leaves one out; 反对 is always asked for."""


@dataclass(frozen=True)
class Scope:
    """Whose owners vote: a compound, one of its buildings, or one entrance of a building."""

    compound_id: int
    building_id: int | None = None
    entrance_id: int | None = None

    @property
    def key(self) -> str:
        """What two votes on the same roll have in common."""
        if self.entrance_id is not None:
            return f"entrance:{self.entrance_id}"
        if self.building_id is not None:
            return f"building:{self.building_id}"
        return f"compound:{self.compound_id}"


@dataclass(frozen=True)
class Draft:
    """What can be changed until the roll is frozen.

    ``motion_ids``: motions worded in this round, in their order on the ballot. ``scope`` None is
    the project's compound. ``basis`` None is what the rule counts by. ``options``: those of a
    poll by motion id, as people read them. ``after_id``: the vote that must carry first.
    """

    title: str
    motion_ids: Sequence[int]
    rule_id: str
    rule_reason: str
    invalid_policy: InvalidPolicy
    opens_at: datetime
    closes_at: datetime
    scope: Scope | None = None
    basis: Basis | None = None
    choices: Sequence[Choice] = USUAL_CHOICES
    options: Mapping[int, Sequence[str]] = field(default_factory=dict)
    nonresponse_policy: NonResponsePolicy = NonResponsePolicy.NONE
    policy_clause: str = ""
    notice_id: int | None = None
    after_id: int | None = None
    runoff_of_id: int | None = None
    online: bool = False
    identity_note: str = ""
    extension_condition: str = ""
    extension_days: int = 0


def prepare(actor: User, now: datetime, project: Project, draft: Draft) -> Vote:
    """Draft a vote of the project's open vote stage.

    Raises Refusal when the stage is not open or the same roll already has a vote in it,
    FieldRefusal for a field that cannot stand.
    """
    require_running(project)
    stage = _open_stage(project)
    vote = Vote(
        committee_id=project.committee_id,
        project=project,
        stage=stage,
        round=stage.round,
        created_by=actor.id,
        created_at=now,
    )
    _fill(actor, vote, now, draft)
    _require_single(vote)
    db.session.add(vote)
    db.session.flush()
    tell(actor, now, vote, "vote.prepared", M_("准备表决「%(title)s」", title=vote.title))
    return vote


def edit(actor: User, now: datetime, vote_id: int, draft: Draft, *, version: int) -> Vote:
    """Change a vote that is not frozen; its rule is to be confirmed anew.

    Raises as ``prepare``, and Stale.
    """
    vote = drafted(actor, vote_id)
    if vote.version != version:
        raise Stale
    _fill(actor, vote, now, draft)
    _require_single(vote)
    # Motions stand in a table of their own: without this their change would leave the version.
    flag_modified(vote, "title")
    db.session.flush()
    tell(actor, now, vote, "vote.edited", M_("修改表决「%(title)s」", title=draft.title))
    return vote


def confirm_rule(actor: User, now: datetime, vote_id: int, *, version: int) -> Vote:
    """Agree, as a second person, that the rule chosen is the right one.

    A roll that one person froze alone, as the first release allowed, waits for this too. Raises
    Refusal for whoever chose it, Stale when the vote has changed since it was shown.
    """
    vote = writable(actor, vote_id)
    require(
        vote.state in (VoteState.DRAFT, VoteState.FROZEN),
        M_("表决%(state)s，规则不能再确认。", state=vote.state),
    )
    if vote.version != version:
        raise Stale
    require(vote.rule_confirmed_by is None, M_("规则已经确认过了。"))
    require(vote.rule_chosen_by != actor.id, M_("规则由您选定，请另一位负责人确认。"))
    vote.rule_confirmed_by, vote.rule_confirmed_at = actor.id, now
    db.session.flush()
    rule = queries.rule_of(vote)
    tell(
        actor, now, vote, "vote.rule_confirmed", M_("确认适用规则「%(rule)s」", rule=M_(rule.title))
    )
    return vote


def drafted(actor: User, vote_id: int) -> Vote:
    """A vote that can still be changed, held for the transaction; raises Refusal for any other."""
    vote = writable(actor, vote_id)
    require(vote.state is VoteState.DRAFT, M_("名册冻结后，事项、规则和计票办法都不能再改。"))
    return vote


def writable(actor: User, vote_id: int) -> Vote:
    """A vote of a running project, held for the transaction."""
    vote = queries.locked_vote(actor, vote_id)
    require_running(vote.project)
    return vote


def tell(actor: User, now: datetime, vote: Vote, action: str, text: Message) -> None:
    """Write what happened to a vote into the history of its project."""
    record(
        action,
        text,
        actor_id=actor.id,
        now=now,
        committee_id=vote.committee_id,
        project_id=vote.project_id,
    )


# ---- filling in a draft ----


def _fill(actor: User, vote: Vote, now: datetime, draft: Draft) -> None:
    rule = _rule(vote.project, draft)
    _check_times(draft, now)
    _check_policies(draft, rule)
    _place(vote, draft)
    vote.title = draft.title
    if vote.id is None or (vote.rule_id, vote.rule_reason) != (rule.id, draft.rule_reason.strip()):
        vote.rule_chosen_by = actor.id
    vote.rule_confirmed_by = vote.rule_confirmed_at = None
    vote.rule_id, vote.rule, vote.rule_reason = rule.id, rule.to_dict(), draft.rule_reason.strip()
    vote.basis = draft.basis or rule.basis
    vote.choices = [] if rule.is_poll else [choice.value for choice in draft.choices]
    vote.invalid_policy, vote.nonresponse_policy = draft.invalid_policy, draft.nonresponse_policy
    vote.policy_clause = draft.policy_clause.strip()
    vote.opens_at, vote.closes_at = draft.opens_at, draft.closes_at
    vote.online, vote.identity_note = draft.online, draft.identity_note.strip()
    vote.extension_condition = draft.extension_condition.strip()
    vote.extension_days = draft.extension_days
    vote.notice_id = _notice(vote.project, draft.notice_id)
    _set_motions(vote, draft, rule)


def _rule(project: Project, draft: Draft) -> Rule:
    subdistrict = project.committee.subdistrict_id
    rule = rule_queries.offered(subdistrict, local_date(draft.closes_at)).get(draft.rule_id)
    if rule is None:
        raise FieldRefusal("rule_id", M_("请选择一条已录入条文、在表决之日有效的规则。"))
    if not draft.rule_reason.strip():
        raise FieldRefusal("rule_reason", M_("请写明为什么适用这条规则。"))
    return rule


def _check_times(draft: Draft, now: datetime) -> None:
    if draft.closes_at <= draft.opens_at:
        raise FieldRefusal("closes_at", M_("截止时间要晚于开始时间。"))
    if draft.closes_at <= now:
        raise FieldRefusal("closes_at", M_("截止时间已经过去。"))
    if draft.extension_days < 0 or draft.extension_days > 60:
        raise FieldRefusal("extension_days", M_("最多延长 60 天。"))
    if bool(draft.extension_days) != bool(draft.extension_condition.strip()):
        raise FieldRefusal("extension_condition", M_("延长的条件和天数要一起公布。"))


def _check_policies(draft: Draft, rule: Rule) -> None:
    counts_silence = draft.nonresponse_policy is not NonResponsePolicy.NONE
    if counts_silence and (rule.milestones or rule.is_poll):
        raise FieldRefusal("nonresponse_policy", M_("签约和意向征询中，没有答复的一律不计。"))
    if counts_silence and not draft.policy_clause.strip():
        raise FieldRefusal("policy_clause", M_("把未投票的计入，须写明议事规则的条款。"))
    follows = Choice.FOLLOW in draft.choices
    if follows and not draft.policy_clause.strip():
        raise FieldRefusal("policy_clause", M_("票面有“随多数”，须写明议事规则的条款。"))
    if draft.online and not draft.identity_note.strip():
        raise FieldRefusal("identity_note", M_("开放线上投票，须写明怎样核对身份。"))
    if not rule.is_poll and not draft.choices:
        raise FieldRefusal("choices", M_("票面至少要有同意和反对。"))
    if Choice.INVALID in draft.choices:
        raise FieldRefusal("choices", M_("“无效”不能印在票面上。"))


def _place(vote: Vote, draft: Draft) -> None:
    """Set whose vote it is, what it waits for, and of what it is the runoff."""
    project = vote.project
    scope = draft.scope or Scope(project.compound_id)
    compound = db.session.get(Compound, scope.compound_id)
    if compound is None or compound.committee_id != project.committee_id:
        raise FieldRefusal("scope", M_("请选择本居委会的小区。"))
    building = db.session.get(Building, scope.building_id) if scope.building_id else None
    entrance = db.session.get(Entrance, scope.entrance_id) if scope.entrance_id else None
    foreign = scope.building_id and (building is None or building.compound_id != compound.id)
    if foreign or (scope.entrance_id and (entrance is None or entrance.building != building)):
        raise FieldRefusal("scope", M_("请选择本小区的楼栋或门洞。"))
    others = {other.id: other for other in queries.first_tiers(project.id) if other is not vote}
    for name, wanted in (("after_id", draft.after_id), ("runoff_of_id", draft.runoff_of_id)):
        if wanted is not None and wanted not in others:
            raise FieldRefusal(name, M_("请选择本项目的另一次表决。"))
    if draft.after_id and _waits_for(others[draft.after_id], vote):
        raise FieldRefusal("after_id", M_("两次表决不能互相等待。"))
    vote.compound, vote.building, vote.entrance = compound, building, entrance
    vote.compound_id, vote.scope = compound.id, scope.key
    vote.after = others[draft.after_id] if draft.after_id else None
    vote.runoff_of_id = draft.runoff_of_id
    vote.ordinal = 1 + _turns_before(vote, others.get(draft.runoff_of_id or 0))


def _turns_before(vote: Vote, runoff_of: Vote | None) -> int:
    """How often the same roll was asked before in this round.

    Twice is once too often, except after a poll: its runoff, or the motion that decides.
    """
    if runoff_of is not None:
        return runoff_of.ordinal
    with db.session.no_autoflush:
        held = queries.standing_votes(vote.stage_id or vote.stage.id, vote.round)
    polls = (
        other.ordinal
        for other in held
        if other is not vote
        and other.scope == vote.scope
        and other.state in PUBLIC_STATES
        and queries.rule_of(other).is_poll
    )
    return max(polls, default=0)


def _waits_for(first: Vote, vote: Vote) -> bool:
    seen: Vote | None = first
    while seen is not None:
        if seen is vote:
            return True
        seen = seen.after
    return False


def _notice(project: Project, notice_id: int | None) -> int | None:
    if notice_id is not None and notice_id not in {
        notice.id for notice in queries.posted_notices(project.id)
    }:
        raise FieldRefusal("notice_id", M_("请选择本项目已张贴的公示。"))
    return notice_id


def _set_motions(vote: Vote, draft: Draft, rule: Rule) -> None:
    worded = {motion.id: motion for motion in queries.worded_motions(vote.project)}
    chosen = [worded[i] for i in dict.fromkeys(draft.motion_ids) if i in worded]
    if not chosen or len(chosen) < len(set(draft.motion_ids)):
        raise FieldRefusal("motion_ids", M_("请从本轮写好的表决事项中至少选一项。"))
    options = {
        motion.id: _options(motion.id, draft.options.get(motion.id, ()), rule) for motion in chosen
    }
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
            options=options[motion.id],
        )
        for position, motion in enumerate(chosen, start=1)
    ]


def _options(motion_id: int, labels: Sequence[str], rule: Rule) -> list[dict[str, str]]:
    """The options of a poll with their keys on the ballot, A, B, C …; none for a yes or no."""
    if not rule.is_poll:
        return []
    clean = [label.strip() for label in labels if label.strip()]
    if not 2 <= len(clean) <= 20 or len(set(clean)) < len(clean):
        raise FieldRefusal(f"options_{motion_id}", M_("请写 2 到 20 个不同的候选项，每行一个。"))
    return [{"key": chr(ord("A") + place), "label": label} for place, label in enumerate(clean)]


def _require_single(vote: Vote) -> None:
    with db.session.no_autoflush:
        for other in queries.standing_votes(vote.stage_id or vote.stage.id, vote.round):
            same = (other.scope, other.ordinal) == (vote.scope, vote.ordinal)
            if other is not vote and same:
                text = M_("这一轮已经有一次表决「%(title)s」。", title=other.title)
                raise Refusal(Reason(text, "counts.show", (("vote_id", other.id),)))


def _open_stage(project: Project) -> Stage:
    stage = stage_for(project, StageKind.VOTE)
    if stage is None:
        raise Refusal(M_("这个项目没有表决阶段。"))
    require(stage.is_open, M_("表决阶段还没有开始，或已经结束。"))
    return stage
