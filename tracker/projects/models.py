"""A project, its stages, their rounds and tasks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.accounts.models import Committee, User
from tracker.anthology.models import CaseTemplate
from tracker.anthology.rules import DayUnit, ProblemKind, StageKind
from tracker.kernel.database import BigId, JSONData, Model, Tenant, term_type
from tracker.places.models import Compound
from tracker.projects.rules import (
    OPEN_STATES,
    ProjectState,
    RunOutcome,
    Span,
    StageState,
    TaskOrigin,
)


class Project(Tenant, Model):
    """One matter, from the first opinion to published feedback."""

    __tablename__ = "project"
    __table_args__ = (
        sa.Index("ix_project_listing", "committee_id", "state", "id"),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_on IS NOT NULL)", name="closed_has_its_date"
        ),
    )

    case_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("case_template.id"))
    compound_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("compound.id"), index=True)
    title: Mapped[str] = mapped_column(sa.String(120))
    problem: Mapped[str] = mapped_column(sa.Text)
    problem_kind: Mapped[ProblemKind] = mapped_column(term_type(ProblemKind))
    place: Mapped[str] = mapped_column(sa.String(160), default="")
    topics: Mapped[list[Any]] = mapped_column(JSONData, default=list)
    vote_rule: Mapped[str | None] = mapped_column(sa.String(30))
    state: Mapped[ProjectState] = mapped_column(
        term_type(ProjectState), default=ProjectState.ACTIVE
    )
    state_reason: Mapped[str] = mapped_column(sa.Text, default="")
    lead_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("account.id"), index=True)
    started_on: Mapped[date]
    closed_on: Mapped[date | None]
    was_overdue: Mapped[bool] = mapped_column(default=False)
    public_token: Mapped[str] = mapped_column(sa.String(40), unique=True)
    public_since: Mapped[datetime | None]
    created_by: Mapped[int] = mapped_column(BigId, sa.ForeignKey("account.id"))
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    committee: Mapped[Committee] = relationship()
    compound: Mapped[Compound] = relationship()
    case: Mapped[CaseTemplate | None] = relationship()
    lead: Mapped[User] = relationship(foreign_keys=lead_id)
    stages: Mapped[list[Stage]] = relationship(
        back_populates="project", order_by="Stage.position", cascade="all, delete-orphan"
    )

    @property
    def current(self) -> Stage | None:
        """The stage being worked on, else the first not begun, else None."""
        for stage in self.stages:
            if stage.state in OPEN_STATES:
                return stage
        return next((s for s in self.stages if s.state is StageState.TODO), None)


class Stage(Tenant, Model):
    """A step of the project's own copy of the process."""

    __tablename__ = "stage"
    __table_args__ = (
        sa.UniqueConstraint("project_id", "position"),
        sa.UniqueConstraint("project_id", "key"),
        sa.Index("ix_stage_deadline", "state", "planned_end"),
        # With all that the overview counts, so that it need not look at the rows.
        sa.Index(
            "ix_stage_tenant_deadline",
            *("committee_id", "state", "planned_end", "kind", "project_id"),
        ),
        sa.CheckConstraint("planned_end >= planned_start", name="planned_order"),
        sa.CheckConstraint(
            "state NOT IN ('active', 'blocked', 'done') OR actual_start IS NOT NULL",
            name="begun_has_its_date",
        ),
        sa.CheckConstraint(
            "(state IN ('done', 'skipped')) = (actual_end IS NOT NULL)", name="ended_has_its_date"
        ),
        sa.CheckConstraint("duration_days >= 1", name="duration_positive"),
    )

    project_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("project.id"))
    position: Mapped[int]
    key: Mapped[str] = mapped_column(sa.String(40))
    kind: Mapped[StageKind] = mapped_column(term_type(StageKind))
    title: Mapped[str] = mapped_column(sa.String(80))
    purpose: Mapped[str] = mapped_column(sa.Text, default="")
    duration_days: Mapped[int]
    duration_unit: Mapped[DayUnit] = mapped_column(term_type(DayUnit))
    paused_days: Mapped[int] = mapped_column(default=0)
    planned_start: Mapped[date]
    planned_end: Mapped[date]
    deadline_revision: Mapped[int] = mapped_column(default=1)
    actual_start: Mapped[date | None]
    actual_end: Mapped[date | None]
    state: Mapped[StageState] = mapped_column(term_type(StageState), default=StageState.TODO)
    round: Mapped[int] = mapped_column(default=1)
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    gates: Mapped[list[Any]] = mapped_column(JSONData, default=list)
    lead_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("account.id"), index=True)
    review_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    project: Mapped[Project] = relationship(back_populates="stages")
    lead: Mapped[User] = relationship()

    @property
    def span(self) -> Span:
        """The stage's length, for computing dates."""
        return Span(self.duration_days, self.duration_unit, self.paused_days)

    @property
    def is_open(self) -> bool:
        """Whether it is being worked on, or would be if nothing blocked it."""
        return self.state in OPEN_STATES

    @property
    def counts(self) -> bool:
        """Whether its deadline runs: only what is being worked on can be late."""
        return self.is_open and self.project.state is ProjectState.ACTIVE


