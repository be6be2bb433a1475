"""What a ballot may say, which key says it, and what readings and co-owners make together; pure.

A mark is a code of ``Choice``; of a poll the key chosen (``A``), all keys approved (``A,C``) or
ranked (``B>A``); ``invalid`` and ``abstain`` everywhere.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tracker.votes.rules import Choice, Method

ALWAYS = (Choice.ABSTAIN.value, Choice.INVALID.value)
"""A paper can always be left blank or be unreadable."""

DIGITS: Mapping[Choice, str] = {
    Choice.FOR: "1",
    Choice.AGAINST: "2",
    Choice.ABSTAIN: "3",
    Choice.FOLLOW: "4",
    Choice.INVALID: "0",
}
"""The key of each answer, the same on every ballot so that fingers can learn it."""

SEPARATORS: Mapping[Method, str] = {Method.APPROVAL: ",", Method.RANKED: ">"}
"""Between several keys of a poll in which a voter may name more than one."""


@dataclass(frozen=True)
class Key:
    """One key of the keyboard, the mark it stands for, and what it is called.

    ``choice`` has the word for an answer, ``words`` for an option of a poll.
    """

    key: str
    mark: str
    choice: Choice | None = None
    words: str = ""


def keys_of(
    method: Method, choices: Sequence[str], options: Sequence[Mapping[str, str]]
) -> list[Key]:
    """The keys for one motion: its answers or options in the order of the ballot, 0 the last."""
    answers = [Choice(code) for code in choices] if method is Method.YES_NO else [Choice.ABSTAIN]
    return [
        *(Key(option["key"], option["key"], words=option["label"]) for option in options),
        *(Key(DIGITS[choice], choice.value, choice) for choice in (*answers, Choice.INVALID)),
    ]


def mark_of(typed: str, method: Method, keys: Sequence[Key]) -> str | None:
    """The mark that typed keys stand for; None when they stand for none.

    Full-width signs and small letters count as what they look like, spaces and commas as nothing.
    """
    plain = unicodedata.normalize("NFKC", typed).upper()
    pressed = [sign for sign in plain if not sign.isspace() and sign not in ",>、"]
    marks = {key.key: key.mark for key in keys}
    if len(pressed) == 1:
        return marks.get(pressed[0])
    letters = {key.key for key in keys if key.choice is None}
    separator = SEPARATORS.get(method)
    if separator is None or not pressed or not set(pressed) <= letters:
        return None
    if len(set(pressed)) < len(pressed):
        return None
    return separator.join(sorted(pressed) if method is Method.APPROVAL else pressed)


def is_mark(text: str, method: Method, choices: Sequence[str], keys: Sequence[str]) -> bool:
    """Whether ``text`` is something that a ballot of this kind can say."""
    if method is Method.YES_NO:
        return text in choices or text == Choice.INVALID.value
    if text in ALWAYS:
        return True
    separator = SEPARATORS.get(method)
    named = text.split(separator) if separator else [text]
    single = len(set(named)) == len(named) and set(named) <= set(keys)
    in_order = method is not Method.APPROVAL or named == sorted(named)
    return single and in_order


def differing(first: Mapping[int, str], second: Mapping[int, str]) -> list[int]:
    """The motions on which two readings of one ballot differ."""
    return [motion for motion in first if first[motion] != second.get(motion)]


def settled(readings: Sequence[Mapping[int, str]]) -> Mapping[int, str] | None:
    """What a ballot says after its readings, first to third; None while that is open."""
    if len(readings) == 3:
        return readings[2]
    if len(readings) == 2 and not differing(*readings):
        return readings[0]
    return None


def together(named: Mapping[int, str], other: Mapping[int, str]) -> dict[int, str]:
    """The one ballot of two co-owners: where they differ it is invalid."""
    return {
        motion: mark if other.get(motion) == mark else Choice.INVALID.value
        for motion, mark in named.items()
    }
