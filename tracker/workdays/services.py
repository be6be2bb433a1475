"""Filling and changing the calendar."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa

from tracker.audit.services import record
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, NotFound, Refusal
from tracker.kernel.words import M_
from tracker.workdays import packaged, queries
from tracker.workdays.models import CalendarDay, CalendarYear
from tracker.workdays.rules import (
    FIRST_YEAR,
    Arranged,
    DayKind,
    DaySource,
    ordinary,
    parse_arrangement,
)


def load_packaged(now: datetime) -> int:
    """Bring the packaged arrangements in; returns the number of days that changed.

    May be run any number of times. Days and years that a person entered are left alone;
    packaged days that a newer package no longer has are taken out.
    """
    known = {row.day: row for row in db.session.scalars(sa.select(CalendarDay))}
    told = {day.day: day for year in packaged.years() for day in packaged.days(year)}
    changed = 0
    for day, arranged in told.items():
        changed += _bring_in(known.get(day), arranged)
    for day, row in known.items():
        if row.source is DaySource.PACKAGED and day not in told:
            db.session.delete(row)
            changed += 1
    held = set(db.session.scalars(sa.select(CalendarYear.year)))
    missing = [year for year in packaged.years() if year not in held]
    for year in missing:
        db.session.add(CalendarYear(year=year, source=DaySource.PACKAGED))
    if changed or missing:
        record(
            "calendar.loaded",
            M_(
                "载入了 %(first)d–%(last)d 年的放假和调休安排，%(n)d 天有变化",
                first=packaged.years()[0],
                last=packaged.years()[-1],
                n=changed,
            ),
            actor_id=None,
            now=now,
            committee_id=None,
        )
    _changed()
    return changed


def _bring_in(row: CalendarDay | None, arranged: Arranged) -> bool:
    if row is None:
        db.session.add(
            CalendarDay(
                day=arranged.day,
                kind=arranged.kind,
                note=arranged.note,
                source=DaySource.PACKAGED,
            )
        )
        return True
    if row.source is not DaySource.PACKAGED or (row.kind, row.note) == (
        arranged.kind,
        arranged.note,
    ):
        return False
    row.kind, row.note = arranged.kind, arranged.note
    return True


def set_day(actor_id: int, now: datetime, *, day: date, kind: DayKind, note: str) -> CalendarDay:
    """Say that ``day`` is worked or rested; raises FieldRefusal for a year out of range."""
    if not FIRST_YEAR <= day.year <= 2100:
        raise FieldRefusal("day", M_("年份应在 %(first)d 至 2100 之间", first=FIRST_YEAR))
    row = _put(Arranged(day, kind, note), DaySource.EDITED)
    record(
        "calendar.day_set",
        M_("工作日历：%(day)s 改为%(kind)s", day=day, kind=kind),
        actor_id=actor_id,
        now=now,
        committee_id=None,
    )
    _changed()
    return row


def remove_day(actor_id: int, day: date, now: datetime) -> None:
    """Let ``day`` be what its weekday says; raises NotFound when it was no exception.

    A row that confirms the weekday stays where the packaged data say otherwise, so that the
    next loading does not bring the exception back.
    """
    row = db.session.get(CalendarDay, day)
    if row is None:
        raise NotFound
    if _is_packaged(day):
        row.kind, row.note, row.source = ordinary(day), "", DaySource.EDITED
    else:
        db.session.delete(row)
    record(
        "calendar.day_removed",
        M_("工作日历：%(day)s 恢复为平常的%(kind)s", day=day, kind=ordinary(day)),
        actor_id=actor_id,
        now=now,
        committee_id=None,
    )
    _changed()


def import_lines(actor_id: int, now: datetime, text: str) -> list[Arranged]:
    """Bring in a pasted arrangement and mark its years as announced; returns the days in order.

    Raises Refusal that names every bad line and why, and then changes nothing.
    """
    days, bad = parse_arrangement(text)
    if bad:
        raise Refusal(*(line.message for line in bad))
    if not days:
        raise FieldRefusal("lines", M_("没有找到任何一天，请粘贴放假安排。"))
    for arranged in days:
        _put(arranged, DaySource.IMPORTED)
    told = sorted({arranged.day.year for arranged in days})
    held = set(db.session.scalars(sa.select(CalendarYear.year)))
    for year in told:
        if year not in held:
            db.session.add(CalendarYear(year=year, source=DaySource.IMPORTED))
    record(
        "calendar.imported",
        M_(
            "导入放假和调休安排 %(n)d 天（%(years)s 年）",
            n=len(days),
            years="、".join(str(year) for year in told),
        ),
        actor_id=actor_id,
        now=now,
        committee_id=None,
    )
    _changed()
    return sorted(days, key=lambda arranged: arranged.day)


def _put(arranged: Arranged, source: DaySource) -> CalendarDay:
    row = db.session.get(CalendarDay, arranged.day)
    if row is None:
        row = CalendarDay(day=arranged.day)
        db.session.add(row)
    row.kind, row.note, row.source = arranged.kind, arranged.note, source
    return row


def _is_packaged(day: date) -> bool:
    return day.year in packaged.years() and any(d.day == day for d in packaged.days(day.year))


def _changed() -> None:
    db.session.flush()
    queries.forget()
