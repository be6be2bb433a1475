"""The long tables of an evidence pack, read row by row; choices among them.

Only ``evidence_queries`` asks for these, and only once a count is certified.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from tracker.accounts.models import User
from tracker.ballots.models import Ballot, BallotChoice, BallotEntry, EntryMark
from tracker.ballots.paper_models import BallotDelivery, Box, Paper, PrintRun
from tracker.counts.packing import Row, Section
from tracker.kernel.database import db
from tracker.places.models import Building
from tracker.votes.models import RollEntry, RollUnit, Vote, VoteMotion
from tracker.votes.sealing import SealedEntry, SealedUnit, identity

_PAGE = 2_000
"""Rows fetched at a time."""


class Codes:
    """Codes for people of one vote. ``roles`` of accounts are kept as they were when certified."""

    def __init__(self, vote: Vote, roles: Mapping[str, str] | None = None) -> None:
        self._key = vote.seal_key.encode()
        self._known = dict(roles or {})
        self.roles: dict[str, str] = {}

    def account(self, account_id: int | None) -> str | None:
        """The code of an account; None for nobody."""
        return None if account_id is None else self._code(f"account|{account_id}")

    def name(self, name: str) -> str:
        """The code of somebody who signed a sheet."""
        return self._code(f"name|{name}")

    def role(self, account_id: int) -> str:
        """The code of an account's role."""
        code = self._code(f"account|{account_id}")
        if code not in self.roles:
            found = self._known.get(code) or db.session.get_one(User, account_id).role.value
            self.roles[code] = found
        return self.roles[code]

    def _code(self, content: str) -> str:
        return hmac.new(self._key, content.encode(), hashlib.sha256).hexdigest()[:16]


def instant(value: datetime | None) -> str | None:
    """An instant as the pack writes it: UTC, to the microsecond."""
    return None if value is None else value.astimezone(UTC).isoformat(timespec="microseconds")


def long_sections(vote: Vote, number: int, codes: Codes) -> Iterator[Section]:
    """The roll, papers, ballots, readings and settled choices of a count, in this order.

    To be read one after the other: readings name ballots by the rows that were read before.
    """
    numbers: dict[int, int] = {}
    yield Section("roll", _ROLL, _roll(vote))
    yield Section("deliveries", _DELIVERIES, _deliveries(vote.id, codes))
    yield Section("papers", _PAPERS, _papers(vote.id))
    yield Section("boxes", _BOXES, _boxes(vote.id))
    yield Section("ballots", _BALLOTS, _ballots(vote.id, codes, numbers))
    yield Section("readings", _READINGS, _readings(vote.id, number, codes, numbers))
    yield Section("choices", ("ballot", "marks"), _choices(vote.id, numbers))


def _stream(query: sa.Executable) -> Iterator[Any]:
    yield from db.session.execute(query.execution_options(yield_per=_PAGE))


_ROLL = ("serial", "person", "area", "building", "identity", "delivered")


def _roll(vote: Vote) -> Iterator[Row]:
    rows = _stream(
        sa.select(
            RollEntry.serial,
            RollEntry.person_code,
            RollEntry.name,
            RollEntry.area,
            Building.number,
            RollEntry.delivered,
            RollUnit.label,
            RollUnit.area,
            RollUnit.area_source,
        )
        .join(Building, RollEntry.building_id == Building.id)
        .join(RollUnit, RollUnit.roll_entry_id == RollEntry.id)
        .where(RollEntry.vote_id == vote.id)
        .order_by(RollEntry.serial, RollUnit.id)
    )
    for head, units in groupby(rows, key=lambda row: tuple(row[:6])):
        serial, person, name, area, building, delivered = head
        owned = tuple(SealedUnit(*row[6:]) for row in units)
        entry = SealedEntry(serial, person, name, area, building, owned)
        yield serial, person, area, building, identity(entry, vote.seal_key), bool(delivered)


_DELIVERIES = (
    *("serial", "paper", "way", "outcome", "recipient", "delivered"),
    *("proof", "at", "server", "superseded"),
)


def _deliveries(vote_id: int, codes: Codes) -> Iterator[Row]:
    of = BallotDelivery
    rows = _stream(
        sa.select(
            *(RollEntry.serial, Paper.serial, of.way, of.outcome, of.recipient, of.delivered),
            sa.or_(of.proof != "", of.proof_path != ""),
            *(of.at, of.served_by, of.superseded),
        )
        .join(RollEntry, of.roll_entry_id == RollEntry.id)
        .join(Paper, of.paper_id == Paper.id, isouter=True)
        .where(of.vote_id == vote_id)
        .order_by(of.id)
    )
    for serial, paper, way, outcome, recipient, delivered, proof, at, server, superseded in rows:
        yield (
            *(serial, paper, way.value, outcome.value, recipient.value if recipient else None),
            *(delivered, bool(proof), instant(at), codes.account(server), superseded),
        )


