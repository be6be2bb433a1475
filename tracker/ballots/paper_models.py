"""Papers on their way: printed, delivered, asked for, collected; and passes to vote online."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.accounts.models import User
from tracker.ballots.rules import (
    DeliveryOutcome,
    DeliveryWay,
    PaperState,
    Recipient,
    RunKind,
    VisitOutcome,
)
from tracker.kernel.database import BigId, Model, Tenant, term_type
from tracker.votes.models import RollEntry


def _account() -> Any:
    return mapped_column(BigId, sa.ForeignKey("account.id"))


def _vote() -> Any:
    return mapped_column(BigId, sa.ForeignKey("vote.id"), index=True)


class PrintRun(Tenant, Model):
    """Papers numbered together: their serials from ``first`` to ``last``, both included."""

    __tablename__ = "print_run"
    __table_args__ = (
        sa.UniqueConstraint("vote_id", "number"),
        sa.CheckConstraint("last >= first", name="serials_in_order"),
    )

    vote_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("vote.id"))
    number: Mapped[int]
    kind: Mapped[RunKind] = mapped_column(term_type(RunKind))
    first: Mapped[int]
    last: Mapped[int]
    made_by: Mapped[int] = _account()
    made_at: Mapped[datetime]


class Paper(Tenant, Model):
    """One numbered ballot paper. ``code`` is what its QR code holds: opaque, with a check digit.

    A spare belongs to nobody until it is handed out. A spoilt one never counts, whoever brings it.
    """

    __tablename__ = "paper"
    __table_args__ = (
        sa.UniqueConstraint("vote_id", "serial"),
        sa.Index("ix_paper_vote_state", "vote_id", "state"),
        sa.CheckConstraint(
            "state <> 'spare' OR roll_entry_id IS NULL", name="spare_belongs_to_nobody"
        ),
        sa.CheckConstraint(
            "state <> 'live' OR roll_entry_id IS NOT NULL", name="live_belongs_to_somebody"
        ),
        sa.CheckConstraint("state <> 'spoilt' OR spoilt_reason <> ''", name="spoilt_has_reason"),
    )

    vote_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("vote.id"))
    run_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("print_run.id"), index=True)
    serial: Mapped[int]
    code: Mapped[str] = mapped_column(sa.String(20), unique=True)
    roll_entry_id: Mapped[int | None] = mapped_column(
        BigId, sa.ForeignKey("roll_entry.id"), index=True
    )
    second_owner: Mapped[bool] = mapped_column(default=False)
    state: Mapped[PaperState] = mapped_column(term_type(PaperState))
    spoilt_reason: Mapped[str] = mapped_column(sa.String(200), default="")
    spoilt_at: Mapped[datetime | None]
    spoilt_by: Mapped[int | None] = _account()
    run: Mapped[PrintRun] = relationship()
    entry: Mapped[RollEntry | None] = relationship()


class BallotDelivery(Tenant, Model):
    """One time a ballot was brought. ``proof``: a posting number or what was photographed where.

    ``delivered`` as the outcome says; a correction supersedes.
    """

    __tablename__ = "ballot_delivery"
    __table_args__ = (
        sa.Index(
            "uq_ballot_delivery_one_standing",
            "roll_entry_id",
            unique=True,
            sqlite_where=sa.text("delivered AND NOT superseded"),
            postgresql_where=sa.text("delivered AND NOT superseded"),
        ),
        sa.CheckConstraint("delivered = (outcome <> 'absent')", name="absent_is_not_delivered"),
        sa.CheckConstraint("recipient IS NULL OR recipient <> 'tenant'", name="no_tenant_receives"),
        sa.CheckConstraint(
            "outcome <> 'signed' OR recipient IS NOT NULL", name="signed_by_somebody"
        ),
    )

    vote_id: Mapped[int] = _vote()
    roll_entry_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("roll_entry.id"), index=True)
    paper_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("paper.id"))
    way: Mapped[DeliveryWay] = mapped_column(term_type(DeliveryWay))
    outcome: Mapped[DeliveryOutcome] = mapped_column(term_type(DeliveryOutcome))
    recipient: Mapped[Recipient | None] = mapped_column(term_type(Recipient))
    delivered: Mapped[bool]
    proof: Mapped[str] = mapped_column(sa.String(200), default="")
    proof_path: Mapped[str] = mapped_column(sa.String(120), default="")
    at: Mapped[datetime]
    served_by: Mapped[int] = _account()
    recorded_at: Mapped[datetime]
    superseded: Mapped[bool] = mapped_column(default=False)
    correction_reason: Mapped[str] = mapped_column(sa.String(200), default="")
    server: Mapped[User] = relationship(foreign_keys=served_by)


class Visit(Tenant, Model):
    """A reminder at the door: when, by whom, whether anybody was met. Nothing else."""

    __tablename__ = "reminder_visit"

    vote_id: Mapped[int] = _vote()
    roll_entry_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("roll_entry.id"), index=True)
    at: Mapped[datetime]
    outcome: Mapped[VisitOutcome] = mapped_column(term_type(VisitOutcome))
    visited_by: Mapped[int] = _account()


class Box(Tenant, Model):
    """A sealed ballot box. Opened once, by somebody who says whether the seal was whole."""

    __tablename__ = "ballot_box"
    __table_args__ = (
        sa.UniqueConstraint("vote_id", "number"),
        sa.CheckConstraint(
            "(opened_at IS NULL) = (seal_whole IS NULL)", name="opened_with_its_seal"
        ),
    )

    vote_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("vote.id"))
    number: Mapped[int]
    place: Mapped[str] = mapped_column(sa.String(80))
    seal_number: Mapped[str] = mapped_column(sa.String(40))
    sealed_at: Mapped[datetime]
    sealed_by: Mapped[int] = _account()
    opened_at: Mapped[datetime | None]
    opened_by: Mapped[int | None] = _account()
    seal_whole: Mapped[bool | None]
    opening_note: Mapped[str] = mapped_column(sa.String(200), default="")
    handovers: Mapped[list[Handover]] = relationship(order_by="Handover.id")


class Handover(Tenant, Model):
    """A box passing from hand to hand; roles and functions, as people sign for them."""

    __tablename__ = "box_handover"

    box_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("ballot_box.id"), index=True)
    at: Mapped[datetime]
    giver: Mapped[str] = mapped_column(sa.String(60))
    taker: Mapped[str] = mapped_column(sa.String(60))
    seal_whole: Mapped[bool]
    recorded_by: Mapped[int] = _account()


class OnlinePass(Tenant, Model):
    """A one-time link for one voter. Only a hash of the secret is kept; a new pass ends the old.

    ``told``: the identity check that was made before it was handed over.
    """

    __tablename__ = "online_pass"
    __table_args__ = (
        sa.Index(
            "uq_online_pass_one_valid",
            "roll_entry_id",
            unique=True,
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        ),
    )

    vote_id: Mapped[int] = _vote()
    roll_entry_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("roll_entry.id"), index=True)
    secret_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    told: Mapped[str] = mapped_column(sa.String(200))
    issued_at: Mapped[datetime]
    issued_by: Mapped[int] = _account()
    first_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    entry: Mapped[RollEntry] = relationship()
    issuer: Mapped[User] = relationship(foreign_keys=issued_by)
