"""Planning: each reminder once, to the right people, in their words, whatever happens."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.conftest import ON_POSTGRESQL, build
from tests.factories import people, places, projects
from tests.factories.people import NOW
from tracker.accounts.models import User
from tracker.accounts.rules import Role
from tracker.anthology.rules import StageKind
from tracker.audit.models import AuditEntry
from tracker.kernel.clock import at_local
from tracker.kernel.database import db
from tracker.meetings.models import Meeting
from tracker.meetings.rules import MeetingKind, MeetingState
from tracker.notifications.models import Delivery, InboxItem
from tracker.notifications.rules import DeliveryState
from tracker.opinions.models import Opinion
from tracker.opinions.rules import Channel, OpinionStatus, Stance
from tracker.projects.rules import ProjectState, StageState
from tracker.reminders import services
from tracker.reminders.models import PlannedReminder
from tracker.workdays import services as workdays

pytestmark = pytest.mark.usefixtures("arrange")

DEADLINE = date(2026, 3, 13)
"""The Friday on which the factory's first stage ends."""


def morning(day: date) -> datetime:
    """An instant on ``day`` after every reminder of that day is due."""
    return at_local(day, time(9, 30))


class Scene:
    """A committee with a project whose first stage is being worked on."""

    def __init__(self) -> None:
        workdays.load_packaged(NOW)
        home = people.committee()
        self.lead = people.user(of=home, display_name="王社工", email="wang@example.org")
        self.boss = people.user(of=home, display_name="赵社工")
        self.director = people.user(Role.DIRECTOR, of=home, display_name="李主任")
        self.officer = people.user(Role.OFFICER, of=home, display_name="陈科长")
        self.project = projects.project(self.boss, places.compound(home), at=StageKind.COLLECT)
        self.stage = self.project.stages[0]
        self.stage.lead_id = self.lead.id
        db.session.commit()


@pytest.fixture
def scene(arrange: None) -> Scene:
    return Scene()


def received(user: User) -> list[str]:
    query = sa.select(InboxItem.subject).where(InboxItem.recipient_id == user.id)
    return list(db.session.scalars(query.order_by(InboxItem.id)))


def codes(user: User | None = None) -> list[str]:
    query = sa.select(PlannedReminder.occurrence).order_by(PlannedReminder.id)
    if user is not None:
        query = query.where(PlannedReminder.recipient_id == user.id)
    return list(db.session.scalars(query))


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


# What else has deadlines


def test_a_task_reminds_its_assignee_else_the_stage_lead(scene):
    helper = people.user(of=scene.director.committee)
    projects.task(scene.stage, "贴公告", assignee_id=helper.id, due_on=date(2026, 3, 6))
    projects.task(scene.stage, "订会议室", due_on=date(2026, 3, 6))
    services.plan(morning(date(2026, 3, 3)))
    assert received(helper) == ["【停车与门禁】事项「贴公告」还剩 3 个工作日"]
    assert received(scene.lead) == ["【停车与门禁】事项「订会议室」还剩 3 个工作日"]


def test_a_task_that_need_not_be_done_is_not_escalated(scene):
    projects.task(scene.stage, "贴公告", due_on=date(2026, 3, 3), required=False)
    services.plan(morning(date(2026, 3, 4)))
    assert received(scene.director) == []
    projects.task(scene.stage, "送通知", due_on=date(2026, 3, 3))
    services.plan(morning(date(2026, 3, 4)))
    assert received(scene.director) == ["【停车与门禁】事项「送通知」超期 1 个工作日"]


def meeting(scene: Scene, at: datetime, **fields: object) -> Meeting:
    made = Meeting(
        **{
            "committee_id": scene.project.committee_id,
            "project_id": scene.project.id,
            "stage_id": scene.stage.id,
            "round": 1,
            "kind": MeetingKind.COUNCIL,
            "title": "停车议事堂",
            "planned_at": at,
            "place": "居委会二楼",
            "agenda": "车位",
            "created_by": scene.lead.id,
            **fields,
        }
    )
    db.session.add(made)
    db.session.flush()
    return made


def test_a_meeting_is_announced_the_day_before_and_on_the_day(scene):
    scene.stage.planned_end = date(2026, 6, 30)
    meeting(scene, at_local(date(2026, 3, 6), time(14)))
    for day in (4, 5, 6):
        services.plan(morning(date(2026, 3, day)))
    assert codes(scene.lead) == ["L1", "L0"]
    assert received(scene.lead)[0] == "【停车与门禁】会议「停车议事堂」2026年3月6日 周五 14:00 召开"
    body = db.session.scalars(sa.select(InboxItem.body)).first()
    assert "时间地点：2026年3月6日 周五 14:00，居委会二楼" in body