class StageRun(Tenant, Model):
    """One round of a stage, kept for good when the project goes back."""

    __tablename__ = "stage_run"
    __table_args__ = (sa.UniqueConstraint("stage_id", "round"),)

    stage_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("stage.id"))
    round: Mapped[int]
    planned_end: Mapped[date]
    started_on: Mapped[date | None]
    ended_on: Mapped[date]
    outcome: Mapped[RunOutcome] = mapped_column(term_type(RunOutcome))
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    ended_by: Mapped[int] = mapped_column(BigId, sa.ForeignKey("account.id"))
    stage: Mapped[Stage] = relationship()


class Override(Tenant, Model):
    """A subdistrict officer let a stage pass; shown on the project for good."""

    __tablename__ = "gate_override"

    project_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("project.id"), index=True)
    stage_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("stage.id"))
    round: Mapped[int]
    officer_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("account.id"))
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(sa.Text)
    missing: Mapped[list[Any]] = mapped_column(JSONData)
    stage: Mapped[Stage] = relationship()
    officer: Mapped[User] = relationship()


class Pause(Tenant, Model):
    """Time during which the project's clock stood still."""

    __tablename__ = "pause"
    __table_args__ = (
        sa.Index(
            "uq_pause_one_open",
            "project_id",
            unique=True,
            sqlite_where=sa.text("ended_on IS NULL"),
            postgresql_where=sa.text("ended_on IS NULL"),
        ),
    )

    project_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("project.id"))
    started_on: Mapped[date]
    ended_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(sa.Text)
    paused_by: Mapped[int] = mapped_column(BigId, sa.ForeignKey("account.id"))


class Task(Tenant, Model):
    """One thing to do in a stage."""

    __tablename__ = "task"
    __table_args__ = (
        sa.Index("ix_task_open", "done_at", "due_on"),
        sa.Index("ix_task_tenant_open", "committee_id", "done_at", "due_on"),
        sa.Index("ix_task_assignee", "assignee_id", "done_at"),
        sa.CheckConstraint("(done_at IS NULL) = (done_by IS NULL)", name="done_by_somebody"),
    )

    project_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("project.id"), index=True)
    stage_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("stage.id"), index=True)
    round: Mapped[int] = mapped_column(default=1)
    position: Mapped[int] = mapped_column(default=0)
    title: Mapped[str] = mapped_column(sa.String(200))
    required: Mapped[bool] = mapped_column(default=True)
    origin: Mapped[TaskOrigin] = mapped_column(term_type(TaskOrigin))
    assignee_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("account.id"))
    due_on: Mapped[date | None]
    deadline_revision: Mapped[int] = mapped_column(default=1)
    note: Mapped[str] = mapped_column(sa.Text, default="")
    done_at: Mapped[datetime | None]
    done_by: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("account.id"))
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    project: Mapped[Project] = relationship()
    stage: Mapped[Stage] = relationship()
    assignee: Mapped[User | None] = relationship(foreign_keys=assignee_id)


class ProjectDraft(Tenant, Model):
    """A project between its first screen and its logging; nothing is lost in between.

    ``data`` holds the answers by screen: ``what``, ``days`` (stage key to days) and
    ``leads`` (stage key to user id).
    """

    __tablename__ = "project_draft"

    case_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("case_template.id"))
    author_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("account.id"), index=True)
    data: Mapped[dict[str, Any]]
    project_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("project.id"))
    updated_at: Mapped[datetime]
    case: Mapped[CaseTemplate] = relationship()
