"""Pages about papers and their reading. No page here shows what anybody voted."""

from __future__ import annotations

from tracker.ballots import check_views as check_views
from tracker.ballots import entry_views as entry_views  # its routes join the blueprint
from tracker.ballots import mismatch_views as mismatch_views
from tracker.ballots.blueprint import blueprint

__all__ = ["blueprint"]
