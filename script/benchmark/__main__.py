"""``script/bench``: what is measured, on which databases, and where the figures go."""

from __future__ import annotations

import argparse
import sys

from script.benchmark import clerks, freezing, pages, ratios, recording, report, tally
from script.benchmark.databases import Database, opened

OF_VOTES = ("tally", "memory", "recording", "freezing", "clerks")
TURNS = 5
"""Turns of what is measured beside a bare thing; the first one warms up and is not counted."""


def main() -> int:
    """Measure, print the tables, and keep them when asked."""
    chosen = _arguments()
    command = " ".join(["script/bench", *sys.argv[1:]])
    asked = dict.fromkeys(chosen.what)
    with opened(chosen.postgresql) as databases:
        if "pages" in asked:
            each = chosen.requests, chosen.rounds
            runs = [pages.over(database, chosen.projects, *each) for database in databases]
            _tell(report.text(command, chosen.requests, runs), report.PAGES, save=chosen.save)
        of_votes = [what for what in OF_VOTES if what in asked or "votes" in asked]
        if of_votes:
            _tell(_of_votes(of_votes, databases, chosen.ballots), report.VOTES, save=chosen.save)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/bench", description="Measure how fast it is.")
    add = parser.add_argument
    add("what", nargs="*", default=["pages"], choices=["pages", "votes", *OF_VOTES], metavar="what")
    add("--postgresql", action="store_true", help="on PostgreSQL too")
    add("--save", action="store_true", help="put the figures into docs/bench.md")
    add("--projects", type=int, nargs="+", default=list(pages.SIZES), help="pages: sizes")
    add("--requests", type=int, default=pages.REQUESTS, help="pages: requests to each")
    add("--rounds", type=int, default=pages.ROUNDS, help="pages: turns in which they are made")
    add("--ballots", type=int, nargs="+", default=list(tally.BALLOTS), help="tally: sizes")
    return parser.parse_args()


def _of_votes(asked: list[str], databases: list[Database], ballots: list[int]) -> str:
    """The tables of what votes take; each line names the command that measures it alone."""
    lines: list[ratios.Line] = []
    crowds: list[str] = []
    for database in databases:
        flag = "" if database is databases[0] else " --postgresql"

        def alone(what: str, flag: str = flag) -> str:
            return f"script/bench {what}{flag}"

        if {"tally", "memory"} & set(asked):
            with tally.filled(database, ballots) as counted:
                if "tally" in asked:
                    lines.append(tally.speed(counted, TURNS, alone("tally")))
                if "memory" in asked:
                    lines += tally.memory(counted, alone("memory"))
        if "recording" in asked:
            lines += recording.speed(database, TURNS, alone("recording"))
        if "freezing" in asked:
            lines.append(freezing.speed(database, TURNS, alone("freezing")))
        if "clerks" in asked:
            crowds.append(clerks.run(database))
    parts = [report.machine()]
    if lines:
        parts.append(ratios.table(lines))
    if crowds:
        command = f"`script/bench clerks`: {clerks.CLERKS} clerks at once."
        parts += [command, "\n".join([clerks.HEADS, *crowds])]
    return "\n\n".join(parts) + "\n"


def _tell(said: str, mark: str, *, save: bool) -> None:
    print(said)
    if save:
        report.save(said, mark)


if __name__ == "__main__":
    sys.exit(main())
