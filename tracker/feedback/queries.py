"""Counting satisfaction, and finding the report."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from tracker.feedback.models import Report, Satisfaction
from tracker.feedback.rules import FeedbackChannel, Score
from tracker.kernel.database import db


def _count(*conditions: sa.ColumnElement[bool]) -> int:
    return (
        db.session.scalar(sa.select(sa.func.count()).select_from(Satisfaction).where(*conditions))
        or 0
    )


def responses(project_id: int) -> int:
    """Answers of residents, by link and on paper."""
    return _count(Satisfaction.project_id == project_id)


def scores(project_id: int) -> dict[Score, int]:
    """Answers per score, every score named, the best first."""
    rows = db.session.execute(
        sa.select(Satisfaction.score, sa.func.count())
        .where(Satisfaction.project_id == project_id)
        .group_by(Satisfaction.score)
    )
    found = dict(rows.all())
    return {s: found.get(s, 0) for s in Score}


def comments(project_id: int) -> sa.Select[Satisfaction]:
    """Answers with a sentence, newest first; for staff only."""
    return (
        sa.select(Satisfaction)
        .where(Satisfaction.project_id == project_id, Satisfaction.comment != "")
        .order_by(Satisfaction.id.desc())
    )


def answered(project_id: int, browser_key: str | None) -> bool:
    """Whether this browser has answered already."""
    if not browser_key:
        return False
    return (
        _count(Satisfaction.project_id == project_id, Satisfaction.browser_key == browser_key) > 0
    )


def sent_since(project_id: int, since: datetime) -> int:
    """Answers that came by link after ``since``."""
    return _count(
        Satisfaction.project_id == project_id,
        Satisfaction.channel == FeedbackChannel.LINK,
        Satisfaction.at > since,
    )


def report(project_id: int) -> Report | None:
    """What came of the project and what was learnt; None while unwritten."""
    return db.session.scalar(
        sa.select(Report).where(Report.project_id == project_id).options(joinedload(Report.writer))
    )
