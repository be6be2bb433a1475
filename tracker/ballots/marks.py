"""What a ballot may say, and what two readings or two co-owners make together; pure.

A mark is a code of ``Choice``; of a poll the key chosen (``A``), all keys approved (``A,C``) or
ranked (``B>A``); ``invalid`` and ``abstain`` everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tracker.votes.rules import Choice, Method

ALWAYS = (Choice.ABSTAIN.value, Choice.INVALID.value)
"""A paper can always be left blank or be unreadable."""


def is_mark(text: str, method: Method, choices: Sequence[str], keys: Sequence[str]) -> bool:
    """Whether ``text`` is something that a ballot of this kind can say."""
    if method is Method.YES_NO:
        return text in choices or text == Choice.INVALID.value
    if text in ALWAYS:
        return True
    separator = {Method.APPROVAL: ",", Method.RANKED: ">"}.get(method)
    named = text.split(separator) if separator else [text]
    single = len(set(named)) == len(named) and set(named) <= set(keys)
    in_order = method is not Method.APPROVAL or named == sorted(named)
    return single and in_order


def differing(first: Mapping[int, str], second: Mapping[int, str]) -> list[int]:
    """The motions on which two readings of one ballot differ."""
    return [motion for motion in first if first[motion] != second.get(motion)]


def together(named: Mapping[int, str], other: Mapping[int, str]) -> dict[int, str]:
    """The one ballot of two co-owners: where they differ it is invalid."""
    return {
        motion: mark if other.get(motion) == mark else Choice.INVALID.value
        for motion, mark in named.items()
    }
