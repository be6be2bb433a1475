"""What my desk and the overview show; nothing here writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import chain
from typing import Any

import sqlalchemy as sa

from tracker.accounts import queries as accounts
from tracker.accounts.models import Committee, User
from tracker.accounts.rules import Permission
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
from tracker.projects.queries import Lamps, ProjectLine, StageLine, within_reach
from tracker.projects.queries import lines as project_lines
from tracker.projects.rules import OPEN_STATES, Light, ProjectState, StageState

DESK_LIMIT = 50
"""More than this nobody works off in a week; the rest waits in the lists."""


@dataclass(frozen=True)
class DeskItem:
    """One thing to do, with its day and where it is done."""

    due: date
    title: Message
    project: str
    stage: str
    where: Reason


@dataclass
class Desk:
    """My work by urgency; ``more`` says that there is more of it than is shown."""

    overdue: list[DeskItem] = field(default_factory=list)
    today: list[DeskItem] = field(default_factory=list)
    week: list[DeskItem] = field(default_factory=list)
    replies: list[DeskItem] = field(default_factory=list)
    more: bool = False


def desk(actor: User, today: date, *, everybody: bool) -> Desk:
    """What is due up to the end of next week: mine, or with ``everybody`` the committee's."""
    until = today + timedelta(days=7)
    sorts = [
        _stages(actor, until, everybody),
        _tasks(actor, until, everybody),
        _meetings(actor, until, everybody),
    ]
    items = sorted(chain(*sorts), key=lambda i: i.due)
    result = Desk(replies=_replies(actor, everybody), more=len(items) > DESK_LIMIT)
    for item in items[:DESK_LIMIT]:
        if item.due < today:
            result.overdue.append(item)
        elif item.due == today:
            result.today.append(item)
        else:
            result.week.append(item)
    return result


def _running(actor: User) -> sa.ColumnElement[bool]:
    return sa.and_(within_reach(actor), Project.state == ProjectState.ACTIVE)


def _mine(actor: User, part: type[Stage | Task | Meeting | Opinion]) -> sa.ColumnElement[bool]:
    """Parts of running projects, found by their own committee: their indexes begin with it."""
    return sa.and_(within_reach(actor, part.committee_id), Project.state == ProjectState.ACTIVE)


def _stages(actor: User, until: date, everybody: bool) -> list[DeskItem]:
    query = (
        sa.select(Stage.planned_end, Stage.title, Project.title, Stage.id)
        .join(Stage.project)
        .where(_mine(actor, Stage), Stage.state.in_(OPEN_STATES), Stage.planned_end <= until)
        .order_by(Stage.planned_end)
        .limit(DESK_LIMIT + 1)
    )
    if not everybody:
        query = query.where(sa.or_(Stage.lead_id == actor.id, Project.lead_id == actor.id))
    return [
        DeskItem(
            due,
            M_("完成阶段「%(s)s」", s=stage),
            project,
            stage,
            Reason(M_("打开"), "workflow.stage", (("stage_id", stage_id),)),
        )
        for due, stage, project, stage_id in db.session.execute(query)
    ]


def _tasks(actor: User, until: date, everybody: bool) -> list[DeskItem]:
    query = (
        sa.select(Task.due_on, Task.title, Project.title, Stage.title, Task.stage_id)
        .join(Task.project)
        .join(Task.stage)
        .where(
            _mine(actor, Task),
            Task.done_at.is_(None),
            Task.due_on <= until,
            Task.round == Stage.round,
        )
        .order_by(Task.due_on)
        .limit(DESK_LIMIT + 1)
    )
    if not everybody:
        mine = sa.and_(Task.assignee_id.is_(None), Stage.lead_id == actor.id)
        query = query.where(sa.or_(Task.assignee_id == actor.id, mine))
    items = []
    for due, title, project, stage, stage_id in db.session.execute(query):
        assert due is not None, "the query asked for tasks with a date"
        where = Reason(M_("去完成"), "workflow.stage", (("stage_id", stage_id),), anchor="tasks")
        items.append(DeskItem(due, M_("%(t)s", t=title), project, stage, where))
    return items


def _meetings(actor: User, until: date, everybody: bool) -> list[DeskItem]:
    query = (
        sa.select(Meeting.planned_at, Meeting.title, Project.title, Stage.title, Meeting.id)
        .join(Meeting.project)
        .join(Meeting.stage)
        .where(
            _mine(actor, Meeting),
            Meeting.state == MeetingState.PLANNED,
            Meeting.planned_at <= clock.end_of_day(until),
        )
        .order_by(Meeting.planned_at)
        .limit(DESK_LIMIT + 1)
    )
    if not everybody:
        query = query.where(sa.or_(Meeting.created_by == actor.id, Project.lead_id == actor.id))
    today = clock.today()
    items = []
    for planned_at, title, project, stage, meeting_id in db.session.execute(query):
        day = clock.local_date(planned_at)
        text = M_("补写「%(m)s」的纪要", m=title) if day < today else M_("开会：%(m)s", m=title)
        where = Reason(M_("打开"), "meetings.show", (("meeting_id", meeting_id),))
        items.append(DeskItem(day, text, project, stage, where))
    return items


