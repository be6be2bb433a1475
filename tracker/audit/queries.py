"""Reading the history."""

from __future__ import annotations

import sqlalchemy as sa

from tracker.audit.models import AuditEntry
from tracker.kernel.words import Message, unpack


def of_project(project_id: int) -> sa.Select[AuditEntry]:
    """All entries of a project, newest first."""
    return (
        sa.select(AuditEntry)
        .where(AuditEntry.project_id == project_id)
        .order_by(AuditEntry.id.desc())
    )


def sentence(entry: AuditEntry) -> Message:
    """What the entry says, ready to be translated."""
    return Message(entry.text, {k: unpack(v) for k, v in entry.values.items()})
