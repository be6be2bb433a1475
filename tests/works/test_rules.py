"""Amounts, days and names of spots."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.works.rules import (
    MoneyDirection,
    any_day_fault,
    effect,
    parse_yuan,
    past_day_fault,
    spot_name,
    yuan,
)

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("0.01", 1),
        ("12000", 1_200_000),
        ("12,000.50", 1_200_050),
        (" 12000 元 ", 1_200_000),
        ("１２，０００．５", 1_200_050),
        ("￥88", 8_800),
        ("¥ 88.00", 8_800),
        ("150万", 150_000_000),
        ("１．２３４５万元", 1_234_500),
        ("0.0001万", 100),
        ("999,999,999,999.99", 99_999_999_999_999),
    ],
)
def test_an_amount_is_read_as_people_write_it(text, fen):
    assert parse_yuan(text) == fen


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "0",
        "0.00",
        "-5",
        "1.234",
        "12,50",
        "1,2,3",
        "1e5",
        "1_000",
        "NaN",
        "Infinity",
        "一百",
        "12元5角",
        "1000000000000",
        "0.00000万",
        "0.0000001万",
        "9" * 400,
        "٣٤",
        "1.2.3",
    ],
)
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(ValueError, match=r".*"):
        parse_yuan(text)


@given(st.integers(min_value=1, max_value=10**14 - 1))
def test_what_is_shown_is_read_back_as_the_same_amount(fen):
    assert parse_yuan(yuan(fen)) == fen


@given(st.text(max_size=20))
def test_any_text_is_an_amount_or_refused(text):
    with suppress(ValueError):
        assert 0 < parse_yuan(text) < 10**14


@pytest.mark.parametrize(
    ("direction", "reverses", "expected"),
    [
        (MoneyDirection.IN, False, 5),
        (MoneyDirection.OUT, False, -5),
        (MoneyDirection.IN, True, -5),
        (MoneyDirection.OUT, True, 5),
    ],
)
def test_a_reversal_undoes_its_entry(direction, reverses, expected):
    assert effect(direction, 5, reverses=reverses) == expected


@pytest.mark.parametrize(
    ("day", "fine"),
    [
        (TODAY, True),
        (TODAY + timedelta(days=1), False),
        (date(2000, 1, 1), True),
        (date(1999, 12, 31), False),
        (date(206, 3, 2), False),
    ],
)
def test_what_has_happened_has_a_day_up_to_today(day, fine):
    assert (past_day_fault(day, TODAY) is None) is fine


@pytest.mark.parametrize(("day", "fine"), [(date(2099, 12, 31), True), (date(2100, 1, 1), False)])
def test_a_planned_day_lies_within_this_century(day, fine):
    assert (any_day_fault(day) is None) is fine


@pytest.mark.parametrize("text", ["3 号楼前", " 3  号楼前 ", "3\u3000号楼前\n"])
def test_stray_spaces_do_not_part_a_spot_from_itself(text):
    assert spot_name(text) == "3 号楼前"
