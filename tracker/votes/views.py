"""Pages on which a vote is prepared. Its own page and its course are in ``counts``."""

from __future__ import annotations

from tracker.votes.blueprint import blueprint

__all__ = ["blueprint"]
