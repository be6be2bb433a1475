"""The frozen roll with what was delivered and what came back. Nothing here reads a choice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from tracker.ballots.delivery_queries import voted
from tracker.ballots.models import Ballot
from tracker.ballots.paper_models import BallotDelivery
from tracker.ballots.queries import current_ballots
from tracker.kernel.database import db
from tracker.votes.models import RollEntry
from tracker.votes.roll_queries import roll_page


@dataclass(frozen=True)
class RollRow:
    """A voter of the roll, how the ballot was brought, and what came back."""

    entry: RollEntry
    standing: BallotDelivery | None
    ballots: Sequence[Ballot]

    @property
    def rooms(self) -> str:
        """The rooms of the voter."""
        return "、".join(unit.label for unit in self.entry.units)


def roll(vote_id: int, building_id: int | None, which: str) -> sa.Select[RollEntry]:
    """The roll by serial; ``which``: ``undelivered``, ``unreturned``, or anything else for all."""
    query = roll_page(vote_id, building_id)
    if which == "undelivered":
        query = query.where(~RollEntry.delivered)
    elif which == "unreturned":
        query = query.where(~voted(vote_id))
    return query


def roll_rows(entries: Sequence[RollEntry]) -> list[RollRow]:
    """Voters with what was delivered to them and what came back, in the order given."""
    ids = [entry.id for entry in entries]
    standing = {
        brought.roll_entry_id: brought
        for brought in db.session.scalars(
            sa.select(BallotDelivery).where(
                BallotDelivery.roll_entry_id.in_(ids),
                BallotDelivery.delivered,
                ~BallotDelivery.superseded,
            )
        )
    }
    back = current_ballots(ids)
    return [RollRow(entry, standing.get(entry.id), back.get(entry.id, ())) for entry in entries]


AT_ONCE = 500
"""Voters read together for a file, so that a large roll needs no more memory than a small one."""


def all_rows(query: sa.Select[RollEntry]) -> Iterator[RollRow]:
    """All rows of a roll query, a few hundred voters at a time."""
    last = 0
    while True:
        entries = db.session.scalars(query.where(RollEntry.serial > last).limit(AT_ONCE)).all()
        if not entries:
            return
        yield from roll_rows(entries)
        last = entries[-1].serial
