"""Logging a project, and the tasks of its stages."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from tracker.accounts.models import User
from tracker.accounts.rules import Role
from tracker.anthology.models import CaseTemplate
from tracker.anthology.rules import DayUnit, ProblemKind
from tracker.audit.services import record
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, NotFound, Refusal, require, require_version
from tracker.kernel.words import M_, N_, Message
from tracker.places.models import Compound
from tracker.projects.models import Project, Stage, Task
from tracker.projects.rules import (
    ENDED_STATES,
    Dates,
    ProjectState,
    Span,
    TaskOrigin,
    schedule,
)
from tracker.workdays.rules import Calendar


def require_running(project: Project) -> None:
    """Refuse to write on a project that is paused, closed or cancelled."""
    if project.state is not ProjectState.ACTIVE:
        raise Refusal(M_("项目%(state)s，不能再改动。", state=project.state))


@dataclass(frozen=True)
class StagePlan:
    """What the second and third screen decided about one stage of the template."""

    key: str
    days: int
    lead_id: int


@dataclass(frozen=True)
class NewProject:
    """What the first screen said."""

    title: str
    problem: str
    problem_kind: ProblemKind
    place: str
    start: date
    lead_id: int


def plan_dates(
    template: CaseTemplate, days: Mapping[str, int], start: date, calendar: Calendar
) -> list[tuple[str, DayUnit, Dates]]:
    """Key, unit and dates of the stages named in ``days``, in the template's order."""
    stages = [s for s in template.case.stages if s.key in days]
    spans = [Span(days[s.key], s.duration.unit) for s in stages]
    dates = schedule(start, spans, calendar)
    return [(s.key, s.duration.unit, d) for s, d in zip(stages, dates, strict=True)]


def log_project(
    actor: User,
    now: datetime,
    *,
    template: CaseTemplate,
    compound: Compound,
    new: NewProject,
    stages: Sequence[StagePlan],
    calendar: Calendar,
) -> Project:
    """Start a project from a case: it gets its own copy of the stages, tasks and gates.

    The copy speaks the language of the person who logs it. Raises Refusal when no stage is
    left or a lead is not on the committee's staff.
    """
    require(bool(stages), M_("至少保留一个阶段。"))
    english = actor.language == "en"
    case = template.case
    project = Project(
        committee_id=compound.committee_id,
        case_id=template.id,
        compound_id=compound.id,
        title=new.title,
        problem=new.problem,
        problem_kind=new.problem_kind,
        place=new.place,
        topics=[t.en if english else t.zh for t in case.topics],
        vote_rule=case.decision.rule,
        lead_id=_staff(compound.committee_id, new.lead_id).id,
        started_on=new.start,
        public_token=secrets.token_urlsafe(12),
        created_by=actor.id,
        created_at=now,
    )
    db.session.add(project)
    plans = {p.key: p for p in stages}
    dated = plan_dates(template, {p.key: p.days for p in stages}, new.start, calendar)
    _copy_stages(project, template, plans, dated, english=english, now=now)
    db.session.flush()
    _tell(
        actor,
        now,
        project,
        "project.logged",
        M_("参照案例 %(number)d 登记了项目", number=case.number),
    )
    return project


def _copy_stages(
    project: Project,
    template: CaseTemplate,
    plans: Mapping[str, StagePlan],
    dated: Sequence[tuple[str, DayUnit, Dates]],
    *,
    english: bool,
    now: datetime,
) -> None:
    originals = {s.key: s for s in template.case.stages}
    for position, (key, unit, dates) in enumerate(dated, start=1):
        original, plan = originals[key], plans[key]
        stage = Stage(
            committee_id=project.committee_id,
            position=position,
            key=key,
            kind=original.kind,
            title=original.title.en if english else original.title.zh,
            purpose=original.purpose.en if english else original.purpose.zh,
            duration_days=plan.days,
            duration_unit=unit,
            planned_start=dates.start,
            planned_end=dates.end,
            gates=[{"kind": g.kind.value, "amount": g.amount} for g in original.gate],
            lead_id=_staff(project.committee_id, plan.lead_id).id,
        )
        project.stages.append(stage)
        db.session.flush()
        db.session.add_all(
            Task(
                committee_id=project.committee_id,
                project_id=project.id,
                stage_id=stage.id,
                position=place,
                title=line.text.en if english else line.text.zh,
                required=line.required,
                origin=TaskOrigin.TEMPLATE,
                created_at=now,
            )
            for place, line in enumerate(original.checklist, start=1)
        )


def _staff(committee_id: int, user_id: int) -> User:
    user = db.session.get(User, user_id)
    if user is None or user.committee_id != committee_id or not user.is_active:
        raise Refusal(M_("负责人必须是本居委会在用的账号。"))
    return user


def edit_project(
    actor: User,
    now: datetime,
    project: Project,
    *,
    version: int,
    title: str,
    problem: str,
    problem_kind: ProblemKind,
    place: str,
    lead_id: int,
) -> None:
    """Change what the project is about. Raises Stale when somebody else was faster."""
    require_running(project)
    require_version(project.version, version)
    project.title, project.problem = title, problem
    project.problem_kind, project.place = problem_kind, place
    project.lead_id = _staff(project.committee_id, lead_id).id
    _tell(actor, now, project, "project.edited", M_("修改了项目的基本情况"))


