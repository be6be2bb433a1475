"""Counting ballots: which of a voter's ballots stands, who is on the roll, how many did what.

The database groups ballots (``Group``) and ``tally`` adds the groups up: work and memory depend
on the number of groups, never on the number of ballots. Areas are whole 0.01 m².
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from tracker.votes.rules import (
    Channel,
    Choice,
    InvalidPolicy,
    Measure,
    NonResponsePolicy,
    Refusal,
)

Moment = TypeVar("Moment", int, datetime)


@dataclass(frozen=True)
class Event(Generic[Moment]):
    """One thing that came in for a voter on one motion.

    ``choice`` None withdraws what came before. ``second_owner`` marks a ballot filled in by
    a co-owner other than the voter they named.
    """

    voter: str
    at: Moment
    choice: Choice | None
    channel: Channel = Channel.PAPER
    second_owner: bool = False
    identity_ok: bool = True

    def refusal(self, close: Moment) -> Refusal | None:
        """Why this is kept but not counted; arriving at the very close is in time.

        "Within" a period includes its end (Civil Code 1259).
        """
        if not self.identity_ok:
            return Refusal.IDENTITY
        return Refusal.LATE if self.at > close else None


@dataclass(frozen=True)
class Settled:
    """What stands for a voter who sent something.

    Without a ``choice`` everything was refused (then ``refusal`` is the last reason) or
    withdrawn; either way the voter answered, so no policy on silence reaches them.
    """

    choice: Choice | None
    refusal: Refusal | None = None


def settle(events: Iterable[Event[Moment]], close: Moment) -> dict[str, Settled]:
    """Find the one outcome of each voter; at equal times the later in order comes later.

    Identity failures and late arrivals are refused. Of one signer's ballots paper beats
    online, then the last counts; a withdrawal clears what that signer sent before, but an
    online one cannot clear paper. Two co-owners who differ make the ballot invalid; who
    agree, count once.
    """
    standing: dict[str, dict[tuple[bool, Channel], Choice]] = {}
    refused: dict[str, Refusal] = {}
    for event in sorted(events, key=lambda e: e.at):
        signers = standing.setdefault(event.voter, {})
        refusal = event.refusal(close)
        if refusal is None:
            _apply(event, signers)
        elif event.choice is not None:
            refused[event.voter] = refusal
    return {voter: _stands(signers, refused.get(voter)) for voter, signers in standing.items()}


def _apply(event: Event[Moment], signers: dict[tuple[bool, Channel], Choice]) -> None:
    if event.choice is not None:
        signers[event.second_owner, event.channel] = event.choice
        return
    for channel in {event.channel, Channel.ONLINE}:
        signers.pop((event.second_owner, channel), None)


def _stands(signers: Mapping[tuple[bool, Channel], Choice], refusal: Refusal | None) -> Settled:
    best = [
        signers.get((second, Channel.PAPER), signers.get((second, Channel.ONLINE)))
        for second in (False, True)
    ]
    choices = {choice for choice in best if choice is not None}
    if not choices:
        return Settled(None, refusal)
    return Settled(choices.pop() if len(choices) == 1 else Choice.INVALID)


@dataclass(frozen=True)
class Voter:
    """One voting person of the frozen roll, all their units merged.

    ``area`` in 0.01 m², None when any unit's is missing. Raises ValueError below 1: an area
    of nothing is a missing area.
    """

    code: str
    area: int | None
    delivered: bool = False

    def __post_init__(self) -> None:
        if self.area is not None and self.area < 1:
            raise ValueError(f"voter {self.code} has an area of {self.area}")


def merged_area(areas: Iterable[int | None]) -> int | None:
    """The area of one person's units together: they add up, and one missing makes it missing.

    Source: the Supreme Court's interpretation on strata ownership, article 9.
    """
    total = 0
    for area in areas:
        if area is None:
            return None
        total += area
    return total


def merge_units(units: Iterable[tuple[str, int | None]]) -> list[Voter]:
    """Make one voter of each person's units, in order of first appearance.

    ``units`` are (person, area in 0.01 m² or None). A developer's unsold units come under one
    person code.
    """
    areas: dict[str, list[int | None]] = {}
    for person, area in units:
        areas.setdefault(person, []).append(area)
    return [Voter(person, merged_area(found)) for person, found in areas.items()]


@dataclass(frozen=True)
class Pile:
    """A number of persons, their known area in 0.01 m², and how many lack an area."""

    persons: int = 0
    area: int = 0
    missing: int = 0

    def __add__(self, other: Pile) -> Pile:
        return Pile(
            self.persons + other.persons, self.area + other.area, self.missing + other.missing
        )

    def __sub__(self, other: Pile) -> Pile:
        return Pile(
            self.persons - other.persons, self.area - other.area, self.missing - other.missing
        )

    def size(self, measure: Measure) -> int:
        """Persons, or known area."""
        return self.persons if measure is Measure.PERSONS else self.area


@dataclass(frozen=True)
class Group:
    """Voters of the roll who are alike, as one row of a GROUP BY.

    ``choice`` is that of the accepted ballot, None without one. ``answered``: something came
    back but does not stand (refused or withdrawn), so the voter is not silent.
    ``area`` sums the known areas in 0.01 m². Raises ValueError for impossible numbers.
    """

    choice: Choice | None
    delivered: bool
    persons: int
    area: int
    missing_area_persons: int = 0
    answered: bool = False

    def __post_init__(self) -> None:
        if self.area < 0 or not 0 <= self.missing_area_persons <= self.persons:
            raise ValueError(f"impossible group: {self}")

    @property
    def place(self) -> str:
        """The field of ``Counts`` this group is added to."""
        if self.choice is not None:
            return _PLACES[self.choice]
        if self.answered:
            return "void"
        return "silent" if self.delivered else "unreached"


_PLACES = {
    Choice.FOR: "favour",
    Choice.AGAINST: "against",
    Choice.ABSTAIN: "abstain",
    Choice.INVALID: "invalid",
    Choice.FOLLOW: "follow",
}


@dataclass(frozen=True)
class Counts:
    """The whole roll by what each voter did.

    ``silent``: delivered and nothing came back. ``unreached``: not delivered. ``void``: came
    back and was refused or withdrawn.
    """

    favour: Pile = Pile()
    against: Pile = Pile()
    abstain: Pile = Pile()
    invalid: Pile = Pile()
    follow: Pile = Pile()
    silent: Pile = Pile()
    unreached: Pile = Pile()
    void: Pile = Pile()

    @property
    def accepted(self) -> Pile:
        """Every accepted ballot: for + against + abstain + invalid + follow."""
        return self.favour + self.against + self.abstain + self.invalid + self.follow

    @property
    def roll(self) -> Pile:
        """Everybody entitled to vote."""
        return self.accepted + self.silent + self.unreached + self.void

    def majority(self) -> Choice | None:
        """The opinion most persons expressed (for, against or abstain), None on a tie.

        Only ballots that say so themselves are asked, and heads are counted, not area.
        Source: the clause of the rules of procedure that lets silence follow.
        """
        sizes = {
            Choice.FOR: self.favour.persons,
            Choice.AGAINST: self.against.persons,
            Choice.ABSTAIN: self.abstain.persons,
        }
        most = max(sizes.values())
        leaders = [choice for choice, persons in sizes.items() if persons == most]
        return leaders[0] if len(leaders) == 1 else None


def tally(groups: Iterable[Group]) -> Counts:
    """Add up groups that together cover the whole roll."""
    piles: dict[str, Pile] = {}
    for group in groups:
        row = Pile(group.persons, group.area, group.missing_area_persons)
        piles[group.place] = piles.get(group.place, Pile()) + row
    return Counts(**piles)


def groups_of(voters: Iterable[Voter], settled: Mapping[str, Settled]) -> Iterable[Group]:
    """One group per voter, for callers without a database; ``settled`` is by voter code."""
    for voter in voters:
        ballot = settled.get(voter.code)
        yield Group(
            choice=ballot.choice if ballot else None,
            delivered=voter.delivered,
            persons=1,
            area=voter.area or 0,
            missing_area_persons=int(voter.area is None),
            answered=ballot is not None and ballot.choice is None,
        )


@dataclass(frozen=True)
class Sides:
    """The roll in three after the policies: approving, otherwise taking part, absent."""

    approving: Pile
    other: Pile
    absent: Pile


def sides_of(
    counts: Counts, invalid_policy: InvalidPolicy, nonresponse_policy: NonResponsePolicy
) -> Sides:
    """Apply the counting policies.

    Followers (explicit, and the silent under FOLLOW_MAJORITY) join the majority's choice.
    Without a majority, or when it is not for, they take part and do not approve.
    """
    approving, absent = counts.favour, counts.unreached + counts.void
    other, followers = counts.against + counts.abstain, counts.follow
    if invalid_policy is InvalidPolicy.TAKES_PART:
        other += counts.invalid
    else:
        absent += counts.invalid
    if nonresponse_policy is NonResponsePolicy.NONE:
        absent += counts.silent
    elif nonresponse_policy is NonResponsePolicy.DELIVERED_TAKES_PART:
        other += counts.silent
    else:
        followers += counts.silent
    if counts.majority() is Choice.FOR:
        return Sides(approving + followers, other, absent)
    return Sides(approving, other + followers, absent)
