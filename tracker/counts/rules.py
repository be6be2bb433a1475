"""Words and pure rules of the count: objections to a result, participation, the archive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tracker.kernel.words import N_, Term
from tracker.votes.figures import SMALL_CELL, BuildingTurnout


class Ruling(Term):
    """What became of an objection to a result."""

    DISMISSED = "dismissed", N_("不成立")
    RECOUNT = "recount", N_("成立，重新计票")
    CORRECTED = "corrected", N_("成立，更正公告")


KEPT_YEARS = 3
"""How long the sealed papers are kept at least: beyond the one year in which owners may ask a
court to rescind a decision (Civil Code 280, Judicial Interpretation on strata ownership, 12)."""


@dataclass(frozen=True)
class Participation:
    """Ballots returned in one building, or in several small ones together."""

    labels: tuple[str, ...]
    persons: int
    returned: int

    @property
    def is_small(self) -> bool:
        """Whether so few voters, or so few ballots, that one could tell who took part."""
        return self.persons < SMALL_CELL or 0 < self.returned < SMALL_CELL


def participation(buildings: Sequence[BuildingTurnout]) -> list[Participation]:
    """Participation by building for everybody's eyes, small cells merged.

    A building from which one or two ballots came back would show who took part, and beside a
    unanimous result how they voted. Such buildings are told together, with as many of the next
    smallest as it takes: one left out alone could be worked out from the total.
    """
    rows = [Participation((b.label,), b.persons, b.returned) for b in buildings]
    small = [row for row in rows if row.is_small]
    rest = sorted((row for row in rows if not row.is_small), key=lambda row: row.returned)
    while small and rest and _together(small).is_small:
        small.append(rest.pop(0))
    shown = [row for row in rows if row not in small]
    if not small:
        return shown
    merged = _together([row for row in rows if row in small])
    return [*shown, merged]


def _together(rows: Sequence[Participation]) -> Participation:
    return Participation(
        tuple(label for row in rows for label in row.labels),
        sum(row.persons for row in rows),
        sum(row.returned for row in rows),
    )
