"""Reading inbox, outbox and heartbeats."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask import current_app

from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.notifications.models import Heartbeat, InboxItem
from tracker.notifications.rules import HEARTBEAT_LIMIT


def unread(user_id: int) -> int:
    """How many messages a person has not read."""
    query = sa.select(sa.func.count()).where(
        InboxItem.recipient_id == user_id, InboxItem.read_at.is_(None)
    )
    return db.session.scalar(query) or 0


def inbox(user_id: int) -> sa.Select[InboxItem]:
    """A person's messages: unread first, then the newest."""
    return (
        sa.select(InboxItem)
        .where(InboxItem.recipient_id == user_id)
        .order_by(InboxItem.read_at.is_not(None), InboxItem.id.desc())
    )


def item(user_id: int, item_id: int) -> InboxItem:
    """One of a person's own messages; raises NotFound for any other."""
    found = db.session.get(InboxItem, item_id)
    if found is None or found.recipient_id != user_id:
        raise NotFound
    return found


def heartbeat(job: str) -> datetime | None:
    """When a background job last came round, or None when it never did."""
    return db.session.scalar(sa.select(Heartbeat.at).where(Heartbeat.job == job))


def is_stale(job: str, now: datetime) -> bool:
    """Whether a background job has stopped, or never ran."""
    at = heartbeat(job)
    return at is None or now - at > HEARTBEAT_LIMIT


def mail_is_configured() -> bool:
    """Whether letters can leave at all; without it reminders stay in the inbox."""
    return bool(current_app.config["MAIL_HOST"])
