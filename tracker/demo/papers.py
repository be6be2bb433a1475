"""The papers of case 6: 301 of 324 came back, and the counts give the published shares."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from tracker.demo.cast import Cast, at
from tracker.votes import recording
from tracker.votes.models import Vote
from tracker.votes.rules import Choice

RETURNED, FOR_PARKING, FOR_GATE = 301, 237, 274
"""237/301 is 78.7 % and 274/301 is 91.0 %; 23 of the 324 papers did not come back."""


def hand_in(cast: Cast, vote: Vote) -> None:
    """Record the papers that came back; which ones is arithmetic, not anybody's choice."""
    parking_rule, agreement = vote.motions
    for place, (serial, choices) in enumerate(_choices()):
        day = date(2021, 10, 26) + timedelta(days=place % 13)
        recording.record_ballot(
            cast.counters[place % 2],
            at(day, 19, place % 60),
            vote.id,
            serial=serial,
            choices={parking_rule.id: choices[0], agreement.id: choices[1]},
            received_at=at(day, 18, place % 60),
        )


def _choices() -> Iterator[tuple[int, tuple[Choice, Choice]]]:
    """Serial and choices of each returned paper: every fourteenth serial stayed out."""
    out = set(range(14, 325, 14))
    came = [serial for serial in range(1, 325) if serial not in out][:RETURNED]
    for place, serial in enumerate(came):
        # Spread the two motions' supporters over the buildings by different steps.
        first, second = place * 110 % RETURNED, place * 61 % RETURNED
        yield serial, (_split(first, FOR_PARKING, 46), _split(second, FOR_GATE, 18))


def _split(place: int, favour: int, against: int) -> Choice:
    if place < favour:
        return Choice.FOR
    if place < favour + against:
        return Choice.AGAINST
    return Choice.ABSTAIN if place % 3 else Choice.INVALID
