"""Pages about papers and their reading. No page here shows what anybody voted."""

from __future__ import annotations

from tracker.ballots.blueprint import blueprint

__all__ = ["blueprint"]
