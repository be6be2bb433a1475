"""Finding projects, stages and tasks; what belongs to others is not found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, contains_eager, joinedload, selectinload

from tracker.accounts.models import Committee, User
from tracker.anthology.rules import ProblemKind, StageKind
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.places.models import Compound
from tracker.projects.models import Override, Project, ProjectDraft, Stage, StageRun, Task
from tracker.projects.rules import (
    AMBER_WORKDAYS,
    OPEN_STATES,
    Light,
    ProjectState,
    StageState,
)
from tracker.workdays.rules import Calendar


def within_reach(actor: User, owner: Any = Project.committee_id) -> sa.ColumnElement[bool]:
    """Which rows ``actor`` may know of: the own committee's, or the whole subdistrict's.

    ``owner`` is the column that says whose a row is. Lists of rows below a project name
    their own beside the project's: their indexes begin with it.
    """
    reached: sa.ColumnElement[bool]
    if actor.committee_id is not None:
        reached = owner == actor.committee_id
    else:
        mine = sa.select(Committee.id).where(Committee.subdistrict_id == actor.subdistrict_id)
        reached = owner.in_(mine)
    return reached


def project(actor: User, project_id: int) -> Project:
    """A project with its stages; raises NotFound for an unknown or foreign one."""
    found = db.session.scalar(
        sa.select(Project)
        .where(Project.id == project_id, within_reach(actor))
        .options(
            joinedload(Project.committee),
            joinedload(Project.compound),
            joinedload(Project.lead),
            selectinload(Project.stages).joinedload(Stage.lead),
        )
    )
    if found is None:
        raise NotFound
    return found


def stage(actor: User, stage_id: int) -> Stage:
    """A stage with its project; raises NotFound for an unknown or foreign one."""
    found = db.session.scalar(
        sa.select(Stage)
        .join(Stage.project)
        .where(Stage.id == stage_id, within_reach(actor))
        .options(contains_eager(Stage.project).selectinload(Project.stages))
    )
    if found is None:
        raise NotFound
    return found


def task(actor: User, task_id: int) -> Task:
    """A task; raises NotFound for an unknown or foreign one."""
    found = db.session.scalar(
        sa.select(Task)
        .join(Task.project)
        .where(Task.id == task_id, within_reach(actor))
        .options(contains_eager(Task.project), joinedload(Task.stage))
    )
    if found is None:
        raise NotFound
    return found


def draft(actor: User, draft_id: int) -> ProjectDraft:
    """A draft of one's own; raises NotFound for any other."""
    found = db.session.get(ProjectDraft, draft_id)
    if found is None or found.author_id != actor.id:
        raise NotFound
    return found


def open_drafts(actor: User) -> Sequence[ProjectDraft]:
    """One's drafts that have not become projects, newest first."""
    return db.session.scalars(
        sa.select(ProjectDraft)
        .where(ProjectDraft.author_id == actor.id, ProjectDraft.project_id.is_(None))
        .options(joinedload(ProjectDraft.case))
        .order_by(ProjectDraft.id.desc())
    ).all()


def by_token(token: str) -> Project:
    """The project of a public address; raises NotFound for an unknown one."""
    found = db.session.scalar(
        sa.select(Project)
        .where(Project.public_token == token)
        .options(
            joinedload(Project.committee),
            joinedload(Project.compound),
            selectinload(Project.stages),
        )
    )
    if found is None:
        raise NotFound
    return found


def stage_for(project: Project, kind: StageKind) -> Stage | None:
    """The stage that new records of ``kind`` belong to: the open one, else the latest begun.

    Falls back to the first of its kind, so that early records have a home too.
    """
    same = [s for s in project.stages if s.kind is kind]
    open_one = next((s for s in same if s.state in OPEN_STATES), None)
    begun = [s for s in same if s.actual_start is not None]
    return open_one or (begun[-1] if begun else (same[0] if same else None))


def tasks_of(stage_id: int) -> Sequence[Task]:
    """The tasks of a stage's present round, in their order."""
    return db.session.scalars(
        sa.select(Task)
        .join(Task.stage)
        .where(Task.stage_id == stage_id, Task.round == Stage.round)
        .options(joinedload(Task.assignee))
        .order_by(Task.position, Task.id)
    ).all()


def required_left(stage_id: int) -> int:
    """Required tasks of a stage's present round that are not done."""
    return (
        db.session.scalar(
            sa.select(sa.func.count())
            .select_from(Task)
            .join(Task.stage)
            .where(
                Task.stage_id == stage_id,
                Task.round == Stage.round,
                Task.required,
                Task.done_at.is_(None),
            )
        )
        or 0
    )


def required_total(stage_id: int) -> int:
    """Required tasks of a stage's present round, done or not."""
    return (
        db.session.scalar(
            sa.select(sa.func.count())
            .select_from(Task)
            .join(Task.stage)
            .where(Task.stage_id == stage_id, Task.round == Stage.round, Task.required)
        )
        or 0
    )


def task_counts(project_id: int) -> dict[int, tuple[int, int]]:
    """Per stage: tasks done, and tasks in all, of its present round."""
    rows = db.session.execute(
        sa.select(Task.stage_id, sa.func.count(Task.done_at), sa.func.count())
        .join(Task.stage)
        .where(Task.project_id == project_id, Task.round == Stage.round)
        .group_by(Task.stage_id)
    )
    return {stage_id: (done, total) for stage_id, done, total in rows}


