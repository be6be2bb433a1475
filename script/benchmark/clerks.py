"""``script/bench clerks``: fifty people at once at a real server; nothing lost, nothing doubled.

Each first receives papers, of which one in five is also sent by a colleague at the same time:
one of the two is refused. After the close every paper is read by two of them at the same time,
and a third tries as well. What the database holds then is compared with what was answered.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import sqlalchemy as sa

import config
from script.benchmark import votes
from script.benchmark.client import Clerk, Unexpected, sign_in
from script.benchmark.databases import Database
from script.benchmark.ledger import PASSWORD
from script.benchmark.recording import KEY
from script.benchmark.server import serving
from tracker import create_app
from tracker.accounts.models import User
from tracker.audit.services import first_broken
from tracker.ballots import closing_services
from tracker.ballots.models import Ballot, BallotEntry, EntryMark
from tracker.ballots.paper_models import Paper
from tracker.ballots.rules import BallotState
from tracker.counts import counting
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.votes.models import Vote

CLERKS, PAPERS_EACH, MOTIONS = 50, 10, 2
PAPERS = CLERKS * PAPERS_EACH
WORKERS = 2
"""Processes of the web server with four threads each, as ``script/server`` starts it."""


@dataclass(frozen=True)
class Job:
    """One paper that one clerk sends."""

    clerk: int
    paper: int


@dataclass
class Done:
    """What was answered: papers that went through, by clerk, and how many were refused."""

    through: list[Job] = field(default_factory=list)
    refused: int = 0
    seconds: float = 0.0


def run(database: Database) -> str:
    """Let them work, and say how it went; raises Unexpected when anything was lost or doubled."""
    with database.empty("clerks") as (url, folder):
        environ = {"DATABASE_URL": url, "INSTANCE": str(folder), "SECRET_KEY": KEY}
        app = create_app(config.load(environ))
        with app.app_context():
            db.create_all()
            now, place = clock.now(), votes.place(PAPERS, MOTIONS)
            vote = place.opened(now - timedelta(days=2), now + timedelta(days=2))
            vote_id, motions = vote.id, [motion.id for motion in vote.motions]
            director, chain = place.scene.director.id, f"committee:{vote.committee_id}"
            logins = votes.counters(place.scene, CLERKS)
            votes.settled()
            db.session.remove()
            db.engine.dispose()
        with serving("wsgi:app", environ, workers=WORKERS) as port:
            cookies = [sign_in(port, login, PASSWORD) for login in logins]
            receive = f"/votes/{vote_id}/receive"
            received = together(port, cookies, receive, {"box": ""}, _receipts())
            with app.app_context():
                _require_received(vote_id, received)
                _accept_and_close(vote_id, director)
            enter = f"/votes/{vote_id}/ballots/enter"
            marks = {f"mark_{motion}": "1" for motion in motions}
            read = together(port, cookies, enter, marks, _readings())
        with app.app_context():
            _require_read(vote_id, read)
            if first_broken(chain) is not None:
                raise Unexpected("the history has a broken link")
            db.session.remove()
            db.engine.dispose()
    return _told(database.name, received, read)


def _receipts() -> list[list[Job]]:
    """Each clerk's own papers, and of every fifth the next clerk's as well."""
    return [
        [
            Job(clerk, whose % CLERKS * PAPERS_EACH + number + 1)
            for number in range(PAPERS_EACH)
            for whose in ((clerk, clerk + 1) if number % 5 == 0 else (clerk,))
        ]
        for clerk in range(CLERKS)
    ]


def _readings() -> list[list[Job]]:
    """Each paper three times: by its clerk and the next two, all about the same time."""
    return [
        [
            Job(clerk, (clerk - back) % CLERKS * PAPERS_EACH + number + 1)
            for number in range(PAPERS_EACH)
            for back in range(3)
        ]
        for clerk in range(CLERKS)
    ]


def together(
    port: int,
    cookies: Sequence[str],
    path: str,
    fields: dict[str, str],
    jobs: Sequence[Iterable[Job]],
) -> Done:
    """Everybody sends their papers at once, each waiting for an answer before the next."""
    done, lock, failures = Done(), threading.Lock(), list[Exception]()
    ready = threading.Barrier(len(cookies) + 1)

    def work(clerk: Clerk, mine: Iterable[Job]) -> None:
        try:
            filled = {**clerk.form(path, "paper"), **fields}
            ready.wait()
            for job in mine:
                went = clerk.send(path, {**filled, "paper": str(job.paper)})
                with lock:
                    if went:
                        done.through.append(job)
                    else:
                        done.refused += 1
        except Exception as error:  # noqa: BLE001 - told to the person at the terminal below
            failures.append(error)
            ready.abort()

    threads = [
        threading.Thread(target=work, args=(Clerk(port, cookie), mine))
        for cookie, mine in zip(cookies, jobs, strict=True)
    ]
    for thread in threads:
        thread.start()
    ready.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    done.seconds = time.perf_counter() - began
    if failures:
        raise failures[0]
    return done


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise Unexpected(what)


def _require_received(vote_id: int, done: Done) -> None:
    """Each paper is there once, and was answered once."""
    kept = Counter(
        db.session.scalars(
            sa.select(Paper.serial)
            .join(Ballot, Ballot.paper_id == Paper.id)
            .where(Ballot.vote_id == vote_id)
        )
    )
    everything = Counter(range(1, PAPERS + 1))
    _require(kept == everything, "papers were lost or doubled")
    _require(Counter(job.paper for job in done.through) == everything, "an answer was wrong")
    db.session.rollback()


def _accept_and_close(vote_id: int, director: int) -> None:
    """Everybody signed; now the ballots are read."""
    now = clock.now()
    db.session.execute(
        sa.update(Ballot)
        .where(Ballot.vote_id == vote_id)
        .values(state=BallotState.ACCEPTED, checked_at=now, checked_by=Ballot.recorded_by)
    )
    closing_services.close(db.session.get_one(User, director), now, vote_id)
    db.session.commit()


def _require_read(vote_id: int, done: Done) -> None:
    """Each paper was read twice, by two of the three who tried, and says one thing per motion."""
    of_vote = BallotEntry.vote_id == vote_id
    kept = Counter(
        db.session.execute(
            sa.select(Paper.serial, BallotEntry.number)
            .join(Ballot, Ballot.id == BallotEntry.ballot_id)
            .join(Paper, Paper.id == Ballot.paper_id)
            .where(of_vote)
        ).tuples()
    )
    papers = range(1, PAPERS + 1)
    _require(kept == Counter((paper, n) for paper in papers for n in (1, 2)), "readings differ")
    _require(
        Counter(job.paper for job in done.through) == Counter(dict.fromkeys(papers, 2)),
        "an answer was wrong",
    )
    readers = sa.select(sa.func.count(sa.distinct(BallotEntry.entered_by))).where(of_vote)
    once = readers.group_by(BallotEntry.ballot_id).having(
        sa.func.count(sa.distinct(BallotEntry.entered_by)) != 2
    )
    _require(db.session.scalars(once).first() is None, "somebody read a paper twice")
    marks = sa.select(sa.func.count()).select_from(EntryMark)
    marks = marks.join(BallotEntry, BallotEntry.id == EntryMark.entry_id).where(of_vote)
    _require(db.session.scalar(marks) == 2 * PAPERS * MOTIONS, "marks were lost or doubled")
    vote = db.session.get_one(Vote, vote_id)
    for counted in counting.marks(vote).values():
        _require(counted == {"for": PAPERS}, "the count does not say what was read")
    db.session.rollback()


def _told(database: str, received: Done, read: Done) -> str:
    """One line of a table per form."""
    return "\n".join(
        f"| {what} | {database} | {len(done.through) + done.refused:,} | {len(done.through):,} "
        f"| {done.refused:,} | {(len(done.through) + done.refused) / done.seconds:.0f} "
        f"| {(len(done.through) + done.refused) / done.seconds * 60 / CLERKS:.0f} | 0 | 0 |"
        for what, done in (("receiving", received), ("reading", read))
    )


HEADS = (
    "| form | database | sent | went through | refused | per second | per clerk and minute "
    "| lost | doubled |\n| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
)
