"""The arrangements that come with the chinesecalendar package: data, no database.

The package follows the State Council's yearly notice and raises NotImplementedError for
years that it does not know.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import chinese_calendar

from tracker.workdays.rules import FIRST_YEAR, Arranged, DayKind, ordinary


def years() -> range:
    """The years the package knows, from the first that matters here."""
    return range(FIRST_YEAR, max(chinese_calendar.holidays).year + 1)


def days(year: int) -> Iterator[Arranged]:
    """The days of ``year`` that differ from Monday–Friday.

    Raises NotImplementedError for a year not yet announced.
    """
    day = date(year, 1, 1)
    while day.year == year:
        kind = DayKind.WORK if chinese_calendar.is_workday(day) else DayKind.REST
        if kind is not ordinary(day):
            yield Arranged(day, kind, _name(day))
        day += timedelta(days=1)


def _name(day: date) -> str:
    code = chinese_calendar.holidays.get(day) or chinese_calendar.workdays.get(day)
    name: str = chinese_calendar.Holiday(code).chinese
    return f"{name}调休" if day in chinese_calendar.workdays else name
