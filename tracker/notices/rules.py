"""Public notices."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tracker.kernel.words import M_, N_, Message, Term


class NoticeState(Term):
    """A notice is drafted, posted, or taken back."""

    DRAFT = "draft", N_("草稿")
    POSTED = "posted", N_("公示中")
    WITHDRAWN = "withdrawn", N_("已撤回")


BOARD = "公告栏"
"""The one place every notice hangs; 民法典 and local rules ask for a conspicuous place."""

DEFAULT_DAYS = 7
"""Calendar days suggested for a notice when the stage's gate names no other number."""


@dataclass(frozen=True)
class Place:
    """Somewhere a notice is to hang: the name on the list, and its building if it is one."""

    label: str
    building_id: int | None = None


def length(starts_on: date, ends_on: date) -> int:
    """Calendar days of a notice, both ends included."""
    return (ends_on - starts_on).days + 1


def days_hung(starts_on: date, ends_on: date, posted: Sequence[date | None], today: date) -> int:
    """Calendar days, both ends included, on which the notice hung in all its places until today.

    ``posted`` holds a date per place, None where it does not hang yet. A notice counts from
    its first day or from the day of its last place, whichever is later, and not beyond its
    last day: a place that was forgotten makes the notice shorter, not the count longer.
    """
    days = [day for day in posted if day is not None]
    if not days or len(days) < len(posted):
        return 0
    begin, end = max(starts_on, *days), min(today, ends_on)
    return max(0, length(begin, end))


def standing(state: NoticeState, starts_on: date, ends_on: date, today: date) -> Message:
    """Where a notice stands, in words."""
    if state is NoticeState.POSTED and today > ends_on:
        return M_("公示期满")
    if state is NoticeState.POSTED and today < starts_on:
        return M_("已张贴，尚未起算")
    return M_("%(state)s", state=state)


_TELEPHONE = re.compile(r"(?<!\d)1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)")


def names_a_telephone(text: str) -> bool:
    """Whether a mobile number stands in the text; objections are kept without persons."""
    return _TELEPHONE.search(text) is not None
