"""What came back, and what it says. Choices exist only from the close on (``sealed`` apart).

The choices of a ballot stand in tables of their own, written by entering and read by counting.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.accounts.models import User
from tracker.ballots.paper_models import Box, Paper
from tracker.ballots.rules import BallotState, RejectReason
from tracker.kernel.database import BigId, Model, Tenant, term_type
from tracker.votes.models import RollEntry
from tracker.votes.rules import Channel


def _account() -> Any:
    return mapped_column(BigId, sa.ForeignKey("account.id"))


class Ballot(Tenant, Model):
    """One ballot that came in, on paper or online. Corrections supersede; nothing is overwritten.

    ``second_owner``: filled in by a co-owner beside the voter they named. ``receipt``: SHA-256
    hex that stands on the voter's receipt in short form. ``sealed``: the choices of an online
    ballot, encrypted until the close.
    """

    __tablename__ = "ballot"
    __table_args__ = (
        sa.Index(
            "uq_ballot_one_accepted",
            "roll_entry_id",
            unique=True,
            sqlite_where=sa.text("state = 'accepted'"),
            postgresql_where=sa.text("state = 'accepted'"),
        ),
        sa.Index(
            "uq_ballot_one_per_paper",
            "paper_id",
            unique=True,
            sqlite_where=sa.text("paper_id IS NOT NULL AND state NOT IN ('superseded', 'voided')"),
            postgresql_where=sa.text(
                "paper_id IS NOT NULL AND state NOT IN ('superseded', 'voided')"
            ),
        ),
        sa.Index("ix_ballot_vote_state", "vote_id", "state"),
        # A superseded ballot keeps the reason it was rejected for: nothing is overwritten.
        sa.CheckConstraint(
            "state IN ('superseded', 'voided') "
            "OR (state = 'rejected') = (reject_reason IS NOT NULL)",
            name="rejected_has_reason",
        ),
        sa.CheckConstraint(
            "supersedes_id IS NULL OR correction_reason <> ''", name="corrected_with_reason"
        ),
    )

    vote_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("vote.id"))
    roll_entry_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("roll_entry.id"), index=True)
    paper_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("paper.id"))
    box_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("ballot_box.id"))
    channel: Mapped[Channel] = mapped_column(term_type(Channel), default=Channel.PAPER)
    second_owner: Mapped[bool] = mapped_column(default=False)
    state: Mapped[BallotState] = mapped_column(term_type(BallotState))
    reject_reason: Mapped[RejectReason | None] = mapped_column(term_type(RejectReason))
    received_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int | None] = _account()
    checked_at: Mapped[datetime | None]
    checked_by: Mapped[int | None] = _account()
    supersedes_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("ballot.id"))
    correction_reason: Mapped[str] = mapped_column(sa.String(200), default="")
    receipt: Mapped[str] = mapped_column(sa.String(64), default="", index=True)
    sealed: Mapped[str] = mapped_column(sa.Text, default="")
    entry: Mapped[RollEntry] = relationship()
    paper: Mapped[Paper | None] = relationship()
    box: Mapped[Box | None] = relationship()
    recorder: Mapped[User | None] = relationship(foreign_keys=recorded_by)
    checker: Mapped[User | None] = relationship(foreign_keys=checked_by)

    @property
    def serial(self) -> int:
        """The number on the paper; of an online ballot, the voter's on the roll."""
        return self.paper.serial if self.paper else self.entry.serial


class BallotEntry(Tenant, Model):
    """One reading of a ballot by one person. 1 and 2 are independent; 3 settles their difference.

    ``count_number`` is that of the vote: a recount reads anew. ``superseded``: a third person
    had the ballot read anew, with the ``reason``.
    """

    __tablename__ = "ballot_entry"
    __table_args__ = (
        sa.Index(
            "uq_ballot_entry_number",
            *("ballot_id", "count_number", "number"),
            unique=True,
            sqlite_where=sa.text("NOT superseded"),
            postgresql_where=sa.text("NOT superseded"),
        ),
        sa.Index(
            "uq_ballot_entry_person",
            *("ballot_id", "count_number", "entered_by"),
            unique=True,
            sqlite_where=sa.text("NOT superseded"),
            postgresql_where=sa.text("NOT superseded"),
        ),
        sa.Index("ix_ballot_entry_progress", "vote_id", "count_number", "number"),
        sa.CheckConstraint("number BETWEEN 1 AND 3", name="two_and_a_judge"),
        sa.CheckConstraint("number < 3 OR reason <> ''", name="settled_with_reason"),
    )

    vote_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("vote.id"))
    ballot_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("ballot.id"))
    count_number: Mapped[int]
    number: Mapped[int]
    entered_by: Mapped[int] = _account()
    entered_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(sa.String(200), default="")
    superseded: Mapped[bool] = mapped_column(default=False)


class EntryMark(Tenant, Model):
    """What a reading found for one motion: confidential, compared and never shown as one's own.

    ``mark``: a code of ``Choice``; of a poll the key chosen, ``A,C`` approved, ``A>B`` ranked.
    """

    __tablename__ = "entry_mark"
    __table_args__ = (sa.UniqueConstraint("entry_id", "vote_motion_id"),)

    entry_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("ballot_entry.id"))
    vote_motion_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("vote_motion.id"))
    mark: Mapped[str] = mapped_column(sa.String(120))


class BallotChoice(Tenant, Model):
    """What a ballot says to one motion once its readings agree: confidential, only counted."""

    __tablename__ = "ballot_choice"
    __table_args__ = (
        sa.UniqueConstraint("ballot_id", "vote_motion_id"),
        sa.Index("ix_ballot_choice_count", "vote_motion_id", "mark"),
    )

    ballot_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("ballot.id"))
    vote_motion_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("vote_motion.id"))
    mark: Mapped[str] = mapped_column(sa.String(120))