def edit_stage(
    actor: User,
    now: datetime,
    stage: Stage,
    *,
    version: int,
    lead_id: int,
    review_on: date | None,
) -> None:
    """Change who leads a stage, and when a long-running one is reviewed.

    Raises Stale when somebody else was faster.
    """
    require_running(stage.project)
    require_version(stage.version, version)
    stage.lead_id = _staff(stage.committee_id, lead_id).id
    stage.review_on = review_on
    message = M_("修改了「%(stage)s」的负责人或复查日期", stage=stage.title)
    _tell(actor, now, stage.project, "stage.edited", message)


def _require_open(stage: Stage, round: int) -> None:
    ended = stage.state in ENDED_STATES or round != stage.round
    require(not ended, M_("这个阶段已经结束，如需再做请退回重来。"))


def _refuse_past(due_on: date | None, now: datetime) -> None:
    if due_on is not None and due_on < clock.local_date(now):
        raise FieldRefusal("due_on", M_("期限不能早于今天。"))


def renew_checklist(stage: Stage, now: datetime) -> None:
    """Give the round that ``stage`` has just entered the checklist of the round before, unticked.

    The earlier round keeps its own tasks with their ticks: they say what was done then.
    """
    earlier = db.session.scalars(
        sa.select(Task)
        .where(
            Task.stage_id == stage.id,
            Task.round == stage.round - 1,
            Task.origin == TaskOrigin.TEMPLATE,
        )
        .order_by(Task.position, Task.id)
    ).all()
    db.session.add_all(
        Task(
            committee_id=task.committee_id,
            project_id=task.project_id,
            stage_id=task.stage_id,
            round=stage.round,
            position=task.position,
            title=task.title,
            required=task.required,
            origin=task.origin,
            assignee_id=task.assignee_id,
            created_at=now,
        )
        for task in earlier
    )


def add_task(
    actor: User,
    now: datetime,
    stage: Stage,
    *,
    title: str,
    assignee_id: int | None = None,
    due_on: date | None = None,
    note: str = "",
    required: bool = True,
    origin: TaskOrigin = TaskOrigin.ADDED,
) -> Task:
    """Add something to do to a stage.

    What a late meeting or check of an ended stage asks for goes to the present stage: it is
    still to be done. Raises Refusal when the project does not run or the stage has ended,
    FieldRefusal on ``due_on`` for a day that is over.
    """
    require_running(stage.project)
    if origin in (TaskOrigin.MEETING, TaskOrigin.CHECK) and stage.state in ENDED_STATES:
        stage = stage.project.current or stage
    _require_open(stage, stage.round)
    if origin is not TaskOrigin.MEETING:  # minutes written late have their own rule
        _refuse_past(due_on, now)
    if assignee_id is not None:
        _staff(stage.committee_id, assignee_id)
    task = Task(
        committee_id=stage.committee_id,
        project_id=stage.project_id,
        stage_id=stage.id,
        round=stage.round,
        position=1000,
        title=title,
        required=required,
        origin=origin,
        assignee_id=assignee_id,
        due_on=due_on,
        note=note,
        created_at=now,
    )
    db.session.add(task)
    db.session.flush()
    _tell(actor, now, task.project, "task.added", M_("添加了事项「%(title)s」", title=title))
    return task


def edit_task(
    actor: User,
    now: datetime,
    task: Task,
    *,
    version: int,
    title: str,
    assignee_id: int | None,
    due_on: date | None,
    note: str,
) -> None:
    """Change a task; a moved date supersedes its queued reminders.

    Raises Stale when somebody else was faster, Refusal when its round of the stage has
    ended, FieldRefusal on ``due_on`` for another day that is over.
    """
    require_running(task.project)
    _require_open(task.stage, task.round)
    require_version(task.version, version)
    if assignee_id is not None:
        _staff(task.committee_id, assignee_id)
    if due_on != task.due_on:
        _refuse_past(due_on, now)
        task.deadline_revision += 1
    task.title, task.assignee_id, task.due_on, task.note = title, assignee_id, due_on, note
    _tell(actor, now, task.project, "task.edited", M_("修改了事项「%(title)s」", title=title))


def tick_task(actor: User, now: datetime, task: Task, *, done: bool) -> None:
    """Mark a task done or not done; ticking twice is harmless.

    People who only do tasks may tick those assigned to them: others' are 404. Raises
    Refusal when the task's round of the stage has ended.
    """
    require_running(task.project)
    everyday = actor.role in (Role.DIRECTOR, Role.WORKER)
    if not everyday and task.assignee_id != actor.id:
        raise NotFound
    _require_open(task.stage, task.round)
    if done == (task.done_at is not None):
        return
    task.done_at = now if done else None
    task.done_by = actor.id if done else None
    text = N_("完成了事项「%(title)s」") if done else N_("重新打开事项「%(title)s」")
    action = "task.done" if done else "task.reopened"
    _tell(actor, now, task.project, action, M_(text, title=task.title))


def _tell(actor: User, now: datetime, project: Project, action: str, message: Message) -> None:
    record(
        action,
        message,
        actor_id=actor.id,
        now=now,
        committee_id=project.committee_id,
        project_id=project.id,
    )
