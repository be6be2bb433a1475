"""The history: append-only entries, each chained to the one before by its hash."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel.database import BigId, Model, Row


class AuditHead(Model):
    """The last link of one chain; locking this row orders the writers of the chain."""

    __tablename__ = "audit_head"

    chain: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    sequence: Mapped[int] = mapped_column(default=0)
    hash: Mapped[str] = mapped_column(sa.String(64), default="")


class AuditEntry(Row, Model):
    """Who did what, when. ``text`` is a sentence in the source language with places."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        sa.UniqueConstraint("chain", "sequence"),
        sa.Index("ix_audit_entry_project", "project_id", "id"),
    )

    chain: Mapped[str] = mapped_column(sa.String(40))
    sequence: Mapped[int]
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("account.id"))
    committee_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("committee.id"))
    project_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("project.id"))
    action: Mapped[str] = mapped_column(sa.String(60))
    text: Mapped[str] = mapped_column(sa.Text)
    values: Mapped[dict[str, Any]]
    previous_hash: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64))
