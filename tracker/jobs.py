"""Background jobs: one table, and a scheduler that only ticks.

All correctness lies in the database: planning and sending are idempotent, and any number of
schedulers may run. This one runs in a process of its own (``flask jobs run``).
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, timedelta

from apscheduler.schedulers.blocking import BlockingScheduler
from flask import Flask, current_app

from tracker.kernel import clock
from tracker.kernel.database import db, reading
from tracker.notifications import dispatch as sending
from tracker.notifications import queries as notification_queries
from tracker.notifications import services as notifications
from tracker.notifications.mail import MailServer, MailSettings
from tracker.notifications.models import Delivery
from tracker.reminders import services as reminders

log = logging.getLogger(__name__)

TICK_SECONDS = 30
stopping = threading.Event()
"""Set when the process was asked to end: whatever runs finishes its present letter."""


@dataclass(frozen=True)
class Job:
    """Something to do every so many seconds; the function commits what it does."""

    name: str
    function: Callable[[], object]
    seconds: int


def plan() -> int:
    """Plan the reminders that are due. Reading first keeps the database's write lock short."""
    now = clock.now()
    promise = reading.set(True)
    try:
        found = reminders.due(now)
        db.session.rollback()
    finally:
        reading.reset(promise)
    count = reminders.put(found, now)
    db.session.commit()
    return count


def dispatch() -> sending.Tally:
    """Send the letters that are due; without a mail server there is nothing to send with."""
    notifications.beat("dispatch", clock.now())
    db.session.commit()
    if not notification_queries.mail_is_configured():
        return sending.Tally()
    server = MailServer(MailSettings.of(current_app.config))
    return sending.dispatch(server, _asked())


def _asked() -> sending.Asked:
    def wanted(key: str) -> bool:
        return reminders.is_wanted(key, clock.now())

    def died(delivery: Delivery) -> None:
        reminders.tell_of_dead_letter(delivery, clock.now())

    return sending.Asked(clock.now, wanted, died, stopping.is_set)


JOBS: tuple[Job, ...] = (
    Job(reminders.PLAN_JOB, plan, TICK_SECONDS),
    Job("dispatch", dispatch, TICK_SECONDS),
)


def once(app: Flask, job: Job) -> object:
    """Run one job by hand, in an application context of its own."""
    with app.app_context():
        result = job.function()
        log.info("job %s: %s", job.name, result)
        return result


def named(name: str) -> Job | None:
    """The job of this name."""
    return next((job for job in JOBS if job.name == name), None)


def scheduler_for(app: Flask) -> BlockingScheduler:
    """A scheduler with every job of the table; nothing about jobs is stored anywhere."""
    scheduler = BlockingScheduler(timezone=UTC)
    for job in JOBS:
        scheduler.add_job(
            once,
            "interval",
            args=(app, job),
            id=job.name,
            seconds=job.seconds,
            next_run_time=clock.now(),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
    return scheduler


def run(app: Flask) -> None:
    """Tick until the process is asked to end (SIGTERM or SIGINT)."""
    stopping.clear()
    scheduler = scheduler_for(app)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    threading.Thread(target=watch, args=(scheduler, TICK_SECONDS), daemon=True).start()
    scheduler.start()


def watch(scheduler: BlockingScheduler, seconds: float) -> None:
    """Keep the jobs coming when the wall clock is set back, and end the scheduler when asked.

    The scheduler keeps its appointments by the wall clock: set back an hour, nothing would
    run for an hour. This waits on the monotonic clock and moves such appointments to now.
    """
    while not stopping.wait(seconds):
        mend_appointments(scheduler)
    scheduler.shutdown(wait=True)


def mend_appointments(scheduler: BlockingScheduler) -> None:
    """Bring forward every job whose next run is further away than its interval."""
    now = clock.now()
    for job in scheduler.get_jobs():
        entry = named(job.id)
        if entry is not None and job.next_run_time - now > timedelta(seconds=2 * entry.seconds):
            log.warning("the clock was set back: job %s runs now", job.id)
            job.modify(next_run_time=now)
    scheduler.wakeup()
