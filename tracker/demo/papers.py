"""The papers of case 6: 301 of 324 came back, and the counts give the published shares."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from tracker.ballots import (
    checking_services,
    closing_services,
    collecting_services,
    entering_services,
)
from tracker.demo.cast import Cast, at
from tracker.votes.models import Vote
from tracker.votes.rules import Choice

RETURNED, FOR_PARKING, FOR_GATE = 301, 237, 274
"""237/301 is 78.7 % and 274/301 is 91.0 %; 23 of the 324 papers did not come back."""


def hand_in(cast: Cast, vote: Vote) -> None:
    """Receive, close, check and read the papers that came back.

    Which ones is arithmetic, not anybody's choice.
    """
    said = list(_choices())
    ballots = {}
    for place, (serial, _marks) in enumerate(said):
        day = date(2021, 11, 2) + timedelta(days=place % 6)
        ballots[serial] = collecting_services.receive(
            cast.counters[place % 2],
            at(day, 19, place % 60),
            vote.id,
            paper=str(serial),
            received_at=at(day, 18, place % 60),
        )
    closing_services.close(cast.director, at(date(2021, 11, 8), 12), vote.id)
    for serial, marks in said:
        checking_services.check(cast.counters[0], at(date(2021, 11, 8), 13), ballots[serial].id)
        for counter in cast.counters:
            entering_services.enter(
                counter,
                at(date(2021, 11, 8), 14),
                vote.id,
                ballot_id=ballots[serial].id,
                marks={m.id: c.value for m, c in zip(vote.motions, marks, strict=True)},
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
