"""What the services of works and pictures share."""

from __future__ import annotations

from datetime import datetime

from tracker.accounts.models import User
from tracker.audit.services import record
from tracker.kernel.errors import FieldRefusal
from tracker.kernel.words import Message
from tracker.projects.models import Project


def refuse_at(field: str, fault: Message | None) -> None:
    """Raise FieldRefusal at ``field`` when there is a fault."""
    if fault is not None:
        raise FieldRefusal(field, fault)


def tell(actor: User, now: datetime, project: Project, action: str, message: Message) -> None:
    """Write ``message`` into the history of ``project``."""
    record(
        action,
        message,
        actor_id=actor.id,
        now=now,
        committee_id=project.committee_id,
        project_id=project.id,
    )
