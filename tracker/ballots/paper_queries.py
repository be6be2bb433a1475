"""Finding papers: by serial, by code, by voter."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from tracker.ballots.codes import read_code
from tracker.ballots.paper_models import Paper, PrintRun
from tracker.kernel.database import db
from tracker.votes.models import RollEntry


def last_serial(vote_id: int) -> int:
    """The highest serial numbered so far; 0 before the first."""
    return (
        db.session.scalar(sa.select(sa.func.max(PrintRun.last)).where(PrintRun.vote_id == vote_id))
        or 0
    )


def runs(vote_id: int) -> int:
    """How many runs there were."""
    query = sa.select(sa.func.count()).select_from(PrintRun).where(PrintRun.vote_id == vote_id)
    return db.session.scalar(query) or 0


def find(vote_id: int, text: str) -> Paper | None:
    """The paper of a scanned code or a typed serial of a vote; None when there is none."""
    text = text.strip()
    query = sa.select(Paper).where(Paper.vote_id == vote_id)
    if code := read_code(text):
        query = query.where(Paper.code == code)
    elif text.isascii() and text.isdecimal() and len(text) <= 9:
        # Longer numbers fit no serial, and not every database's integers.
        query = query.where(Paper.serial == int(text))
    else:
        return None
    return db.session.scalar(query.options(joinedload(Paper.entry).selectinload(RollEntry.units)))
