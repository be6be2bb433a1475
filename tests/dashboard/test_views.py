"""My desk and the overview."""

from __future__ import annotations

import re
from datetime import date

import pytest
import sqlalchemy as sa
import time_machine

from tests.conftest import visible
from tests.factories import opinions, people, places, projects
from tracker.accounts.models import User
from tracker.accounts.rules import Role
from tracker.anthology.rules import StageKind
from tracker.kernel.database import db
from tracker.places.models import Compound
from tracker.projects.models import Project
from tracker.projects.rules import ProjectState, StageState


@pytest.fixture(autouse=True)
def on_a_wednesday():
    with time_machine.travel("2026-03-11T02:00:00+00:00", tick=False):
        yield


@pytest.fixture
def office(app, browse):
    """A worker with tasks due before, on and after Wednesday 11 March 2026."""
    with app.app_context():
        director = people.user(Role.DIRECTOR)
        worker = people.user(of=director.committee)
        home = places.compound(director.committee)
        made = projects.project(director, home, at=StageKind.COLLECT)
        stage = made.stages[0]
        for title, due, who in (
            ("昨天的事", date(2026, 3, 10), worker.id),
            ("今天的事", date(2026, 3, 11), worker.id),
            ("一周后的事", date(2026, 3, 18), worker.id),
            ("八天后的事", date(2026, 3, 19), worker.id),
            ("主任的事", date(2026, 3, 11), director.id),
            ("没有期限的事", None, worker.id),
        ):
            projects.task(stage, title, due_on=due, assignee_id=who)
        projects.task(stage, "已做完的事", due_on=date(2026, 3, 11), assignee_id=worker.id,
                      done_at=people.NOW, done_by=worker.id)  # fmt: skip
        officer = people.user(Role.OFFICER, of=director.committee)
        db.session.commit()
        return browse(worker), browse(director), browse(officer), made.id


def _card(page: str, title: str) -> str:
    found = re.search(rf"<h2>{title}</h2>([\s\S]*?)</section>", page)
    return visible(found.group(1)) if found else ""


def test_my_work_is_sorted_into_overdue_today_and_this_week(office):
    page = office[0].get("/desk")
    assert "昨天的事" in _card(page, "已经超期")
    assert "今天的事" in _card(page, "今天到期")
    assert "一周后的事" in _card(page, "七天之内")
    for absent in ("八天后的事", "主任的事", "没有期限的事", "已做完的事"):
        assert absent not in visible(page)
    assert "今天要办 2 件事" in page


def test_the_whole_committee_is_one_press_away(office):
    page = visible(office[0].get("/desk?scope=all"))
    assert "主任的事" in page
    assert "完成阶段「征集意见」" in page


def test_a_stage_is_on_the_desk_of_its_lead(office):
    assert "完成阶段「征集意见」" in _card(office[1].get("/desk"), "七天之内")
    assert "完成阶段「征集意见」" not in visible(office[0].get("/desk"))


def test_a_paused_project_disturbs_nobody(app, office):
    office[1].post(f"/projects/{office[3]}/pause", reason="等管线图纸")
    assert "昨天的事" not in visible(office[0].get("/desk"))


def test_only_officers_see_the_overview(office):
    worker, director, officer, _project = office
    worker.get("/overview", expect=403)
    director.get("/overview", expect=403)
    assert "街道总览" in officer.get("/overview")


def _project_in(state, end, *, committee, stage_state=StageState.ACTIVE):
    director = people.user(Role.DIRECTOR, of=committee)
    number = db.session.scalar(sa.select(sa.func.count()).select_from(Compound))
    home = places.compound(committee, name=f"小区{number}")
    made = projects.project(director, home, at=StageKind.COLLECT)
    made.state = state
    stage = made.stages[0]
    stage.planned_end, stage.state = end, stage_state
    db.session.flush()


def test_every_number_of_the_overview_opens_a_list_of_that_length(app, browse):
    running, paused = ProjectState.ACTIVE, ProjectState.PAUSED
    with app.app_context():
        one, two = people.committee("仁德居委会"), people.committee("国年居委会")
        officer = people.user(Role.OFFICER, of=one)
        _project_in(running, date(2026, 3, 10), committee=one)  # red
        _project_in(running, date(2026, 3, 11), committee=one)  # amber
        _project_in(running, date(2026, 3, 16), committee=one)  # amber, three working days
        _project_in(running, date(2026, 3, 17), committee=one)  # green
        _project_in(running, date(2026, 3, 10), committee=two, stage_state=StageState.BLOCKED)
        _project_in(paused, date(2026, 3, 5), committee=two)
        db.session.commit()
        browser = browse(officer)
    page = browser.get("/overview")
    links = re.findall(r'href="(/projects/\?[^"]+)">(\d+)</a>', page)
    assert {int(n) for _url, n in links} == {1, 2, 4}
    for url, number in links:
        shown = browser.get(url.replace("&amp;", "&"))
        assert f"共 {number} 条" in visible(shown), url


def test_the_overview_of_another_subdistrict_is_empty(app, browse, office):
    with app.app_context():
        elsewhere = people.committee("某居委会", subdistrict="别的街道")
        browser = browse(people.user(Role.OFFICER, of=elsewhere))
        db.session.commit()
    assert "仁德居委会" not in browser.get("/overview")


def test_a_desk_shows_the_fifty_most_urgent_things_and_says_that_there_are_more(app, office):
    with app.app_context():
        stage = db.session.get_one(Project, office[3]).stages[0]
        worker = db.session.scalars(sa.select(User).where(User.role == Role.WORKER)).one()
        for number in range(50):
            projects.task(stage, f"补{number}", due_on=date(2026, 3, 9), assignee_id=worker.id)
        db.session.commit()
    page = office[0].get("/desk")
    assert "今天要办 50 件以上" in page
    assert "其余在项目列表里" in page
    assert "昨天的事" not in visible(page)
    assert visible(page).count("去完成") == 50


def test_only_those_who_may_answer_are_waited_for(app, office):
    _worker, director, officer, project_id = office
    with app.app_context():
        project = db.session.get_one(Project, project_id)
        opinions.opinion(project, project.lead)
        db.session.commit()
    assert "答复 1 条意见" in _card(director.get("/desk"), "等我答复")
    assert "等我答复" not in visible(officer.get("/desk"))
