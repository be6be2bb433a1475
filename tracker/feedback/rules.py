"""What residents say afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

from tracker.kernel.words import N_, Term

SMALL_CELL = 5
"""Fewer answers than this are not broken down in public: they could point to a person."""


class Score(Term):
    """How satisfied a resident is."""

    VERY_GOOD = "5", N_("很满意")
    GOOD = "4", N_("满意")
    FAIR = "3", N_("一般")
    POOR = "2", N_("不满意")
    BAD = "1", N_("很不满意")


class FeedbackChannel(Term):
    """How an answer came in."""

    LINK = "link", N_("居民链接")
    PAPER = "paper", N_("纸质代录")


SATISFIED = frozenset({Score.VERY_GOOD, Score.GOOD})
"""Scores that count as satisfied."""

PER_WINDOW = 30
WINDOW = timedelta(minutes=10)
"""At most so many answers by link per project in so long."""


@dataclass(frozen=True)
class Figures:
    """Satisfaction counted out; all counts are answers."""

    total: int
    satisfied: int
    average: str


def figures(scores: Mapping[Score, int]) -> Figures:
    """Count answers; the average of 1 to 5 is cut off after one decimal, a dash for none."""
    total = sum(scores.values())
    points = sum(int(score.value) * n for score, n in scores.items())
    tenths = int(Fraction(points * 10, total)) if total else 0
    return Figures(
        total=total,
        satisfied=sum(n for score, n in scores.items() if score in SATISFIED),
        average=f"{tenths // 10}.{tenths % 10}" if total else "–",
    )


@dataclass(frozen=True)
class PublicFigures:
    """What residents may know of the answers.

    ``total`` is None while there are fewer than SMALL_CELL. ``at_least`` and ``at_most``
    bound the satisfied where the exact figure would show a group smaller than that:
    both equal the figure when it may be shown.
    """

    total: int | None
    at_least: int
    at_most: int

    @property
    def exact(self) -> bool:
        """Whether the number of the satisfied is shown as it is."""
        return self.at_least == self.at_most


def public_figures(scores: Mapping[Score, int]) -> PublicFigures:
    """Hide small groups: neither the satisfied nor the others show as 1 to 4 answers."""
    known = figures(scores)
    if known.total < SMALL_CELL:
        return PublicFigures(None, 0, 0)
    others = known.total - known.satisfied
    if 0 < others < SMALL_CELL:
        # The others lie between 1 and 4: nothing closer is said.
        return PublicFigures(known.total, known.total - (SMALL_CELL - 1), known.total - 1)
    if 0 < known.satisfied < SMALL_CELL:
        return PublicFigures(known.total, 1, SMALL_CELL - 1)
    return PublicFigures(known.total, known.satisfied, known.satisfied)
