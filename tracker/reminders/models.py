"""The planned table: one row per occurrence, recipient and channel, whatever happens."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.accounts.models import User
from tracker.kernel.database import BigId, Model, Tenant, term_type
from tracker.notifications.rules import ChannelKind
from tracker.reminders.rules import Phase, ReminderKind


class PlannedReminder(Tenant, Model):
    """A reminder that was due and has been handed to its channel, exactly once."""

    __tablename__ = "planned_reminder"
    __table_args__ = (
        sa.Index("ix_planned_reminder_target", "kind", "target_id"),
        sa.Index("ix_planned_reminder_project", "project_id", "id"),
    )

    # kind:target:deadline_revision:occurrence:recipient:channel
    key: Mapped[str] = mapped_column(sa.String(200), unique=True)
    kind: Mapped[ReminderKind] = mapped_column(term_type(ReminderKind))
    target_id: Mapped[int]
    project_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("project.id"))
    recipient_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("account.id"), index=True)
    channel: Mapped[ChannelKind] = mapped_column(term_type(ChannelKind))
    occurrence: Mapped[str] = mapped_column(sa.String(20))
    phase: Mapped[Phase] = mapped_column(term_type(Phase))
    deadline: Mapped[date]
    due_at: Mapped[datetime]
    planned_at: Mapped[datetime]
    late: Mapped[bool] = mapped_column(default=False)
    recipient: Mapped[User] = relationship()
