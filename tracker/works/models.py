"""What a project does on site and what it costs."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.kernel.database import BigId, Model, Tenant, term_type
from tracker.projects.models import Project, Stage, Task
from tracker.works.rules import MoneyDirection, MoneySource, PicturePhase


class Approval(Tenant, Model):
    """报批立项: what a subdistrict or district approved, by which document."""

    __tablename__ = "approval"
    __table_args__ = (sa.UniqueConstraint("stage_id", "round"),)

    project_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("project.id"), index=True)
    stage_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("stage.id"))
    round: Mapped[int]
    authority: Mapped[str] = mapped_column(sa.String(80))
    document_number: Mapped[str] = mapped_column(sa.String(80))
    approved_on: Mapped[date]
    note: Mapped[str] = mapped_column(sa.Text, default="")
    stage: Mapped[Stage] = relationship()


class Contractor(Tenant, Model):
    """Who was hired, by which contract; amounts in fen."""

    __tablename__ = "contractor"
    __table_args__ = (sa.CheckConstraint("amount > 0", name="amount_positive"),)

    project_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("project.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    work: Mapped[str] = mapped_column(sa.String(200))
    contract_number: Mapped[str] = mapped_column(sa.String(80), default="")
    amount: Mapped[int]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    project: Mapped[Project] = relationship()


class MoneyEntry(Tenant, Model):
    """Money in or out, in fen; a correction is a new entry that reverses the old."""

    __tablename__ = "money_entry"
    __table_args__ = (
        sa.CheckConstraint("amount > 0", name="amount_positive"),
        sa.UniqueConstraint("reverses_id"),
    )

    project_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("project.id"), index=True)
    direction: Mapped[MoneyDirection] = mapped_column(term_type(MoneyDirection))
    source: Mapped[MoneySource] = mapped_column(term_type(MoneySource))
    amount: Mapped[int]
    on: Mapped[date] = mapped_column("booked_on")
    party: Mapped[str] = mapped_column(sa.String(120))
    note: Mapped[str] = mapped_column(sa.String(200), default="")
    reverses_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("money_entry.id"))
    recorded_by: Mapped[int] = mapped_column(BigId, sa.ForeignKey("account.id"))
    recorded_at: Mapped[datetime]
    project: Mapped[Project] = relationship()


class SiteCheck(Tenant, Model):
    """A look at the site by the three parties; a problem found becomes a task."""

    __tablename__ = "site_check"

    project_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("project.id"), index=True)
    stage_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("stage.id"))
    checked_on: Mapped[date]
    committee_present: Mapped[bool] = mapped_column(default=False)
    owners_present: Mapped[bool] = mapped_column(default=False)
    manager_present: Mapped[bool] = mapped_column(default=False)
    finding: Mapped[str] = mapped_column(sa.Text)
    passed: Mapped[bool]
    task_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("task.id"))
    recorded_by: Mapped[int] = mapped_column(BigId, sa.ForeignKey("account.id"))
    recorded_at: Mapped[datetime]
    task: Mapped[Task | None] = relationship()


class Acceptance(Tenant, Model):
    """验收: the works were looked over and taken, or not."""

    __tablename__ = "acceptance"

    project_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("project.id"), index=True)
    stage_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("stage.id"))
    round: Mapped[int]
    accepted_on: Mapped[date]
    passed: Mapped[bool]
    participants: Mapped[str] = mapped_column(sa.String(200))
    note: Mapped[str] = mapped_column(sa.Text, default="")
    recorded_by: Mapped[int] = mapped_column(BigId, sa.ForeignKey("account.id"))


class Picture(Tenant, Model):
    """A picture of a spot; before and after of the same spot make a pair."""

    __tablename__ = "picture"

    project_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("project.id"), index=True)
    phase: Mapped[PicturePhase] = mapped_column(term_type(PicturePhase))
    spot: Mapped[str] = mapped_column(sa.String(80))
    caption: Mapped[str] = mapped_column(sa.String(200), default="")
    taken_on: Mapped[date]
    storage_key: Mapped[str] = mapped_column(sa.String(100))
    width: Mapped[int]
    height: Mapped[int]
    uploaded_by: Mapped[int] = mapped_column(BigId, sa.ForeignKey("account.id"))
    uploaded_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
