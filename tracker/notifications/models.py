"""Inbox and outbox: a message is a row before it is anything else."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel.database import BigId, Model, Row, term_type
from tracker.notifications.rules import ChannelKind, DeliveryState, Failure


class InboxItem(Row, Model):
    """A message in the ledger itself; ``key`` makes it appear exactly once."""

    __tablename__ = "inbox_item"
    __table_args__ = (sa.Index("ix_inbox_item_reader", "recipient_id", "read_at", "id"),)

    key: Mapped[str] = mapped_column(sa.String(200), unique=True)
    recipient_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("account.id"))
    project_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("project.id"), index=True)
    subject: Mapped[str] = mapped_column(sa.String(200))
    body: Mapped[str] = mapped_column(sa.Text)
    link: Mapped[str] = mapped_column(sa.String(300))
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class Delivery(Row, Model):
    """A message on its way out of the ledger, at least once, with its fate."""

    __tablename__ = "delivery"
    __table_args__ = (
        sa.Index("ix_delivery_due", "state", "next_try_at"),
        sa.CheckConstraint("state <> 'sent' OR sent_at IS NOT NULL", name="sent_has_its_time"),
    )

    key: Mapped[str] = mapped_column(sa.String(200), unique=True)
    channel: Mapped[ChannelKind] = mapped_column(term_type(ChannelKind))
    recipient_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("account.id"), index=True)
    project_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("project.id"), index=True)
    address: Mapped[str] = mapped_column(sa.String(200))
    subject: Mapped[str] = mapped_column(sa.String(200))
    body: Mapped[str] = mapped_column(sa.Text)
    state: Mapped[DeliveryState] = mapped_column(
        term_type(DeliveryState), default=DeliveryState.QUEUED
    )
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    lease_token: Mapped[str] = mapped_column(sa.String(40), default="")
    last_failure: Mapped[Failure | None] = mapped_column(term_type(Failure))
    last_error: Mapped[str] = mapped_column(sa.String(300), default="")
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class Heartbeat(Model):
    """When a background job last came round."""

    __tablename__ = "heartbeat"

    job: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    at: Mapped[datetime]
