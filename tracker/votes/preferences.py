"""Counting what is not a plain yes or no: polls of preference, seats, sign-ups, tiers.

A preference poll advises; a motion on its winner decides. Ties are never broken by the order
of names: they are named, and go to another round or to a lot drawn in the open.
Integers only. Options are named by codes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tracker.votes.rules import Outcome


def _ranked(votes: Mapping[str, int]) -> list[str]:
    """Options by votes, most first; equal ones by name, for display only."""
    return sorted(votes, key=lambda option: (-votes[option], option))


def _check_votes(votes: Mapping[str, int], at_most: int | None = None) -> None:
    if not votes:
        raise ValueError("nothing to choose from")
    for option, count in votes.items():
        if count < 0 or (at_most is not None and count > at_most):
            raise ValueError(f"impossible count for {option}: {count}")


@dataclass(frozen=True)
class ChooseOne:
    """A round in which each ballot names one option.

    ``winner`` has more than half of the valid ballots: numerator over denominator are those
    of the leading option. Otherwise ``finalists`` go on: the top two, and everyone tied with
    them. ``deadlocked``: nobody would drop out, so another round may change nothing.
    """

    winner: str | None
    finalists: tuple[str, ...]
    numerator: int
    denominator: int
    deadlocked: bool = False


def choose_one(votes: Mapping[str, int]) -> ChooseOne:
    """Judge a first round or a runoff.

    ``votes``: valid ballots by option, options without a ballot included.
    Raises ValueError for no options or negative counts.
    """
    _check_votes(votes)
    ranking, valid = _ranked(votes), sum(votes.values())
    top = votes[ranking[0]]
    if 2 * top > valid:
        return ChooseOne(ranking[0], (), top, valid)
    # With a tie for first place this is the tied; else the first and all tied for second.
    second = votes[ranking[min(1, len(ranking) - 1)]]
    finalists = tuple(option for option in ranking if votes[option] >= second)
    return ChooseOne(None, finalists, top, valid, deadlocked=len(finalists) == len(votes))


def runoff(first: ChooseOne, votes: Mapping[str, int]) -> ChooseOne:
    """Judge a runoff; raises ValueError unless it is held among exactly the finalists."""
    if first.winner is not None or set(votes) != set(first.finalists):
        raise ValueError(f"not a runoff among {first.finalists}: {sorted(votes)}")
    return choose_one(votes)


@dataclass(frozen=True)
class Approval:
    """A poll in which each ballot approves any number of options.

    ``leading``: the most approved, several on a tie. ``over_half``: approved by more than
    half of the ballots, most first.
    """

    leading: tuple[str, ...]
    over_half: tuple[str, ...]


def approval_poll(approvals: Mapping[str, int], ballots: int) -> Approval:
    """Judge an approval poll of ``ballots`` valid ballots.

    Raises ValueError for no options or counts that so many ballots cannot give.
    """
    _check_votes(approvals, at_most=ballots)
    ranking = _ranked(approvals)
    most = approvals[ranking[0]]
    return Approval(
        leading=tuple(option for option in ranking if approvals[option] == most),
        over_half=tuple(option for option in ranking if 2 * approvals[option] > ballots),
    )


@dataclass(frozen=True)
class InstantRunoff:
    """The rounds of a ranked poll and where they end.

    ``rounds``: ballots per option still in, most first. ``tied``: the count stopped because
    these share the last place in every round and no lot was given. ``support`` of ``ballots``
    stood with the winner at the end; ballots that ran out of options are in ``ballots``.
    """

    rounds: tuple[Mapping[str, int], ...]
    winner: str | None
    tied: tuple[str, ...]
    support: int
    ballots: int

    @property
    def ratifies(self) -> bool:
        """Whether the poll decides by itself: never; a motion on the winner does."""
        return False


def instant_runoff(
    ballots: Mapping[tuple[str, ...], int],
    options: Iterable[str] = (),
    lots: Sequence[str] = (),
) -> InstantRunoff:
    """Count ranked ballots until one option has more than half of those still standing.

    ``ballots``: number by ranking, best first, not necessarily complete. ``options``: all on
    the ballot, those nobody ranked included. Each round the option with fewest ballots drops
    out (all that have none, together, as that moves nothing). A tie for last place looks at
    the latest earlier round in which the tied differ, then at ``lots``: options in the order
    drawn, the last drawn dropping first. Raises ValueError for a ranking that repeats an
    option, negative numbers, or nothing to choose from.
    """
    _check_rankings(ballots)
    standing = {*options, *(option for ranking in ballots for option in ranking)}
    rounds: list[dict[str, int]] = []
    tied: tuple[str, ...] = ()
    if not standing:
        raise ValueError("nothing to choose from")
    while not tied:
        rounds.append(_round(ballots, standing))
        leader, top = next(iter(rounds[-1].items()))
        if 2 * top > sum(rounds[-1].values()):
            return InstantRunoff(tuple(rounds), leader, (), top, sum(ballots.values()))
        dropping = _dropping(rounds, lots)
        # Options without ballots drop together, but not all; with ballots only one at a time.
        held = rounds[-1][dropping[0]]
        if len(dropping) == len(standing) or (held > 0 and len(dropping) > 1):
            tied = dropping
        standing -= set(dropping)
    return InstantRunoff(tuple(rounds), None, tied, 0, sum(ballots.values()))


def _check_rankings(ballots: Mapping[tuple[str, ...], int]) -> None:
    for ranking, count in ballots.items():
        if len(set(ranking)) != len(ranking) or count < 0:
            raise ValueError(f"impossible ranking: {ranking}: {count}")


def _round(ballots: Mapping[tuple[str, ...], int], standing: set[str]) -> dict[str, int]:
    counts = dict.fromkeys(standing, 0)
    for ranking, number in ballots.items():
        first = next((option for option in ranking if option in standing), None)
        if first is not None:
            counts[first] += number
    return {option: counts[option] for option in _ranked(counts)}


def _dropping(rounds: Sequence[Mapping[str, int]], lots: Sequence[str]) -> tuple[str, ...]:
    """The option to drop, or several that nothing tells apart."""
    last = list(rounds[-1])
    for counts in reversed(rounds):
        fewest = min(counts[option] for option in last)
        last = [option for option in last if counts[option] == fewest]
        if fewest == 0 and counts is rounds[-1]:
            return tuple(last)
    drawn = [option for option in lots if option in last]
    if len(last) > 1 and len(drawn) == len(last):
        return (drawn[-1],)
    return tuple(last)


@dataclass(frozen=True)
class Seats:
    """Who is elected, most votes first; seats left vacant; who ties for the last of them."""

    elected: tuple[str, ...]
    vacant: int
    tied: tuple[str, ...]


def elect_seats(votes: Mapping[str, int], ballots: int, seats: int) -> Seats:
    """Elect a committee: more than half of the ballots, then most votes.

    Candidates tied across the last seat leave it vacant for a second round among them.
    Raises ValueError for no candidates, no seats, or counts so many ballots cannot give.
    """
    _check_votes(votes, at_most=ballots)
    if seats < 1:
        raise ValueError("no seats to fill")
    able = [name for name in _ranked(votes) if 2 * votes[name] > ballots]
    if len(able) <= seats:
        return Seats(tuple(able), seats - len(able), ())
    last, next_one = votes[able[seats - 1]], votes[able[seats]]
    if last > next_one:
        return Seats(tuple(able[:seats]), 0, ())
    elected = tuple(name for name in able if votes[name] > last)
    tied = tuple(name for name in able if votes[name] == last)
    return Seats(elected, seats - len(elected), tied)


def milestones_reached(
    signed: int, roll: int, milestones: Sequence[int], rescinded: int = 0
) -> tuple[int, ...]:
    """The milestones (whole percent of the roll) that signatures have reached.

    ``signed`` counts every signature ever given, ``rescinded`` those taken back.
    Source: the 90/95/100 % of the 东郸 case. Raises ValueError for impossible numbers.
    """
    if not 0 <= rescinded <= signed or signed - rescinded > roll:
        raise ValueError(f"impossible sign-up: {signed} - {rescinded} of {roll}")
    standing = signed - rescinded
    return tuple(m for m in milestones if roll and standing * 100 >= m * roll)


def signatures_lacking(standing: int, roll: int, milestone: int) -> int:
    """How many more signatures a milestone needs; 0 when reached.

    ``standing``: signatures not taken back; ``milestone`` in whole percent of the roll.
    """
    return max(0, -(-milestone * roll // 100) - standing)


@dataclass(frozen=True)
class Tiers:
    """A vote in tiers: its outcome so far, and the first tier (from 1) that stops it.

    ``outcome`` None: that tier has not been decided yet.
    """

    outcome: Outcome | None
    stopped_at: int | None


def judge_tiers(outcomes: Sequence[Outcome | None]) -> Tiers:
    """Judge tiers in order, None where one is not decided; all must carry.

    Whatever a tier says, it cannot carry past one before it that has not.
    Source: the 复旦 case, the compound first and then the building.
    Raises ValueError for no tiers, or when one is undecided before one that is decided.
    """
    if not outcomes:
        raise ValueError("no tiers")
    for number, outcome in enumerate(outcomes, start=1):
        if outcome is not Outcome.CARRIED:
            if outcome is None and any(later is not None for later in outcomes[number:]):
                raise ValueError(f"a tier above {number} was decided before it")
            return Tiers(outcome, number)
    return Tiers(Outcome.CARRIED, None)


def may_open_tier(number: int, outcomes: Sequence[Outcome | None]) -> bool:
    """Whether tier ``number`` (from 1) may open: every tier before it has carried."""
    return all(outcome is Outcome.CARRIED for outcome in outcomes[: number - 1])