def _replies(actor: User, everybody: bool) -> list[DeskItem]:
    """Opinions without a reply, one line per project with the earliest day owed.

    Nobody waits for the answer of somebody who may not give one.
    """
    if not actor.may(Permission.ANSWER_OPINION):
        return []
    earliest = sa.func.min(Opinion.reply_due)
    query = (
        sa.select(earliest, sa.func.count(), Project.title, Project.id)
        .join(Opinion.project)
        .where(
            _mine(actor, Opinion),
            Opinion.status.in_((OpinionStatus.NEW, OpinionStatus.ACKNOWLEDGED)),
        )
        .group_by(Project.id, Project.title)
        .order_by(earliest)
        .limit(DESK_LIMIT)
    )
    if not everybody:
        query = query.where(Project.lead_id == actor.id)
    return [
        DeskItem(
            due,
            M_("答复 %(n)d 条意见", n=count),
            project,
            "",
            Reason(M_("去答复"), "opinions.index", (("project_id", project_id),)),
        )
        for due, count, project, project_id in db.session.execute(query)
    ]


def my_projects(actor: User, limit: int = 8) -> list[ProjectLine]:
    """The newest running projects that I lead, then those of my committee."""
    query = sa.select(Project.id).where(_running(actor)).limit(limit)
    if actor.committee_id is not None:
        # Officers lead none: theirs need no sorting of a whole subdistrict.
        query = query.order_by((Project.lead_id == actor.id).desc())
    ids = db.session.scalars(query.order_by(Project.id.desc())).all()
    by_id = {line.id: line for line in project_lines(ids)}
    return [by_id[project_id] for project_id in ids]


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
    """All committees of the subdistrict with their lights."""
    projects, stages = _project_counts(actor), _stage_counts(actor, lamps)
    lines = []
    for committee in accounts.committees(actor.subdistrict_id):
        running = projects.get((committee.id, ProjectState.ACTIVE), 0)
        paused = projects.get((committee.id, ProjectState.PAUSED), 0)
        worked_on, red, amber, green, blocked, voting = stages.get(committee.id, (0,) * 6)
        waiting = running - worked_on
        line = (running, red, amber, green, waiting, blocked, voting, paused)
        lines.append(CommitteeLine(committee, *line))
    return lines


def _project_counts(actor: User) -> dict[tuple[int, ProjectState], int]:
    query = (
        sa.select(Project.committee_id, Project.state, sa.func.count())
        .where(within_reach(actor), Project.state.in_((ProjectState.ACTIVE, ProjectState.PAUSED)))
        .group_by(Project.committee_id, Project.state)
    )
    return {(owner, state): count for owner, state, count in db.session.execute(query)}


def _stage_counts(actor: User, lamps: Lamps) -> dict[int, tuple[int, ...]]:
    """Open stages of running projects, of which a project has one at most: its current."""

    def count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.count(sa.case((condition, 1)))

    query = (
        sa.select(
            Stage.committee_id,
            sa.func.count(),
            *(count(lamps.shows(light)) for light in (Light.RED, Light.AMBER, Light.GREEN)),
            count(Stage.state == StageState.BLOCKED),
            count(Stage.kind == StageKind.VOTE),
        )
        .join(Stage.project)
        .where(_mine(actor, Stage), Stage.state.in_(OPEN_STATES))
        .group_by(Stage.committee_id)
    )
    return {owner: tuple(counts) for owner, *counts in db.session.execute(query)}


@dataclass(frozen=True)
class StuckLine:
    """A stage that is blocked or overdue, and whose it is."""

    project_id: int
    project: str
    committee: str
    reason: str
    stage: StageLine


def stuck(actor: User, today: date, limit: int = 20) -> list[StuckLine]:
    """Open stages that are blocked or longest overdue, the worst first."""
    worst = ((Stage.state == StageState.BLOCKED).desc(), Stage.planned_end, Stage.id)
    ids = (
        sa.select(Stage.id)
        .join(Stage.project)
        .where(
            _mine(actor, Stage),
            Stage.state.in_(OPEN_STATES),
            # Not as an OR, for which SQLite would leave the index that begins with the owner.
            sa.not_(sa.and_(Stage.state == StageState.ACTIVE, Stage.planned_end >= today)),
        )
        .order_by(*worst)
        .limit(limit)
    )
    rows = db.session.execute(
        sa.select(
            *(Project.id, Project.title, Committee.name, Stage.reason),
            *(Stage.title, Stage.position, Stage.state, Stage.round, Stage.planned_end),
        )
        .select_from(Stage)
        .join(Stage.project)
        .join(Project.committee)
        .where(Stage.id.in_(db.session.scalars(ids).all()))
        .order_by(*worst)
    )
    return [_stuck_line(row) for row in rows]


def _stuck_line(row: Any) -> StuckLine:
    project_id, project, committee, reason, title, position, state, round, end = row
    stage = StageLine(title, position, state, round, end, counts=True)
    return StuckLine(project_id, project, committee, reason, stage)
