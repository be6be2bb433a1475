"""Channels, states of a delivery, when to try again, and when not to disturb."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from tracker.kernel.clock import SHANGHAI
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

JITTER = 0.2
"""The largest part of a wait that is added to it, so that retries do not come in step."""

LEASE = timedelta(minutes=2)
"""How long a sender may hold a message before another may take it."""

RATE_WAIT = timedelta(minutes=10)
"""The wait after a server asked to slow down; it uses up no attempt."""

GIVE_UP = timedelta(days=3)
"""How long a message outlives a mail server that is away: an outage uses up no message."""

QUIET_FROM, QUIET_UNTIL = time(21), time(8)
"""Outside channels rest between these times in Shanghai; messages wait, none is dropped."""

HEARTBEAT_LIMIT = timedelta(seconds=120)
"""A job that came round longer ago than this has stopped."""


class Failure(Term):
    """Why a message did not leave, as far as the next step depends on it."""

    OUTAGE = "outage", N_("邮件服务器暂时不能用")
    SLOW_DOWN = "slow_down", N_("对方要求放慢发送")
    TEMPORARY = "temporary", N_("对方暂时不收")
    PERMANENT = "permanent", N_("对方拒收")


@dataclass(frozen=True)
class Trial:
    """A failed attempt: what kind of failure, and the server's words for people to read."""

    failure: Failure
    reason: str


@dataclass(frozen=True)
class Step:
    """What becomes of a message after a failed attempt; without ``wait`` it is dead."""

    attempts: int
    wait: timedelta | None


def next_step(failure: Failure, attempts: int, age: timedelta, key: str) -> Step:
    """What to do after ``failure``, when ``attempts`` had failed before it.

    ``age`` is the time since the message was queued; ``key`` makes the jitter repeatable.
    """
    if failure is Failure.PERMANENT:
        return Step(attempts + 1, None)
    if failure is Failure.SLOW_DOWN:
        return Step(attempts, jittered(RATE_WAIT, key, attempts))
    if failure is Failure.OUTAGE:
        if age >= GIVE_UP:
            return Step(attempts + 1, None)
        wait = BACKOFF[min(attempts, len(BACKOFF) - 1)]
        return Step(attempts + 1, jittered(wait, key, attempts))
    if attempts >= len(BACKOFF):
        return Step(attempts + 1, None)
    return Step(attempts + 1, jittered(BACKOFF[attempts], key, attempts))


def jittered(wait: timedelta, key: str, attempts: int) -> timedelta:
    """``wait`` and up to a fifth more, the same for the same message and attempt."""
    digest = hashlib.sha256(f"{key}/{attempts}".encode()).digest()
    return wait * (1 + JITTER * digest[0] / 255)


_SLOW_DOWN = re.compile(r"frequen|rate|limit|too many|slow|频率|过快|限制", re.IGNORECASE)


def failure_of_reply(code: int, text: str) -> Failure:
    """What an SMTP reply to one message means (RFC 5321, 4.2.1).

    421 closes the service. QQ and 163 answer 550 when letters come too fast.
    """
    if code == 421:
        return Failure.OUTAGE
    if _SLOW_DOWN.search(text):
        return Failure.SLOW_DOWN
    return Failure.PERMANENT if 500 <= code < 600 else Failure.TEMPORARY


def after_quiet(instant: datetime) -> datetime:
    """``instant``, or the end of the quiet hours it falls into."""
    local = instant.astimezone(SHANGHAI)
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return instant
    day = local.date() if local.time() < QUIET_UNTIL else local.date() + timedelta(days=1)
    return datetime.combine(day, QUIET_UNTIL, SHANGHAI).astimezone(instant.tzinfo)


def number(item_id: int) -> str:
    """提醒号: what a person quotes, and recognises a repeat by."""
    return f"R-{item_id}"
