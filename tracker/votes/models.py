"""A vote: its frozen roll, its motions, its ballots and its result.

The choices of a ballot stand in a table of their own, which no query reads before the
close except to record and correct.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.accounts.models import User
from tracker.kernel.database import BigId, JSONData, Model, Tenant, term_type
from tracker.meetings.models import Motion
from tracker.places.models import Building
from tracker.projects.models import Project, Stage
from tracker.votes.rules import Choice, InvalidPolicy, NonResponsePolicy, Outcome
from tracker.votes.sealing import fingerprint
from tracker.votes.words import BallotState, RejectReason, VoteState


class Vote(Tenant, Model):
    """One round of voting on one or several motions with one ballot paper.

    ``building_id`` narrows the roll to one building; ``seal_key`` keeps names and rooms
    unreadable behind ``roll_hash`` (see ``sealing``).
    """

    __tablename__ = "vote"
    __table_args__ = (
        sa.Index(
            "uq_vote_one_running",
            "stage_id",
            "round",
            unique=True,
            sqlite_where=sa.text("state <> 'cancelled'"),
            postgresql_where=sa.text("state <> 'cancelled'"),
        ),
        sa.Index("ix_vote_closing", "state", "closes_at"),
        sa.CheckConstraint("closes_at > opens_at", name="opens_before_it_closes"),
        sa.CheckConstraint(
            "state IN ('draft', 'cancelled') OR roll_hash <> ''", name="running_has_frozen_roll"
        ),
    )

    project_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("project.id"), index=True)
    stage_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("stage.id"))
    round: Mapped[int]
    building_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("building.id"))
    title: Mapped[str] = mapped_column(sa.String(120))
    rule_id: Mapped[str] = mapped_column(sa.String(30))
    rule: Mapped[dict[str, Any]]
    rule_reason: Mapped[str] = mapped_column(sa.Text)
    invalid_policy: Mapped[InvalidPolicy] = mapped_column(
        term_type(InvalidPolicy), default=InvalidPolicy.TAKES_PART
    )
    nonresponse_policy: Mapped[NonResponsePolicy] = mapped_column(
        term_type(NonResponsePolicy), default=NonResponsePolicy.NONE
    )
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    state: Mapped[VoteState] = mapped_column(term_type(VoteState), default=VoteState.DRAFT)
    roll_hash: Mapped[str] = mapped_column(sa.String(64), default="")
    seal_key: Mapped[str] = mapped_column(sa.String(64), default="")
    frozen_at: Mapped[datetime | None]
    frozen_by: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("account.id"))
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("account.id"))
    announced_at: Mapped[datetime | None]
    cancel_reason: Mapped[str] = mapped_column(sa.Text, default="")
    created_by: Mapped[int] = mapped_column(BigId, sa.ForeignKey("account.id"))
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    project: Mapped[Project] = relationship()
    stage: Mapped[Stage] = relationship()
    building: Mapped[Building | None] = relationship()
    motions: Mapped[list[VoteMotion]] = relationship(
        cascade="all, delete-orphan", order_by="VoteMotion.position"
    )

    @property
    def fingerprint(self) -> str:
        """The short form of the frozen roll's hash, empty before freezing."""
        return fingerprint(self.roll_hash)


class VoteMotion(Tenant, Model):
    """A motion as it stands on the ballot: copied, so that later edits do not reach it."""

    __tablename__ = "vote_motion"
    __table_args__ = (sa.UniqueConstraint("vote_id", "position"),)

    vote_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("vote.id"))
    motion_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("motion.id"))
    position: Mapped[int]
    title: Mapped[str] = mapped_column(sa.String(120))
    text: Mapped[str] = mapped_column(sa.Text)
    motion: Mapped[Motion] = relationship()


