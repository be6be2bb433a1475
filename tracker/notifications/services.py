"""Putting messages into inbox and outbox; sending is ``dispatch``'s work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from tracker.kernel.database import db
from tracker.kernel.upsert import insert_into
from tracker.notifications import queries
from tracker.notifications.models import Delivery, Heartbeat, InboxItem
from tracker.notifications.rules import ChannelKind, DeliveryState


@dataclass(frozen=True)
class Item:
    """A message for the inbox; ``link`` is a path within the ledger."""

    key: str
    recipient_id: int
    subject: str
    body: str
    link: str
    project_id: int | None = None


@dataclass(frozen=True)
class Letter:
    """A message for the outbox."""

    key: str
    recipient_id: int | None
    address: str
    subject: str
    body: str
    not_before: datetime
    project_id: int | None = None


def put_in_inbox(items: Sequence[Item], now: datetime) -> Mapping[str, int]:
    """Put messages into inboxes; those whose key is there already are left out.

    Returns the id of each new message by its key.
    """
    if not items:
        return {}
    insert = insert_into(InboxItem).on_conflict_do_nothing().returning(InboxItem.key, InboxItem.id)
    rows = [{**vars(item), "created_at": now} for item in items]
    return {row.key: row.id for row in db.session.execute(insert, rows)}


def queue_letters(letters: Sequence[Letter], now: datetime) -> None:
    """Put letters into the outbox; those whose key is there already are left out."""
    if not letters:
        return
    rows = [
        {
            "key": letter.key,
            "channel": ChannelKind.EMAIL,
            "recipient_id": letter.recipient_id,
            "project_id": letter.project_id,
            "address": letter.address,
            "subject": letter.subject,
            "body": letter.body,
            "state": DeliveryState.QUEUED,
            "next_try_at": letter.not_before,
            "created_at": now,
        }
        for letter in letters
    ]
    db.session.execute(insert_into(Delivery).on_conflict_do_nothing(), rows)


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


def mark_read(user_id: int, item_id: int, now: datetime) -> InboxItem:
    """A person has seen one of the own messages; raises NotFound for any other."""
    item = queries.item(user_id, item_id)
    item.read_at = item.read_at or now
    return item


def mark_all_read(user_id: int, now: datetime, *, up_to: int) -> int:
    """A person has seen all own messages up to the id ``up_to``; returns how many.

    What arrived after the page was opened stays unread.
    """
    unseen = sa.update(InboxItem).where(
        InboxItem.recipient_id == user_id, InboxItem.read_at.is_(None), InboxItem.id <= up_to
    )
    return db.session.execute(unseen.values(read_at=now)).rowcount  # type: ignore[attr-defined, no-any-return]


def beat(job: str, now: datetime) -> None:
    """Note that a background job came round."""
    insert = insert_into(Heartbeat).values(job=job, at=now)
    db.session.execute(
        insert.on_conflict_do_update(index_elements=[Heartbeat.job], set_={"at": now})
    )
