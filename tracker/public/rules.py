"""What a project shows to residents."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Visible:
    """How much of a project becomes visible when it is published; all counts are rows."""

    notices: int
    results: int
    replies: int
    waiting_replies: int
    pictures: int
    answers: int
    report: bool
