"""The three screens before a project exists: each saves what it was told."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from tracker.accounts.models import User
from tracker.anthology.models import CaseTemplate
from tracker.anthology.rules import ProblemKind
from tracker.kernel.database import db
from tracker.kernel.errors import Reason, Refusal
from tracker.kernel.words import M_
from tracker.places import queries as places
from tracker.projects.models import Project, ProjectDraft
from tracker.projects.rules import plausible
from tracker.projects.services import NewProject, StagePlan, log_project
from tracker.workdays.rules import Calendar


def begin(
    actor: User, now: datetime, committee_id: int, template: CaseTemplate, what: dict[str, Any]
) -> ProjectDraft:
    """Keep the first screen. ``what`` holds title, problem, problem_kind, compound_id,
    place and start (ISO date)."""
    draft = ProjectDraft(
        committee_id=committee_id,
        case_id=template.id,
        author_id=actor.id,
        data={"what": what, "days": default_days(template)},
        updated_at=now,
    )
    db.session.add(draft)
    db.session.flush()
    return draft


def default_days(template: CaseTemplate) -> dict[str, int]:
    """The template's own durations, by stage."""
    return {stage.key: stage.duration.days for stage in template.case.stages}


def save(draft: ProjectDraft, now: datetime, **parts: Any) -> None:
    """Keep one screen's answers, replacing what that screen said before."""
    if draft.project_id is not None:
        raise Refusal(M_("这个项目已经登记好了。"))
    draft.data = {**draft.data, **parts}
    draft.updated_at = now


def discard(draft: ProjectDraft) -> None:
    """Throw a draft away; raises Refusal when it has become a project."""
    if draft.project_id is not None:
        raise Refusal(M_("这个项目已经登记好了。"))
    db.session.delete(draft)


def first_day(draft: ProjectDraft) -> date | None:
    """The day the project is to begin on, or None when what was kept cannot be meant."""
    try:
        day = date.fromisoformat(draft.data["what"]["start"])
    except ValueError:
        return None
    return day if plausible(day) else None


def require_first_day(draft: ProjectDraft) -> date:
    """As ``first_day``; raises Refusal, with the way to the first screen, instead of None."""
    day = first_day(draft)
    if day is None:
        wrong = M_("这份草稿的开始日期不对，请改正，或在项目列表放弃这份草稿。")
        raise Refusal(Reason(wrong, "projects.edit_what", (("draft_id", draft.id),)))
    return day


def finish(actor: User, now: datetime, draft: ProjectDraft, calendar: Calendar) -> Project:
    """Turn a draft with all three screens into a project."""
    if draft.project_id is not None:
        raise Refusal(M_("这个项目已经登记好了。"))
    what, days, leads = draft.data["what"], draft.data["days"], draft.data["leads"]
    project = log_project(
        actor,
        now,
        template=draft.case,
        compound=places.compound(actor, what["compound_id"]),
        new=NewProject(
            title=what["title"],
            problem=what["problem"],
            problem_kind=ProblemKind(what["problem_kind"]),
            place=what["place"],
            start=require_first_day(draft),
            lead_id=leads["project"],
        ),
        stages=[
            StagePlan(s.key, days[s.key], leads[s.key])
            for s in draft.case.case.stages
            if s.key in days
        ],
        calendar=calendar,
    )
    draft.project_id = project.id
    return project
