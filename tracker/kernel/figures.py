"""How shares are written."""

from __future__ import annotations


def percent(numerator: int, denominator: int) -> str:
    """A share in percent, cut off (never rounded up) after one decimal; a dash for x/0.

    For display only: 66.66… shows as 66.6 and decides nothing.
    """
    if denominator == 0:
        return "–"
    tenths = numerator * 1000 // denominator
    return f"{tenths // 10}.{tenths % 10}"
