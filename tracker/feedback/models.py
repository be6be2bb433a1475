"""Satisfaction, and the project's own account of itself."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.accounts.models import User
from tracker.feedback.rules import FeedbackChannel, Score
from tracker.kernel.database import BigId, Model, Tenant, term_type
from tracker.projects.models import Project


class Satisfaction(Tenant, Model):
    """One resident's answer: a score and perhaps a sentence, and nothing about the person."""

    __tablename__ = "satisfaction"
    __table_args__ = (sa.UniqueConstraint("project_id", "browser_key"),)

    project_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("project.id"), index=True)
    score: Mapped[Score] = mapped_column(term_type(Score))
    comment: Mapped[str] = mapped_column(sa.Text, default="")
    channel: Mapped[FeedbackChannel] = mapped_column(term_type(FeedbackChannel))
    # A random key in a cookie of the resident's browser, so that a second answer replaces
    # nothing and counts nothing; it identifies neither person nor device elsewhere.
    browser_key: Mapped[str | None] = mapped_column(sa.String(40))
    recorded_by: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("account.id"))
    at: Mapped[datetime]


class Report(Tenant, Model):
    """What came of the project and what was learnt, in the committee's words."""

    __tablename__ = "report"

    project_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("project.id"), unique=True)
    results: Mapped[str] = mapped_column(sa.Text)
    lessons: Mapped[str] = mapped_column(sa.Text)
    written_by: Mapped[int] = mapped_column(BigId, sa.ForeignKey("account.id"))
    written_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    project: Mapped[Project] = relationship()
    writer: Mapped[User] = relationship()


class ReportRevision(Tenant, Model):
    """What the report said before it was changed."""

    __tablename__ = "report_revision"

    report_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("report.id"), index=True)
    results: Mapped[str] = mapped_column(sa.Text)
    lessons: Mapped[str] = mapped_column(sa.Text)
    written_by: Mapped[int] = mapped_column(BigId, sa.ForeignKey("account.id"))
    written_at: Mapped[datetime]

    report: Mapped[Report] = relationship()
    writer: Mapped[User] = relationship()
