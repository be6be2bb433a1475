"""Counting working days, with the make-up workdays (调休) that Chinese years have.

Pure: a ``Calendar`` is a value. Years without an announced arrangement fall back to
Monday to Friday, and say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from tracker.kernel.words import N_, Term


class DayKind(Term):
    """A day is worked or rested."""

    WORK = "work", N_("上班")
    REST = "rest", N_("放假")


@dataclass(frozen=True)
class Calendar:
    """Exceptions to Monday–Friday, and the years for which they are known."""

    days: Mapping[date, DayKind] = field(default_factory=dict)
    years: frozenset[int] = frozenset()

    def is_workday(self, day: date) -> bool:
        """Whether ``day`` is worked."""
        kind = self.days.get(day)
        return kind is DayKind.WORK if kind is not None else day.weekday() < 5

    def is_announced(self, day: date) -> bool:
        """Whether the year's arrangement is known; otherwise the answer is an estimate."""
        return day.year in self.years

    def add(self, start: date, count: int) -> date:
        """The working day ``count`` working days after ``start``; negative counts go back.

        ``count == 0`` gives ``start`` itself if worked, else the next working day.
        """
        day, step = start, (-1 if count < 0 else 1)
        if count == 0:
            while not self.is_workday(day):
                day += timedelta(days=1)
            return day
        left = abs(count)
        while left:
            day += timedelta(days=step)
            left -= self.is_workday(day)
        return day

    def between(self, start: date, end: date) -> int:
        """Working days after ``start`` up to and including ``end``; negative when past."""
        if end < start:
            return -self.between(end, start)
        day, count = start, 0
        while day < end:
            day += timedelta(days=1)
            count += self.is_workday(day)
        return count
