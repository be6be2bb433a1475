"""Moving a project through its stages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from tracker.accounts.models import User
from tracker.audit.services import record
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, Reason, Refusal, Stale, require
from tracker.kernel.words import M_, Message, pack
from tracker.projects.models import Override, Pause, Project, Stage, StageRun
from tracker.projects.rules import (
    ENDED_STATES,
    Dates,
    Planned,
    ProjectState,
    RunOutcome,
    StageState,
    last_day,
    moved,
)
from tracker.projects.services import renew_checklist
from tracker.votes import queries as votes
from tracker.votes.words import SETTLED_STATES
from tracker.workdays.rules import Calendar
from tracker.workflow import queries
from tracker.workflow.rules import (
    NOT_CURRENT,
    NOT_RUNNING,
    PROJECT_STEPS,
    TRANSITIONS,
    WRONG_STATE,
    ProjectStep,
    Step,
    may_step,
    missing,
)


def _guard(stage: Stage, step: Step) -> None:
    """Refuse ``step`` with the reason that a person can act on."""
    running = stage.project.state is ProjectState.ACTIVE
    require(running, NOT_RUNNING)
    require(stage.state in TRANSITIONS[step].sources, WRONG_STATE)
    allowed = may_step(step, stage.state, is_current=queries.is_current(stage), running=running)
    require(allowed, NOT_CURRENT)


def _no_vote_left_behind(stages: Iterable[Stage]) -> None:
    """Refuse to leave stages whose vote is neither announced nor voided.

    A vote that outlived its stage would stand beside the next round's, and a result that
    was counted but never announced would quietly disappear.
    """
    left = _live_votes(stages)
    if left:
        raise Refusal(*left)


def _live_votes(stages: Iterable[Stage]) -> list[Reason]:
    """Votes that are neither announced nor voided, each with its page."""
    found = (vote for stage in stages for vote in votes.standing_votes(stage.id, stage.round))
    return [
        Reason(
            M_("请先公告或作废表决「%(title)s」", title=vote.title),
            "counts.show",
            (("vote_id", vote.id),),
        )
        for vote in found
        if vote.state not in SETTLED_STATES
    ]


def start_stage(actor: User, now: datetime, stage: Stage) -> None:
    """Begin the next stage. Raises Refusal when an earlier one has not ended."""
    _guard(stage, Step.START)
    stage.state, stage.actual_start = StageState.ACTIVE, clock.local_date(now)
    _tell(actor, now, stage, Step.START, M_("开始「%(stage)s」", stage=stage.title))


def complete_stage(actor: User, now: datetime, stage: Stage) -> None:
    """End a stage whose gate is met and whose votes are announced.

    Raises Refusal with everything that is missing.
    """
    _guard(stage, Step.COMPLETE)
    gaps = (*missing(queries.gate(stage, clock.local_date(now))), *_live_votes([stage]))
    if gaps:
        raise Refusal(*gaps)
    _end(actor, now, stage, StageState.DONE, RunOutcome.DONE, "")
    _tell(actor, now, stage, Step.COMPLETE, M_("完成「%(stage)s」", stage=stage.title))


def override_gate(actor: User, now: datetime, stage: Stage, *, reason: str) -> None:
    """Let a stage pass although its gate is not met; officer and reason stay visible for good.

    Raises Refusal when nothing is missing: then the committee can complete it itself.
    """
    _guard(stage, Step.OVERRIDE)
    _no_vote_left_behind([stage])
    gaps = missing(queries.gate(stage, clock.local_date(now)))
    require(bool(gaps), M_("这个阶段的要求都已达到，居委会可以自己完成，不需要放行。"))
    db.session.add(
        Override(
            committee_id=stage.committee_id,
            project_id=stage.project_id,
            stage_id=stage.id,
            round=stage.round,
            officer_id=actor.id,
            at=now,
            reason=reason,
            missing=[pack(gap.message) for gap in gaps],
        )
    )
    _end(actor, now, stage, StageState.DONE, RunOutcome.OVERRIDDEN, reason)
    _tell(actor, now, stage, Step.OVERRIDE, M_("街道放行「%(stage)s」", stage=stage.title))


def skip_stage(actor: User, now: datetime, stage: Stage, *, reason: str) -> None:
    """Leave a stage out, with a reason."""
    _guard(stage, Step.SKIP)
    _no_vote_left_behind([stage])
    _end(actor, now, stage, StageState.SKIPPED, RunOutcome.SKIPPED, reason)
    stage.reason = reason
    _tell(
        actor,
        now,
        stage,
        Step.SKIP,
        M_("跳过「%(stage)s」：%(reason)s", stage=stage.title, reason=reason),
    )


def block_stage(actor: User, now: datetime, stage: Stage, *, reason: str) -> None:
    """Say that a stage cannot go on, and why; its deadline stays."""
    _guard(stage, Step.BLOCK)
    stage.state, stage.reason = StageState.BLOCKED, reason
    _tell(
        actor,
        now,
        stage,
        Step.BLOCK,
        M_("「%(stage)s」受阻：%(reason)s", stage=stage.title, reason=reason),
    )


def unblock_stage(actor: User, now: datetime, stage: Stage) -> None:
    """Go on with a blocked stage."""
    _guard(stage, Step.UNBLOCK)
    stage.state, stage.reason = StageState.ACTIVE, ""
    _tell(actor, now, stage, Step.UNBLOCK, M_("「%(stage)s」解除受阻", stage=stage.title))


def _end(
    actor: User,
    now: datetime,
    stage: Stage,
    state: StageState,
    outcome: RunOutcome,
    reason: str,
) -> None:
    today = clock.local_date(now)
    if stage.is_open and stage.planned_end < today:
        stage.project.was_overdue = True
    stage.state, stage.actual_end = state, today
    _file_run(actor, today, stage, outcome, reason)


def _file_run(actor: User, today: date, stage: Stage, outcome: RunOutcome, reason: str) -> None:
    db.session.add(
        StageRun(
            committee_id=stage.committee_id,
            stage_id=stage.id,
            round=stage.round,
            planned_end=stage.planned_end,
            started_on=stage.actual_start,
            ended_on=today,
            outcome=outcome,
            reason=reason,
            ended_by=actor.id,
        )
    )


def go_back(actor: User, now: datetime, target: Stage, *, reason: str, calendar: Calendar) -> None:
    """Return to an earlier stage for another round; what the first round recorded stays.

    The target begins its next round today. Stages after it that had begun begin anew when
    their turn comes. All later dates line up behind the target.
    """
    _guard(target, Step.GO_BACK)
    project, today = target.project, clock.local_date(now)
    _no_vote_left_behind(project.stages[target.position - 1 :])
    for stage in project.stages[target.position - 1 :]:
        if stage.is_open:
            _file_run(actor, today, stage, RunOutcome.SENT_BACK, reason)
        if stage.is_open or stage.state in ENDED_STATES:
            stage.round += 1
            renew_checklist(stage, now)
        stage.state, stage.actual_start, stage.actual_end = StageState.TODO, None, None
        stage.reason, stage.paused_days = "", 0
    target.state, target.actual_start, target.reason = StageState.ACTIVE, today, reason
    target.planned_start = today
    end = last_day(today, target.span, calendar)
    _set_dates(project, _line_up(project, target, end, calendar, follow=True))
    _tell(
        actor,
        now,
        target,
        Step.GO_BACK,
        M_(
            "退回「%(stage)s」，进入第 %(round)d 轮：%(reason)s",
            stage=target.title,
            round=target.round,
            reason=reason,
        ),
    )


def preview_move(
    stage: Stage, end: date, calendar: Calendar, *, follow: bool
) -> list[tuple[Stage, Dates, Dates]]:
    """What would change if ``stage`` ended on ``end``: each stage with old and new dates."""
    dates = _line_up(stage.project, stage, end, calendar, follow=follow)
    return [
        (s, Dates(s.planned_start, s.planned_end), new)
        for s, new in zip(stage.project.stages, dates, strict=True)
        if (s.planned_start, s.planned_end) != (new.start, new.end)
    ]


def move_stage(
    actor: User,
    now: datetime,
    stage: Stage,
    *,
    end: date,
    follow: bool,
    version: int,
    calendar: Calendar,
) -> None:
    """Move the last day of a stage, and with ``follow`` all later stages behind it.

    Raises Stale when the project changed after the preview was shown, FieldRefusal for a
    day before the stage began.
    """
    _guard(stage, Step.MOVE)
    if stage.project.version != version:
        raise Stale
    if stage.actual_start is not None and end < stage.actual_start:
        raise FieldRefusal("end", M_("结束日期不能早于开始日期。"))
    old = stage.planned_end
    project = stage.project
    _set_dates(project, _line_up(project, stage, end, calendar, follow=follow))
    # Moving dates touches only stages; the project's version must grow all the same.
    sa.orm.attributes.flag_modified(project, "state")
    _tell(
        actor,
        now,
        stage,
        Step.MOVE,
        M_("把「%(stage)s」的期限从 %(old)s 改到 %(new)s", stage=stage.title, old=old, new=end),
    )


def _line_up(
    project: Project, stage: Stage, end: date, calendar: Calendar, *, follow: bool
) -> list[Dates]:
    plan = [
        Planned(Dates(s.planned_start, s.planned_end), s.span, s.state in ENDED_STATES)
        for s in project.stages
    ]
    return moved(plan, stage.position - 1, end, calendar, follow=follow)


def _set_dates(project: Project, dates: list[Dates]) -> None:
    for stage, new in zip(project.stages, dates, strict=True):
        if stage.planned_end != new.end:
            stage.deadline_revision += 1
        stage.planned_start, stage.planned_end = new.start, new.end


def _guard_project(project: Project, step: ProjectStep) -> None:
    require(
        project.state in PROJECT_STEPS[step], M_("项目%(state)s，不能这样做。", state=project.state)
    )


def pause(actor: User, now: datetime, project: Project, *, reason: str) -> None:
    """Stop the clock of a project."""
    _guard_project(project, ProjectStep.PAUSE)
    project.state, project.state_reason = ProjectState.PAUSED, reason
    db.session.add(
        Pause(
            committee_id=project.committee_id,
            project_id=project.id,
            started_on=clock.local_date(now),
            reason=reason,
            paused_by=actor.id,
        )
    )
    _tell_project(actor, now, project, ProjectStep.PAUSE, M_("暂停项目：%(r)s", r=reason))


def resume(actor: User, now: datetime, project: Project) -> None:
    """Start the clock again: the calendar days paused are added to every open deadline."""
    _guard_project(project, ProjectStep.RESUME)
    today = clock.local_date(now)
    held = db.session.scalars(
        sa.select(Pause).where(Pause.project_id == project.id, Pause.ended_on.is_(None))
    ).one()
    held.ended_on = today
    days = (today - held.started_on).days
    for stage in project.stages:
        if days and stage.state not in ENDED_STATES:
            if stage.is_open:
                stage.paused_days += days
            else:
                stage.planned_start += timedelta(days=days)
            stage.planned_end += timedelta(days=days)
            stage.deadline_revision += 1
    project.state, project.state_reason = ProjectState.ACTIVE, ""
    _tell_project(
        actor, now, project, ProjectStep.RESUME, M_("恢复项目，期限顺延 %(n)d 天", n=days)
    )


def cancel(actor: User, now: datetime, project: Project, *, reason: str) -> None:
    """Give a project up, with a reason; everything recorded stays."""
    _guard_project(project, ProjectStep.CANCEL)
    _no_vote_left_behind(project.stages)
    project.state, project.state_reason = ProjectState.CANCELLED, reason
    _tell_project(actor, now, project, ProjectStep.CANCEL, M_("取消项目：%(r)s", r=reason))


def close(actor: User, now: datetime, project: Project) -> None:
    """Finish a project whose stages have all ended; upkeep may go on.

    Raises Refusal naming every stage that has not ended.
    """
    _guard_project(project, ProjectStep.CLOSE)
    left = queries.unfinished(project)
    if left:
        raise Refusal(
            *(
                Reason(
                    M_("「%(stage)s」还没有结束", stage=stage.title),
                    "workflow.stage",
                    (("stage_id", stage.id),),
                )
                for stage in left
            )
        )
    project.state, project.closed_on = ProjectState.CLOSED, clock.local_date(now)
    _tell_project(actor, now, project, ProjectStep.CLOSE, M_("项目办结"))


def _tell(actor: User, now: datetime, stage: Stage, step: Step, message: Message) -> None:
    record(
        f"stage.{step.value}",
        message,
        actor_id=actor.id,
        now=now,
        committee_id=stage.committee_id,
        project_id=stage.project_id,
    )


def _tell_project(
    actor: User, now: datetime, project: Project, step: ProjectStep, message: Message
) -> None:
    record(
        f"project.{step.value}",
        message,
        actor_id=actor.id,
        now=now,
        committee_id=project.committee_id,
        project_id=project.id,
    )
