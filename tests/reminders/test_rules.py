"""When a deadline is reminded of: tables with exact days."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.people import NOW
from tracker.kernel.clock import at_local
from tracker.reminders.queries import FINDERS
from tracker.reminders.rules import (
    ESCALATIONS,
    KINDS,
    Policy,
    ReminderKind,
    chosen,
    due_at,
    horizon,
    is_late,
    occurrences,
)
from tracker.workdays import packaged
from tracker.workdays.rules import Calendar

REAL = Calendar(
    {d.day: d.kind for year in packaged.years() for d in packaged.days(year)},
    frozenset(packaged.years()),
)


def days(deadline: date, until: date, policy: Policy | None = None) -> dict[str, str]:
    found = occurrences(deadline, until, REAL, policy)
    return {o.code: f"{o.day:%m-%d}" for o in found}


def test_an_ordinary_deadline():
    assert days(date(2026, 3, 13), date(2026, 4, 7)) == {
        "L7": "03-04",
        "L3": "03-10",
        "L1": "03-12",
        "L0": "03-13",
        "O1": "03-16",
        "E-director": "03-16",
        "O2": "03-17",
        "O3": "03-18",
        "E-officer": "03-18",
        "O4": "03-19",
        "O5": "03-20",
        "W1": "03-27",
        "W2": "04-03",
    }


def test_the_national_day_holiday_and_its_make_up_days_are_counted():
    assert days(date(2026, 10, 9), date(2026, 10, 16)) == {
        "L7": "09-22",  # over the Mid-autumn days as well
        "L3": "09-29",
        "L1": "10-08",
        "L0": "10-09",
        "O1": "10-10",  # a make-up Saturday
        "E-director": "10-10",
        "O2": "10-12",
        "O3": "10-13",
        "E-officer": "10-13",
        "O4": "10-14",
        "O5": "10-15",
    }


def test_a_deadline_on_a_day_off_is_reminded_of_while_people_work():
    # Sunday 2026-03-15: the last working day is Friday the 13th.
    found = days(date(2026, 3, 15), date(2026, 3, 16))
    assert found["L0"] == "03-13"
    assert found["L1"] == "03-12"
    assert found["O1"] == "03-16"


def test_a_weekly_reminder_moves_behind_a_holiday():
    found = days(date(2026, 9, 17), date(2026, 10, 15))
    assert found["O5"] == "09-23"  # Sunday the 20th is worked
    assert found["W1"] == "09-30"
    assert found["W2"] == "10-08"  # the 7th is a holiday


def test_a_year_without_arrangement_is_reminded_by_monday_to_friday():
    assert days(date(2027, 1, 4), date(2027, 1, 4))["L1"] == "01-01"


def test_meetings_and_minutes_have_their_own_days():
    meeting = KINDS[ReminderKind.MEETING].policy
    minutes = KINDS[ReminderKind.MINUTES].policy
    assert days(date(2026, 3, 13), date(2026, 6, 1), meeting) == {"L1": "03-12", "L0": "03-13"}
    assert days(date(2026, 3, 13), date(2026, 6, 1), minutes) == {"A3": "03-18", "A7": "03-24"}


@pytest.mark.parametrize(
    ("today", "codes"),
    [
        (date(2026, 3, 3), []),
        (date(2026, 3, 4), ["L7"]),
        (date(2026, 3, 9), ["L7"]),
        (date(2026, 3, 12), ["L1"]),
        (date(2026, 3, 14), ["L0"]),  # Saturday after: nothing newer yet
        (date(2026, 3, 16), ["O1", "E-director"]),
        (date(2026, 3, 18), ["O3", "E-director", "E-officer"]),
        (date(2026, 3, 29), ["W1", "E-director", "E-officer"]),
    ],
)
def test_only_the_newest_is_said_and_escalations_never_expire(today, codes):
    timetable = occurrences(date(2026, 3, 13), today + timedelta(days=21), REAL)
    assert [o.code for o in chosen(timetable, lambda o: o.day <= today)] == codes


_days = st.dates(date(2020, 1, 1), date(2026, 12, 1))


@given(_days, _days)
def test_occurrences_are_in_order_on_working_days_and_named_once(deadline, until):
    found = occurrences(deadline, until, REAL)
    assert [o.day for o in found] == sorted(o.day for o in found)
    assert all(REAL.is_workday(o.day) and o.day <= until for o in found)
    assert len({o.code for o in found}) == len(found)


@given(_days, st.integers(0, 40))
def test_nothing_beyond_the_horizon_is_due(today, ahead):
    policy = Policy()
    furthest = horizon(today, REAL, policy)
    beyond = furthest + timedelta(days=1 + ahead)
    assert occurrences(beyond, today, REAL, policy) == []
    assert occurrences(furthest, today, REAL, policy) != []


@given(_days, st.text(min_size=1, max_size=20))
def test_reminders_leave_between_9_03_and_9_12_and_always_at_the_same_minute(day, key):
    at = due_at(day, key)
    assert at == due_at(day, key)
    minutes = (at - at_local(day, time(9, 3))).total_seconds() / 60
    assert minutes in range(10)


def test_minutes_differ_between_targets():
    assert len({due_at(date(2026, 3, 13), str(n)) for n in range(100)}) == 10


@pytest.mark.parametrize(
    ("last_round", "delay", "late"),
    [
        (None, timedelta(days=3), False),  # nothing was ever promised before the first round
        (timedelta(minutes=-1), timedelta(minutes=59), False),
        (timedelta(minutes=-1), timedelta(minutes=61), True),
        (timedelta(days=-2), timedelta(days=1), True),
        (timedelta(minutes=1), timedelta(days=1), False),  # it came into being afterwards
    ],
)
def test_a_reminder_is_late_only_when_nothing_ran_at_its_time(last_round, delay, late):
    ran = None if last_round is None else NOW + last_round
    assert is_late(NOW, NOW + delay, ran) is late


def test_every_kind_has_its_row_and_its_finder():
    assert set(KINDS) == set(FINDERS) == set(ReminderKind)
    assert set(ESCALATIONS.values()).isdisjoint(a for k in KINDS.values() for a in k.audience)
