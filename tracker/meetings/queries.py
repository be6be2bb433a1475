"""Finding meetings, options and motions; what belongs to others is not found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from tracker.accounts.models import User
from tracker.anthology.rules import StageKind
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.meetings.models import EarlierMinutes, Meeting, MeetingAction, Motion, Option
from tracker.meetings.rules import MeetingState, OptionState
from tracker.projects.models import Project, Stage, Task
from tracker.projects.queries import stage_for, within_reach
from tracker.projects.rules import ENDED_STATES, ProjectState


def deliberation(project: Project) -> Stage | None:
    """The stage that options and motions belong to; its ``round`` is theirs."""
    return stage_for(project, StageKind.DELIBERATE) or project.current


def stage_of_meetings(project: Project) -> Stage | None:
    """The stage a new meeting belongs to: deliberation, unless it is over and another runs."""
    talks = stage_for(project, StageKind.DELIBERATE)
    if talks is not None and talks.state not in ENDED_STATES:
        return talks
    return project.current or talks


def meeting(actor: User, meeting_id: int) -> Meeting:
    """A meeting with all that its page shows; raises NotFound for an unknown or foreign one."""
    found = db.session.scalar(
        sa.select(Meeting)
        .join(Meeting.project)
        .where(Meeting.id == meeting_id, within_reach(actor))
        .options(
            contains_eager(Meeting.project).joinedload(Project.committee),
            joinedload(Meeting.stage),
            selectinload(Meeting.attendance),
            selectinload(Meeting.resolutions),
            selectinload(Meeting.actions)
            .joinedload(MeetingAction.task)
            .options(joinedload(Task.assignee), joinedload(Task.stage)),
            selectinload(Meeting.earlier).joinedload(EarlierMinutes.corrector),
        )
    )
    if found is None:
        raise NotFound
    return found


def of_project(project_id: int, state: MeetingState) -> sa.Select[Meeting]:
    """Meetings of a project in one state: planned ones by date, others newest first."""
    query = (
        sa.select(Meeting)
        .where(Meeting.project_id == project_id, Meeting.state == state)
        .options(selectinload(Meeting.attendance), selectinload(Meeting.resolutions))
    )
    if state is MeetingState.PLANNED:
        return query.order_by(Meeting.planned_at, Meeting.id)
    return query.order_by(Meeting.planned_at.desc(), Meeting.id.desc())


def counts(project_id: int) -> dict[MeetingState, int]:
    """How many meetings of a project are in each state."""
    rows = db.session.execute(
        sa.select(Meeting.state, sa.func.count())
        .where(Meeting.project_id == project_id)
        .group_by(Meeting.state)
    )
    found: dict[MeetingState, int] = {row[0]: row[1] for row in rows}
    return {state: found.get(state, 0) for state in MeetingState}


def held_with_minutes(project_id: int, round: int) -> int:
    """Meetings of this round of deliberation that were held and have minutes."""
    return (
        db.session.scalar(
            sa.select(sa.func.count())
            .select_from(Meeting)
            .join(Meeting.stage)
            .where(
                Meeting.project_id == project_id,
                Meeting.round == round,
                Meeting.state == MeetingState.HELD,
                Meeting.minutes != "",
                Stage.kind == StageKind.DELIBERATE,
            )
        )
        or 0
    )


def upcoming(actor: User, until: datetime, since: datetime | None = None) -> Sequence[Meeting]:
    """Planned meetings of running projects within the actor's reach, soonest first.

    From ``since`` (None: also those that are past and have no minutes yet) to ``until``.
    """
    query = _planned().where(within_reach(actor), Meeting.planned_at <= until)
    if since is not None:
        query = query.where(Meeting.planned_at >= since)
    return db.session.scalars(query).all()


def missing_minutes(now: datetime, actor: User | None = None) -> Sequence[Meeting]:
    """Planned meetings whose time has passed: neither held nor cancelled, oldest first.

    Of running projects, within the actor's reach or, for the scheduler, of all committees.
    """
    query = _planned().where(Meeting.planned_at < now)
    if actor is not None:
        query = query.where(within_reach(actor))
    return db.session.scalars(query).all()


def _planned() -> sa.Select[Meeting]:
    return (
        sa.select(Meeting)
        .join(Meeting.project)
        .where(Meeting.state == MeetingState.PLANNED, Project.state == ProjectState.ACTIVE)
        .options(contains_eager(Meeting.project))
        .order_by(Meeting.planned_at, Meeting.id)
    )


def option(actor: User, option_id: int) -> Option:
    """An option with all its versions; raises NotFound for an unknown or foreign one."""
    found = db.session.scalar(
        sa.select(Option)
        .join(Option.project)
        .where(Option.id == option_id, within_reach(actor))
        .options(contains_eager(Option.project), selectinload(Option.versions))
    )
    if found is None:
        raise NotFound
    return found


def options_of(project_id: int) -> Sequence[Option]:
    """All options of a project with their versions: latest round first, then as they came."""
    return db.session.scalars(
        sa.select(Option)
        .where(Option.project_id == project_id)
        .options(selectinload(Option.versions))
        .order_by(Option.round.desc(), Option.id)
    ).all()


def open_options(project_id: int, round: int) -> Sequence[Option]:
    """Options of a round that are still compared."""
    return db.session.scalars(
        sa.select(Option)
        .where(
            Option.project_id == project_id,
            Option.round == round,
            Option.state == OptionState.OPEN,
        )
        .order_by(Option.id)
    ).all()


def chosen_option(project_id: int, round: int) -> Option | None:
    """The option chosen in a round, or None."""
    return db.session.scalar(
        sa.select(Option)
        .where(
            Option.project_id == project_id,
            Option.round == round,
            Option.state == OptionState.CHOSEN,
        )
        .options(selectinload(Option.versions))
    )


def motion(actor: User, motion_id: int) -> Motion:
    """A motion; raises NotFound for an unknown or foreign one."""
    found = db.session.scalar(
        sa.select(Motion)
        .join(Motion.project)
        .where(Motion.id == motion_id, within_reach(actor))
        .options(contains_eager(Motion.project), joinedload(Motion.option))
    )
    if found is None:
        raise NotFound
    return found


def motions(project_id: int, round: int) -> Sequence[Motion]:
    """Motions of a round in their order, without the withdrawn ones."""
    return [m for m in motions_of(project_id) if m.round == round and m.withdrawn_at is None]


def motions_of(project_id: int) -> Sequence[Motion]:
    """All motions of a project, withdrawn ones too: latest round first, then in their order."""
    return db.session.scalars(
        sa.select(Motion)
        .where(Motion.project_id == project_id)
        .options(joinedload(Motion.option))
        .order_by(Motion.round.desc(), Motion.position, Motion.id)
    ).all()
