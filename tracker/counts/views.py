"""The page of a vote, its steps and its result."""

from __future__ import annotations

from tracker.counts.blueprint import blueprint

__all__ = ["blueprint"]
