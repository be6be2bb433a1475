"""Reading the history."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from tracker.audit.models import AuditEntry
from tracker.kernel.words import Message


def of_project(project_id: int) -> sa.Select[tuple[AuditEntry]]:
    """All entries of a project, newest first."""
    return (
        sa.select(AuditEntry)
        .where(AuditEntry.project_id == project_id)
        .order_by(AuditEntry.id.desc())
    )


def sentence(entry: AuditEntry) -> Message:
    """What the entry says, ready to be translated."""
    return Message(entry.text, {k: _spoken(v) for k, v in entry.values.items()})


def _spoken(value: Any) -> Any:
    if isinstance(value, dict) and "term" in value:
        return Message(value["term"])
    if isinstance(value, dict) and "text" in value:
        return Message(value["text"], {k: _spoken(v) for k, v in value["values"].items()})
    if isinstance(value, dict) and "date" in value:
        return date.fromisoformat(value["date"])
    return value
