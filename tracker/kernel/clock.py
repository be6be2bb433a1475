"""The one clock: UTC inside, Asia/Shanghai outside."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def local_date(instant: datetime) -> date:
    """The calendar day in Shanghai on which ``instant`` falls."""
    return instant.astimezone(SHANGHAI).date()


def today() -> date:
    """The present calendar day in Shanghai, whatever the host's time zone."""
    return local_date(now())


def at_local(day: date, clock_time: time) -> datetime:
    """The UTC instant of a wall-clock time in Shanghai."""
    return datetime.combine(day, clock_time, SHANGHAI).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """The instant a deadline on ``day`` runs out: 23:59:59 in Shanghai."""
    return at_local(day, time(23, 59, 59))


def date_of(text: str) -> date:
    """A day from its ISO form; raises ValueError for anything else."""
    return date.fromisoformat(text)
