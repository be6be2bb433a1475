"""``script/bench tally`` and ``memory``: a million ballots beside the bare SQL aggregate."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import sqlalchemy as sa

import config
from script.benchmark import ratios, votes
from script.benchmark.databases import Database
from script.benchmark.ratios import Line, Pair, seconds
from tracker import create_app
from tracker.counts import figure_queries
from tracker.kernel.database import db
from tracker.votes.models import Vote

MOTIONS = 10
BALLOTS = (10_000, 100_000, 1_000_000)
"""Choices in all: a paper with ten motions counts as ten."""

AGGREGATE = sa.text(
    """
    SELECT choice.vote_motion_id, choice.mark,
           count(*), sum(entry.area), count(*) - count(entry.area)
    FROM ballot_choice AS choice
    JOIN ballot ON ballot.id = choice.ballot_id
    JOIN roll_entry AS entry ON entry.id = ballot.roll_entry_id
    WHERE ballot.vote_id = :vote AND ballot.state = 'accepted'
    GROUP BY choice.vote_motion_id, choice.mark
    """
)
"""Persons and area by motion and answer: what any tally of both tests has to ask."""


@dataclass(frozen=True)
class Counted:
    """A database with one vote of each size, by its number of ballots."""

    database: Database
    environ: dict[str, str]
    votes: dict[int, int]


@contextmanager
def filled(database: Database, sizes: Sequence[int]) -> Iterator[Counted]:
    """A vote of each size, closed, read and not certified."""
    with database.empty("tally") as (url, folder):
        environ = {"DATABASE_URL": url, "INSTANCE": str(folder), "SECRET_KEY": config.ROOT.name * 9}
        with create_app(config.load(environ)).app_context():
            db.create_all()
            made = {}
            for size in sizes:
                print(f"{database.name}: writing {size:,} ballots", flush=True)
                vote = votes.place(size // MOTIONS, MOTIONS).closed()
                votes.choose_all(vote)
                made[size] = vote.id
                votes.settled()
            db.session.remove()
            db.engine.dispose()
        yield Counted(database, environ, made)


def speed(counted: Counted, rounds: int, command: str) -> Line:
    """The largest vote, tallied and judged, beside the bare aggregate, in turns."""
    size = max(counted.votes)
    pair = Pair()
    with create_app(config.load(counted.environ)).app_context():
        for turn in range(rounds + 1):
            bare = seconds(partial(_aggregate, counted.votes[size]))
            ledger = seconds(partial(_tally, counted.votes[size]))
            if turn:
                pair.bare.append(bare)
                pair.ledger.append(ledger)
        db.session.remove()
        db.engine.dispose()
    what = f"tally of {size:,} ballots of {size // MOTIONS:,} persons, {MOTIONS} motions"
    return ratios.of_times(what, counted.database.name, pair, 2, command)


def _aggregate(vote_id: int) -> None:
    with db.engine.connect() as connection:
        connection.execute(AGGREGATE, {"vote": vote_id}).all()


def _tally(vote_id: int) -> None:
    figure_queries.worked_out(db.session.get_one(Vote, vote_id))
    db.session.rollback()


def memory(counted: Counted, command: str) -> list[Line]:
    """The peak memory of a process that tallies one vote, by its size; the smallest is the bare."""
    peaks = {size: _peak(counted, vote) for size, vote in counted.votes.items()}
    least = min(peaks)
    return [
        Line(
            what=f"peak memory of the tally of {size:,} ballots",
            database=counted.database.name,
            bare=f"{peaks[least] / 1024:.1f} MB",
            ledger=f"{peak / 1024:.1f} MB",
            ratio=peak / peaks[least],
            most=None,
            command=command,
        )
        for size, peak in sorted(peaks.items())
    ]


def _peak(counted: Counted, vote_id: int) -> int:
    """Kilobytes that a process of its own held at most while it tallied a vote."""
    command = [sys.executable, "-m", "script.benchmark.tally", str(vote_id)]
    environ = {**os.environ, **counted.environ}
    told = subprocess.run(
        command, env=environ, cwd=config.ROOT, check=True, capture_output=True, text=True
    )
    peak: int = json.loads(told.stdout.splitlines()[-1])["peak"]
    return peak


def tally_and_tell(vote_id: int) -> None:
    """Tally one vote and say the greatest memory this process held meanwhile, in kilobytes."""
    with create_app(config.load(os.environ)).app_context():
        vote = db.session.get_one(Vote, vote_id)
        figure_queries.worked_out(vote)
    status = Path("/proc/self/status").read_text(encoding="ascii")
    [peak] = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    print(json.dumps({"peak": int(peak)}))


if __name__ == "__main__":
    tally_and_tell(int(sys.argv[1]))
