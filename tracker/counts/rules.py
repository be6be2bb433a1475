"""Words and pure rules of the count: objections to a result, participation, the archive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tracker.kernel.words import N_, Term
from tracker.votes import preferences
from tracker.votes.figures import SMALL_CELL, BuildingTurnout, Counted
from tracker.votes.rules import Rule
from tracker.votes.words import OBJECTION_DAYS


class Ruling(Term):
    """What became of an objection to a result."""

    DISMISSED = "dismissed", N_("不成立")
    RECOUNT = "recount", N_("成立，重新计票")
    CORRECTED = "corrected", N_("成立，更正公告")


KEPT_YEARS = 3
"""How long the sealed papers are kept at least: beyond the one year in which owners may ask a
court to rescind a decision (Civil Code 280, Judicial Interpretation on strata ownership, 12)."""


def kept_at_least_until(announced: date) -> date:
    """The first day on which the papers of a result announced on a day may go."""
    year = announced.year + KEPT_YEARS
    if (announced.month, announced.day) == (2, 29):
        return date(year, 3, 1)
    return announced.replace(year=year)


def is_late(received_on: date, announced: Sequence[date]) -> bool:
    """Whether an objection came after the objection period of the announcement before it.

    ``announced``: the days of all announcements; a correction opens a period of its own. The last
    day counts in full. Raises ValueError for an objection before any announcement.
    """
    before = [day for day in announced if day <= received_on]
    if not before:
        raise ValueError("nothing was announced yet")
    return received_on > max(before) + timedelta(days=OBJECTION_DAYS)


@dataclass(frozen=True)
class Milestone:
    """A share of the roll that signatures are to reach: ``needed`` of them, ``lacking`` still."""

    percent: int
    needed: int
    lacking: int
    reached: bool


def milestones(rule: Rule, counted: Counted) -> list[Milestone]:
    """How far a sign-up is on each of its milestones; none for any other rule."""
    signed, roll = counted.counts.favour.persons, counted.counts.roll.persons
    reached = preferences.milestones_reached(signed, roll, rule.milestones)
    return [
        Milestone(
            percent,
            needed=preferences.signatures_lacking(0, roll, percent),
            lacking=preferences.signatures_lacking(signed, roll, percent),
            reached=percent in reached,
        )
        for percent in rule.milestones
    ]


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
