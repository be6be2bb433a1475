"""Counting working days, with the make-up workdays (调休) that Chinese years have.

Pure: a ``Calendar`` is a value. Years without an announced arrangement fall back to
Monday to Friday, and say so.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from itertools import accumulate

from tracker.kernel.words import M_, N_, Message, Term


class DayKind(Term):
    """A day is worked or rested."""

    WORK = "work", N_("上班")
    REST = "rest", N_("放假")


class DaySource(Term):
    """Who said so; what a person entered is never overwritten by the packaged data."""

    PACKAGED = "packaged", N_("随软件提供")
    IMPORTED = "imported", N_("粘贴导入")
    EDITED = "edited", N_("手工登记")


FIRST_YEAR = 2019
"""The first year that is loaded; older projects are not logged."""


def ordinary(day: date) -> DayKind:
    """What ``day`` is when nothing was announced: Monday to Friday are worked."""
    return DayKind.WORK if day.weekday() < 5 else DayKind.REST


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

    def years_missing(self, today: date, until: date) -> list[int]:
        """Years from ``today``'s to ``until``'s whose arrangement is not known, in order."""
        return [year for year in range(today.year, until.year + 1) if year not in self.years]

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

    def last_on_or_before(self, day: date) -> date:
        """``day`` itself if worked, else the last working day before it."""
        while not self.is_workday(day):
            day -= timedelta(days=1)
        return day

    def between(self, start: date, end: date) -> int:
        """Working days after ``start`` up to and including ``end``; negative when past."""
        return self._worked_until(end) - self._worked_until(start)

    def _worked_until(self, day: date) -> int:
        """Working days from the first of all days up to and including ``day``.

        Lists show many deadlines, some years away: counting must not walk there day by day.
        """
        weeks, rest = divmod(day.toordinal(), 7)
        days, balances = self._turning_points
        place = bisect_right(days, day)
        return weeks * 5 + min(rest, 5) + (balances[place - 1] if place else 0)

    @cached_property
    def _turning_points(self) -> tuple[list[date], list[int]]:
        """The days that differ from their weekday, with the working days gained so far."""
        days = sorted(day for day, kind in self.days.items() if kind is not ordinary(day))
        gains = (1 if self.days[day] is DayKind.WORK else -1 for day in days)
        return days, list(accumulate(gains))


@dataclass(frozen=True)
class Arranged:
    """One day of an arrangement as announced."""

    day: date
    kind: DayKind
    note: str


@dataclass(frozen=True)
class BadLine:
    """A line that cannot be read: its number from 1, and why."""

    number: int
    reason: Message

    @property
    def message(self) -> Message:
        """The whole sentence for the screen."""
        return M_("第 %(n)d 行：%(reason)s", n=self.number, reason=self.reason)


_WORDS = {"放假": DayKind.REST, "休": DayKind.REST, "上班": DayKind.WORK, "班": DayKind.WORK}
_DAY = re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$")
NOTE_LENGTH = 60


def parse_arrangement(text: str) -> tuple[list[Arranged], list[BadLine]]:
    """Read pasted lines such as ``2027-01-01 放假 元旦`` and ``2027-02-06 上班 调休``.

    Columns are separated by spaces, tabs or commas; the note may be missing; empty lines
    say nothing. Returns the days read, and a reason for each line that cannot be read.
    """
    days: list[Arranged] = []
    bad: list[BadLine] = []
    seen: dict[date, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        read = _line(line)
        if isinstance(read, Message):
            bad.append(BadLine(number, read))
        elif read.day in seen:
            bad.append(BadLine(number, M_("与第 %(n)d 行是同一天", n=seen[read.day])))
        else:
            seen[read.day] = number
            days.append(read)
    return days, bad


def _line(line: str) -> Arranged | Message:
    parts = re.split(r"[\s,，、]+", line.strip(), maxsplit=2)
    if len(parts) < 2:
        return M_("应写成“日期 放假/上班 说明”")
    match = _DAY.match(parts[0])
    if match is None:
        return M_("“%(what)s”不是日期，应写成 2027-01-01", what=parts[0][:20])
    try:
        day = date(*(int(group) for group in match.groups()))
    except ValueError:
        return M_("没有 %(what)s 这一天", what=parts[0])
    if not FIRST_YEAR <= day.year <= 2100:
        return M_("年份应在 %(first)d 至 2100 之间", first=FIRST_YEAR)
    kind = _WORDS.get(parts[1])
    if kind is None:
        return M_("“%(what)s”应为“放假”或“上班”", what=parts[1][:20])
    note = parts[2].strip() if len(parts) == 3 else ""
    if len(note) > NOTE_LENGTH:
        return M_("说明最多 %(n)d 个字", n=NOTE_LENGTH)
    return Arranged(day, kind, note)
