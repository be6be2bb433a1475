"""What my desk and the overview show; nothing here writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from tracker.accounts import queries as accounts
from tracker.accounts.models import Committee, User
from tracker.anthology.rules import StageKind
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import Reason
from tracker.kernel.words import M_, Message
from tracker.meetings.models import Meeting
from tracker.meetings.rules import MeetingState
from tracker.opinions.models import Opinion
from tracker.opinions.rules import OpinionStatus
from tracker.projects.models import Project, Stage, Task
from tracker.projects.queries import Lamps, within_reach
from tracker.projects.rules import OPEN_STATES, Light, ProjectState, StageState

DESK_LIMIT = 200
"""More than this nobody works off in a week; the rest waits in the lists."""


@dataclass(frozen=True)
class DeskItem:
    """One thing to do, with its day and where it is done."""

    due: date
    title: Message
    project: Project
    stage_title: str
    where: Reason


@dataclass
class Desk:
    """My work by urgency."""

    overdue: list[DeskItem] = field(default_factory=list)
    today: list[DeskItem] = field(default_factory=list)
    week: list[DeskItem] = field(default_factory=list)
    replies: list[DeskItem] = field(default_factory=list)


def desk(actor: User, today: date, *, everybody: bool) -> Desk:
    """What is due up to the end of next week: mine, or with ``everybody`` the committee's."""
    until = today + timedelta(days=7)
    items = [
        *_stages(actor, until, everybody),
        *_tasks(actor, until, everybody),
        *_meetings(actor, until, everybody),
    ]
    result = Desk(replies=_replies(actor, everybody))
    for item in sorted(items, key=lambda i: i.due):
        if item.due < today:
            result.overdue.append(item)
        elif item.due == today:
            result.today.append(item)
        else:
            result.week.append(item)
    return result


def _running(actor: User) -> sa.ColumnElement[bool]:
    return sa.and_(within_reach(actor), Project.state == ProjectState.ACTIVE)


def _stages(actor: User, until: date, everybody: bool) -> Iterable[DeskItem]:
    query = (
        sa.select(Stage)
        .join(Stage.project)
        .where(_running(actor), Stage.state.in_(OPEN_STATES), Stage.planned_end <= until)
        .options(contains_eager(Stage.project))
        .order_by(Stage.planned_end)
        .limit(DESK_LIMIT)
    )
    if not everybody:
        query = query.where(sa.or_(Stage.lead_id == actor.id, Project.lead_id == actor.id))
    for stage in db.session.scalars(query):
        yield DeskItem(
            stage.planned_end,
            M_("完成阶段「%(s)s」", s=stage.title),
            stage.project,
            stage.title,
            Reason(M_("打开"), "workflow.stage", (("stage_id", stage.id),)),
        )


def _tasks(actor: User, until: date, everybody: bool) -> Iterable[DeskItem]:
    query = (
        sa.select(Task)
        .join(Task.project)
        .join(Task.stage)
        .where(_running(actor), Task.done_at.is_(None), Task.due_on <= until)
        .options(contains_eager(Task.project), contains_eager(Task.stage))
        .order_by(Task.due_on)
        .limit(DESK_LIMIT)
    )
    if not everybody:
        mine = sa.and_(Task.assignee_id.is_(None), Stage.lead_id == actor.id)
        query = query.where(sa.or_(Task.assignee_id == actor.id, mine))
    for task in db.session.scalars(query):
        assert task.due_on is not None, "the query asked for tasks with a date"
        yield DeskItem(
            task.due_on,
            M_("%(t)s", t=task.title),
            task.project,
            task.stage.title,
            Reason(M_("去完成"), "workflow.stage", (("stage_id", task.stage_id),), anchor="tasks"),
        )


def _meetings(actor: User, until: date, everybody: bool) -> Iterable[DeskItem]:
    query = (
        sa.select(Meeting)
        .join(Meeting.project)
        .where(
            _running(actor),
            Meeting.state == MeetingState.PLANNED,
            Meeting.planned_at <= clock.end_of_day(until),
        )
        .options(contains_eager(Meeting.project), joinedload(Meeting.stage))
        .order_by(Meeting.planned_at)
        .limit(DESK_LIMIT)
    )
    if not everybody:
        query = query.where(sa.or_(Meeting.created_by == actor.id, Project.lead_id == actor.id))
    for meeting in db.session.scalars(query):
        day = clock.local_date(meeting.planned_at)
        past = day < clock.today()
        text = (
            M_("补写「%(m)s」的纪要", m=meeting.title)
            if past
            else M_("开会：%(m)s", m=meeting.title)
        )
        yield DeskItem(
            day,
            text,
            meeting.project,
            meeting.stage.title,
            Reason(M_("打开"), "meetings.show", (("meeting_id", meeting.id),)),
        )


