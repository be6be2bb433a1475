"""Showing a project to residents, and taking it back."""

from __future__ import annotations

from datetime import datetime

from tracker.accounts.models import User
from tracker.audit.services import record
from tracker.kernel.errors import require
from tracker.kernel.words import M_, Message
from tracker.projects.models import Project


def publish(actor: User, now: datetime, project: Project) -> Project:
    """Open the residents' page; a closed project may be shown too.

    Raises Refusal when it is public already.
    """
    require(project.public_since is None, M_("这个项目已经公开了。"))
    project.public_since = now
    _history(actor, now, project, "public.published", M_("向居民公开了项目"))
    return project


def withdraw(actor: User, now: datetime, project: Project) -> Project:
    """Close the residents' page again; raises Refusal when it is not public."""
    require(project.public_since is not None, M_("这个项目没有公开。"))
    project.public_since = None
    _history(actor, now, project, "public.withdrawn", M_("收回了居民公开页"))
    return project


def _history(actor: User, now: datetime, project: Project, action: str, said: Message) -> None:
    record(
        action,
        said,
        actor_id=actor.id,
        now=now,
        committee_id=project.committee_id,
        project_id=project.id,
    )