def runs_of(project_id: int) -> Sequence[StageRun]:
    """Ended rounds of all stages, oldest first."""
    return db.session.scalars(
        sa.select(StageRun)
        .join(StageRun.stage)
        .where(Stage.project_id == project_id)
        .options(contains_eager(StageRun.stage))
        .order_by(StageRun.ended_on, StageRun.id)
    ).all()


def overrides_of(project_id: int) -> Sequence[Override]:
    """Stages that the subdistrict let pass, oldest first."""
    return db.session.scalars(
        sa.select(Override)
        .where(Override.project_id == project_id)
        .options(joinedload(Override.stage), joinedload(Override.officer))
        .order_by(Override.id)
    ).all()


@dataclass(frozen=True)
class Listing:
    """What the list of projects is narrowed to; None means all."""

    text: str = ""
    state: ProjectState | None = ProjectState.ACTIVE
    kind: ProblemKind | None = None
    stage_kind: StageKind | None = None
    committee_id: int | None = None
    light: Light | None = None
    blocked: bool = False


@dataclass(frozen=True)
class Lamps:
    """The days that separate the lights: before ``today`` red, up to ``amber_until`` amber."""

    today: date
    amber_until: date

    def shows(self, light: Light) -> sa.ColumnElement[bool]:
        """Whether an open stage shows ``light``; the same rule as ``rules.light``, in SQL."""
        if light is Light.RED:
            return Stage.planned_end < self.today
        if light is Light.AMBER:
            return Stage.planned_end.between(self.today, self.amber_until)
        return Stage.planned_end > self.amber_until


def lamps(today: date, calendar: Calendar) -> Lamps:
    """The lamps of a day: amber reaches to the last day before the next working day counts."""
    end = calendar.add(today, AMBER_WORKDAYS + 1)
    return Lamps(today, end - timedelta(days=1))


def listing(actor: User, chosen: Listing, lamps: Lamps) -> sa.Select[int]:
    """Ids of projects for a list page, newest first; ``lines`` tells what a row shows."""
    query = sa.select(Project.id).where(within_reach(actor))
    if chosen.text:
        pattern = f"%{_escaped(chosen.text)}%"
        query = query.where(
            sa.or_(
                Project.title.ilike(pattern, escape="\\"),
                Project.problem.ilike(pattern, escape="\\"),
                Project.place.ilike(pattern, escape="\\"),
            )
        )
    if chosen.state is not None:
        query = query.where(Project.state == chosen.state)
    if chosen.kind is not None:
        query = query.where(Project.problem_kind == chosen.kind)
    if chosen.committee_id is not None:
        query = query.where(Project.committee_id == chosen.committee_id)
    if chosen.stage_kind is not None:
        query = query.where(_has_open_stage(Stage.kind == chosen.stage_kind))
    if chosen.light is Light.GREY:
        query = query.where(~_has_open_stage(sa.true()))
    elif chosen.light is not None:
        query = query.where(_has_open_stage(lamps.shows(chosen.light)))
    if chosen.blocked:
        query = query.where(_has_open_stage(Stage.state == StageState.BLOCKED))
    return query.order_by(Project.id.desc())


@dataclass(frozen=True)
class StageLine:
    """A stage as lists show it; ``counts`` says that its deadline runs (see ``Stage.counts``)."""

    title: str
    position: int
    state: StageState
    round: int
    planned_end: date
    counts: bool


@dataclass(frozen=True)
class ProjectLine:
    """A project as lists show it: names instead of rows, and only the present stage."""

    id: int
    title: str
    state: ProjectState
    was_overdue: bool
    committee: str
    compound: str
    lead: str
    stages: int
    current: StageLine | None


_OTHER = aliased(Stage)
_STAGES = (
    sa.select(sa.func.count())
    .where(_OTHER.project_id == Project.id)
    .correlate(Project)
    .scalar_subquery()
)
_CURRENT = (
    # As Project.current: the stage being worked on, else the first not begun.
    sa.select(_OTHER.id)
    .where(_OTHER.project_id == Project.id, _OTHER.state.in_((*OPEN_STATES, StageState.TODO)))
    .order_by(_OTHER.state == StageState.TODO, _OTHER.position)
    .limit(1)
    .correlate(Project)
    .scalar_subquery()
)


_LINES = (
    sa.select(
        *(Project.id, Project.title, Project.state, Project.was_overdue),
        *(Committee.name, Compound.name, User.display_name, _STAGES),
        *(Stage.title, Stage.position, Stage.state, Stage.round, Stage.planned_end),
    )
    .join(Project.committee)
    .join(Project.compound)
    .join(Project.lead)
    .outerjoin(Stage, Stage.id == _CURRENT)
    .where(Project.id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(Project.id.desc())
)


def lines(project_ids: Sequence[int]) -> list[ProjectLine]:
    """What lists show of these projects, in one query, newest first.

    Columns and no objects: fifty projects with all their stages took longer to build than
    the rest of the page.
    """
    return [_line(row) for row in db.session.execute(_LINES, {"ids": project_ids})]


def _line(row: Any) -> ProjectLine:
    id, title, state, was_overdue, committee, compound, lead, stages, *present = row
    current = None
    if present[0] is not None:
        name, position, reached, round, end = present
        counts = state is ProjectState.ACTIVE and reached in OPEN_STATES
        current = StageLine(name, position, reached, round, end, counts)
    return ProjectLine(id, title, state, was_overdue, committee, compound, lead, stages, current)


def _has_open_stage(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return (
        sa.select(Stage.id)
        .where(Stage.project_id == Project.id, Stage.state.in_(OPEN_STATES), condition)
        .exists()
    )


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
