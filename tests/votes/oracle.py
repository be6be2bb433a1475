"""A second, deliberately naive counting of a motion, to hold the first one against.

Person by person, with loops, fractions and brute force; nothing here is shared with
``tracker.votes`` and nothing is meant to be fast. Choices are the letters of the vectors:
F for, A against, X abstain, I unreadable, M 随多数, W withdrawal; R is refused or withdrawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product

ENORMOUS = 10**9


@dataclass
class Slip:
    """One event; ``second`` is the second co-owner, ``genuine`` the identity check."""

    at: int
    letter: str
    online: bool
    second: bool
    genuine: bool


@dataclass
class Person:
    """A person with all their units (None: area missing) and all that came in for them."""

    units: list[int | None]
    delivered: bool
    slips: list[Slip] = field(default_factory=list)


@dataclass
class Law:
    """Thresholds as (fraction, strict) or None: quorum and approval by persons and area."""

    quorum: dict[str, tuple[Fraction, bool] | None]
    approval: dict[str, tuple[Fraction, bool] | None]
    of_roll: bool


def area_of(person: Person) -> int | None:
    """The person's areas together."""
    total = 0
    for unit in person.units:
        if unit is None:
            return None
        total += unit
    return total


def letter_of_signer(slips: list[Slip]) -> str | None:
    """What one signer's accepted slips, in order of time, amount to."""
    position = -1
    for i, slip in enumerate(slips):
        if slip.letter == "W" and not slip.online:
            position = i
    rest = slips[position + 1 :]
    on_paper = [slip.letter for slip in rest if not slip.online]
    if on_paper:
        return on_paper[-1]
    on_line = [slip.letter for slip in rest if slip.online]
    return on_line[-1] if on_line and on_line[-1] != "W" else None


def letter_of(person: Person, close: int) -> str:
    """The person's outcome: a choice, R, D (delivered, silent) or N (undelivered)."""
    if not person.slips:
        return "D" if person.delivered else "N"
    in_order = sorted(enumerate(person.slips), key=lambda pair: (pair[1].at, pair[0]))
    accepted = [slip for _, slip in in_order if slip.genuine and slip.at <= close]
    letters = []
    for second in (False, True):
        letter = letter_of_signer([slip for slip in accepted if slip.second is second])
        if letter is not None:
            letters.append(letter)
    if not letters:
        return "R"
    if len(letters) == 2 and letters[0] != letters[1]:
        return "I"
    return letters[0]


def sides(letters: list[str], invalid: str, silence: str) -> list[str]:
    """For each person: yes (approves), part (takes part otherwise) or away."""
    f, a, x = (letters.count(letter) for letter in "FAX")
    follower = "yes" if f > a and f > x else "part"
    table = {"F": "yes", "A": "part", "X": "part", "M": follower, "R": "away", "N": "away"}
    table["I"] = "part" if invalid == "part" else "away"
    table["D"] = {"none": "away", "deliv": "part", "follow": follower}[silence]
    return [table[letter] for letter in letters]


def reaches(share: Fraction, threshold: tuple[Fraction, bool] | None) -> bool:
    """Whether a share satisfies a threshold."""
    if threshold is None:
        return True
    value, strict = threshold
    return share > value if strict else share >= value


def passes(law: Law, measure: str, yes: int, part: int, away: int) -> tuple[bool, bool]:
    """Whether quorum and approval of one measure hold; ``part`` are those not approving."""
    roll = yes + part + away
    base = roll if law.of_roll else yes + part
    quorum, approval = law.quorum[measure], law.approval[measure]
    quorum_holds = quorum is None or (roll > 0 and reaches(Fraction(yes + part, roll), quorum))
    approval_holds = approval is None or (base > 0 and reaches(Fraction(yes, base), approval))
    return quorum_holds, approval_holds


def sums(where: list[str], weights: list[int]) -> tuple[int, int, int]:
    """Total weight of each side."""
    yes = sum(w for side, w in zip(where, weights, strict=True) if side == "yes")
    part = sum(w for side, w in zip(where, weights, strict=True) if side == "part")
    away = sum(w for side, w in zip(where, weights, strict=True) if side == "away")
    return yes, part, away


def failures(law: Law, where: list[str], areas: list[int]) -> set[str]:
    """The tests that fail, as ``quorum persons``."""
    failed = set()
    for measure, weights in (("persons", [1] * len(where)), ("area", areas)):
        quorum, approval = passes(law, measure, *sums(where, weights))
        if not quorum:
            failed.add(f"quorum {measure}")
        if not approval:
            failed.add(f"approval {measure}")
    return failed


def possible(law: Law, where: list[str], areas: list[int | None]) -> set[bool]:
    """Whether the motion carries, over a great many areas for the missing ones."""
    persons = all(passes(law, "persons", *sums(where, [1] * len(where))))
    return {persons and all(passes(law, "area", *guess)) for guess in guesses(where, areas)}


def guesses(where: list[str], areas: list[int | None]) -> Iterator[tuple[int, int, int]]:
    """Totals of the three sides with missing areas of at least 0.01 m² each."""
    choices = []
    for side, finest in (("yes", 4), ("part", 160), ("away", 4)):
        mine = [area for place, area in zip(where, areas, strict=True) if place == side]
        known, unknown = sum(area or 0 for area in mine), mine.count(None)
        if not unknown:
            choices.append([known])
            continue
        steps = [*range(finest), ENORMOUS, ENORMOUS**2]
        choices.append([known + unknown + step for step in steps])
    for guess in product(*choices):
        yield guess[0], guess[1], guess[2]


def least_to_carry(law: Law, measure: str, yes: int, part: int, away: int) -> int:
    """The least that would have had to be for besides, from whichever side."""
    found = []
    for joining in range(away + 1):
        for turning in range(part + 1):
            changed = (yes + joining + turning, part - turning, away - joining)
            if all(passes(law, measure, *changed)):
                found.append(joining + turning)
    return min(found)


def least_to_fail(law: Law, letters: list[str], invalid: str, silence: str) -> int:
    """How many persons turn from for to against, one by one, until a persons test fails."""
    letters = list(letters)
    turned = 0
    while True:
        where = sides(letters, invalid, silence)
        if not all(passes(law, "persons", *sums(where, [1] * len(where)))):
            return turned
        letters[letters.index("F")] = "A"
        turned += 1