class RollEntry(Tenant, Model):
    """One voting person on the frozen roll. ``area`` in 0.01 m², None when missing."""

    __tablename__ = "roll_entry"
    __table_args__ = (
        sa.UniqueConstraint("vote_id", "serial"),
        sa.UniqueConstraint("vote_id", "person_code"),
        sa.CheckConstraint("area IS NULL OR area > 0", name="area_positive"),
    )

    vote_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("vote.id"))
    serial: Mapped[int]
    person_code: Mapped[str] = mapped_column(sa.String(40))
    name: Mapped[str] = mapped_column(sa.String(80))
    area: Mapped[int | None]
    building_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("building.id"))
    units: Mapped[list[RollUnit]] = relationship(
        cascade="all, delete-orphan", order_by="RollUnit.id"
    )


class RollUnit(Tenant, Model):
    """A unit as it stood when the roll was frozen."""

    __tablename__ = "roll_unit"
    __table_args__ = (sa.UniqueConstraint("vote_id", "unit_id"),)

    vote_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("vote.id"))
    roll_entry_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("roll_entry.id"), index=True)
    unit_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("unit.id"))
    label: Mapped[str] = mapped_column(sa.String(60))
    area: Mapped[int | None]
    area_source: Mapped[str] = mapped_column(sa.String(80))


class Ballot(Tenant, Model):
    """A paper that came back. Corrections supersede; nothing is overwritten."""

    __tablename__ = "ballot"
    __table_args__ = (
        sa.Index(
            "uq_ballot_one_accepted",
            "roll_entry_id",
            unique=True,
            sqlite_where=sa.text("state = 'accepted'"),
            postgresql_where=sa.text("state = 'accepted'"),
        ),
        sa.Index("ix_ballot_vote_state", "vote_id", "state"),
        # A superseded paper keeps the reason it was rejected for: nothing is overwritten.
        sa.CheckConstraint(
            "state = 'superseded' OR (state = 'rejected') = (reject_reason IS NOT NULL)",
            name="rejected_has_reason",
        ),
        sa.CheckConstraint(
            "supersedes_id IS NULL OR correction_reason <> ''", name="corrected_with_reason"
        ),
    )

    vote_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("vote.id"))
    roll_entry_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("roll_entry.id"), index=True)
    state: Mapped[BallotState] = mapped_column(term_type(BallotState))
    reject_reason: Mapped[RejectReason | None] = mapped_column(term_type(RejectReason))
    received_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int] = mapped_column(BigId, sa.ForeignKey("account.id"))
    supersedes_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("ballot.id"))
    correction_reason: Mapped[str] = mapped_column(sa.String(200), default="")
    entry: Mapped[RollEntry] = relationship()
    recorder: Mapped[User] = relationship()
    # Written and counted, never read through a ballot: no page can show it by accident.
    choices: Mapped[list[BallotChoice]] = relationship(cascade="all", lazy="raise")


class BallotChoice(Tenant, Model):
    """What a ballot says to one motion: confidential, and only ever counted."""

    __tablename__ = "ballot_choice"
    __table_args__ = (
        sa.UniqueConstraint("ballot_id", "vote_motion_id"),
        sa.Index("ix_ballot_choice_count", "vote_motion_id", "choice"),
    )

    ballot_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("ballot.id"))
    vote_motion_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("vote_motion.id"))
    choice: Mapped[Choice] = mapped_column(term_type(Choice))


class MotionResult(Tenant, Model):
    """The counted result of one motion, as it stood when the vote was closed."""

    __tablename__ = "motion_result"
    __table_args__ = (sa.UniqueConstraint("vote_motion_id", "number"),)

    vote_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("vote.id"), index=True)
    vote_motion_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("vote_motion.id"))
    number: Mapped[int] = mapped_column(default=1)
    outcome: Mapped[Outcome] = mapped_column(term_type(Outcome))
    figures: Mapped[dict[str, Any]] = mapped_column(JSONData)
    counted_at: Mapped[datetime]
    motion: Mapped[VoteMotion] = relationship()
