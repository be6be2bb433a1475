"""The working-day calendar: statutory holidays and make-up workdays, editable."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel.database import Model, term_type
from tracker.workdays.rules import DayKind, DaySource


class CalendarDay(Model):
    """A day that differs from Monday to Friday, or confirms it."""

    __tablename__ = "calendar_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[DayKind] = mapped_column(term_type(DayKind))
    note: Mapped[str] = mapped_column(sa.String(60), default="")
    source: Mapped[DaySource] = mapped_column(term_type(DaySource))


class CalendarYear(Model):
    """A year whose arrangement has been announced and imported."""

    __tablename__ = "calendar_year"

    year: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    source: Mapped[DaySource] = mapped_column(term_type(DaySource))