def test_missing_minutes_are_asked_for_after_three_and_seven_working_days(scene):
    scene.stage.planned_end = date(2026, 6, 30)
    held = meeting(scene, at_local(date(2026, 3, 6), time(14)))
    for day in range(7, 31):
        services.plan(morning(date(2026, 3, day)))
    assert codes(scene.boss) == ["A3", "A7"]
    assert received(scene.boss)[0] == "【停车与门禁】会议「停车议事堂」还没有纪要"
    held.state, held.held_at, held.minutes = MeetingState.HELD, held.planned_at, "纪要"
    db.session.flush()
    before = len(codes())
    services.plan(morning(date(2026, 3, 31)))
    assert len(codes()) == before


def opinion(scene: Scene, due: date, status: OpinionStatus = OpinionStatus.NEW) -> Opinion:
    made = Opinion(
        committee_id=scene.project.committee_id,
        project_id=scene.project.id,
        stage_id=scene.stage.id,
        round=1,
        channel=Channel.DOOR,
        topic="停车",
        stance=Stance.SUPPORT,
        text="希望多划车位",
        heard_on=date(2026, 3, 2),
        reply_due=due,
        recorded_at=NOW,
        status=status,
    )
    db.session.add(made)
    db.session.flush()
    return made


def test_replies_that_are_owed_are_one_reminder_to_the_project_lead(scene):
    scene.stage.planned_end = date(2026, 6, 30)
    for _ in range(5):
        opinion(scene, date(2026, 3, 16))
    opinion(scene, date(2026, 3, 17), OpinionStatus.ACKNOWLEDGED)
    services.plan(morning(date(2026, 3, 11)))
    assert received(scene.boss) == ["【停车与门禁】6 条意见等待答复，还剩 3 个工作日"]
    assert received(scene.lead) == []


# Letters


@pytest.fixture
def with_mail(app: Flask) -> None:
    app.config["MAIL_HOST"] = "127.0.0.1"


@pytest.mark.usefixtures("with_mail")
def test_a_letter_goes_along_with_number_and_whole_address(scene):
    services.plan(morning(date(2026, 3, 4)))
    letter = db.session.scalars(sa.select(Delivery)).one()  # only the lead has an address
    item = db.session.scalars(
        sa.select(InboxItem).where(InboxItem.recipient_id == scene.lead.id)
    ).one()
    assert letter.address == "wang@example.org"
    assert f"提醒号 R-{item.id}" in letter.body
    assert f"打开：http://127.0.0.1:8000/projects/stages/{scene.stage.id}" in letter.body
    assert services.plan(morning(date(2026, 3, 4))) == 0


def test_without_a_mail_server_there_are_no_letters(scene):
    services.plan(morning(date(2026, 3, 4)))
    assert db.session.scalars(sa.select(Delivery)).all() == []
    assert len(received(scene.lead)) == 1


@pytest.mark.usefixtures("with_mail")
def test_an_address_given_later_brings_no_old_letters(scene):
    services.plan(morning(date(2026, 3, 4)))
    scene.boss.email = "zhao@example.org"
    db.session.flush()
    assert services.plan(morning(date(2026, 3, 5))) == 0
    assert len(db.session.scalars(sa.select(Delivery)).all()) == 1


@pytest.mark.usefixtures("with_mail")
def test_in_quiet_hours_the_letter_waits_and_the_inbox_does_not(scene):
    services.plan(at_local(date(2026, 3, 4), time(22)))
    letter = db.session.scalars(sa.select(Delivery)).one()
    assert letter.next_try_at == at_local(date(2026, 3, 5), time(8))
    assert len(received(scene.lead)) == 1


@pytest.mark.usefixtures("with_mail")
def test_a_letter_is_not_wanted_once_the_matter_is_done_or_moved(scene):
    at = morning(date(2026, 3, 4))
    services.plan(at)
    key = db.session.scalars(sa.select(Delivery.key)).one()
    assert services.is_wanted(key, at)
    assert services.is_wanted("reset:1:abc", at)
    scene.stage.deadline_revision = 2
    db.session.flush()
    assert not services.is_wanted(key, at)
    scene.stage.deadline_revision = 1
    scene.lead.disabled_at = NOW
    db.session.flush()
    assert not services.is_wanted(key, at)


@pytest.mark.usefixtures("with_mail")
def test_a_dead_letter_is_told_in_the_inbox(scene):
    services.plan(morning(date(2026, 3, 4)))
    letter = db.session.scalars(sa.select(Delivery)).one()
    letter.state, letter.last_error = DeliveryState.DEAD, "550 User unknown"
    services.tell_of_dead_letter(letter, NOW)
    services.tell_of_dead_letter(letter, NOW)
    assert received(scene.lead)[1:] == [f"邮件没有送达：{letter.subject}"]


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
