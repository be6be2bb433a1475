"""What a project does on site and what it costs."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.accounts.models import User
from tracker.kernel.database import BigId, Model, Tenant, term_type
from tracker.projects.models import Project, Stage, Task
from tracker.works.rules import MoneyDirection, MoneySource, Party, PicturePhase


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
    recorded_by: Mapped[int] = mapped_column(BigId, sa.ForeignKey("account.id"))
    recorded_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    stage: Mapped[Stage] = relationship()


class Contractor(Tenant, Model):
    """Who was hired, by which contract; amounts in fen."""

    __tablename__ = "contractor"
    __table_args__ = (
        sa.CheckConstraint("amount > 0", name="amount_positive"),
        sa.CheckConstraint("ends_on >= starts_on", name="dates_in_order"),
    )

    project_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("project.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    work: Mapped[str] = mapped_column(sa.String(200))
    contract_number: Mapped[str] = mapped_column(sa.String(80), default="")
    amount: Mapped[int]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    project: Mapped[Project] = relationship()


class MoneyEntry(Tenant, Model):
    """Money in or out, in fen; a correction is a new entry that reverses the old.

    A reversal has the direction, source and amount of the entry it takes back, and counts
    with a minus (``rules.effect``).
    """

    __tablename__ = "money_entry"
    __table_args__ = (
        sa.CheckConstraint("amount > 0", name="amount_positive"),
        sa.UniqueConstraint("reverses_id"),
        sa.Index("ix_money_entry_ledger", "project_id", "booked_on", "id"),
    )

    project_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("project.id"))
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
    recorder: Mapped[User] = relationship()
    reverses: Mapped[MoneyEntry | None] = relationship(
        back_populates="reversal", remote_side="MoneyEntry.id"
    )
    reversal: Mapped[MoneyEntry | None] = relationship(back_populates="reverses", uselist=False)


class SiteCheck(Tenant, Model):
    """A look at the site by the three parties; a problem found becomes a task."""

    __tablename__ = "site_check"
    __table_args__ = (
        sa.CheckConstraint(
            "committee_present OR owners_present OR manager_present", name="somebody_was_there"
        ),
        sa.CheckConstraint("passed = (task_id IS NULL)", name="problem_has_its_task"),
    )

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
    recorder: Mapped[User] = relationship()

    @property
    def present(self) -> list[Party]:
        """Who of the three parties looked."""
        seen = (self.committee_present, self.owners_present, self.manager_present)
        return [party for party, came in zip(Party, seen, strict=True) if came]


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
    stage: Mapped[Stage] = relationship()


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
    project: Mapped[Project] = relationship()
