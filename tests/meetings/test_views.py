"""The pages about meetings, options and motions."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.conftest import visible
from tests.factories import meetings as talks
from tests.factories import people, places, projects
from tests.factories.people import NOW
from tracker.accounts.rules import Permission, Role, may
from tracker.anthology.rules import StageKind
from tracker.kernel.database import db
from tracker.meetings.models import Meeting, Motion, Option
from tracker.meetings.rules import MeetingState, OptionState
from tracker.projects.models import Task
from tracker.projects.rules import ProjectState

PLAN = {
    "kind": "council",
    "title": "停车管理议事会",
    "planned_on": "2026-03-05",
    "planned_time": "14:30",
    "place": "居委会二楼",
    "agenda": "车位怎么分",
}
HOLD = {
    "held_on": "2026-03-02",
    "held_time": "09:00",
    "present_residents": "9",
    "minutes": "各方说了意见。",
    "version": "1",
}


class Scene:
    """A committee with a project under deliberation and a browser of one of its people."""

    def __init__(self, app, browse, role=Role.WORKER):
        with app.app_context():
            committee = people.committee()
            self.worker = people.user(role, of=committee)
            home = places.compound(committee, buildings=1, rooms=0)
            lead = people.user(of=committee)
            project = projects.project(lead, home, at=StageKind.DELIBERATE)
            self.meeting = talks.meeting(project).id
            self.option = talks.option(project).id
            self.motion = talks.motion(project).id
            self.project = project.id
            db.session.commit()
            self.browser = browse(self.worker)


@pytest.fixture
def scene(app, browse):
    return Scene(app, browse)


def version_of(page):
    return re.search(r'name="version"[^>]*value="(\d+)"', page).group(1)


def test_planning_a_meeting_stores_shanghai_time_as_an_instant(app, scene):
    page = scene.browser.post(f"/projects/{scene.project}/meetings/new", **PLAN)
    assert "3月5日" in page
    assert "14:30" in page
    with app.app_context():
        meeting = db.session.scalars(sa.select(Meeting).order_by(Meeting.id.desc())).first()
        assert meeting.planned_at.isoformat() == "2026-03-05T06:30:00+00:00"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("title", " ", "请填写这一项"),
        ("title", "会" * 121, "最多 120 个字"),
        ("planned_on", "", "请填写这一项"),
        ("planned_on", "0001-01-01", "请核对年份"),
        ("planned_on", "二月三十", "有效"),
        ("planned_time", "25:00", "有效"),
        ("kind", "party", "有效"),
        ("place", "", "请填写这一项"),
    ],
)
def test_a_wrong_plan_says_so_at_the_field_and_keeps_the_rest(scene, field, value, words):
    page = scene.browser.post(f"/projects/{scene.project}/meetings/new", **{**PLAN, field: value})
    assert words in page
    assert "车位怎么分" in page
    assert 'class="error-summary"' in page


READ = ("/projects/{project}/meetings", "/meetings/{meeting}", "/projects/{project}/options")
READ_OPTION = "/options/{option}"
WRITE = (
    "/projects/{project}/meetings/new",
    "/meetings/{meeting}/edit",
    "/meetings/{meeting}/cancel",
    "/meetings/{meeting}/hold",
    "/projects/{project}/options/new",
    "/options/{option}/revise",
    "/options/{option}/choose",
    "/projects/{project}/motions/new",
    "/motions/{motion}/edit",
)


@pytest.mark.parametrize("role", list(Role))
def test_everybody_reads_and_organisers_write(app, browse, role):
    scene = Scene(app, browse, role)
    writes = may(role, Permission.HOLD_MEETING)
    for path in (*READ, READ_OPTION):
        page = scene.browser.get(path.format(**vars(scene)))
        assert ("安排会议" in page) <= writes
    for path in WRITE:
        scene.browser.get(path.format(**vars(scene)), expect=200 if writes else 403)


def test_foreign_and_unknown_pages_are_not_found(app, browse, scene):
    with app.app_context():
        stranger = people.user(of=people.committee("国年居委会"))
        db.session.commit()
        other = browse(stranger)
    unknown = {"project": 9999, "meeting": 9999, "option": 9999, "motion": 9999}
    for path in (*READ, READ_OPTION, *WRITE):
        other.get(path.format(**vars(scene)), expect=404)
        scene.browser.get(path.format(**unknown), expect=404)
    scene.browser.get(f"/meetings/{scene.meeting}/minutes", expect=404)
    scene.browser.get(f"/meetings/{scene.meeting}/correct", expect=404)


def test_holding_a_meeting_shows_minutes_resolutions_and_tasks(app, scene):
    address = f"/meetings/{scene.meeting}/hold"
    version = version_of(scene.browser.get(address))
    page = scene.browser.post(
        address,
        **{
            **HOLD,
            "version": version,
            "resolutions-0-text": "先划线",
            "resolutions-0-outcome": "majority",
            "resolutions-1-text": "",
            "resolutions-1-outcome": "agreed",
            "actions-0-title": "请人划线",
            "actions-0-assignee": str(scene.worker.id),
            "actions-0-due_on": "2026-03-20",
        },
    )
    words = visible(page)
    for said in ("各方说了意见", "先划线", "多数同意", "请人划线", "共 9 人", "1 条"):
        assert said in words
    assert "请人划线" in scene.browser.get(f"/meetings/{scene.meeting}/minutes")
    with app.app_context():
        assert db.session.scalars(sa.select(Task.title)).all() == ["请人划线"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"present_residents": ""}, "至少有一种身份的人到会"),
        ({"present_residents": "-1"}, "0 到 2000"),
        ({"present_residents": "2001"}, "0 到 2000"),
        ({"present_residents": "很多"}, "有效"),
        ({"held_on": "2099-01-01"}, "会议日期还没有到"),
        ({"minutes": ""}, "请填写这一项"),
        ({"actions-0-title": "", "actions-0-due_on": "2026-03-20"}, "请写明要做什么"),
        ({"actions-0-title": "划线", "actions-0-due_on": "下周"}, "有效"),
        ({"actions-0-title": "划线", "actions-0-due_on": "2026-03-01"}, "期限早于会议当天"),
        ({"actions-0-title": "划线", "actions-0-assignee": "9999"}, "有效"),
        ({"resolutions-0-outcome": "shouted"}, "有效"),
    ],
)
def test_wrong_minutes_write_nothing_and_keep_what_was_typed(app, scene, change, words):
    data = {**HOLD, "resolutions-0-text": "先划线", "resolutions-0-outcome": "agreed", **change}
    page = scene.browser.post(f"/meetings/{scene.meeting}/hold", **data)
    assert words in page
    assert 'value="先划线"' in page
    with app.app_context():
        assert db.session.get(Meeting, scene.meeting).state is MeetingState.PLANNED
        assert db.session.scalars(sa.select(Task)).all() == []


def test_more_rows_keep_the_input_and_save_nothing(app, scene):
    address = f"/meetings/{scene.meeting}/hold"
    rows = {f"resolutions-{n}-text": f"第 {n} 条" for n in range(5)}
    rows |= {f"resolutions-{n}-outcome": "agreed" for n in range(5)}
    page = scene.browser.post(address, **{**HOLD, **rows, "minutes": "", "more": "resolutions"})
    assert page.count('-text"') // 2 >= 8
    assert 'name="resolutions-7-text"' in page
    assert 'name="resolutions-8-text"' not in page
    assert 'value="第 4 条"' in page
    assert "请填写这一项" not in page
    page = scene.browser.post(address, **{**HOLD, "more": "actions"})
    assert 'name="actions-7-assignee"' in page
    with app.app_context():
        assert db.session.get(Meeting, scene.meeting).state is MeetingState.PLANNED


def test_a_stale_form_is_a_polite_conflict(scene):
    page = scene.browser.post(f"/meetings/{scene.meeting}/edit", expect=409, **PLAN, version="77")
    assert "别人已经改动" in page


def test_editing_moves_a_planned_meeting_and_cancelling_needs_a_reason(scene):
    address = f"/meetings/{scene.meeting}/edit"
    page = scene.browser.get(address)
    assert 'value="09:00"' in page
    page = scene.browser.post(address, **PLAN, version=version_of(page))
    assert "14:30" in page
    address = f"/meetings/{scene.meeting}/cancel"
    version = version_of(scene.browser.get(address))
    assert "请填写这一项" in scene.browser.post(address, reason=" ", version=version)
    assert "下雨" in scene.browser.post(address, reason="下雨", version=version)
    listed = scene.browser.get(f"/projects/{scene.project}/meetings?state=cancelled")
    assert "下雨" in listed


def test_corrected_minutes_show_the_earlier_ones_too(app, scene):
    with app.app_context():
        project = db.session.get(Meeting, scene.meeting).project
        number = talks.held(project).id
        db.session.commit()
    address = f"/meetings/{number}/correct"
    page = scene.browser.get(address)
    assert 'value="10"' in page
    page = scene.browser.post(
        address, **{**HOLD, "version": version_of(page), "reason": "人数记错了"}
    )
    for said in ("各方说了意见。", "各方说了意见，同意先试行。", "人数记错了", "共 9 人"):
        assert said in visible(page)


def test_choosing_needs_a_reason_for_each_option_that_is_dropped(app, scene):
    with app.app_context():
        other = talks.option(db.session.get(Option, scene.option).project, "小花园").id
        db.session.commit()
    address = f"/options/{scene.option}/choose"
    page = scene.browser.post(address, **{"reason": "多数要车位", f"dropped_{other}": " "})
    assert "请填写这一项" in page
    assert "多数要车位" in page
    page = scene.browser.post(
        address, **{"reason": "多数要车位", f"dropped_{other}": "养护费没有着落"}
    )
    assert "养护费没有着落" in page
    assert "选定它" not in page
    with app.app_context():
        states = db.session.scalars(sa.select(Option.state).order_by(Option.id)).all()
        assert states == [OptionState.CHOSEN, OptionState.DROPPED]


def test_a_revised_option_shows_all_its_versions(scene):
    address = f"/options/{scene.option}/revise"
    version = version_of(scene.browser.get(address))
    page = scene.browser.post(
        address, summary="12 个车位", pros="", cons="", change_note="少占绿地", version=version
    )
    for said in ("第 1 版", "第 2 版", "少占绿地", "划线停车的做法"):
        assert said in page


def test_two_questions_in_a_motion_ask_to_look_again(app, scene):
    address = f"/projects/{scene.project}/motions/new"
    wording = {"title": "停车", "text": "是否同意停车规定？是否同意收费？", "option": ""}
    assert "已核对" not in scene.browser.get(address)
    page = scene.browser.post(address, **wording)
    assert "像是同时问了两件事" in page
    assert "已核对" in page
    assert "表决事项已拟定" in scene.browser.post(address, **wording, one_question="y")
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Motion)) == 2


def test_a_motion_is_edited_withdrawn_and_stays_to_be_read(scene):
    address = f"/motions/{scene.motion}/edit"
    version = version_of(scene.browser.get(address))
    page = scene.browser.post(
        address, title="停车新规", text="是否同意？", option="", version=version
    )
    assert "停车新规" in page
    page = scene.browser.post(f"/motions/{scene.motion}/withdraw")
    assert "已撤回" in page
    assert "停车新规" in page
    scene.browser.post(f"/motions/{scene.motion}/withdraw", expect=409)


def test_a_second_press_plans_one_meeting(app, scene):
    for _press in range(2):
        scene.browser.post(f"/projects/{scene.project}/meetings/new", **PLAN, submission="one-form")
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Meeting)) == 2


def test_a_project_that_does_not_run_offers_no_buttons(app, scene):
    with app.app_context():
        db.session.get(Meeting, scene.meeting).project.state = ProjectState.PAUSED
        db.session.commit()
    assert "安排会议" not in visible(scene.browser.get(f"/projects/{scene.project}/meetings"))
    assert "添加方案" not in scene.browser.get(f"/projects/{scene.project}/options")
    page = scene.browser.post(f"/projects/{scene.project}/meetings/new", **PLAN)
    assert "已暂停" in page


def test_the_list_of_meetings_asks_as_often_for_many_as_for_few(app, scene):
    def queries():
        seen = []
        with app.app_context():
            engine = db.engine
        sa.event.listen(engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
        scene.browser.get(f"/projects/{scene.project}/meetings?state=held")
        return len(seen)

    with app.app_context():
        project = db.session.get(Meeting, scene.meeting).project
        talks.held(project)
        db.session.commit()
    few = queries()
    with app.app_context():
        project = db.session.get(Meeting, scene.meeting).project
        for day in range(60):
            talks.held(project, NOW - timedelta(days=day))
        db.session.commit()
    assert queries() == few
    assert "下一页" in scene.browser.get(f"/projects/{scene.project}/meetings?state=held")
