"""Answers are counted once, and the report is never overwritten."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.factories import people, places, projects
from tests.factories.people import NOW
from tracker.accounts.rules import Role
from tracker.anthology.rules import StageKind
from tracker.audit.models import AuditEntry
from tracker.feedback import queries, services
from tracker.feedback.models import ReportRevision
from tracker.feedback.rules import PER_WINDOW, WINDOW, FeedbackChannel, Score
from tracker.kernel.database import db
from tracker.kernel.errors import Refusal, Stale
from tracker.projects.rules import ProjectState


@pytest.fixture
def project(arrange):
    lead = people.user(Role.DIRECTOR)
    return projects.project(lead, places.compound(lead.committee), at=StageKind.FEEDBACK)


def by_link(project, key: str, now=NOW):
    return services.answer(project, now, Score.GOOD, "好", FeedbackChannel.LINK, key, None)


def test_one_browser_counts_once_for_each_project(project):
    by_link(project, "a" * 32)
    with pytest.raises(services.AlreadyAnswered):
        by_link(project, "a" * 32)
    other = projects.project(project.lead, project.compound, at=StageKind.FEEDBACK)
    by_link(other, "a" * 32)
    assert queries.responses(project.id) == 1


def test_paper_answers_come_from_many_hands(project):
    worker = people.user(of=project.committee)
    for score in (Score.VERY_GOOD, Score.VERY_GOOD, Score.BAD):
        services.answer(project, NOW, score, "", FeedbackChannel.PAPER, None, worker)
    assert queries.scores(project.id) == {
        Score.VERY_GOOD: 2,
        Score.GOOD: 0,
        Score.FAIR: 0,
        Score.POOR: 0,
        Score.BAD: 1,
    }


def test_a_flood_by_link_is_held_back_but_paper_is_not(project):
    for number in range(PER_WINDOW):
        by_link(project, f"{number:032}")
    with pytest.raises(services.TooMany):
        by_link(project, "b" * 32, NOW + WINDOW - timedelta(seconds=1))
    worker = people.user(of=project.committee)
    services.answer(project, NOW, Score.FAIR, "", FeedbackChannel.PAPER, None, worker)
    by_link(project, "b" * 32, NOW + WINDOW)


def test_links_work_only_while_the_stage_is_open_and_the_project_runs(project):
    early = projects.project(project.lead, project.compound, at=StageKind.IMPLEMENT)
    with pytest.raises(Refusal, match="没有在收集"):
        by_link(early, "a" * 32)
    project.state = ProjectState.PAUSED
    with pytest.raises(Refusal):
        by_link(project, "a" * 32)


def test_the_report_keeps_what_it_said_before(project):
    worker = people.user(of=project.committee)
    first = services.write_report(project.lead, NOW, project, "装了道闸。", "先听再定。", 0)
    db.session.flush()
    services.write_report(worker, NOW, project, "装了两处道闸。", "先听再定。", first.version)
    db.session.flush()
    kept = db.session.scalars(sa.select(ReportRevision)).one()
    assert (kept.results, kept.written_by) == ("装了道闸。", project.lead_id)
    found = queries.report(project.id)
    assert (found.results, found.written_by) == ("装了两处道闸。", worker.id)


@pytest.mark.parametrize("version", [0, 2])
def test_a_stale_report_is_refused(project, version):
    services.write_report(project.lead, NOW, project, "一", "二", 0)
    db.session.flush()
    with pytest.raises(Stale):
        services.write_report(project.lead, NOW, project, "三", "四", version)


def test_the_history_holds_neither_score_nor_comment(project):
    services.answer(project, NOW, Score.BAD, "楼上吵", FeedbackChannel.LINK, "a" * 32, None)
    told = db.session.scalars(sa.select(AuditEntry)).one()
    words = f"{told.text}{told.values}"
    assert "楼上吵" not in words
    assert "不满意" not in words
    assert told.actor_id is None
