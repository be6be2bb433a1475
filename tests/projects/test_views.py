"""From the library to a logged project in three screens; lists, edits and tasks."""

from __future__ import annotations

import re
from datetime import date

import pytest
import sqlalchemy as sa
import time_machine

from tests.conftest import visible
from tests.factories import people, places, projects
from tests.factories.people import NOW
from tracker.accounts.models import User
from tracker.accounts.rules import Role
from tracker.anthology.rules import StageKind
from tracker.anthology.services import CASES, load_folder
from tracker.kernel.database import db
from tracker.places.models import Compound
from tracker.projects.models import Project, ProjectDraft, Stage, Task
from tracker.projects.rules import StageState
from tracker.workdays import services as workdays

MORNING = "2026-09-21T01:00:00+00:00"


WHAT = {
    "title": "27号楼旁空地改花园",
    "problem": "堆着建筑垃圾。",
    "problem_kind": "vacant_land",
    "place": "27号楼旁",
    "start": "2026-09-21",
}


def _stages_of(page: str) -> dict[str, str]:
    fields = dict(re.findall(r'name="(days_\w+)" value="(\d+)"', page))
    return {**fields, **{k.replace("days_", "use_"): "y" for k in fields}}


def _log(browser, home_id, **people_answers):
    page = browser.post("/projects/new/guonian", **WHAT, compound=home_id)
    assert "阶段和日期" in page
    number = re.search(r"/projects/drafts/(\d+)", page).group(1)
    people_page = browser.post(f"/projects/drafts/{number}/stages", **_stages_of(page))
    assert "谁负责" in people_page
    return number, browser.post(f"/projects/drafts/{number}/people", **people_answers)


@pytest.fixture
def clients(app, browse):
    """Browsers of a director and a worker, with ids of compound, director and worker."""
    with app.app_context():
        load_folder(CASES, NOW)
        workdays.load_packaged(NOW)
        director = people.user(Role.DIRECTOR)
        worker = people.user(of=director.committee)
        home = places.compound(director.committee)
        db.session.commit()
        return browse(director), browse(worker), home.id, director.id, worker.id


def _sign_in(app, browse, user_id):
    """A browser signed in at the present of the test: cookies of other times are void."""
    with app.app_context():
        return browse(db.session.get(User, user_id))


def test_three_screens_make_a_project_with_stages_tasks_and_dates(app, browse, clients):
    _boss, _browser, home_id, director_id, worker_id = clients
    with time_machine.travel(MORNING, tick=False):
        browser = _sign_in(app, browse, worker_id)
        _number, page = _log(browser, home_id, project=director_id, lead_collect=worker_id)
        assert "项目已登记" in page
    with app.app_context():
        project = db.session.scalars(sa.select(Project)).one()
        assert project.lead_id == director_id
        assert [s.kind for s in project.stages][:2] == [StageKind.COLLECT, StageKind.DELIBERATE]
        assert project.stages[0].lead_id == worker_id
        assert project.stages[1].lead_id == director_id
        assert project.stages[0].planned_start == date(2026, 9, 21)
        assert all(s.state is StageState.TODO for s in project.stages)
        tasks = db.session.scalars(sa.select(Task)).all()
        assert len(tasks) == sum(len(s.checklist) for s in project.case.case.stages)


def test_dates_skip_the_national_day_and_count_the_makeup_saturday(app, browse, clients):
    _boss, _browser, home_id, _director_id, worker_id = clients
    with time_machine.travel(MORNING, tick=False):
        browser = _sign_in(app, browse, worker_id)
        page = browser.post("/projects/new/guonian", **WHAT, compound=home_id)
        number = re.search(r"/projects/drafts/(\d+)", page).group(1)
        fields = _stages_of(page)
        fields["days_collect"] = "12"
        shown = browser.post(f"/projects/drafts/{number}/stages", **fields, recompute="1")
    # 21–24 and 28–30 September, 8 and 9, Saturday 10, 12 and 13 October 2026:
    # the mid-autumn holiday 25–27 September and 1–7 October rest.
    assert "9月21日 周一 – 10月13日 周二" in visible(shown)


def test_a_stage_left_out_is_not_in_the_project(app, clients):
    _boss, browser, home_id, director_id, _worker = clients
    page = browser.post("/projects/new/guonian", **WHAT, compound=home_id)
    number = re.search(r"/projects/drafts/(\d+)", page).group(1)
    fields = _stages_of(page)
    del fields["use_approve"]
    browser.post(f"/projects/drafts/{number}/stages", **fields)
    browser.post(f"/projects/drafts/{number}/people", project=director_id)
    with app.app_context():
        keys = db.session.scalars(sa.select(Stage.key)).all()
        assert keys
        assert "approve" not in keys


def test_bad_input_is_told_at_the_field_and_kept(app, clients):
    _boss, browser, home_id, *_rest = clients
    page = browser.post("/projects/new/guonian", **{**WHAT, "title": "  "}, compound=home_id)
    assert "请填写这一项" in page
    assert "堆着建筑垃圾。" in page
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(ProjectDraft)) == 0


