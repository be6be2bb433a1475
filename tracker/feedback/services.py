"""Residents' satisfaction comes in; the committee gives its account."""

from __future__ import annotations

from datetime import datetime

from tracker.accounts.models import User
from tracker.anthology.rules import StageKind
from tracker.audit.services import record
from tracker.feedback import queries
from tracker.feedback.models import Report, ReportRevision, Satisfaction
from tracker.feedback.rules import PER_WINDOW, WINDOW, FeedbackChannel, Score
from tracker.kernel.database import db
from tracker.kernel.errors import Refusal, Stale, require
from tracker.kernel.words import M_
from tracker.projects.models import Project
from tracker.projects.services import require_running


class TooMany(Refusal):
    """Residents' forms arrive faster than people fill them; try again in a while."""


class AlreadyAnswered(Refusal):
    """This browser has answered; its first answer counts."""


def is_open(project: Project) -> bool:
    """Whether the stage of feedback is being worked on."""
    return any(s.kind is StageKind.FEEDBACK and s.is_open for s in project.stages)


def answer(
    project: Project,
    now: datetime,
    score: Score,
    comment: str,
    channel: FeedbackChannel,
    browser_key: str | None,
    recorded_by: User | None,
) -> Satisfaction:
    """Count one resident's answer.

    ``browser_key`` is the random key of the resident's browser, None on paper;
    ``recorded_by`` copied a paper, None by link. Raises Refusal when the project is not
    running or feedback has not begun, AlreadyAnswered for a second answer of a browser,
    TooMany when answers by link flood in.
    """
    require_running(project)
    if channel is FeedbackChannel.LINK:
        require(is_open(project), M_("现在没有在收集评价。"))
        if queries.answered(project.id, browser_key):
            raise AlreadyAnswered(M_("您已经评价过了，谢谢。"))
        if queries.sent_since(project.id, now - WINDOW) >= PER_WINDOW:
            raise TooMany(M_("现在提交的人很多，请过十分钟再交；您填的内容还在。"))
    given = Satisfaction(
        committee_id=project.committee_id,
        project_id=project.id,
        score=score,
        comment=comment.strip(),
        channel=channel,
        browser_key=browser_key,
        recorded_by=recorded_by.id if recorded_by else None,
        at=now,
    )
    db.session.add(given)
    record(
        "feedback.answered",
        M_("收到一份满意度评价（%(channel)s）", channel=channel),
        actor_id=recorded_by.id if recorded_by else None,
        now=now,
        committee_id=project.committee_id,
        project_id=project.id,
    )
    return given


def write_report(
    actor: User, now: datetime, project: Project, results: str, lessons: str, version: int
) -> Report:
    """Write what came of the project and what was learnt, or write it anew.

    ``version`` is that of the report as the form showed it, 0 for none. What the report
    said before is kept. Raises Stale when somebody else wrote meanwhile.
    """
    require_running(project)
    report = queries.report(project.id)
    if (report.version if report else 0) != version:
        raise Stale
    if report is None:
        report = Report(committee_id=project.committee_id, project_id=project.id)
        db.session.add(report)
        said = M_("写好了总结报告")
    else:
        db.session.add(
            ReportRevision(
                committee_id=report.committee_id,
                report_id=report.id,
                results=report.results,
                lessons=report.lessons,
                written_by=report.written_by,
                written_at=report.written_at,
            )
        )
        said = M_("修改了总结报告")
    report.results, report.lessons = results, lessons
    report.written_by, report.written_at = actor.id, now
    record(
        "feedback.report_written",
        said,
        actor_id=actor.id,
        now=now,
        committee_id=project.committee_id,
        project_id=project.id,
    )
    return report
