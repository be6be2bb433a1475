"""Channels, states of a delivery, and when to try again."""

from __future__ import annotations

from datetime import timedelta

from tracker.kernel.words import N_, Term


class ChannelKind(Term):
    """How a message reaches a person."""

    INBOX = "inbox", N_("站内提醒")
    EMAIL = "email", N_("电子邮件")


class DeliveryState(Term):
    """Where an outgoing message stands."""

    QUEUED = "queued", N_("待发送")
    SENDING = "sending", N_("发送中")
    SENT = "sent", N_("已发送")
    DEAD = "dead", N_("未能送达")
    DROPPED = "dropped", N_("不再需要")


BACKOFF = (
    timedelta(seconds=30),
    timedelta(minutes=1),
    timedelta(minutes=2),
    timedelta(minutes=5),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=1),
    timedelta(hours=2),
)
"""Waits between attempts; after the last the message is dead and visible as such."""

LEASE = timedelta(minutes=2)
"""How long a sender may hold a message before another may take it."""


def next_wait(attempts: int) -> timedelta | None:
    """The wait after ``attempts`` failed attempts, or None when the message is dead."""
    return BACKOFF[attempts - 1] if attempts <= len(BACKOFF) else None
