"""The words and arithmetic of a project: states, dates, lights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tracker.anthology.rules import DayUnit
from tracker.kernel.words import M_, N_, Message, Term
from tracker.workdays.rules import Calendar


class ProjectState(Term):
    """Where the whole project stands."""

    ACTIVE = "active", N_("进行中")
    PAUSED = "paused", N_("已暂停")
    CLOSED = "closed", N_("已办结")
    CANCELLED = "cancelled", N_("已取消")


class StageState(Term):
    """Where one stage stands; dates never change it by themselves."""

    TODO = "todo", N_("未开始")
    ACTIVE = "active", N_("进行中")
    BLOCKED = "blocked", N_("受阻")
    DONE = "done", N_("已完成")
    SKIPPED = "skipped", N_("已跳过")


OPEN_STATES = (StageState.ACTIVE, StageState.BLOCKED)
ENDED_STATES = (StageState.DONE, StageState.SKIPPED)


class RunOutcome(Term):
    """How one round of a stage ended."""

    DONE = "done", N_("完成")
    OVERRIDDEN = "overridden", N_("街道放行")
    SKIPPED = "skipped", N_("跳过")
    SENT_BACK = "sent_back", N_("退回重来")


class TaskOrigin(Term):
    """Where a task came from."""

    TEMPLATE = "template", N_("清单")
    ADDED = "added", N_("自行添加")
    MEETING = "meeting", N_("会议决定")
    CHECK = "check", N_("现场检查")


class Light(Term):
    """A project's light; always shown with its word and its shape."""

    RED = "red", N_("超期")
    AMBER = "amber", N_("将到期")
    GREEN = "green", N_("正常")
    GREY = "grey", N_("未开始")


AMBER_WORKDAYS = 3
"""A deadline within so many working days turns the light amber."""


def light(due: date | None, today: date, calendar: Calendar) -> Light:
    """The light of something due on ``due``, seen on ``today``."""
    if due is None:
        return Light.GREY
    if due < today:
        return Light.RED
    return Light.AMBER if calendar.between(today, due) <= AMBER_WORKDAYS else Light.GREEN


def due_words(due: date, today: date, calendar: Calendar) -> Message:
    """How far a deadline is: 还剩 3 个工作日, 今天到期, 超期 2 个工作日."""
    if due == today:
        return M_("今天到期")
    days = calendar.between(today, due)
    if due > today:
        return M_("还剩 %(n)d 个工作日", n=days) if days else M_("今天是最后一个工作日")
    return M_("超期 %(n)d 个工作日", n=-days) if days else M_("刚刚超期")


def plausible(day: date) -> bool:
    """Whether a project can have been meant to begin on ``day``; dates far out overflow."""
    return 2000 <= day.year < 2100


@dataclass(frozen=True)
class Span:
    """Length of a stage in ``unit``; ``paused`` calendar days are added to its end."""

    days: int
    unit: DayUnit
    paused: int = 0


@dataclass(frozen=True)
class Dates:
    """First and last day of a stage, both included."""

    start: date
    end: date


def last_day(start: date, span: Span, calendar: Calendar) -> date:
    """The last day of a stage that begins on ``start``: one day long ends where it began."""
    if span.unit is DayUnit.WORK:
        end = (
            calendar.add(calendar.add(start, 0), span.days - 1)
            if span.days > 1
            else (calendar.add(start, 0))
        )
    else:
        end = start + timedelta(days=span.days - 1)
    return end + timedelta(days=span.paused)


def schedule(start: date, spans: Sequence[Span], calendar: Calendar) -> list[Dates]:
    """Dates of consecutive stages: each begins on the first working day after the last."""
    dates: list[Dates] = []
    begin = calendar.add(start, 0)
    for span in spans:
        end = last_day(begin, span, calendar)
        dates.append(Dates(begin, end))
        begin = calendar.add(end, 1)
    return dates


@dataclass(frozen=True)
class Planned:
    """A stage as planning sees it; ended stages keep their dates."""

    dates: Dates
    span: Span
    ended: bool


def moved(
    plan: Sequence[Planned], index: int, end: date, calendar: Calendar, *, follow: bool
) -> list[Dates]:
    """All dates after the stage at ``index`` ends on ``end`` instead.

    With ``follow`` the later stages line up behind it, each with its own length; without,
    they stay where they are. Ended stages never move.
    """
    dates = [p.dates for p in plan]
    dates[index] = Dates(min(dates[index].start, end), end)
    if not follow:
        return dates
    begin = calendar.add(end, 1)
    for place in range(index + 1, len(plan)):
        if plan[place].ended:
            continue
        dates[place] = Dates(begin, last_day(begin, plan[place].span, calendar))
        begin = calendar.add(dates[place].end, 1)
    return dates
