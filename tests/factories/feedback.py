"""Satisfaction for a test to act on."""

from __future__ import annotations

from tests.factories.people import NOW
from tracker.feedback.models import Report, Satisfaction
from tracker.feedback.rules import FeedbackChannel, Score
from tracker.kernel.database import db
from tracker.projects.models import Project


def answers(project: Project, *scores: Score, **fields: object) -> None:
    """One answer per score."""
    for score in scores:
        db.session.add(
            Satisfaction(
                **{
                    "committee_id": project.committee_id,
                    "project_id": project.id,
                    "score": score,
                    "channel": FeedbackChannel.LINK,
                    "at": NOW,
                    **fields,
                }
            )
        )
    db.session.flush()


def report(project: Project, results: str = "装了道闸。", lessons: str = "先听再定。") -> Report:
    """The project's account of itself."""
    made = Report(
        committee_id=project.committee_id,
        project_id=project.id,
        results=results,
        lessons=lessons,
        written_by=project.lead_id,
        written_at=NOW,
    )
    db.session.add(made)
    db.session.flush()
    return made
