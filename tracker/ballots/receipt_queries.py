"""Receipts as everybody may look them up. Nothing here reads a choice, a name or a room."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from tracker.ballots.models import Ballot
from tracker.ballots.paper_models import Paper
from tracker.ballots.queries import TURNOUT_STATES
from tracker.ballots.receipts import SHORT
from tracker.ballots.rules import CURRENT_STATES
from tracker.kernel.database import db
from tracker.votes.models import RollEntry


def listed(vote_id: int) -> sa.Select[Any]:
    """The receipts of ballots that came in time and stand, by their digits; for paging.

    Neither serial nor time orders them. Two that begin alike are both in the list.
    """
    return (
        sa.select(Ballot.receipt)
        .where(Ballot.vote_id == vote_id, Ballot.state.in_(TURNOUT_STATES), Ballot.receipt != "")
        .order_by(Ballot.receipt)
    )


def left_out(vote_id: int) -> int:
    """How many ballots came in and do not count."""
    query = sa.select(sa.func.count()).select_from(Ballot)
    query = query.where(
        Ballot.vote_id == vote_id,
        Ballot.state.in_(CURRENT_STATES),
        Ballot.state.not_in(TURNOUT_STATES),
    )
    return db.session.scalar(query) or 0


def found(vote_id: int, serial: int, short: str) -> Ballot | None:
    """The ballot of a receipt: the serial of the paper or of the voter, and the digits.

    The latest when several share it, as an online ballot that was cast anew does.
    """
    return db.session.scalar(
        sa.select(Ballot)
        .join(RollEntry, Ballot.roll_entry_id == RollEntry.id)
        .outerjoin(Paper, Ballot.paper_id == Paper.id)
        .where(
            Ballot.vote_id == vote_id,
            sa.func.substr(Ballot.receipt, 1, SHORT) == short,
            sa.func.coalesce(Paper.serial, RollEntry.serial) == serial,
        )
        .order_by(Ballot.id.desc())
        .limit(1)
    )
