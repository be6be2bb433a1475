"""Putting messages into inbox and outbox; sending is ``dispatch``'s work."""

from __future__ import annotations

from datetime import datetime

from tracker.kernel.database import db
from tracker.notifications.models import Delivery
from tracker.notifications.rules import ChannelKind


def queue_email(
    *,
    key: str,
    recipient_id: int | None,
    address: str,
    subject: str,
    body: str,
    now: datetime,
    project_id: int | None = None,
) -> Delivery:
    """Put a letter into the outbox; it leaves after the transaction, from the scheduler."""
    delivery = Delivery(
        key=key,
        channel=ChannelKind.EMAIL,
        recipient_id=recipient_id,
        project_id=project_id,
        address=address,
        subject=subject,
        body=body,
        next_try_at=now,
        created_at=now,
    )
    db.session.add(delivery)
    return delivery