_PAPERS = ("paper", "run", "kind", "serial", "second_owner", "state", "spoilt_at")


def _papers(vote_id: int) -> Iterator[Row]:
    rows = _stream(
        sa.select(
            Paper.serial,
            PrintRun.number,
            PrintRun.kind,
            RollEntry.serial,
            Paper.second_owner,
            Paper.state,
            Paper.spoilt_at,
        )
        .join(PrintRun, Paper.run_id == PrintRun.id)
        .join(RollEntry, Paper.roll_entry_id == RollEntry.id, isouter=True)
        .where(Paper.vote_id == vote_id)
        .order_by(Paper.serial)
    )
    for paper, run, kind, serial, second, state, spoilt_at in rows:
        yield paper, run, kind.value, serial, second, state.value, instant(spoilt_at)


_BOXES = ("box", "seal", "sealed_at", "opened_at", "seal_whole", "handovers")


def _boxes(vote_id: int) -> Iterator[Row]:
    boxes = sa.select(Box).where(Box.vote_id == vote_id).order_by(Box.number)
    for box in db.session.scalars(boxes):
        handovers = [[instant(of.at), of.seal_whole] for of in box.handovers]
        yield (
            box.number,
            box.seal_number,
            instant(box.sealed_at),
            instant(box.opened_at),
            box.seal_whole,
            handovers,
        )


_BALLOTS = (
    *("serial", "person", "paper", "box", "channel", "second_owner", "state", "reason"),
    *("received_at", "recorded_at", "recorder", "checked_at", "checker", "supersedes", "receipt"),
)


def _ballots(vote_id: int, codes: Codes, numbers: dict[int, int]) -> Iterator[Row]:
    """Every ballot in the order recorded; ``numbers`` is filled with its row by its id."""
    of = Ballot
    rows = _stream(
        sa.select(
            *(of.id, RollEntry.serial, RollEntry.person_code, Paper.serial, Box.number),
            *(of.channel, of.second_owner, of.state, of.reject_reason, of.received_at),
            *(of.recorded_at, of.recorded_by, of.checked_at, of.checked_by),
            *(of.supersedes_id, of.receipt),
        )
        .join(RollEntry, of.roll_entry_id == RollEntry.id)
        .join(Paper, of.paper_id == Paper.id, isouter=True)
        .join(Box, of.box_id == Box.id, isouter=True)
        .where(of.vote_id == vote_id)
        .order_by(of.id)
    )
    for row in rows:
        ballot_id, serial, person, paper, box, channel, second, state, reason, *rest = row
        received, recorded, recorder, checked, checker, supersedes, receipt = rest
        numbers[ballot_id] = len(numbers) + 1
        yield (
            *(serial, person, paper, box, channel.value, second, state.value),
            *(reason.value if reason else None, instant(received), instant(recorded)),
            *(codes.account(recorder), instant(checked), codes.account(checker)),
            *(numbers.get(supersedes), receipt),
        )


_READINGS = ("ballot", "number", "reader", "at", "superseded", "marks")


def _readings(vote_id: int, number: int, codes: Codes, numbers: Mapping[int, int]) -> Iterator[Row]:
    of = BallotEntry
    wanted = (of.vote_id == vote_id, of.count_number == number)
    readings = _stream(
        sa.select(of.id, of.ballot_id, of.number, of.entered_by, of.entered_at, of.superseded)
        .where(*wanted)
        .order_by(of.id)
    )
    marks = _marks(
        sa.select(EntryMark.entry_id, EntryMark.mark)
        .join(of, EntryMark.entry_id == of.id)
        .join(VoteMotion, EntryMark.vote_motion_id == VoteMotion.id)
        .where(*wanted)
        .order_by(EntryMark.entry_id, VoteMotion.position)
    )
    # Both in the order of the readings, each of which has its marks.
    for reading, (_entry_id, said) in zip(readings, marks, strict=True):
        _, ballot_id, time, reader, at, superseded = reading
        known = numbers[ballot_id], time, codes.account(reader), instant(at)
        yield (*known, bool(superseded), said)


def _marks(query: sa.Executable) -> Iterator[tuple[int, list[str]]]:
    """Marks by what they belong to, from rows (id, mark) in order."""
    for key, rows in groupby(_stream(query), key=itemgetter(0)):
        yield key, [mark for _, mark in rows]


def _choices(vote_id: int, numbers: Mapping[int, int]) -> Iterator[Row]:
    settled = _marks(
        sa.select(BallotChoice.ballot_id, BallotChoice.mark)
        .join(VoteMotion, BallotChoice.vote_motion_id == VoteMotion.id)
        .where(VoteMotion.vote_id == vote_id)
        .order_by(BallotChoice.ballot_id, VoteMotion.position)
    )
    for ballot_id, marks in settled:
        yield numbers[ballot_id], marks
