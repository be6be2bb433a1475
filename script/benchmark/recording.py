"""``script/bench recording``: a ballot through the web beside a bare form with one durable commit.

Two forms are measured: a paper is received, and what it says is read. One visitor sends them,
each with the next paper, and waits for the answer: what one clerk at one desk waits for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import config
from script.benchmark import ratios, votes
from script.benchmark.client import Clerk, Unexpected, sign_in
from script.benchmark.databases import Database
from script.benchmark.ledger import PASSWORD
from script.benchmark.ratios import Line, Pair, seconds
from script.benchmark.server import serving
from tracker import create_app
from tracker.kernel import clock
from tracker.kernel.database import db

PAPERS, MOTIONS = 2_000, 2
EACH = 100
"""Papers to a turn."""
KEY = "only for the time of a benchmark" * 2


@dataclass(frozen=True)
class Desk:
    """A form that takes one paper after the other; ``fields`` are filled in the same each time."""

    what: str
    login: str
    path: str
    fields: Mapping[str, str]


def speed(database: Database, rounds: int, command: str) -> Iterator[Line]:
    """Both forms beside the bare one, in turns."""
    with database.empty("recording") as (url, folder):
        environ = {"DATABASE_URL": url, "INSTANCE": str(folder), "SECRET_KEY": KEY}
        print(f"{database.name}: writing {PAPERS:,} papers twice", flush=True)
        with create_app(config.load(environ)).app_context():
            db.create_all()
            desks = _receiving(), _reading()
            votes.settled()
            db.session.remove()
            db.engine.dispose()
        floor = "script.benchmark.floor:create_app()"
        with serving(floor, environ) as bare, serving("wsgi:app", environ) as port:
            for desk in desks:
                clerk = Clerk(port, sign_in(port, desk.login, PASSWORD))
                pair = _turns(Clerk(bare), clerk, desk, rounds)
                yield ratios.of_times(desk.what, database.name, pair, 4, command)


def _receiving() -> Desk:
    now, place = clock.now(), votes.place(PAPERS, MOTIONS)
    vote = place.opened(now - timedelta(days=2), now + timedelta(days=2))
    [login] = votes.counters(place.scene, 1)
    return Desk(
        "receiving a paper through the web", login, f"/votes/{vote.id}/receive", {"box": ""}
    )


def _reading() -> Desk:
    place = votes.place(PAPERS, MOTIONS)
    vote = place.closed()
    [login] = votes.counters(place.scene, 1)
    marks = {f"mark_{motion.id}": "1" for motion in vote.motions}
    return Desk("reading a paper through the web", login, f"/votes/{vote.id}/ballots/enter", marks)


def _turns(bare: Clerk, clerk: Clerk, desk: Desk, rounds: int) -> Pair:
    """Seconds of each request, one here, one there; the first turn only warms up."""
    pair = Pair()
    fields = {**clerk.form(desk.path, "paper"), **desk.fields}
    for number in range(1, (rounds + 1) * EACH + 1):
        paper = {"paper": str(number)}
        floor = seconds(partial(_record, bare, "/", paper))
        ledger = seconds(partial(_record, clerk, desk.path, {**fields, **paper}))
        if number > EACH:
            pair.bare.append(floor)
            pair.ledger.append(ledger)
    return pair


def _record(clerk: Clerk, path: str, fields: Mapping[str, str]) -> None:
    if not clerk.send(path, fields):
        raise Unexpected(f"{path}: paper {fields['paper']} was refused")
