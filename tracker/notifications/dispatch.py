"""Sending what stands in the outbox: claimed, sent with no transaction open, then finished.

Several dispatchers may run at once. Each claims letters with a lease and a token in a short
transaction of its own, and finishes a letter only while the token still matches; when a
dispatcher dies, its letters become free as the lease runs out. This is the edge towards the
outer world, so these functions commit.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from tracker.kernel.database import db, reading
from tracker.notifications.mail import CONNECT_SECONDS, READ_SECONDS, MailServer, NotSent
from tracker.notifications.models import Delivery
from tracker.notifications.rules import LEASE, DeliveryState, Trial, next_step

log = logging.getLogger(__name__)

BATCH = 50
"""Letters claimed at once; on one connection they are through long before the lease ends."""

_ONE_LETTER = timedelta(seconds=CONNECT_SECONDS + 3 * READ_SECONDS)
"""The time that must be left on the lease before another letter is begun."""


@dataclass(frozen=True)
class Claimed:
    """A letter in this dispatcher's hands, detached from the database."""

    id: int
    key: str
    token: str
    lease_until: datetime
    address: str
    subject: str
    body: str
    attempts: int
    created_at: datetime


@dataclass
class Tally:
    """What became of the letters of one run."""

    sent: int = 0
    postponed: int = 0
    dead: int = 0
    dropped: int = 0


@dataclass(frozen=True)
class Asked:
    """What the dispatcher asks of those who know more than the outbox.

    ``wanted``: whether the letter with this key is still to be sent. ``died``: called in the
    transaction that gives a letter up. ``enough``: whether to stop before the next letter.
    """

    clock: Callable[[], datetime]
    wanted: Callable[[str], bool]
    died: Callable[[Delivery], None]
    enough: Callable[[], bool] = lambda: False


def dispatch(server: MailServer, asked: Asked, *, batch: int = BATCH) -> Tally:
    """Send everything that is due now; returns what became of it."""
    tally = Tally()
    while not asked.enough():
        letters = claim(asked.clock(), batch)
        if not letters or not _send_batch(server, letters, asked, tally):
            break
    return tally


def claim(now: datetime, count: int) -> Sequence[Claimed]:
    """Take up to ``count`` letters that are due, or whose sender has died, and commit."""
    free = sa.or_(
        sa.and_(Delivery.state == DeliveryState.QUEUED, Delivery.next_try_at <= now),
        sa.and_(Delivery.state == DeliveryState.SENDING, Delivery.lease_until < now),
    )
    rows = db.session.scalars(
        sa.select(Delivery)
        .where(free)
        .order_by(Delivery.next_try_at, Delivery.id)
        .limit(count)
        .with_for_update(skip_locked=True)  # SQLite has no such clause, and one writer
    ).all()
    token, until = secrets.token_hex(16), now + LEASE
    taken = []
    for row in rows:
        row.state, row.lease_token, row.lease_until = DeliveryState.SENDING, token, until
        taken.append(
            Claimed(
                row.id, row.key, token, until, row.address, row.subject, row.body,
                row.attempts, row.created_at,
            )
        )  # fmt: skip
    db.session.commit()
    return taken


def _send_batch(server: MailServer, letters: Sequence[Claimed], asked: Asked, tally: Tally) -> bool:
    """Send one batch on one connection; returns False when the server is away."""
    left = list(letters)
    try:
        server.open()
    except NotSent as outage:
        log.warning("mail server: %s", outage)
        for letter in left:
            _postpone(letter, outage.trial, asked, tally)
        return False
    with server:
        while left:
            if asked.enough() or asked.clock() > left[0].lease_until - _ONE_LETTER:
                break
            letter = left.pop(0)
            try:
                _send_one(server, letter, asked, tally)
            except NotSent as outage:
                # The connection is gone. Only the letter in hand was tried.
                log.warning("mail server: %s", outage)
                _postpone(letter, outage.trial, asked, tally)
                _release(left)
                return False
    _release(left)
    return True


def _send_one(server: MailServer, letter: Claimed, asked: Asked, tally: Tally) -> None:
    """Look again, send, finish. Raises NotSent when the connection is gone."""
    if not _look_again(letter, asked):
        tally.dropped += _finish(letter, state=DeliveryState.DROPPED)
        return
    try:
        server.send(
            key=letter.key,
            address=letter.address,
            subject=letter.subject,
            body=letter.body,
            written=letter.created_at,
        )
    except NotSent as error:
        if error.closed:
            raise
        _postpone(letter, error.trial, asked, tally)
        return
    tally.sent += _finish(
        letter, state=DeliveryState.SENT, sent_at=asked.clock(), last_failure=None, last_error=""
    )


def _look_again(letter: Claimed, asked: Asked) -> bool:
    """Whether the letter is still wanted; leaves no transaction open behind it."""
    promise = reading.set(True)
    try:
        return asked.wanted(letter.key)
    finally:
        db.session.rollback()
        reading.reset(promise)


def _postpone(letter: Claimed, trial: Trial, asked: Asked, tally: Tally) -> None:
    now = asked.clock()
    step = next_step(trial.failure, letter.attempts, now - letter.created_at, letter.key)
    if step.wait is not None:
        tally.postponed += _finish(
            letter,
            state=DeliveryState.QUEUED,
            attempts=step.attempts,
            next_try_at=now + step.wait,
            last_failure=trial.failure,
            last_error=trial.reason,
        )
        return
    died = _finish(
        letter,
        commit=False,
        state=DeliveryState.DEAD,
        attempts=step.attempts,
        last_failure=trial.failure,
        last_error=trial.reason,
    )
    if died:
        asked.died(db.session.get_one(Delivery, letter.id))
    db.session.commit()
    tally.dead += died


def _release(letters: Sequence[Claimed]) -> None:
    """Give back what was not begun."""
    for letter in letters:
        _finish(letter, commit=False, state=DeliveryState.QUEUED)
    db.session.commit()


def _finish(letter: Claimed, *, commit: bool = True, **values: object) -> int:
    """Write the fate of a letter if it is still ours; returns 1 when it was, else 0."""
    mine = sa.update(Delivery).where(
        Delivery.id == letter.id,
        Delivery.state == DeliveryState.SENDING,
        Delivery.lease_token == letter.token,
    )
    result = db.session.execute(mine.values(lease_token="", lease_until=None, **values))
    if commit:
        db.session.commit()
    return result.rowcount  # type: ignore[attr-defined, no-any-return]
