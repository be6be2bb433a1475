"""``script/bench``: fill databases, serve them, and measure page by page.

Turns are short and go round: floor and pages, small and large, one after another. What
else the machine does then slows all of them alike, and the ratios stay honest.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

import config
from script.benchmark import ledger, report
from script.benchmark.client import Reading, sign_in, visit
from script.benchmark.server import serving
from tests.postgres import running_server
from tracker import create_app
from tracker.kernel.database import db

SIZES = (100, 10_000)
WARM_UP, REQUESTS, ROUNDS = 200, 400, 4
FLOOR_TIMES = 8
"""The floor is asked for so many times as much, for its turns to last as long as the others'."""
KEY = "only for the time of a benchmark" * 2

PROJECT, STAGE = 1, 1
"""What is opened, at every size the same: a project of the director's in its first stage."""

PAGES: tuple[tuple[str, str, str], ...] = (
    (report.FLOOR, "", "/"),
    ("project list, director", ledger.DIRECTOR, "/projects/"),
    ("project list, officer", ledger.OFFICER, "/projects/"),
    ("project page, director", ledger.DIRECTOR, f"/projects/{PROJECT}"),
    ("stage page, director", ledger.DIRECTOR, f"/projects/stages/{STAGE}"),
    ("desk, director", ledger.DIRECTOR, "/desk"),
    ("desk, officer", ledger.OFFICER, "/desk"),
    ("overview, officer", ledger.OFFICER, "/overview"),
)
"""Name, who opens it (nobody: the bare page), and address."""


@dataclass(frozen=True)
class Site:
    """The servers over one database, and who is signed in."""

    floor: int
    ledger: int
    cookies: dict[str, str]

    def visit(self, login: str, path: str, count: int) -> Reading:
        """Open a page of the ledger, or the bare page when ``login`` is empty."""
        port = self.ledger if login else self.floor
        return visit(port, path, self.cookies[login], count)


@contextmanager
def site(url: str, instance: Path, projects: int) -> Iterator[Site]:
    """Fill the database at ``url`` and serve it, with the floor beside it."""
    environ = {"DATABASE_URL": url, "INSTANCE": str(instance), "SECRET_KEY": KEY}
    app = create_app(config.load(environ))
    with app.app_context():
        ledger.fill(projects)
        db.session.remove()
        db.engine.dispose()
    floor = "script.benchmark.floor:create_app()"
    with serving(floor, environ) as bare, serving("wsgi:app", environ) as port:
        logins = (ledger.DIRECTOR, ledger.OFFICER)
        cookies = {login: sign_in(port, login, ledger.PASSWORD) for login in logins}
        yield Site(bare, port, {"": "", **cookies})


def measure(sites: dict[int, Site], requests: int, rounds: int) -> dict[str, dict[int, Reading]]:
    """All pages at all sizes, in turns."""
    readings = {name: {size: Reading() for size in sites} for name, _, _ in PAGES}
    for turn in range(rounds + 1):
        for name, login, path in PAGES:
            for size, served in sites.items():
                count = requests // rounds if turn else WARM_UP
                count *= 1 if login else FLOOR_TIMES
                reading = served.visit(login, path, count)
                if turn:
                    readings[name][size].add(reading)
        print(f"  turn {turn} of {rounds}", flush=True)
    return readings


def on_sqlite(sizes: list[int], requests: int, rounds: int) -> report.Run:
    """Measure on SQLite, one file for each size."""
    with ExitStack() as stack:
        sites = {}
        for size in sizes:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            print(f"SQLite: writing {size:,} projects", flush=True)
            url = f"sqlite:///{folder / 'bench.sqlite3'}"
            sites[size] = stack.enter_context(site(url, folder, size))
        name = f"SQLite {sqlite3.sqlite_version}"
        return report.Run(name, sizes, measure(sites, requests, rounds))


def on_postgresql(sizes: list[int], requests: int, rounds: int) -> report.Run:
    """Measure on a PostgreSQL of its own, one database for each size."""
    with ExitStack() as stack:
        server = sa.make_url(stack.enter_context(running_server()))
        engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
        sites = {}
        with engine.connect() as connection:
            version = connection.scalar(sa.text("SHOW server_version"))
            for size in sizes:
                connection.execute(sa.text(f"CREATE DATABASE projects{size}"))
        engine.dispose()
        for size in sizes:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            print(f"PostgreSQL: writing {size:,} projects", flush=True)
            url = server.set(database=f"projects{size}").render_as_string(hide_password=False)
            sites[size] = stack.enter_context(site(url, folder, size))
        name = f"PostgreSQL {str(version).split()[0]}"
        return report.Run(name, sizes, measure(sites, requests, rounds))


def main() -> int:
    """Measure, print the tables, and keep them when asked."""
    parser = argparse.ArgumentParser(prog="script/bench", description="Measure how fast pages are.")
    add = parser.add_argument
    add("--postgresql", action="store_true", help="on PostgreSQL too")
    add("--projects", type=int, nargs="+", default=list(SIZES), help="sizes of the databases")
    add("--requests", type=int, default=REQUESTS, help="requests to each page")
    add("--rounds", type=int, default=ROUNDS, help="turns in which they are made")
    add("--save", action="store_true", help="put the figures into docs/bench.md")
    chosen = parser.parse_args()
    each = chosen.requests, chosen.rounds
    runs = [on_sqlite(chosen.projects, *each)]
    if chosen.postgresql:
        runs.append(on_postgresql(chosen.projects, *each))
    command = " ".join(["script/bench", *sys.argv[1:]])
    said = report.text(command, chosen.requests, runs)
    print(said)
    if chosen.save:
        report.save(said)
    return 0


if __name__ == "__main__":
    sys.exit(main())
