"""Many people at once lose and duplicate nothing, on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.conftest import Browser
from tests.factories import people, votes
from tests.factories.online import co_owners_paper
from tests.factories.votes import AFTER, DURING
from tracker.accounts.models import User
from tracker.accounts.rules import Role
from tracker.audit import services as audit
from tracker.audit.models import AuditEntry
from tracker.ballots import checking_services
from tracker.ballots.models import Ballot, BallotChoice, BallotEntry, EntryMark
from tracker.ballots.rules import BallotState, RejectReason
from tracker.counts import services as counts
from tracker.kernel.database import db
from tracker.votes.models import RollEntry, Vote

CLERKS = 50
EACH = 3
"""Papers that a clerk takes from the pile; every paper is taken by as many clerks."""


class Office:
    """A committed vote being counted, and clerks signed in."""

    def __init__(self, app: Flask, browse, papers: int, clerks: int) -> None:
        with app.app_context():
            scene = votes.scene(buildings=2, rooms=(papers + 1) // 2)
            vote = votes.counting(scene, range(1, papers + 1))
            staff = [people.user(Role.COUNTER, scene.director.committee) for _ in range(clerks)]
            db.session.commit()
            self.vote_id, self.scrutineer_id = vote.id, scene.scrutineer.id
            self.fields = [f"mark_{motion}" for motion in votes.motions_of(vote)]
            self.ballots = dict(
                db.session.execute(sa.select(RollEntry.serial, Ballot.id).join(Ballot.entry)).all()
            )
            self.clerks: list[Browser] = [browse(user) for user in staff]

    def send(self, clerk: Browser, tail: str, **fields: str) -> int:
        """Send a form as often as it takes to get an answer, as a person would."""
        for _ in range(20):
            answer = clerk.client.post(f"/votes/{self.vote_id}/ballots/{tail}", data=fields)
            if answer.status_code != 503:
                return answer.status_code
        raise AssertionError("the database was never to be had")


def all_at_once(jobs: Sequence[Callable[[], None]]) -> None:
    """Run all jobs in threads that start together; the first failure is raised."""
    start, failures = threading.Barrier(len(jobs)), []

    def run(job: Callable[[], None]) -> None:
        start.wait()
        try:
            job()
        except BaseException as failure:  # noqa: BLE001 - raised again below
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def require_two_readings_each(app: Flask, office: Office) -> None:
    """Every ballot was read twice by two people, counted once, and told in an unbroken history."""
    with app.app_context():
        rows = db.session.execute(
            sa.select(BallotEntry.ballot_id, BallotEntry.number, BallotEntry.entered_by)
        ).all()
        assert Counter((ballot, number) for ballot, number, _by in rows) == Counter(
            (ballot, number) for ballot in office.ballots.values() for number in (1, 2)
        )
        assert len({(ballot, by) for ballot, _number, by in rows}) == len(rows)
        motions, ballots = len(office.fields), len(office.ballots)
        for model, each in ((EntryMark, 2), (BallotChoice, 1)):
            found = db.session.scalar(sa.select(sa.func.count()).select_from(model))
            assert found == each * ballots * motions
        for chain in db.session.scalars(sa.select(AuditEntry.chain).distinct()):
            assert audit.first_broken(chain) is None


def test_fifty_clerks_entering_at_once_lose_and_duplicate_nothing(app, browse, at):
    """Each takes three papers, each paper is taken by three; everybody presses Enter twice."""
    office = Office(app, browse, papers=CLERKS, clerks=CLERKS)
    at(AFTER)
    kept: list[int] = []

    def work(place: int) -> None:
        for step in range(EACH):
            serial = (place + step) % CLERKS + 1
            form = {
                **dict.fromkeys(office.fields, "1"),
                "paper": str(serial),
                "submission": f"clerk {place} paper {serial}",
            }
            answers = {office.send(office.clerks[place], "enter", **form) for _ in range(2)}
            # Led on to the next paper both times, or told both times that it was read twice.
            assert answers in ({303}, {200})
            kept.extend([serial] if answers == {303} else [])

    all_at_once([lambda place=place: work(place) for place in range(CLERKS)])
    assert Counter(kept) == Counter(dict.fromkeys(office.ballots, 2))
    require_two_readings_each(app, office)
    with app.app_context():
        told = db.session.scalar(
            sa.select(sa.func.count()).where(AuditEntry.action == "ballot.entered")
        )
        assert told == 2 * CLERKS
        scrutineer = db.session.get_one(User, office.scrutineer_id)
        counts.certify(scrutineer, AFTER, office.vote_id, signers=votes.SIGNERS)


def test_batches_of_the_same_papers_at_once_make_two_readings_of_each(app, browse, at):
    office = Office(app, browse, papers=12, clerks=6)
    at(AFTER)

    def work(place: int) -> None:
        serials = sorted(office.ballots, reverse=place % 2 == 0)
        form = {
            f"{field}_{office.ballots[serial]}": "2"
            for serial in serials
            for field in office.fields
        }
        if place < 4:
            office.send(office.clerks[place], "batch", **form)
            return
        for serial in serials:  # one by one among those who send all at once
            one = {**dict.fromkeys(office.fields, "2"), "paper": str(serial)}
            office.send(office.clerks[place], "enter", **one)

    all_at_once([lambda place=place: work(place) for place in range(6)])
    require_two_readings_each(app, office)


@pytest.mark.parametrize("co_owners", [False, True])
def test_papers_of_one_voter_checked_at_once_make_one_accepted(app, browse, at, co_owners):
    at(DURING)
    with app.app_context():
        scene = votes.scene()
        vote = votes.running(scene)
        first = votes.received(scene, vote, 1)
        papers = [first.id]
        for serial in (2, 3, 4, 5):
            other = co_owners_paper(vote, serial)
            other.roll_entry_id, other.second_owner = first.roll_entry_id, co_owners
            db.session.flush()
            papers.append(votes.received(scene, vote, other.serial).id)
        db.session.commit()
        counter_id = scene.counter.id

    def work(ballot_id: int) -> None:
        with app.app_context():
            checking_services.check(db.session.get_one(User, counter_id), DURING, ballot_id)
            db.session.commit()

    all_at_once([lambda ballot_id=ballot_id: work(ballot_id) for ballot_id in papers])
    with app.app_context():
        found = Counter(
            (ballot.state, ballot.reject_reason)
            for ballot in db.session.query(Ballot).filter(Ballot.id.in_(papers))
        )
    duplicate = (BallotState.REJECTED, RejectReason.DUPLICATE)
    beside = {(BallotState.CO_OWNER, None): 1} if co_owners else {}
    assert found == {
        (BallotState.ACCEPTED, None): 1,
        **beside,
        duplicate: 4 - len(beside),
    }


def test_a_paper_is_not_read_while_its_check_is_being_corrected(app, browse, at):
    """Whoever comes first: no reading stands of a ballot that was rejected meanwhile."""
    office = Office(app, browse, papers=6, clerks=6)
    at(AFTER)

    def read(place: int) -> None:
        form = {**dict.fromkeys(office.fields, "1"), "paper": str(place + 1)}
        office.send(office.clerks[place], "enter", **form)

    def reject(serial: int) -> None:
        with app.app_context():
            checking_services.correct(
                db.session.get_one(User, office.scrutineer_id),
                AFTER,
                office.ballots[serial],
                rejected=RejectReason.COPY,
                reason="是复印件",
            )
            db.session.commit()

    all_at_once(
        [lambda place=place: read(place) for place in range(6)]
        + [lambda serial=serial: reject(serial) for serial in range(1, 7)]
    )
    with app.app_context():
        standing = (
            sa.select(sa.func.count()).select_from(BallotEntry).where(~BallotEntry.superseded)
        )
        assert db.session.scalar(standing) == 0
        assert db.session.get_one(Vote, office.vote_id).count_number == 1
        rejected = sa.select(sa.func.count()).where(Ballot.state == BallotState.REJECTED)
        assert db.session.scalar(rejected) == 6
