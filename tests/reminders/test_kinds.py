"""What else has deadlines, beside stages."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
import sqlalchemy as sa

from tests.factories import people, projects, votes
from tests.factories.people import NOW
from tests.factories.reminders import Scene, codes, morning, received
from tracker.anthology.rules import StageKind
from tracker.kernel.clock import at_local
from tracker.kernel.database import db
from tracker.meetings.models import Meeting
from tracker.meetings.rules import MeetingKind, MeetingState
from tracker.notifications.models import InboxItem
from tracker.opinions.models import Opinion
from tracker.opinions.rules import Channel, OpinionStatus, Stance
from tracker.projects.queries import stage_for
from tracker.reminders import services
from tracker.workdays import services as workdays

pytestmark = pytest.mark.usefixtures("arrange")


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


def about_the_vote(of: votes.Scene) -> list[InboxItem]:
    query = sa.select(InboxItem).where(
        InboxItem.recipient_id == of.worker.id, InboxItem.subject.contains("表决「")
    )
    return list(db.session.scalars(query.order_by(InboxItem.id)))


def test_an_open_vote_reminds_of_its_close_and_leads_to_its_page():
    workdays.load_packaged(NOW)
    of = votes.scene()
    vote = votes.running(of)
    stage_for(of.project, StageKind.VOTE).lead_id = of.worker.id
    services.plan(morning(date(2026, 3, 4)))
    [item] = about_the_vote(of)
    assert item.subject == "【停车与门禁】表决「停车与门禁表决」截止：还剩 1 个工作日"
    assert "期限：2026年3月5日 周四，还剩 1" in item.body
    assert item.link == f"/votes/{vote.id}"


def test_an_extended_vote_reminds_of_the_later_close():
    workdays.load_packaged(NOW)
    of = votes.scene()
    vote = votes.running(of)
    stage_for(of.project, StageKind.VOTE).lead_id = of.worker.id
    vote.extended_to = votes.CLOSES + timedelta(days=7)
    services.plan(morning(date(2026, 3, 4)))
    [item] = about_the_vote(of)
    assert item.subject == "【停车与门禁】表决「停车与门禁表决」截止：还剩 6 个工作日"
    assert "期限：2026年3月12日 周四，还剩 6" in item.body


def test_a_vote_that_is_not_open_reminds_nobody():
    workdays.load_packaged(NOW)
    of = votes.scene()
    votes.frozen(of)
    stage_for(of.project, StageKind.VOTE).lead_id = of.worker.id
    services.plan(morning(date(2026, 3, 4)))
    assert not [text for text in received(of.worker) if "表决「" in text]
