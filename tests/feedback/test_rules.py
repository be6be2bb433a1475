"""Satisfaction, counted for the committee and for everybody."""

from __future__ import annotations

import pytest

from tracker.feedback.rules import Score, figures, public_figures


def scores(*counts: int) -> dict[Score, int]:
    """Answers per score, from very satisfied to not at all."""
    return dict(zip(Score, counts, strict=True))


@pytest.mark.parametrize(
    ("counts", "total", "satisfied", "average"),
    [
        ((0, 0, 0, 0, 0), 0, 0, "–"),
        ((1, 0, 0, 0, 0), 1, 1, "5.0"),
        ((0, 0, 0, 0, 1), 1, 0, "1.0"),
        ((2, 1, 0, 0, 0), 3, 3, "4.6"),  # 14 / 3 = 4.66…, cut off
        ((1, 1, 1, 1, 1), 5, 2, "3.0"),
    ],
)
def test_satisfaction_is_counted_out(counts, total, satisfied, average):
    known = figures(scores(*counts))
    assert (known.total, known.satisfied, known.average) == (total, satisfied, average)


@pytest.mark.parametrize(
    ("counts", "total", "low", "high"),
    [
        ((4, 0, 0, 0, 0), None, 0, 0),  # fewer than five: nothing at all
        ((5, 0, 0, 0, 0), 5, 5, 5),
        ((0, 0, 0, 0, 5), 5, 0, 0),
        ((5, 0, 1, 0, 0), 6, 2, 5),  # one who is not satisfied stays hidden
        ((50, 46, 4, 0, 0), 100, 96, 99),
        ((50, 45, 5, 0, 0), 100, 95, 95),
        ((1, 0, 0, 0, 6), 7, 1, 4),
        ((4, 0, 0, 0, 6), 10, 1, 4),
        ((5, 0, 0, 0, 6), 11, 5, 5),
        ((2, 1, 0, 1, 1), 5, 1, 4),  # both groups are small
    ],
)
def test_small_groups_stay_hidden_in_public(counts, total, low, high):
    shown = public_figures(scores(*counts))
    assert (shown.total, shown.at_least, shown.at_most) == (total, low, high)
    assert shown.exact is (low == high)
    if total is not None:
        assert low <= sum(counts[:2]) <= high
