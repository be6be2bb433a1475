"""``script/bench pages``: fill databases, serve them, and measure page by page.

Turns are short and go round: floor and pages, small and large, one after another. What
else the machine does then slows all of them alike, and the ratios stay honest.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import config
from script.benchmark import ledger, report
from script.benchmark.client import Reading, sign_in, visit
from script.benchmark.databases import Database
from script.benchmark.server import serving
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


def over(database: Database, sizes: list[int], requests: int, rounds: int) -> report.Run:
    """Measure on one kind of database, one of it for each size."""
    with ExitStack() as stack:
        sites = {}
        for size in sizes:
            url, folder = stack.enter_context(database.empty(f"projects{size}"))
            print(f"{database.name}: writing {size:,} projects", flush=True)
            sites[size] = stack.enter_context(site(url, folder, size))
        return report.Run(database.name, sizes, measure(sites, requests, rounds))