@pytest.mark.parametrize("days", ["0", "-3", "1001", "abc", ""])
def test_impossible_durations_are_refused(app, clients, days):
    _boss, browser, home_id, *_rest = clients
    page = browser.post("/projects/new/guonian", **WHAT, compound=home_id)
    number = re.search(r"/projects/drafts/(\d+)", page).group(1)
    fields = {**_stages_of(page), "days_collect": days}
    assert "还有几处要改" in browser.post(f"/projects/drafts/{number}/stages", **fields)


def test_a_draft_belongs_to_its_author(app, clients):
    boss, browser, home_id, *_rest = clients
    page = browser.post("/projects/new/guonian", **WHAT, compound=home_id)
    number = re.search(r"/projects/drafts/(\d+)", page).group(1)
    boss.get(f"/projects/drafts/{number}/stages", expect=404)
    assert "还没登记完的草稿" in browser.get("/projects/")


def test_sending_the_last_screen_twice_makes_one_project(app, clients):
    _boss, browser, home_id, director_id, _worker = clients
    number, _page = _log(browser, home_id, project=director_id, submission="once")
    address = f"/projects/drafts/{number}/people"
    again = browser.post(address, project=director_id, submission="once")
    assert "项目已登记" in again
    refused = browser.post(address, project=director_id)
    assert "已经登记好了" in refused
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Project)) == 1


def test_a_foreign_compound_cannot_be_chosen(app, clients):
    _boss, browser, *_rest = clients
    with app.app_context():
        foreign = places.compound(people.committee("国年居委会"))
        db.session.commit()
        number = foreign.id
    page = browser.post("/projects/new/guonian", **WHAT, compound=number)
    assert "还有几处要改" in page


@pytest.fixture
def running(app, clients):
    with app.app_context():
        director = db.session.get(User, clients[3])
        home = db.session.get(Compound, clients[2])
        made = projects.project(director, home, at=StageKind.COLLECT)
        projects.task(made.stages[0])
        db.session.commit()
        return made.id, made.stages[0].id


def test_a_stale_edit_is_a_polite_conflict(app, clients, running):
    boss, *_rest = clients
    project_id, _stage = running
    fields = {"title": "新名字", "problem": "x", "problem_kind": "parking", "lead_id": clients[3]}
    boss.post(f"/projects/{project_id}/edit", version=1, **fields)
    page = boss.post(f"/projects/{project_id}/edit", expect=409, version=1, **fields)
    assert "别人" in page


def test_ticking_a_task_is_in_the_history(app, clients, running):
    boss, *_rest = clients
    with app.app_context():
        number = db.session.scalars(sa.select(Task.id)).one()
    page = boss.post(f"/projects/tasks/{number}/tick", done="yes")
    assert "1 / 1" in visible(page)
    assert "完成了事项「张贴告知书」" in boss.get(f"/projects/{running[0]}/history")


@pytest.mark.parametrize("role", [Role.BUILDING_LEADER, Role.PARTNER])
def test_people_who_only_do_tasks_tick_their_own_and_no_others(app, browse, clients, running, role):
    with app.app_context():
        director = db.session.get(User, clients[3])
        helper = people.user(role, of=director.committee)
        stage = db.session.get(Stage, running[1])
        own = projects.task(stage, "走访 3 号楼", assignee_id=helper.id)
        other = projects.task(stage, "走访 4 号楼")
        db.session.commit()
        own_id, other_id, browser = own.id, other.id, browse(helper)
    browser.post(f"/projects/tasks/{own_id}/tick", done="yes")
    browser.post(f"/projects/tasks/{other_id}/tick", expect=404, done="yes")
    with app.app_context():
        assert db.session.get(Task, own_id).done_at is not None
        assert db.session.get(Task, other_id).done_at is None


@pytest.mark.parametrize(
    ("query", "found"),
    [("", True), ("q=停车", True), ("q=电梯", False), ("q=%25", False), ("stage=collect", True),
     ("stage=vote", False), ("kind=lift", False), ("state=closed", False), ("state=all", True),
     ("light=nonsense", True)],
)  # fmt: skip
def test_the_list_is_narrowed_by_its_address(clients, running, query, found):
    boss, *_rest = clients
    page = boss.get(f"/projects/?{query}")
    assert ("停车与门禁" in page) is found


def test_the_lights_of_the_list_follow_the_calendar(app, browse, clients, running):
    # The open stage ends on Friday 13 March 2026.
    for day, light in (("2026-03-09", "green"), ("2026-03-10", "amber"), ("2026-03-14", "red")):
        with time_machine.travel(f"{day}T02:00:00+00:00", tick=False):
            boss = _sign_in(app, browse, clients[3])
            for asked in ("green", "amber", "red"):
                shown = "停车与门禁" in boss.get(f"/projects/?light={asked}")
                assert shown is (asked == light), (day, asked)
