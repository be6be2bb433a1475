"""What the ledger takes beside the bare thing, and the table of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median


@dataclass
class Pair:
    """Seconds of the bare thing and of the ledger's, taken in turns."""

    bare: list[float] = field(default_factory=list)
    ledger: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """How many times as long the ledger takes, by the medians."""
        return median(self.ledger) / median(self.bare)


def seconds(work: Callable[[], object]) -> float:
    """How long something takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


@dataclass(frozen=True)
class Line:
    """One line of the table; ``most`` is the ratio aimed at, None where none was set.

    ``bare`` and ``ledger`` are written as they shall be read.
    """

    what: str
    database: str
    bare: str
    ledger: str
    ratio: float
    most: float | None
    command: str


def of_times(what: str, database: str, pair: Pair, most: float, command: str) -> Line:
    """The line of two durations."""
    bare, ledger = shown(median(pair.bare)), shown(median(pair.ledger))
    return Line(what, database, bare, ledger, pair.ratio, most, command)


def shown(duration: float) -> str:
    """Seconds as they are read: 1.84 s, 283 ms, 3.1 ms."""
    if duration >= 1:
        return f"{duration:.2f} s"
    return f"{duration * 1000:.0f} ms" if duration >= 0.02 else f"{duration * 1000:.1f} ms"


HEADS = ("what", "database", "bare", "ledger", "×", "at most", "command")


def table(lines: Sequence[Line]) -> str:
    """A Markdown table of all lines."""
    rows = [HEADS, ("---", "---", "---:", "---:", "---:", "---:", "---")]
    for line in lines:
        most = "" if line.most is None else f"{line.most:g}"
        rows.append(
            (
                *(line.what, line.database, line.bare, line.ledger),
                *(f"{line.ratio:.1f}", most, f"`{line.command}`"),
            )
        )
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
