"""Pages about papers and their reading. No page here shows what anybody voted."""

from __future__ import annotations

from tracker.ballots import box_views as box_views  # its routes join the blueprint
from tracker.ballots import check_views as check_views
from tracker.ballots import delivery_views as delivery_views
from tracker.ballots import entry_views as entry_views
from tracker.ballots import mismatch_views as mismatch_views
from tracker.ballots import paper_views as paper_views
from tracker.ballots import pass_views as pass_views
from tracker.ballots import receiving_views as receiving_views
from tracker.ballots import roll_views as roll_views
from tracker.ballots import sheet_views as sheet_views
from tracker.ballots.blueprint import blueprint

__all__ = ["blueprint"]
