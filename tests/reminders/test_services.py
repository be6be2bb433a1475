"""Planning: each reminder once, to the right people, in their words, whatever happens."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.conftest import ON_POSTGRESQL, build
from tests.factories import projects
from tests.factories.people import NOW
from tests.factories.reminders import DEADLINE, codes, morning, received
from tracker.anthology.rules import StageKind
from tracker.audit.models import AuditEntry
from tracker.kernel.clock import at_local
from tracker.kernel.database import db
from tracker.notifications.models import InboxItem
from tracker.projects.rules import ProjectState, StageState
from tracker.reminders import services
from tracker.reminders.models import PlannedReminder

pytestmark = pytest.mark.usefixtures("arrange")


def test_the_first_reminder_comes_seven_working_days_before_and_only_from_nine_three(scene):
    day = date(2026, 3, 4)
    assert services.plan(at_local(day, time(9, 2, 59))) == 0
    assert services.plan(at_local(day, time(9, 12))) == 2
    assert received(scene.lead) == ["【停车与门禁】阶段「征集意见」还剩 7 个工作日"]
    assert received(scene.boss) == received(scene.lead)
    assert received(scene.director) == []


def test_a_reminder_says_why_what_by_when_who_else_and_when_next(scene):
    services.plan(morning(date(2026, 3, 4)))
    item = db.session.scalars(
        sa.select(InboxItem).where(InboxItem.recipient_id == scene.lead.id)
    ).one()
    assert item.body.split("\n") == [
        "为什么提醒您：您是阶段负责人。",
        "要做什么：完成这个阶段；来不及就调整日期。",
        "期限：2026年3月13日 周五，还剩 7 个工作日",
        "同时提醒了：赵社工。",
        "下次提醒：2026年3月10日 周二 上午，办好后不再提醒。",
    ]
    assert item.link == f"/projects/stages/{scene.stage.id}"


def test_planning_again_and_again_sends_nothing_twice(scene):
    at = morning(date(2026, 3, 4))
    assert services.plan(at) == 2
    assert services.plan(at) == 0
    assert services.plan(at + timedelta(days=1)) == 0
    assert codes() == ["L7", "L7"]


def test_a_whole_life_of_a_deadline(scene):
    day = date(2026, 3, 1)
    while day < date(2026, 4, 6):
        services.plan(morning(day))
        day += timedelta(days=1)
    regular = ["L7", "L3", "L1", "L0", "O1", "O2", "O3", "O4", "O5", "W1", "W2"]
    assert codes(scene.lead) == regular
    assert codes(scene.boss) == regular
    assert codes(scene.director) == ["E-director"]
    assert codes(scene.officer) == ["E-officer"]


def test_escalation_names_itself_and_the_responsible_person_sees_it(scene):
    services.plan(morning(date(2026, 3, 16)))
    assert received(scene.director) == ["【停车与门禁】阶段「征集意见」超期 1 个工作日"]
    items = {i.recipient_id: i.body for i in db.session.scalars(sa.select(InboxItem))}
    assert "到期还没有完成，所以按规则告诉您。" in items[scene.director.id]
    assert "您是居委会主任" in items[scene.director.id]
    assert "同时提醒了：李主任、赵社工。" in items[scene.lead.id]
    assert received(scene.officer) == []
    services.plan(morning(date(2026, 3, 17)))
    latest = db.session.scalars(
        sa.select(InboxItem)
        .where(InboxItem.recipient_id == scene.lead.id)
        .order_by(InboxItem.id.desc())
    ).first()
    assert "李主任" not in latest.body  # told yesterday, not again


def test_a_director_who_leads_the_project_is_told_once_a_day(scene):
    scene.project.lead_id = scene.director.id
    db.session.flush()
    services.plan(morning(date(2026, 3, 16)))
    assert codes(scene.director) == ["O1"]


def test_it_ends_as_soon_as_the_thing_is_done(scene):
    services.plan(morning(date(2026, 3, 16)))
    before = len(codes())
    scene.stage.state, scene.stage.actual_end = StageState.DONE, date(2026, 3, 16)
    db.session.flush()
    assert services.plan(morning(date(2026, 3, 20))) == 0
    assert len(codes()) == before


@pytest.mark.parametrize("state", [ProjectState.PAUSED, ProjectState.CANCELLED])
def test_a_project_that_does_not_run_reminds_nobody(scene, state):
    scene.project.state = state
    db.session.flush()
    assert services.plan(morning(date(2026, 3, 16))) == 0


def test_was_overdue_stays_with_the_project_and_its_history(scene):
    services.plan(morning(DEADLINE))
    db.session.expire_all()
    assert not scene.project.was_overdue
    version = scene.project.version
    services.plan(morning(date(2026, 3, 16)))
    db.session.expire_all()
    assert scene.project.was_overdue
    assert scene.project.version == version
    services.plan(morning(date(2026, 3, 17)))
    actions = db.session.scalars(sa.select(AuditEntry.action)).all()
    assert actions.count("project.overdue") == 1


def test_after_downtime_only_the_newest_is_sent_and_marked(scene):
    services.plan(morning(date(2026, 3, 3)))
    assert services.plan(morning(date(2026, 3, 12)) + timedelta(hours=3)) == 2
    assert codes() == ["L1", "L1"]
    assert received(scene.lead) == ["【补发】【停车与门禁】阶段「征集意见」还剩 1 个工作日"]
    assert db.session.scalars(sa.select(PlannedReminder.late)).all() == [True, True]


def test_three_days_down_across_the_deadline_give_one_catch_up_each(scene):
    services.plan(morning(date(2026, 3, 13)) - timedelta(hours=1))
    before = len(codes())
    services.plan(at_local(date(2026, 3, 16), time(8, 30)))  # 72 h later: L0 was missed
    assert codes()[before:] == ["L0", "L0"]
    assert received(scene.lead)[-1].startswith("【补发】")
    services.plan(morning(date(2026, 3, 16)))
    assert received(scene.lead)[-1] == "【停车与门禁】阶段「征集意见」超期 1 个工作日"


def test_escalations_survive_any_downtime(scene):
    services.plan(morning(date(2026, 3, 3)))
    services.plan(morning(date(2026, 4, 15)))
    assert codes(scene.director) == ["E-director"]
    assert codes(scene.officer) == ["E-officer"]
    assert codes(scene.lead) == ["W3"]


def test_the_very_first_round_marks_nothing_late(scene):
    services.plan(morning(date(2026, 3, 11)))
    assert received(scene.lead) == ["【停车与门禁】阶段「征集意见」还剩 2 个工作日"]


def test_a_moved_deadline_starts_anew_and_the_old_one_is_silent(scene):
    services.plan(morning(date(2026, 3, 12)))
    scene.stage.planned_end, scene.stage.deadline_revision = date(2026, 3, 20), 2
    db.session.flush()
    services.plan(morning(date(2026, 3, 12)))
    assert codes(scene.lead) == ["L1", "L7"]
    services.plan(morning(date(2026, 3, 16)))
    assert codes(scene.director) == []


def test_a_clock_that_is_set_back_or_a_year_ahead_repeats_nothing(scene):
    services.plan(morning(date(2026, 3, 12)))
    services.plan(morning(date(2026, 3, 12)) - timedelta(hours=1))
    assert codes(scene.lead) == ["L1"]
    services.plan(morning(date(2027, 3, 12)))
    services.plan(morning(date(2026, 3, 13)))
    keys = db.session.scalars(sa.select(PlannedReminder.key)).all()
    assert len(keys) == len(set(keys))


def test_whoever_has_left_is_stood_in_for_by_the_director(scene):
    scene.lead.disabled_at = scene.boss.disabled_at = NOW
    db.session.flush()
    services.plan(morning(date(2026, 3, 4)))
    assert codes(scene.director) == ["L7"]
    assert codes(scene.lead) == []


def test_words_come_in_the_readers_language(scene):
    scene.lead.language = "en"
    db.session.flush()
    services.plan(morning(date(2026, 3, 4)))
    body = db.session.scalars(
        sa.select(InboxItem.body).where(InboxItem.recipient_id == scene.lead.id)
    ).one()
    assert "Fri 13 Mar 2026" in body


# Several planners


def test_four_planners_at_once_plan_everything_once(app, scene, tmp_path):
    for number in range(20):
        made = projects.project(
            scene.lead, scene.project.compound, at=StageKind.COLLECT, title=f"项目{number}"
        )
        made.stages[0].lead_id = scene.boss.id
    db.session.commit()
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    at, start, counts = morning(date(2026, 3, 16)), threading.Barrier(4, timeout=20), []
    planners = [build(url, tmp_path) for _ in range(4)]  # each with its own connections

    def planner(own: Flask) -> None:
        with own.app_context():
            found = services.due(at)
            db.session.rollback()
            start.wait()  # all four have found the same, and none has written yet
            counts.append(services.put(found, at))
            db.session.commit()
            db.session.remove()
            db.engine.dispose()

    threads = [threading.Thread(target=planner, args=(own,)) for own in planners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.expire_all()
    keys = Counter(db.session.scalars(sa.select(InboxItem.key)))
    assert len(counts) == 4
    assert sum(counts) == len(keys) == 21 * 3
    assert set(keys.values()) == {1}


def test_the_hosts_time_zone_does_not_matter(scene, monkeypatch):
    monkeypatch.setenv("TZ", "America/New_York")
    services.plan(datetime(2026, 3, 4, 1, 2, 59, tzinfo=UTC))
    assert codes() == []
    services.plan(datetime(2026, 3, 4, 1, 12, tzinfo=UTC))
    assert codes() == ["L7", "L7"]


@pytest.mark.skipif(ON_POSTGRESQL, reason="asks SQLite for its query plan")
def test_planning_reads_only_what_can_be_due(scene):
    far = projects.project(scene.lead, scene.project.compound, at=StageKind.COLLECT)
    far.stages[0].planned_end = date(2026, 3, 16)  # L7 is the day after tomorrow
    db.session.flush()
    services.plan(morning(date(2026, 3, 4)))
    assert {r.project_id for r in db.session.scalars(sa.select(PlannedReminder))} == {
        scene.project.id
    }
    plan = db.session.execute(
        sa.text(
            "EXPLAIN QUERY PLAN SELECT * FROM stage WHERE state IN ('active', 'blocked') "
            "AND planned_end <= '2026-03-16'"
        )
    )
    assert any("ix_stage_deadline" in str(row) for row in plan)
