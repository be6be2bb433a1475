"""公示: what was posted where, from when to when, and what was objected."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.kernel.database import BigId, Model, Tenant, term_type
from tracker.notices.rules import NoticeState
from tracker.projects.models import Project, Stage


class Notice(Tenant, Model):
    """A public notice; its days are calendar days, both ends included."""

    __tablename__ = "notice"
    __table_args__ = (
        sa.CheckConstraint("ends_on >= starts_on", name="order"),
        sa.Index("ix_notice_ending", "state", "ends_on"),
    )

    project_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("project.id"), index=True)
    stage_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("stage.id"), index=True)
    round: Mapped[int]
    title: Mapped[str] = mapped_column(sa.String(120))
    body: Mapped[str] = mapped_column(sa.Text)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    state: Mapped[NoticeState] = mapped_column(term_type(NoticeState), default=NoticeState.DRAFT)
    created_by: Mapped[int] = mapped_column(BigId, sa.ForeignKey("account.id"))
    created_at: Mapped[datetime]
    withdraw_reason: Mapped[str] = mapped_column(sa.String(200), default="")
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    project: Mapped[Project] = relationship()
    stage: Mapped[Stage] = relationship()
    places: Mapped[list[NoticePlace]] = relationship(
        cascade="all, delete-orphan", order_by="NoticePlace.position"
    )
    objections: Mapped[list[Objection]] = relationship(
        back_populates="notice", cascade="all, delete-orphan", order_by="Objection.id"
    )


class NoticePlace(Tenant, Model):
    """One place where the notice hangs: the board, or a building."""

    __tablename__ = "notice_place"
    __table_args__ = (sa.UniqueConstraint("notice_id", "position"),)

    notice_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("notice.id"))
    position: Mapped[int]
    label: Mapped[str] = mapped_column(sa.String(60))
    building_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("building.id"))
    posted_on: Mapped[date | None]
    posted_by: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("account.id"))


class Objection(Tenant, Model):
    """What somebody objected during the notice, and the answer."""

    __tablename__ = "objection"

    notice_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("notice.id"), index=True)
    received_on: Mapped[date]
    text: Mapped[str] = mapped_column(sa.Text)
    reply: Mapped[str] = mapped_column(sa.Text, default="")
    replied_on: Mapped[date | None]
    notice: Mapped[Notice] = relationship(back_populates="objections")
