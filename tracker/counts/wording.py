"""Answers on a tally sheet in words."""

from __future__ import annotations

from tracker.counts.balance import Balance
from tracker.kernel.words import M_, Message
from tracker.votes.models import VoteMotion
from tracker.votes.rules import Choice

_CHOICES = {choice.value: choice for choice in Choice}


def answers(motion: VoteMotion, sheet: Balance, printed: list[str]) -> list[tuple[Message, int]]:
    """What the ballots say to one motion, and how many say it.

    ``printed``: the answers on a ballot of yes or no. Answers nobody gave are listed too, those
    of an approval or ranked poll, where they are many, as they were given.
    """
    marks = sheet.motions.get(motion.position, {})
    keys = [option["key"] for option in motion.options]
    known = [*printed, *keys, *((Choice.ABSTAIN.value,) if keys else ()), Choice.INVALID.value]
    listed = list(dict.fromkeys(known))
    listed += sorted((m for m in marks if m not in listed), key=lambda m: (-marks[m], m))
    return [(_said(mark, motion), marks.get(mark, 0)) for mark in listed]


def _said(mark: str, motion: VoteMotion) -> Message:
    if mark in _CHOICES:
        return M_("%(choice)s", choice=_CHOICES[mark])
    labels = {option["key"]: option["label"] for option in motion.options}
    if mark in labels:
        return M_("%(key)s. %(label)s", key=mark, label=labels[mark])
    return M_("%(key)s", key=mark.replace(",", "、").replace(">", " → "))
