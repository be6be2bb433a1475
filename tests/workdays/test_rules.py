"""Counting working days: known facts, and laws that hold for any calendar."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.workdays import packaged
from tracker.workdays.rules import Calendar, DayKind, parse_arrangement

REAL = Calendar(
    {d.day: d.kind for year in packaged.years() for d in packaged.days(year)},
    frozenset(packaged.years()),
)


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2026, 2, 14), True),  # Saturday before the Spring Festival, make-up
        (date(2026, 2, 15), False),
        (date(2026, 2, 23), False),
        (date(2026, 2, 24), True),
        (date(2026, 2, 28), True),  # Saturday, make-up
        (date(2026, 9, 20), True),  # Sunday, make-up for the National Day
        (date(2026, 9, 25), False),  # Mid-autumn Friday
        (date(2026, 9, 30), True),
        (date(2026, 10, 1), False),
        (date(2026, 10, 7), False),
        (date(2026, 10, 8), True),
        (date(2026, 10, 10), True),  # Saturday, make-up
        (date(2026, 10, 11), False),
        (date(2026, 11, 21), False),  # an ordinary Saturday
        (date(2026, 11, 23), True),
    ],
)
def test_2026_is_worked_as_the_state_council_announced(day, worked):
    assert REAL.is_workday(day) is worked


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (date(2026, 9, 30), 1, date(2026, 10, 8)),
        (date(2026, 9, 30), 3, date(2026, 10, 10)),
        (date(2026, 10, 8), -1, date(2026, 9, 30)),
        (date(2026, 10, 12), -1, date(2026, 10, 10)),
        (date(2026, 2, 13), 1, date(2026, 2, 14)),
        (date(2026, 2, 14), 1, date(2026, 2, 24)),
        (date(2026, 10, 3), 0, date(2026, 10, 8)),
        (date(2026, 10, 8), 0, date(2026, 10, 8)),
        (date(2026, 12, 31), 1, date(2027, 1, 1)),  # 2027 not announced: Monday to Friday
    ],
)
def test_counting_passes_over_holidays_and_counts_make_up_days(start, count, end):
    assert REAL.add(start, count) == end


def test_an_unannounced_year_is_an_estimate_and_no_error():
    assert REAL.is_announced(date(2026, 12, 31))
    assert not REAL.is_announced(date(2027, 1, 1))
    assert REAL.years_missing(date(2026, 11, 23), date(2028, 1, 5)) == [2027, 2028]
    assert REAL.years_missing(date(2026, 11, 23), date(2026, 12, 31)) == []
    assert REAL.between(date(2026, 12, 25), date(2027, 1, 8)) == 10


_days = st.dates(date(2019, 1, 1), date(2027, 12, 31))
_calendars = st.dictionaries(_days, st.sampled_from(DayKind), max_size=60).map(Calendar)


@given(_calendars, _days, st.integers(1, 60))
def test_adding_and_counting_undo_each_other(calendar, start, count):
    end = calendar.add(start, count)
    assert calendar.is_workday(end)
    assert calendar.between(start, end) == count
    assert calendar.between(end, start) == -count


@given(_calendars, _days, st.integers(1, 60))
def test_going_back_undoes_going_on_from_a_working_day(calendar, start, count):
    begin = calendar.add(start, 0)
    assert calendar.add(calendar.add(begin, count), -count) == begin


@given(_calendars, _days, st.integers(0, 800))
def test_counting_is_looking_at_every_day(calendar, start, length):
    days = [start + timedelta(days=n) for n in range(1, length + 1)]
    worked = sum(calendar.is_workday(day) for day in days)
    assert calendar.between(start, start + timedelta(days=length)) == worked


@given(_calendars, _days, _days, _days)
def test_counts_add_up(calendar, a, b, c):
    a, b, c = sorted((a, b, c))
    assert calendar.between(a, b) + calendar.between(b, c) == calendar.between(a, c)


@given(_calendars, _days)
def test_the_last_working_day_is_followed_by_none_up_to_the_day(calendar, day):
    last = calendar.last_on_or_before(day)
    assert calendar.is_workday(last)
    assert last <= day
    assert calendar.between(last, day) == 0


def test_an_arrangement_is_read_with_spaces_tabs_commas_and_chinese_dates():
    days, bad = parse_arrangement(
        "2027-01-01 放假 元旦\n\n2027-2-6\t上班\t春节 调休\n2027年5月1日，休\n2027/10/09,班,\n"
    )
    assert bad == []
    assert [(d.day, d.kind, d.note) for d in days] == [
        (date(2027, 1, 1), DayKind.REST, "元旦"),
        (date(2027, 2, 6), DayKind.WORK, "春节 调休"),
        (date(2027, 5, 1), DayKind.REST, ""),
        (date(2027, 10, 9), DayKind.WORK, ""),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2027-01-01", "应写成“日期 放假/上班 说明”"),
        ("元旦 放假", "不是日期"),
        ("2027-02-30 放假", "没有 2027-02-30 这一天"),
        ("2027-01-01 休假", "应为“放假”或“上班”"),
        ("1999-01-01 放假", "年份应在 2019 至 2100 之间"),
        ("2027-01-02 放假 " + "长" * 61, "最多 60 个字"),
        ("2027-01-03 放假", "与第 1 行是同一天"),
    ],
)
def test_a_bad_line_is_named_with_its_reason(line, reason):
    _, bad = parse_arrangement(f"2027-01-03 放假 元旦\n{line}")
    assert [b.number for b in bad] == [2]
    assert reason in str(bad[0].reason)


def test_the_package_names_the_holidays():
    names = {d.day: d.note for d in packaged.days(2026)}
    assert names[date(2026, 10, 1)] == "国庆节"
    assert names[date(2026, 10, 10)] == "国庆节调休"
    assert date(2026, 10, 4) not in names  # a Sunday rests anyway


def test_the_package_raises_for_a_year_not_announced():
    with pytest.raises(NotImplementedError):
        list(packaged.days(packaged.years()[-1] + 1))
    assert packaged.years()[0] + len(packaged.years()) > 2026
