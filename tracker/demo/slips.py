"""What generated ballots say: exact sums, spread over the buildings by arithmetic; pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import gcd

from tracker.ballots.rules import RejectReason
from tracker.votes.rules import Choice


@dataclass(frozen=True)
class Slip:
    """A paper that came back, and what it says to each motion in the order of the ballot.

    ``misread``: what the second counter enters by an honest slip; a third person settles it.
    ``rejected``: why the identity check refuses it. ``late``: it came after the close.
    """

    marks: tuple[str, ...]
    misread: tuple[str, ...] | None = None
    rejected: RejectReason | None = None
    late: bool = False

    @property
    def counts(self) -> bool:
        """Whether its choices are read."""
        return self.rejected is None and not self.late

    def read_as(self, second: bool) -> tuple[str, ...]:
        """What the first or second counter enters."""
        return self.misread if second and self.misread else self.marks


def came_back(roll: int, back: int) -> list[int]:
    """``back`` of the serials 1 to ``roll``, as irregular as life but always the same."""

    def chance(serial: int) -> bytes:
        return hashlib.sha256(f"{roll}|{back}|{serial}".encode()).digest()

    return sorted(sorted(range(1, roll + 1), key=chance)[:back])


def spread(marks: Mapping[str, int], step: int) -> list[str]:
    """Each mark as often as told, mixed so that no building votes as one.

    ``step``: another number mixes in another way.
    """
    sorted_out = [mark for mark, times in marks.items() for _ in range(times)]
    total = len(sorted_out)
    while gcd(step, total) > 1:
        step += 1
    return [sorted_out[place * step % total] for place in range(total)]


def slips(
    serials: Sequence[int], motions: Sequence[Mapping[str, int]], misread: Sequence[int] = ()
) -> dict[int, Slip]:
    """The slips of these serials, whose marks add up to ``motions``.

    ``misread``: places among the serials at which the second counter slips on the first motion.
    Raises ValueError when the marks of a motion are not as many as the serials.
    """
    columns = [spread(marks, 7 + 4 * place) for place, marks in enumerate(motions)]
    made = {}
    for place, (serial, *marks) in enumerate(zip(serials, *columns, strict=True)):
        said = tuple(marks)
        made[serial] = Slip(said, _other(said) if place in misread else None)
    return made


def _other(marks: tuple[str, ...]) -> tuple[str, ...]:
    """The neighbour of the right key."""
    first = Choice.ABSTAIN.value if marks[0] != Choice.ABSTAIN else Choice.FOR.value
    return (first, *marks[1:])
