"""Reading the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

import sqlalchemy as sa
from flask import g

from tracker.kernel.database import db
from tracker.workdays.models import CalendarDay, CalendarYear
from tracker.workdays.rules import Calendar, DayKind


def calendar() -> Calendar:
    """The calendar in force, read once per request or job and shared within it."""
    known: Calendar | None = g.get("calendar")
    if known is None:
        known = g.calendar = _load()
    return known


def forget() -> None:
    """Read the calendar again at its next use; for whoever has just changed it."""
    g.pop("calendar", None)


# Codes, not members: two hundred rows are read for every page, and built into a calendar
# only when one of them is not what it was.
_DAYS = sa.select(CalendarDay.day, sa.type_coerce(CalendarDay.kind, sa.String)).order_by(
    CalendarDay.day
)
_YEARS = sa.select(CalendarYear.year)


def _load() -> Calendar:
    days = db.session.execute(_DAYS)
    years = db.session.scalars(_YEARS)
    return _built(tuple((day, code) for day, code in days), frozenset(years))


@lru_cache(maxsize=4)
def _built(days: tuple[tuple[date, str], ...], years: frozenset[int]) -> Calendar:
    return Calendar({day: DayKind(code) for day, code in days}, years)


def days_of(year: int) -> Sequence[CalendarDay]:
    """The exceptions of one year, in order."""
    return db.session.scalars(
        sa.select(CalendarDay)
        .where(CalendarDay.day.between(date(year, 1, 1), date(year, 12, 31)))
        .order_by(CalendarDay.day)
    ).all()


def years() -> Sequence[CalendarYear]:
    """The years that were announced, in order."""
    return db.session.scalars(sa.select(CalendarYear).order_by(CalendarYear.year)).all()


def day(chosen: date) -> CalendarDay | None:
    """What was said about one day, or None for an ordinary one."""
    return db.session.get(CalendarDay, chosen)
