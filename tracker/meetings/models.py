"""Meetings with minutes and actions, options with versions, motions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.accounts.models import User
from tracker.kernel.database import BigId, JSONData, Model, Tenant, term_type
from tracker.meetings.rules import (
    MeetingKind,
    MeetingState,
    OptionState,
    Party,
    ResolutionOutcome,
)
from tracker.projects.models import Project, Stage, Task


class Meeting(Tenant, Model):
    """A meeting about a project."""

    __tablename__ = "meeting"
    __table_args__ = (
        sa.Index("ix_meeting_upcoming", "state", "planned_at"),
        sa.Index("ix_meeting_tenant_upcoming", "committee_id", "state", "planned_at"),
        sa.CheckConstraint("(state = 'held') = (held_at IS NOT NULL)", name="held_has_its_time"),
    )

    project_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("project.id"), index=True)
    stage_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("stage.id"), index=True)
    round: Mapped[int]
    kind: Mapped[MeetingKind] = mapped_column(term_type(MeetingKind))
    title: Mapped[str] = mapped_column(sa.String(120))
    planned_at: Mapped[datetime]
    place: Mapped[str] = mapped_column(sa.String(120))
    agenda: Mapped[str] = mapped_column(sa.Text)
    state: Mapped[MeetingState] = mapped_column(
        term_type(MeetingState), default=MeetingState.PLANNED
    )
    held_at: Mapped[datetime | None]
    minutes: Mapped[str] = mapped_column(sa.Text, default="")
    cancel_reason: Mapped[str] = mapped_column(sa.String(200), default="")
    created_by: Mapped[int] = mapped_column(BigId, sa.ForeignKey("account.id"))
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    project: Mapped[Project] = relationship()
    stage: Mapped[Stage] = relationship()
    attendance: Mapped[list[Attendance]] = relationship(
        cascade="all, delete-orphan", order_by="Attendance.id"
    )
    resolutions: Mapped[list[Resolution]] = relationship(
        cascade="all, delete-orphan", order_by="Resolution.position"
    )
    actions: Mapped[list[MeetingAction]] = relationship(
        cascade="all, delete-orphan", order_by="MeetingAction.id"
    )
    earlier: Mapped[list[EarlierMinutes]] = relationship(
        cascade="all, delete-orphan", order_by="EarlierMinutes.number"
    )


class Attendance(Tenant, Model):
    """How many people of one role were present; roles, not names."""

    __tablename__ = "attendance"
    __table_args__ = (
        sa.UniqueConstraint("meeting_id", "party"),
        sa.CheckConstraint("people > 0", name="somebody"),
    )

    meeting_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("meeting.id"))
    party: Mapped[Party] = mapped_column(term_type(Party))
    people: Mapped[int]


class Resolution(Tenant, Model):
    """What the meeting said about one point."""

    __tablename__ = "resolution"
    __table_args__ = (sa.UniqueConstraint("meeting_id", "position"),)

    meeting_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("meeting.id"))
    position: Mapped[int]
    text: Mapped[str] = mapped_column(sa.Text)
    outcome: Mapped[ResolutionOutcome] = mapped_column(term_type(ResolutionOutcome))


class EarlierMinutes(Tenant, Model):
    """Minutes as they stood before a correction; who corrected them, and why.

    ``attendance`` maps codes of ``Party`` to people, ``resolutions`` lists text and outcome code.
    """

    __tablename__ = "earlier_minutes"
    __table_args__ = (sa.UniqueConstraint("meeting_id", "number"),)

    meeting_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("meeting.id"))
    number: Mapped[int]
    held_at: Mapped[datetime]
    minutes: Mapped[str] = mapped_column(sa.Text)
    attendance: Mapped[dict[str, Any]] = mapped_column(JSONData)
    resolutions: Mapped[list[Any]] = mapped_column(JSONData)
    reason: Mapped[str] = mapped_column(sa.String(200))
    corrected_by: Mapped[int] = mapped_column(BigId, sa.ForeignKey("account.id"))
    corrected_at: Mapped[datetime]
    corrector: Mapped[User] = relationship()


class MeetingAction(Tenant, Model):
    """A task that a meeting gave somebody."""

    __tablename__ = "meeting_action"

    meeting_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("meeting.id"), index=True)
    task_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("task.id"), unique=True)
    task: Mapped[Task] = relationship()


class Option(Tenant, Model):
    """One way to solve the problem, compared with the others."""

    __tablename__ = "option"
    __table_args__ = (
        sa.CheckConstraint("state = 'open' OR reason <> ''", name="decided_with_reason"),
        sa.Index(
            "uq_option_one_chosen",
            "project_id",
            "round",
            unique=True,
            sqlite_where=sa.text("state = 'chosen'"),
            postgresql_where=sa.text("state = 'chosen'"),
        ),
    )

    project_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("project.id"), index=True)
    stage_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("stage.id"))
    round: Mapped[int]
    title: Mapped[str] = mapped_column(sa.String(120))
    state: Mapped[OptionState] = mapped_column(term_type(OptionState), default=OptionState.OPEN)
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    decided_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    project: Mapped[Project] = relationship()
    versions: Mapped[list[OptionVersion]] = relationship(
        cascade="all, delete-orphan", order_by="OptionVersion.number"
    )

    @property
    def latest(self) -> OptionVersion:
        """The wording in force."""
        return self.versions[-1]


class OptionVersion(Tenant, Model):
    """One wording of an option; earlier ones stay."""

    __tablename__ = "option_version"
    __table_args__ = (sa.UniqueConstraint("option_id", "number"),)

    option_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("option.id"))
    number: Mapped[int]
    summary: Mapped[str] = mapped_column(sa.Text)
    pros: Mapped[str] = mapped_column(sa.Text, default="")
    cons: Mapped[str] = mapped_column(sa.Text, default="")
    change_note: Mapped[str] = mapped_column(sa.String(200), default="")
    written_by: Mapped[int] = mapped_column(BigId, sa.ForeignKey("account.id"))
    written_at: Mapped[datetime]


class Motion(Tenant, Model):
    """表决事项: one question, worded so that it can be answered yes or no.

    ``balloted_at`` says that it stands on a ballot paper: from then on its wording is fixed.
    """

    __tablename__ = "motion"

    project_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("project.id"), index=True)
    stage_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("stage.id"))
    round: Mapped[int]
    position: Mapped[int]
    title: Mapped[str] = mapped_column(sa.String(120))
    text: Mapped[str] = mapped_column(sa.Text)
    option_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("option.id"))
    balloted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    created_by: Mapped[int] = mapped_column(BigId, sa.ForeignKey("account.id"))
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    project: Mapped[Project] = relationship()
    option: Mapped[Option | None] = relationship()
