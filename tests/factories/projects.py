"""Projects with stages, without going through the process."""

from __future__ import annotations

import secrets
from datetime import date, timedelta

from tests.factories.people import NOW
from tracker.accounts.models import User
from tracker.anthology.rules import DayUnit, ProblemKind, StageKind
from tracker.kernel.database import db
from tracker.places.models import Compound
from tracker.projects.models import Project, Stage, Task
from tracker.projects.rules import StageState, TaskOrigin

FIVE = (
    StageKind.COLLECT,
    StageKind.DELIBERATE,
    StageKind.VOTE,
    StageKind.IMPLEMENT,
    StageKind.FEEDBACK,
)


def project(
    lead: User,
    compound: Compound,
    *,
    kinds: tuple[StageKind, ...] = FIVE,
    at: StageKind | None = None,
    gates: dict[StageKind, list[dict[str, object]]] | None = None,
    start: date = date(2026, 3, 2),
    **fields: object,
) -> Project:
    """A project whose stages before ``at`` are done and whose stage ``at`` is active."""
    made = Project(
        **{
            "committee_id": compound.committee_id,
            "compound_id": compound.id,
            "title": "停车与门禁",
            "problem": "车位不够，主入口没有门禁。",
            "problem_kind": ProblemKind.PARKING,
            "lead_id": lead.id,
            "started_on": start,
            "public_token": secrets.token_urlsafe(12),
            "created_by": lead.id,
            "created_at": NOW,
            **fields,
        }
    )
    reached = at is None
    for position, kind in enumerate(kinds, start=1):
        begin = start + timedelta(days=14 * (position - 1))
        end = begin + timedelta(days=11)
        state = StageState.TODO if reached else StageState.DONE
        if kind is at:
            state, reached = StageState.ACTIVE, True
        made.stages.append(
            Stage(
                committee_id=made.committee_id,
                position=position,
                key=kind.value if kind not in kinds[: position - 1] else f"{kind.value}{position}",
                kind=kind,
                title=kind.label,
                duration_days=10,
                duration_unit=DayUnit.WORK,
                planned_start=begin,
                planned_end=end,
                state=state,
                actual_start=None if state is StageState.TODO else begin,
                actual_end=end if state is StageState.DONE else None,
                gates=(gates or {}).get(kind, []),
                lead_id=lead.id,
            )
        )
    db.session.add(made)
    db.session.flush()
    return made


def task(stage: Stage, title: str = "张贴告知书", **fields: object) -> Task:
    """A task of a stage."""
    made = Task(
        **{
            "committee_id": stage.committee_id,
            "project_id": stage.project_id,
            "stage_id": stage.id,
            "title": title,
            "origin": TaskOrigin.TEMPLATE,
            "created_at": NOW,
            **fields,
        }
    )
    db.session.add(made)
    db.session.flush()
    return made
