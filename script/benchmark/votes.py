"""A committee with a compound of any size and a vote in it.

Units, ballots and choices are written in bulk; the vote is carried by the services, so that its
roll is frozen and whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from script.benchmark.ledger import PASSWORD
from tests.factories import people
from tests.factories import votes as made
from tests.factories.people import NOW
from tracker.accounts import passwords
from tracker.accounts.rules import Role
from tracker.ballots import closing_services, printing_services
from tracker.ballots.models import Ballot, BallotChoice
from tracker.ballots.paper_models import Paper
from tracker.ballots.rules import BallotState
from tracker.counts import services as counts
from tracker.kernel import clock
from tracker.kernel.database import Model, db
from tracker.places.models import Building, Compound, Unit, VotingPerson
from tracker.votes import course_services, roll_queries
from tracker.votes.models import Vote
from tracker.votes.rules import Channel

PER_BUILDING = 100
CHUNK = 20_000
SAID = ("for", "for", "against", "for", "abstain", "for", "invalid")
"""What ballots say, in turn: every answer occurs, and no two motions have the same figures."""


@dataclass(frozen=True)
class Place:
    """A project whose compound has ``units``, each with an owner of its own."""

    scene: made.Scene
    units: int

    def draft(self, opens: datetime, closes: datetime) -> Vote:
        """A drafted vote on all motions, under a rule that asks for no notice."""
        return made.draft(
            self.scene,
            rule_id="simple",
            rule_reason="测速",
            notice_id=None,
            opens_at=opens,
            closes_at=closes,
        )

    def propose(self, vote: Vote) -> None:
        """The first of two people asks for the roll to be frozen."""
        persons = roll_queries.roll_preview(vote).persons
        course_services.propose_freeze(
            self.scene.worker, NOW, vote.id, version=vote.version, persons=persons
        )

    def opened(self, opens: datetime, closes: datetime) -> Vote:
        """A vote that takes papers, all of them numbered."""
        vote = self.draft(opens, closes)
        self.propose(vote)
        course_services.approve_freeze(self.scene.director, NOW, vote.id)
        printing_services.number_papers(self.scene.worker, NOW, vote.id)
        return counts.open_vote(self.scene.director, opens, vote.id)

    def closed(self) -> Vote:
        """A vote that was closed yesterday, with the accepted paper of everybody, none read."""
        now = clock.now()
        vote = self.opened(now - timedelta(days=9), now - timedelta(days=1))
        accept_all(vote, self.scene.counter.id)
        return closing_services.close(self.scene.director, now, vote.id)


def place(units: int, motions: int) -> Place:
    """A project at its vote stage in a compound of its own, committed."""
    titles = tuple(f"事项{number}" for number in range(1, motions + 1))
    number = db.session.scalar(sa.select(sa.func.count()).select_from(Compound)) or 0
    scene = made.scene(buildings=1, rooms=1, motions=titles, committee=f"第{number + 1}居委会")
    _build(scene.project.compound, units - 1)
    db.session.commit()
    return Place(scene, units)


def counters(scene: made.Scene, number: int) -> list[str]:
    """Accounts of counters who can sign in with the ledger's password; returns their logins."""
    secret = passwords.hashed(PASSWORD)
    accounts = [
        people.user(
            Role.COUNTER,
            scene.director.committee,
            login=f"clerk{place}of{scene.project.id}",
            password_hash=secret,
        )
        for place in range(number)
    ]
    return [account.login for account in accounts]


def _build(compound: Compound, units: int) -> None:
    common = {"committee_id": compound.committee_id, "compound_id": compound.id}
    houses = range(2, 2 + -(-units // PER_BUILDING))
    buildings = _ids(
        Building, ({**common, "number": str(n), "position": n, "version": 1} for n in houses)
    )
    rooms = [
        (buildings[number // PER_BUILDING], 101 + number % PER_BUILDING) for number in range(units)
    ]
    owners = _ids(
        VotingPerson,
        (
            {**common, "code": f"{house}-{room}", "name": f"示例业主{house}-{room}"}
            for house, room in rooms
        ),
    )
    write(
        Unit,
        (
            {
                **common,
                "building_id": house,
                "entrance_number": "",
                "room": str(room),
                "area": 6_000 + owner % 5_000,
                "area_source": "产证",
                "voting_person_id": owner,
                "version": 1,
            }
            for (house, room), owner in zip(rooms, owners, strict=True)
        ),
    )


def accept_all(vote: Vote, by: int) -> None:
    """The paper of everybody on the roll came back in time and passed the identity check."""
    papers = sa.select(Paper.id, Paper.roll_entry_id).where(Paper.vote_id == vote.id)
    at = vote.opens_at
    write(
        Ballot,
        (
            {
                "committee_id": vote.committee_id,
                "vote_id": vote.id,
                "roll_entry_id": entry_id,
                "paper_id": paper_id,
                "channel": Channel.PAPER,
                "second_owner": False,
                "state": BallotState.ACCEPTED,
                "received_at": at,
                "recorded_at": at,
                "recorded_by": by,
                "checked_at": at,
                "checked_by": by,
                "correction_reason": "",
                "receipt": "",
                "sealed": "",
            }
            for paper_id, entry_id in db.session.execute(papers).all()
        ),
    )


def choose_all(vote: Vote) -> None:
    """Every accepted ballot says something to every motion."""
    ballots = db.session.scalars(sa.select(Ballot.id).where(Ballot.vote_id == vote.id)).all()
    motions = [motion.id for motion in vote.motions]
    write(
        BallotChoice,
        (
            {
                "committee_id": vote.committee_id,
                "ballot_id": ballot_id,
                "vote_motion_id": motion_id,
                "mark": SAID[(ballot_id * (place + 1)) % len(SAID)],
            }
            for ballot_id in ballots
            for place, motion_id in enumerate(motions)
        ),
    )


def write(model: type[Model], rows: Iterable[dict[str, Any]]) -> None:
    """Insert rows in chunks, in the present transaction."""
    for chunk in _chunks(rows):
        db.session.connection().execute(sa.insert(model), chunk)


def _ids(model: type[Model], rows: Iterable[dict[str, Any]]) -> list[int]:
    """The same; returns the new keys, in the order of the rows."""
    key = sa.inspect(model).local_table.c.id
    insert = sa.insert(model).returning(key, sort_by_parameter_order=True)
    return [row[0] for chunk in _chunks(rows) for row in db.session.execute(insert, chunk)]


def _chunks(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    chunk: list[dict[str, Any]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def settled() -> None:
    """Let the database look at what it holds, and leave nothing for it to do meanwhile."""
    db.session.commit()
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("VACUUM ANALYZE"))
