"""From the units of a compound to the roll of a vote; pure.

One entry per voting person: one owner's several units are one person, their areas add up, and
a developer's unsold units are one person (Judicial Interpretation on strata ownership, 9).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from tracker.places.rules import half_width, unit_label
from tracker.votes.rules import Basis
from tracker.votes.sealing import SealedEntry, SealedUnit
from tracker.votes.tally import merged_area

_SEPARATORS = re.compile(r"(?:号楼|楼栋|号|楼|栋|幢|座|单元|门洞|门|室|户|第|[\s\-－—–_/.、,，])+")


class UnitRow(NamedTuple):
    """One unit as the roll is made from it; ``area`` in 0.01 m², None when missing."""

    unit_id: int
    building_id: int
    building: str
    position: int
    entrance: str
    room: str
    area: int | None
    source: str
    person_id: int
    person: str

    @property
    def label(self) -> str:
        """How the unit is called: 3号楼2门洞101室."""
        return unit_label(self.building, self.entrance, self.room)


class NewEntry(NamedTuple):
    """A roll entry about to be written, with the units it is made of."""

    sealed: SealedEntry
    building_id: int
    units: Sequence[UnitRow]


def room_key(text: str) -> str:
    """What a room is compared by: 3号楼101室, 3栋101 and 3-101 are all ``3-101``."""
    parts = [part.upper() for part in _SEPARATORS.split(half_width(text)) if part]
    return "-".join([*(part.lstrip("0") or "0" for part in parts[:-1]), *parts[-1:]])


def make_roll(
    units: Iterable[UnitRow], new_code: Callable[[], str], basis: Basis = Basis.PERSONS
) -> list[NewEntry]:
    """Make numbered entries, in the order in which one walks through the compound.

    By persons, units of one person are merged; by households, each unit is an entry.
    ``new_code`` gives each voter an opaque code that says nothing about who it is.
    """
    owned: dict[int, list[UnitRow]] = {}
    for unit in sorted(units, key=_order):
        owned.setdefault(unit.person_id if basis is Basis.PERSONS else unit.unit_id, []).append(
            unit
        )
    entries = []
    for serial, mine in enumerate(owned.values(), start=1):
        first = mine[0]
        sealed = SealedEntry(
            serial,
            new_code(),
            first.person,
            merged_area([unit.area for unit in mine]),
            first.building,
            tuple([SealedUnit(unit.label, unit.area, unit.source) for unit in mine]),
        )
        entries.append(NewEntry(sealed, first.building_id, mine))
    return entries


def _order(unit: UnitRow) -> tuple[object, ...]:
    """Building by building, entrance by entrance, and room 2 before room 10."""
    return (
        unit.position,
        _natural(unit.building),
        _natural(unit.entrance),
        _natural(unit.room),
    )


@lru_cache(maxsize=4096)
def _natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key that reads digits as numbers; houses and rooms repeat, so it is remembered."""
    parts = re.findall(r"\d+|\D+", text)
    return tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts)