def _replies(actor: User, everybody: bool) -> list[DeskItem]:
    """Opinions without a reply, one line per project with the earliest day owed."""
    waiting = (OpinionStatus.NEW, OpinionStatus.ACKNOWLEDGED)
    query = (
        sa.select(Opinion.project_id, sa.func.count(), sa.func.min(Opinion.reply_due))
        .join(Opinion.project)
        .where(_running(actor), Opinion.status.in_(waiting))
        .group_by(Opinion.project_id)
        .order_by(sa.func.min(Opinion.reply_due))
        .limit(DESK_LIMIT)
    )
    if not everybody:
        query = query.where(Project.lead_id == actor.id)
    rows = db.session.execute(query).all()
    projects = {
        p.id: p
        for p in db.session.scalars(sa.select(Project).where(Project.id.in_([r[0] for r in rows])))
    }
    return [
        DeskItem(
            due,
            M_("答复 %(n)d 条意见", n=count),
            projects[project_id],
            "",
            Reason(M_("去答复"), "opinions.index", (("project_id", project_id),)),
        )
        for project_id, count, due in rows
    ]


def my_projects(actor: User, limit: int = 8) -> Sequence[Project]:
    """The newest running projects that I lead, else those of my committee."""
    query = (
        sa.select(Project)
        .where(_running(actor))
        .options(selectinload(Project.stages), joinedload(Project.committee))
        .order_by((Project.lead_id == actor.id).desc(), Project.id.desc())
        .limit(limit)
    )
    return db.session.scalars(query).all()


def running_count(actor: User) -> int:
    """Running projects within reach."""
    return (
        db.session.scalar(sa.select(sa.func.count()).select_from(Project).where(_running(actor)))
        or 0
    )


@dataclass(frozen=True)
class CommitteeLine:
    """One committee at a glance; every number opens its list."""

    committee: Committee
    running: int
    red: int
    amber: int
    green: int
    waiting: int
    blocked: int
    voting: int
    paused: int


def overview(actor: User, lamps: Lamps) -> list[CommitteeLine]:
    """All committees of the subdistrict with their lights, in one query."""
    counted = _light_counts(actor, lamps)
    return [
        CommitteeLine(c, **counted.get(c.id, dict.fromkeys(_COLUMNS, 0)))
        for c in accounts.committees(actor.subdistrict_id)
    ]


_COLUMNS = ("running", "red", "amber", "green", "waiting", "blocked", "voting", "paused")


def _light_counts(actor: User, lamps: Lamps) -> dict[int, dict[str, int]]:
    running = Project.state == ProjectState.ACTIVE
    is_open = Stage.id.is_not(None)

    def count(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.count(sa.distinct(sa.case((sa.and_(*conditions), Project.id))))

    query = (
        sa.select(
            Project.committee_id,
            count(running),
            count(running, is_open, lamps.shows(Light.RED)),
            count(running, is_open, lamps.shows(Light.AMBER)),
            count(running, is_open, lamps.shows(Light.GREEN)),
            count(running, Stage.id.is_(None)),
            count(running, Stage.state == StageState.BLOCKED),
            count(running, Stage.kind == StageKind.VOTE),
            count(Project.state == ProjectState.PAUSED),
        )
        .outerjoin(Stage, sa.and_(Stage.project_id == Project.id, Stage.state.in_(OPEN_STATES)))
        .where(within_reach(actor), Project.state.in_((ProjectState.ACTIVE, ProjectState.PAUSED)))
        .group_by(Project.committee_id)
    )
    return {row[0]: dict(zip(_COLUMNS, row[1:], strict=True)) for row in db.session.execute(query)}


def stuck(actor: User, today: date, limit: int = 20) -> Sequence[Stage]:
    """Open stages that are blocked or longest overdue, the worst first."""
    query = (
        sa.select(Stage)
        .join(Stage.project)
        .where(
            _running(actor),
            Stage.state.in_(OPEN_STATES),
            sa.or_(Stage.state == StageState.BLOCKED, Stage.planned_end < today),
        )
        .options(contains_eager(Stage.project).joinedload(Project.committee))
        .order_by((Stage.state == StageState.BLOCKED).desc(), Stage.planned_end)
        .limit(limit)
    )
    return db.session.scalars(query).all()
