"""Dates, lights and words of deadlines, with exact boundaries."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.anthology.rules import DayUnit
from tracker.projects.queries import lamps
from tracker.projects.rules import (
    Dates,
    Light,
    Planned,
    Span,
    due_words,
    last_day,
    light,
    moved,
    schedule,
)
from tracker.workdays.rules import Calendar, DayKind

PLAIN = Calendar()
# National Day 2026 as announced: 1–7 October rest; 20 September and 10 October worked.
NATIONAL = Calendar(
    {
        **{date(2026, 10, d): DayKind.REST for d in range(1, 8)},
        date(2026, 9, 20): DayKind.WORK,
        date(2026, 10, 10): DayKind.WORK,
    },
    frozenset({2026}),
)
MONDAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("days", "unit", "end"),
    [
        (1, DayUnit.WORK, date(2026, 3, 2)),
        (5, DayUnit.WORK, date(2026, 3, 6)),
        (6, DayUnit.WORK, date(2026, 3, 9)),
        (1, DayUnit.CALENDAR, date(2026, 3, 2)),
        (15, DayUnit.CALENDAR, date(2026, 3, 16)),
    ],
)
def test_a_stage_of_n_days_counts_its_first_day(days, unit, end):
    assert last_day(MONDAY, Span(days, unit), PLAIN) == end


def test_a_stage_over_the_national_day_skips_it_and_counts_the_makeup_saturday():
    # 29, 30 September, then 8, 9, 10 October (a worked Saturday).
    assert last_day(date(2026, 9, 29), Span(5, DayUnit.WORK), NATIONAL) == date(2026, 10, 10)


def test_paused_days_are_added_to_the_end():
    assert last_day(MONDAY, Span(5, DayUnit.WORK, paused=3), PLAIN) == date(2026, 3, 9)


def test_stages_follow_each_other_on_working_days():
    dates = schedule(MONDAY, [Span(5, DayUnit.WORK), Span(3, DayUnit.WORK)], PLAIN)
    assert dates == [
        Dates(date(2026, 3, 2), date(2026, 3, 6)),
        Dates(date(2026, 3, 9), date(2026, 3, 11)),
    ]


def test_a_project_that_starts_on_a_weekend_begins_on_monday():
    assert schedule(date(2026, 2, 28), [Span(1, DayUnit.WORK)], PLAIN)[0].start == MONDAY


@given(
    st.lists(st.tuples(st.integers(1, 60), st.sampled_from(DayUnit)), min_size=1, max_size=8),
    st.dates(date(2024, 1, 1), date(2027, 12, 31)),
)
def test_scheduled_stages_never_overlap_and_begin_on_working_days(lengths, start):
    dates = schedule(start, [Span(d, u) for d, u in lengths], NATIONAL)
    for one in dates:
        assert one.start <= one.end
        assert NATIONAL.is_workday(one.start)
    for before, after in itertools.pairwise(dates):
        assert before.end < after.start


def _plan(*ended: bool) -> list[Planned]:
    spans = [Span(5, DayUnit.WORK) for _ in ended]
    return [
        Planned(d, s, e)
        for d, s, e in zip(schedule(MONDAY, spans, PLAIN), spans, ended, strict=True)
    ]


def test_moving_a_stage_lines_the_later_ones_up_behind_it():
    dates = moved(_plan(True, False, False), 1, date(2026, 3, 18), PLAIN, follow=True)
    assert dates[0].end == date(2026, 3, 6)
    assert dates[1] == Dates(date(2026, 3, 9), date(2026, 3, 18))
    assert dates[2] == Dates(date(2026, 3, 19), date(2026, 3, 25))


def test_moving_one_stage_alone_leaves_the_others():
    plan = _plan(False, False)
    assert moved(plan, 0, date(2026, 3, 20), PLAIN, follow=False)[1] == plan[1].dates


def test_ended_stages_never_move():
    plan = _plan(False, True, False)
    dates = moved(plan, 0, date(2026, 3, 20), PLAIN, follow=True)
    assert dates[1] == plan[1].dates
    assert dates[2].start == date(2026, 3, 23)


@pytest.mark.parametrize(
    ("due", "shown"),
    [
        (None, Light.GREY),
        (date(2026, 3, 1), Light.RED),
        (date(2026, 3, 2), Light.AMBER),
        (date(2026, 3, 5), Light.AMBER),
        (date(2026, 3, 6), Light.GREEN),
    ],
)
def test_the_light_turns_amber_three_working_days_before(due, shown):
    assert light(due, MONDAY, PLAIN) is shown


def test_a_weekend_does_not_bring_the_amber_light_earlier():
    thursday = date(2026, 3, 5)
    assert light(date(2026, 3, 10), thursday, PLAIN) is Light.AMBER
    assert light(date(2026, 3, 11), thursday, PLAIN) is Light.GREEN


@pytest.mark.parametrize(
    ("due", "words"),
    [
        (MONDAY, "今天到期"),
        (date(2026, 3, 3), "还剩 1 个工作日"),
        (date(2026, 3, 7), "还剩 4 个工作日"),
        (date(2026, 2, 27), "超期 1 个工作日"),
        (date(2026, 2, 26), "超期 2 个工作日"),
    ],
)
def test_deadlines_are_said_in_working_days(due, words):
    assert str(due_words(due, MONDAY, PLAIN)) == words


def test_a_deadline_on_the_coming_weekend_says_that_friday_is_the_last_day():
    assert str(due_words(date(2026, 3, 7), date(2026, 3, 6), PLAIN)) == "今天是最后一个工作日"
    assert light(date(2026, 3, 7), date(2026, 3, 6), PLAIN) is Light.AMBER


@given(st.dates(date(2026, 1, 1), date(2026, 12, 1)), st.integers(0, 40))
def test_the_list_filter_and_the_light_agree(today, ahead):
    due = today + timedelta(days=ahead)
    lamp = lamps(today, NATIONAL)
    expected = Light.AMBER if due <= lamp.amber_until else Light.GREEN
    assert light(due, today, NATIONAL) is expected
