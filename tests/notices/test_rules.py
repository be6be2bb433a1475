"""How long a notice hung, to the day."""

from __future__ import annotations

from datetime import date

import pytest

from tracker.notices.rules import (
    NoticeState,
    days_hung,
    length,
    names_a_telephone,
    standing,
)


def day(number: int) -> date:
    return date(2026, 3, number)


@pytest.mark.parametrize(
    ("posted", "today", "days"),
    [
        ([day(2), day(2)], day(1), 0),
        ([day(2), day(2)], day(2), 1),
        ([day(2), day(2)], day(7), 6),
        ([day(2), day(2)], day(8), 7),
        ([day(2), day(2)], day(9), 7),
        ([day(1), day(1)], day(8), 7),
        ([day(2), day(4)], day(8), 5),
        ([day(2), day(8)], day(8), 1),
        ([day(2), day(9)], day(20), 0),
        ([day(2), None], day(8), 0),
        ([None, None], day(8), 0),
        ([], day(8), 0),
    ],
)
def test_a_notice_counts_from_its_last_place_to_its_last_day(posted, today, days):
    assert days_hung(day(2), day(8), posted, today) == days


@pytest.mark.parametrize(("first", "last", "days"), [(2, 2, 1), (2, 8, 7), (2, 1, 0)])
def test_both_ends_of_a_period_count(first, last, days):
    assert length(day(first), day(last)) == days


@pytest.mark.parametrize(
    ("state", "today", "words"),
    [
        (NoticeState.DRAFT, day(20), "草稿"),
        (NoticeState.POSTED, day(1), "已张贴，尚未起算"),
        (NoticeState.POSTED, day(2), "公示中"),
        (NoticeState.POSTED, day(8), "公示中"),
        (NoticeState.POSTED, day(9), "公示期满"),
        (NoticeState.WITHDRAWN, day(9), "已撤回"),
    ],
)
def test_a_notice_says_where_it_stands(state, today, words):
    assert str(standing(state, day(2), day(8), today)) == words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("请打 13800138000", True),
        ("138 0013 8000", True),
        ("138-0013-8000 找我", True),
        ("文号 2113800138000", False),
        ("车位 138 个，住户 324 户", False),
    ],
)
def test_a_mobile_number_in_an_objection_is_noticed(text, found):
    assert names_a_telephone(text) is found
