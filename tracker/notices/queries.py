"""Finding notices, their places and objections; what belongs to others is not found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from tracker.accounts.models import User
from tracker.anthology.rules import GateKind, StageKind
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.notices.models import Notice, Objection
from tracker.notices.rules import BOARD, NoticeState, Place, days_hung
from tracker.places import queries as places
from tracker.projects.models import Project, Stage
from tracker.projects.queries import stage_for, within_reach
from tracker.projects.rules import ENDED_STATES, ProjectState


def stage_of_notices(project: Project) -> Stage | None:
    """The stage a new notice belongs to: the vote, unless it is over and another runs."""
    vote = stage_for(project, StageKind.VOTE)
    if vote is not None and vote.state not in ENDED_STATES:
        return vote
    return project.current or vote


def days_asked(stage: Stage) -> int | None:
    """Calendar days of notice that the stage's gate asks for, or None."""
    for gate in stage.gates:
        if gate.get("kind") == GateKind.NOTICE_POSTED.value:
            return int(gate["amount"])
    return None


def usual_places(compound_id: int) -> list[Place]:
    """The board, and every building of the compound in its order."""
    buildings = places.buildings(compound_id)
    return [Place(BOARD), *(Place(f"{b.number} 号楼", b.id) for b in buildings)]


def notice(actor: User, notice_id: int) -> Notice:
    """A notice with places and objections; raises NotFound for an unknown or foreign one."""
    found = db.session.scalar(
        sa.select(Notice)
        .join(Notice.project)
        .where(Notice.id == notice_id, within_reach(actor))
        .options(
            contains_eager(Notice.project).joinedload(Project.committee),
            joinedload(Notice.stage),
            selectinload(Notice.places),
            selectinload(Notice.objections),
        )
    )
    if found is None:
        raise NotFound
    return found


def objection(actor: User, objection_id: int) -> Objection:
    """An objection with its notice; raises NotFound for an unknown or foreign one."""
    found = db.session.scalar(
        sa.select(Objection)
        .join(Objection.notice)
        .join(Notice.project)
        .where(Objection.id == objection_id, within_reach(actor))
        .options(contains_eager(Objection.notice).contains_eager(Notice.project))
    )
    if found is None:
        raise NotFound
    return found


def of_project(project_id: int) -> sa.Select[Notice]:
    """All notices of a project, newest first, with what a row shows."""
    return (
        sa.select(Notice)
        .where(Notice.project_id == project_id)
        .options(selectinload(Notice.places), selectinload(Notice.objections))
        .order_by(Notice.id.desc())
    )


def posted(project_id: int) -> Sequence[Notice]:
    """Notices of a project that hang or hung, newest first; for residents' pages too."""
    return db.session.scalars(
        of_project(project_id).where(Notice.state == NoticeState.POSTED)
    ).all()


def days_posted(stage_id: int, round: int, today: date) -> int:
    """Calendar days on which the longest notice of a stage's round hung everywhere until today."""
    hung = db.session.scalars(
        sa.select(Notice)
        .where(
            Notice.stage_id == stage_id,
            Notice.round == round,
            Notice.state == NoticeState.POSTED,
        )
        .options(selectinload(Notice.places))
    )
    return max(
        (days_hung(n.starts_on, n.ends_on, [p.posted_on for p in n.places], today) for n in hung),
        default=0,
    )


def unanswered_objections(stage_id: int, round: int) -> int:
    """Objections to a round's notices that have no reply yet, withdrawn notices' included."""
    return (
        db.session.scalar(
            sa.select(sa.func.count())
            .select_from(Objection)
            .join(Objection.notice)
            .where(Notice.stage_id == stage_id, Notice.round == round, Objection.reply == "")
        )
        or 0
    )


def ending(first: date, last: date, actor: User | None = None) -> Sequence[Notice]:
    """Posted notices of running projects whose last day lies between two days, both included.

    Within the actor's reach or, for the scheduler, of all committees.
    """
    query = (
        sa.select(Notice)
        .join(Notice.project)
        .where(
            Notice.state == NoticeState.POSTED,
            Notice.ends_on.between(first, last),
            Project.state == ProjectState.ACTIVE,
        )
        .options(contains_eager(Notice.project), selectinload(Notice.objections))
        .order_by(Notice.ends_on, Notice.id)
    )
    if actor is not None:
        query = query.where(within_reach(actor))
    return db.session.scalars(query).all()
