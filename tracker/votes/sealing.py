"""What is frozen with the roll, and the hash that shows whether it was touched.

Pure: the standard library alone, so that a stand-alone program can do the same. The frozen
content holds no name and no room. What identifies a person is bound into the hash by an HMAC
whose key stays with the vote: an alteration shows, and a published copy reveals nobody.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

FORMAT = 2
"""Version of the frozen content's layout; 1 had no choices, options, files and extension."""


class SealedUnit(NamedTuple):
    """A unit of the roll; ``area`` in 0.01 m², None when missing."""

    label: str
    area: int | None
    source: str


class SealedEntry(NamedTuple):
    """One voting person of the roll; ``area`` is the sum over ``units``, None if any lacks it."""

    serial: int
    person: str
    name: str
    area: int | None
    building: str
    units: tuple[SealedUnit, ...]


@dataclass(frozen=True)
class Terms:
    """Everything besides the roll that freezing fixes.

    ``scope``: whose roll it is; in format 1 the number of the one building that votes, empty for
    the whole compound. ``motions``: (title, text) in their order on the ballot, ``options`` those
    of each motion of a poll as (key, label). ``attachments``: (name, SHA-256) of the files
    published. ``after``: the roll hash of the vote that must carry first, empty for none.
    """

    title: str
    scope: str
    opens_at: datetime
    closes_at: datetime
    motions: tuple[tuple[str, str], ...]
    rule: Mapping[str, Any]
    invalid_policy: str
    nonresponse_policy: str
    options: tuple[tuple[tuple[str, str], ...], ...] = ()
    basis: str = "persons"
    choices: tuple[str, ...] = ()
    clause: str = ""
    extension: tuple[str, int] = ("", 0)
    online: bool = False
    attachments: tuple[tuple[str, str], ...] = ()
    after: str = ""


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def canonical(content: Any) -> str:
    """JSON with sorted keys and without spaces: equal content is equal text."""
    return _ENCODER.encode(content)


def digest(content: Any) -> str:
    """SHA-256 of the canonical JSON, as lowercase hex."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def fingerprint(hash_: str) -> str:
    """The first eight digits of a hash for people to compare: 3F2A-91BC; empty for none."""
    return f"{hash_[:4]}-{hash_[4:8]}".upper() if hash_ else ""


def identity(entry: SealedEntry, key: str) -> str:
    """HMAC-SHA256 over the name and the rooms of an entry, as lowercase hex."""
    return _identity(entry, hmac.new(key.encode(), digestmod="sha256"))


def _identity(entry: SealedEntry, keyed: hmac.HMAC) -> str:
    """``identity`` with a key that was prepared once for the whole roll."""
    mine = keyed.copy()
    mine.update(person_text(entry).encode())
    return mine.hexdigest()


def person_text(entry: SealedEntry) -> str:
    """Name and rooms as ``canonical`` writes {"name": …, "units": [[label, area, source], …]}.

    Written by hand, which takes a third of the time: a roll may have ten thousand entries.
    """
    units = [
        f"[{_quoted(label)},{'null' if area is None else area},{_quoted(source)}]"
        for label, area, source in sorted(entry.units)
    ]
    return f'{{"name":{_quoted(entry.name)},"units":[{",".join(units)}]}}'


_quoted = json.encoder.encode_basestring
"""A text as JSON without escaping what is not ASCII."""


def frozen_content(
    terms: Terms, roll: Iterable[SealedEntry], key: str, format: int = FORMAT
) -> dict[str, Any]:
    """What is hashed: the terms of the vote and its roll, persons as codes.

    Raises ValueError for a format that this program does not know.
    """
    if format not in (1, FORMAT):
        raise ValueError(f"unknown format {format}")
    keyed = hmac.new(key.encode(), digestmod="sha256")
    content: dict[str, Any] = {
        "format": format,
        "vote": {
            "title": terms.title,
            "scope": terms.scope,
            "opens_at": _instant(terms.opens_at),
            "closes_at": _instant(terms.closes_at),
        },
        "motions": [{"title": title, "text": text} for title, text in terms.motions],
        "rule": dict(terms.rule),
        "policies": {"invalid": terms.invalid_policy, "nonresponse": terms.nonresponse_policy},
        "roll": [
            {
                "serial": entry.serial,
                "person": entry.person,
                "area": entry.area,
                "building": entry.building,
                "identity": _identity(entry, keyed),
            }
            for entry in sorted(roll, key=lambda e: e.serial)
        ],
    }
    return content if format == 1 else _with_more(content, terms)


def _with_more(content: dict[str, Any], terms: Terms) -> dict[str, Any]:
    """What format 2 adds to format 1."""
    condition, days = terms.extension
    content["vote"] |= {
        "basis": terms.basis,
        "choices": list(terms.choices),
        "extension": {"condition": condition, "days": days},
        "online": terms.online,
        "after": terms.after,
    }
    content["policies"]["clause"] = terms.clause
    content["attachments"] = [{"name": n, "sha256": h} for n, h in terms.attachments]
    for motion, options in zip(content["motions"], terms.options, strict=True):
        motion["options"] = [{"key": key, "label": label} for key, label in options]
    return content


def seal(terms: Terms, roll: Sequence[SealedEntry], key: str, format: int = FORMAT) -> str:
    """The hash of a frozen vote."""
    return digest(frozen_content(terms, roll, key, format))


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds")
