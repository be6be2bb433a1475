"""Filling the calendar, and who may overrule it."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from tests.factories import people
from tests.factories.people import NOW
from tracker.accounts.rules import Role
from tracker.audit.models import AuditEntry
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, NotFound, Refusal
from tracker.workdays import queries, services
from tracker.workdays.models import CalendarDay
from tracker.workdays.rules import DayKind, DaySource

pytestmark = pytest.mark.usefixtures("arrange")


def count() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(CalendarDay)) or 0


def test_loading_fills_every_known_year_and_twice_changes_nothing():
    assert services.load_packaged(NOW) == count() > 100
    calendar = queries.calendar()
    assert calendar.is_workday(date(2026, 2, 14))
    assert not calendar.is_workday(date(2026, 10, 7))
    assert {2019, 2026} <= calendar.years
    before = count()
    assert services.load_packaged(NOW) == 0
    assert count() == before


def test_loading_never_overwrites_what_a_person_entered():
    services.load_packaged(NOW)
    actor = people.user(Role.OFFICER).id
    services.set_day(actor, NOW, day=date(2026, 10, 8), kind=DayKind.REST, note="街道活动")
    services.set_day(actor, NOW, day=date(2026, 10, 10), kind=DayKind.REST, note="")
    services.remove_day(actor, date(2026, 2, 14), NOW)
    assert services.load_packaged(NOW) == 0
    calendar = queries.calendar()
    assert not calendar.is_workday(date(2026, 10, 8))
    assert not calendar.is_workday(date(2026, 10, 10))
    assert not calendar.is_workday(date(2026, 2, 14))


def test_removing_an_own_day_leaves_no_row():
    actor = people.user(Role.OFFICER).id
    services.set_day(actor, NOW, day=date(2026, 11, 24), kind=DayKind.REST, note="")
    services.remove_day(actor, date(2026, 11, 24), NOW)
    assert count() == 0
    with pytest.raises(NotFound):
        services.remove_day(actor, date(2026, 11, 24), NOW)


def test_a_stale_packaged_day_is_taken_out_and_a_changed_one_mended():
    services.load_packaged(NOW)
    db.session.add(CalendarDay(day=date(2026, 3, 3), kind=DayKind.REST, source=DaySource.PACKAGED))
    db.session.get_one(CalendarDay, date(2026, 10, 1)).kind = DayKind.WORK
    db.session.flush()
    assert services.load_packaged(NOW) == 2
    calendar = queries.calendar()
    assert calendar.is_workday(date(2026, 3, 3))
    assert not calendar.is_workday(date(2026, 10, 1))


def test_an_import_announces_its_year():
    actor = people.user(Role.OFFICER).id
    days = services.import_lines(actor, NOW, "2027-01-01 放假 元旦\n2027-02-06 上班 调休")
    assert [d.day for d in days] == [date(2027, 1, 1), date(2027, 2, 6)]
    calendar = queries.calendar()
    assert calendar.is_announced(date(2027, 6, 1))
    assert not calendar.is_workday(date(2027, 1, 1))
    assert calendar.is_workday(date(2027, 2, 6))
    assert "calendar.imported" in db.session.scalars(sa.select(AuditEntry.action)).all()


def test_a_malformed_import_names_every_line_and_changes_nothing():
    actor = people.user(Role.OFFICER).id
    with pytest.raises(Refusal) as refusal:
        services.import_lines(actor, NOW, "2027-01-01 放假\n2027-13-01 放假\nabc")
    assert [str(r.message)[:6] for r in refusal.value.reasons] == ["第 2 行：", "第 3 行："]
    assert count() == 0
    with pytest.raises(FieldRefusal):
        services.import_lines(actor, NOW, " \n")


def test_a_day_out_of_range_is_refused():
    with pytest.raises(FieldRefusal):
        services.set_day(
            people.user(Role.OFFICER).id, NOW, day=date(1900, 1, 1), kind=DayKind.REST, note=""
        )


def test_the_command_loads_the_calendar(app):
    answer = app.test_cli_runner().invoke(args=["workdays", "load"])
    assert "days changed" in answer.output
    assert answer.exit_code == 0
