"""What residents say afterwards."""

from __future__ import annotations

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
