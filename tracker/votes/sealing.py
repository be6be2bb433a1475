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
from typing import Any

FORMAT = 1
"""Version of the frozen content's layout."""


@dataclass(frozen=True)
class SealedUnit:
    """A unit of the roll; ``area`` in 0.01 m², None when missing."""

    label: str
    area: int | None
    source: str


@dataclass(frozen=True)
class SealedEntry:
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

    ``scope``: the number of the one building that votes, empty for the whole compound.
    ``motions``: (title, text) in their order on the ballot.
    """

    title: str
    scope: str
    opens_at: datetime
    closes_at: datetime
    motions: tuple[tuple[str, str], ...]
    rule: Mapping[str, Any]
    invalid_policy: str
    nonresponse_policy: str


def canonical(content: Any) -> str:
    """JSON with sorted keys and without spaces: equal content is equal text."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(content: Any) -> str:
    """SHA-256 of the canonical JSON, as lowercase hex."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def fingerprint(hash_: str) -> str:
    """The first eight digits of a hash for people to compare: 3F2A-91BC; empty for none."""
    return f"{hash_[:4]}-{hash_[4:8]}".upper() if hash_ else ""


def identity(entry: SealedEntry, key: str) -> str:
    """HMAC-SHA256 over the name and the rooms of an entry, as lowercase hex."""
    units = sorted([unit.label, unit.area, unit.source] for unit in entry.units)
    content = canonical({"name": entry.name, "units": units})
    return hmac.new(key.encode(), content.encode(), hashlib.sha256).hexdigest()


def frozen_content(terms: Terms, roll: Iterable[SealedEntry], key: str) -> dict[str, Any]:
    """What is hashed: the terms of the vote and its roll, persons as codes."""
    return {
        "format": FORMAT,
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
                "identity": identity(entry, key),
            }
            for entry in sorted(roll, key=lambda e: e.serial)
        ],
    }


def seal(terms: Terms, roll: Sequence[SealedEntry], key: str) -> str:
    """The hash of a frozen vote."""
    return digest(frozen_content(terms, roll, key))


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds")
