"""Sentences for people, kept apart from the language they are shown in.

Chinese is the source language of the screens: what stands in the code is what a
committee reads, and the English catalogue translates it (docs/decisions/0002).
Rules and services have no request and therefore no language; they speak in
``Message`` objects, and the edge of the application translates them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Self


def N_(text: str) -> str:
    """Mark a sentence for the catalogue without translating it now."""
    return text


@dataclass(frozen=True)
class Message:
    """A sentence with named places, translated only where it is shown.

    ``text`` uses ``%(name)s`` places; values that are ``Message`` or ``Term`` objects
    are translated too.
    """

    text: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """The sentence in its source language, for logs and test output."""
        shown = {k: (v.label if isinstance(v, Term) else v) for k, v in self.values.items()}
        return self.text % shown if shown else self.text.replace("%%", "%")


def M_(text: str, **values: Any) -> Message:
    """Make a ``Message``; the extractor knows this name.

    Always write ``%%`` for a literal percent sign, as in gettext's python-format.
    """
    return Message(text, values)


class Term(StrEnum):
    """A word of the trade: stored by its code, shown by its label.

    Members are written ``COLLECT = "collect", N_("征集意见")``.
    """

    label: str

    def __new__(cls, code: str, label: str = "") -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        return member


def pack(value: Any) -> Any:
    """JSON for a message or one of its values, so that it can be kept and said later."""
    if isinstance(value, Term):
        return {"text": value.label, "values": {}}
    if isinstance(value, Message):
        return {"text": value.text, "values": {k: pack(v) for k, v in value.values.items()}}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    return value


def unpack(data: Any) -> Any:
    """The message or value that ``pack`` kept."""
    if isinstance(data, dict) and "text" in data:
        return Message(data["text"], {k: unpack(v) for k, v in data["values"].items()})
    if isinstance(data, dict) and "date" in data:
        return date.fromisoformat(data["date"])
    return data
