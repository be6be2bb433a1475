"""Results, tally sheets, objections to them, and where the papers lie."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.accounts.models import User
from tracker.counts.rules import Ruling
from tracker.kernel.database import BigId, JSONData, Model, Tenant, term_type
from tracker.votes.models import VoteMotion
from tracker.votes.rules import Outcome


def _account() -> Any:
    return mapped_column(BigId, sa.ForeignKey("account.id"))


class MotionResult(Tenant, Model):
    """The certified result of one motion; a recount makes the next ``number``.

    ``outcome`` is None for a poll, which decides nothing.
    """

    __tablename__ = "motion_result"
    __table_args__ = (sa.UniqueConstraint("vote_motion_id", "number"),)

    vote_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("vote.id"), index=True)
    vote_motion_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("vote_motion.id"))
    number: Mapped[int] = mapped_column(default=1)
    outcome: Mapped[Outcome | None] = mapped_column(term_type(Outcome))
    figures: Mapped[dict[str, Any]] = mapped_column(JSONData)
    counted_at: Mapped[datetime]
    motion: Mapped[VoteMotion] = relationship()


class TallySheet(Tenant, Model):
    """The sheet that reader, counter and scrutineer sign: both equations and every motion.

    ``figures`` as ``rules.Balance`` and the counts say them; ``digest`` is their SHA-256.
    ``reason``: why a later number replaces the one before. ``announced_at``: when the result
    of this number was published; an earlier one stays on record beside its correction. By whom
    is None where the first release let whoever counted announce. ``evidence``: digest and file of
    what the evidence pack holds of this count.
    """

    __tablename__ = "tally_sheet"
    __table_args__ = (
        sa.UniqueConstraint("vote_id", "number"),
        sa.CheckConstraint(
            "announced_by IS NULL OR announced_by <> certified_by", name="announced_by_another"
        ),
        sa.CheckConstraint(
            "announced_by IS NULL OR announced_at IS NOT NULL", name="announced_at_a_time"
        ),
    )

    vote_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("vote.id"))
    number: Mapped[int]
    figures: Mapped[dict[str, Any]] = mapped_column(JSONData)
    digest: Mapped[str] = mapped_column(sa.String(64))
    evidence: Mapped[dict[str, Any]] = mapped_column(JSONData, default=dict)
    reader: Mapped[str] = mapped_column(sa.String(60))
    counter: Mapped[str] = mapped_column(sa.String(60))
    scrutineer: Mapped[str] = mapped_column(sa.String(60))
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    certified_by: Mapped[int] = _account()
    certified_at: Mapped[datetime]
    announced_by: Mapped[int | None] = _account()
    announced_at: Mapped[datetime | None]
    certifier: Mapped[User] = relationship(foreign_keys=certified_by)


class ResultObjection(Tenant, Model):
    """An objection to an announced result. ``receipt`` is the number given to whoever objects."""

    __tablename__ = "result_objection"
    __table_args__ = (
        sa.UniqueConstraint("vote_id", "number"),
        sa.CheckConstraint("(ruling IS NULL) = (ruled_at IS NULL)", name="ruled_at_a_time"),
        sa.CheckConstraint("ruling IS NULL OR ruling_text <> ''", name="ruled_with_reasons"),
    )

    vote_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("vote.id"))
    number: Mapped[int]
    receipt: Mapped[str] = mapped_column(sa.String(20), unique=True)
    received_on: Mapped[date]
    text: Mapped[str] = mapped_column(sa.Text)
    recorded_by: Mapped[int] = _account()
    ruling: Mapped[Ruling | None] = mapped_column(term_type(Ruling))
    ruling_text: Mapped[str] = mapped_column(sa.Text, default="")
    ruled_at: Mapped[datetime | None]
    ruled_by: Mapped[int | None] = _account()


class Archive(Tenant, Model):
    """Where the sealed boxes lie, who keeps them, and until when."""

    __tablename__ = "vote_archive"

    vote_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("vote.id"), unique=True)
    custodian: Mapped[str] = mapped_column(sa.String(60))
    place: Mapped[str] = mapped_column(sa.String(120))
    contents: Mapped[str] = mapped_column(sa.Text)
    keep_until: Mapped[date]
    archived_by: Mapped[int] = _account()
    archived_at: Mapped[datetime]
