"""Opinions and their replies."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.accounts.models import User
from tracker.kernel.database import BigId, Model, Tenant, term_type
from tracker.opinions.rules import Channel, OpinionStatus, RevisedPart, Stance
from tracker.places.models import Unit
from tracker.projects.models import Project, Stage


class Opinion(Tenant, Model):
    """What one household, or somebody who stays anonymous, said about a project."""

    __tablename__ = "opinion"
    __table_args__ = (
        sa.Index("ix_opinion_project_status", "project_id", "status"),
        sa.Index("ix_opinion_reply_due", "status", "reply_due"),
        sa.Index("ix_opinion_tenant_due", "committee_id", "status", "reply_due", "project_id"),
        sa.CheckConstraint(
            "(status = 'merged') = (merged_into_id IS NOT NULL)", name="merged_into_another"
        ),
        sa.CheckConstraint(
            "status NOT IN ('adopted', 'partly', 'explained') OR replied_at IS NOT NULL",
            name="answered_has_reply",
        ),
    )

    project_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("project.id"))
    stage_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("stage.id"), index=True)
    round: Mapped[int]
    channel: Mapped[Channel] = mapped_column(term_type(Channel))
    topic: Mapped[str] = mapped_column(sa.String(60))
    stance: Mapped[Stance] = mapped_column(term_type(Stance))
    text: Mapped[str] = mapped_column(sa.Text)
    unit_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("unit.id"), index=True)
    heard_on: Mapped[date]
    reply_due: Mapped[date]
    recorded_by: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("account.id"))
    recorded_at: Mapped[datetime]
    status: Mapped[OpinionStatus] = mapped_column(
        term_type(OpinionStatus), default=OpinionStatus.NEW
    )
    merged_into_id: Mapped[int | None] = mapped_column(
        BigId, sa.ForeignKey("opinion.id"), index=True
    )
    reply: Mapped[str] = mapped_column(sa.Text, default="")
    replied_by: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("account.id"))
    replied_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    # Handed to a resident who wrote by QR code, to follow the reply without an account.
    receipt: Mapped[str | None] = mapped_column(sa.String(10), unique=True)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    project: Mapped[Project] = relationship()
    stage: Mapped[Stage] = relationship()
    unit: Mapped[Unit | None] = relationship()
    recorder: Mapped[User | None] = relationship(foreign_keys=recorded_by)
    replier: Mapped[User | None] = relationship(foreign_keys=replied_by)
    merged_into: Mapped[Opinion | None] = relationship(remote_side="Opinion.id")


class OpinionRevision(Tenant, Model):
    """What stood in an opinion, or in its reply, before somebody corrected it."""

    __tablename__ = "opinion_revision"

    opinion_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("opinion.id"), index=True)
    part: Mapped[RevisedPart] = mapped_column(term_type(RevisedPart))
    channel: Mapped[Channel] = mapped_column(term_type(Channel))
    topic: Mapped[str] = mapped_column(sa.String(60))
    stance: Mapped[Stance] = mapped_column(term_type(Stance))
    status: Mapped[OpinionStatus] = mapped_column(term_type(OpinionStatus))
    text: Mapped[str] = mapped_column(sa.Text)
    unit_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("unit.id"))
    heard_on: Mapped[date]
    replaced_by: Mapped[int] = mapped_column(BigId, sa.ForeignKey("account.id"))
    replaced_at: Mapped[datetime]

    replacer: Mapped[User] = relationship()
