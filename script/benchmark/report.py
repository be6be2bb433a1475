"""The table of a run, and its place in docs/bench.md."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import config
from script.benchmark.client import Reading

DOCUMENT = config.ROOT / "docs" / "bench.md"
VOTES, PAGES = "## Figures of votes\n", "## Figures of pages\n"
"""What follows such a line of the document, up to the next heading, is written by ``--save``."""

FLOOR = "bare page of fifty rows"


@dataclass(frozen=True)
class Run:
    """The readings on one database, by page and by number of projects."""

    database: str
    sizes: Sequence[int]
    readings: Mapping[str, Mapping[int, Reading]]


def table(run: Run) -> str:
    """A Markdown table: a line per page, with columns for every size."""
    heads, rules = ["page"], ["---"]
    for size in run.sizes:
        heads += [f"{size:,}: requests/s", "p95 ms", "× floor"]
        rules += ["---:"] * 3
    growing = len(run.sizes) > 1
    if growing:
        heads.append(f"time, {run.sizes[0]:,} → {run.sizes[-1]:,}")
        rules.append("---:")
    lines = [heads, rules]
    for name, by_size in run.readings.items():
        line = [name]
        for size in run.sizes:
            reading, floor = by_size[size], run.readings[FLOOR][size]
            line += [
                f"{reading.rate:.0f}",
                f"{reading.p95 * 1000:.1f}",
                f"{floor.rate / reading.rate:.1f}",
            ]
        if growing:
            change = by_size[run.sizes[0]].rate / by_size[run.sizes[-1]].rate - 1
            line.append(f"{change:+.0%}")
        lines.append(line)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def text(command: str, each: int, runs: Sequence[Run]) -> str:
    """Everything that follows the mark: command, machine, and a table per database."""
    parts = [f"`{command}`: {each} requests to a page. {machine()}"]
    for run in runs:
        parts += [f"### {run.database}", table(run)]
    return "\n\n".join(parts) + "\n"


def machine() -> str:
    """What it ran on, in words that name nobody's machine."""
    system = platform.system()
    return f"Machine: {os.cpu_count()} cores, {system}; Python {platform.python_version()}."


def save(said: str, mark: str, document: Path = DOCUMENT) -> None:
    """Put the figures behind a mark; raises ValueError when the document has none."""
    before, found, after = document.read_text(encoding="utf-8").partition(mark)
    if not found:
        raise ValueError(f"{document.name} has no line {mark.strip()!r}")
    following = re.search(r"^##? ", after, re.MULTILINE)
    rest = f"\n{after[following.start() :]}" if following else ""
    document.write_text(f"{before}{mark}\n{said}{rest}", encoding="utf-8")
