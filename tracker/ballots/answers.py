"""What a voter ticks on a screen, and the mark that it makes; pure."""

from __future__ import annotations

from collections.abc import Sequence

from tracker.ballots.marks import is_mark
from tracker.votes.rules import Choice, Method


def mark_of(
    values: Sequence[str], method: Method, choices: Sequence[str], keys: Sequence[str]
) -> str | None:
    """The mark of what was ticked on one motion, None when it is no answer.

    ``values``: one answer, all options approved, or options in order of preference; an empty one
    says nothing. An invalid ballot cannot be cast online.
    """
    named = [value for value in values if value]
    if method is Method.APPROVAL:
        mark = ",".join(sorted(named))
    elif method is Method.RANKED:
        mark = ">".join(named)
    else:
        mark = named[0] if len(named) == 1 else ""
    sound = mark != Choice.INVALID and is_mark(mark, method, choices, keys)
    return mark if sound else None
