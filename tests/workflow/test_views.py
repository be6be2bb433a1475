"""The project page, the stage page, and the buttons between them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
import time_machine

from tests.conftest import visible
from tests.factories import people, places, projects
from tracker.accounts.models import User
from tracker.accounts.rules import Role
from tracker.anthology.rules import StageKind
from tracker.audit.models import AuditEntry
from tracker.kernel.database import db
from tracker.projects.models import Override, Project, Stage
from tracker.projects.rules import ProjectState, StageState

GATES = {StageKind.COLLECT: [{"kind": "min_opinions", "amount": 20}]}


@pytest.fixture(autouse=True)
def in_march():
    with time_machine.travel("2026-03-04T02:00:00+00:00", tick=False):
        yield


class Office:
    """Ids and browsers of one committee with a project in its first stage."""

    def __init__(self, app, browse, at=StageKind.COLLECT):
        with app.app_context():
            director = people.user(Role.DIRECTOR)
            self.people = {Role.DIRECTOR: director}
            for role in Role:
                if role is not Role.DIRECTOR:
                    self.people[role] = people.user(role, of=director.committee)
            home = places.compound(director.committee)
            made = projects.project(director, home, at=at, gates=GATES)
            stranger = people.user(Role.DIRECTOR, of=people.committee("国年居委会"))
            db.session.commit()
            self.project = made.id
            self.stages = {s.kind: s.id for s in made.stages}
            self.browsers = {role: browse(user) for role, user in self.people.items()}
            self.stranger = browse(stranger)

    def __getitem__(self, role):
        return self.browsers[role]


@pytest.fixture
def office(app, browse):
    return Office(app, browse)


def test_the_project_page_says_what_comes_next(office):
    page = visible(office[Role.WORKER].get(f"/projects/{office.project}"))
    assert "下一步： 意见还差 20 条" in page.replace("下一步：意见", "下一步： 意见")
    assert "还剩 7 个工作日" in page


def test_completing_too_early_shows_everything_missing_with_links(office):
    stage = office.stages[StageKind.COLLECT]
    page = office[Role.WORKER].post(f"/projects/stages/{stage}/complete", expect=409)
    assert "意见还差 20 条（已有 0 条，要求 20 条）" in page
    assert f"/projects/{office.project}/opinions" in page


def test_the_override_stays_on_the_project_for_everybody(app, office):
    stage = office.stages[StageKind.COLLECT]
    office[Role.OFFICER].post(f"/projects/stages/{stage}/override", reason="汛期前必须开工")
    page = visible(office[Role.BUILDING_LEADER].get(f"/projects/{office.project}"))
    assert "街道放行「征集意见」" in page
    assert "汛期前必须开工" in page
    assert "意见还差 20 条" in page
    with app.app_context():
        assert db.session.scalars(sa.select(Override)).one()


@pytest.mark.parametrize("reason", ["", "   ", "急"])
def test_a_reason_is_needed_and_kept_in_the_form(app, office, reason):
    stage = office.stages[StageKind.COLLECT]
    page = office[Role.OFFICER].post(f"/projects/stages/{stage}/override", reason=reason)
    assert "还有几处要改" in page
    with app.app_context():
        assert db.session.get(Stage, stage).state is StageState.ACTIVE


STAGE_STEPS = {
    "start": {Role.DIRECTOR, Role.WORKER},
    "complete": {Role.DIRECTOR, Role.WORKER},
    "unblock": {Role.DIRECTOR, Role.WORKER},
    "block": {Role.DIRECTOR, Role.WORKER},
    "move": {Role.DIRECTOR, Role.WORKER},
    "skip": {Role.DIRECTOR},
    "go-back": {Role.DIRECTOR},
    "override": {Role.OFFICER},
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("step", STAGE_STEPS)
def test_steps_of_a_stage_by_role(office, step, role):
    url = f"/projects/stages/{office.stages[StageKind.COLLECT]}/{step}"
    answer = office[role].client.post(url)
    assert (answer.status_code != 403) is (role in STAGE_STEPS[step])


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("step", ["pause", "resume", "cancel", "close"])
def test_only_the_director_decides_over_the_whole_project(office, step, role):
    answer = office[role].client.post(f"/projects/{office.project}/{step}")
    assert (answer.status_code != 403) is (role is Role.DIRECTOR)


@pytest.mark.parametrize("page", ["", "/history", "/edit"])
def test_a_foreign_project_is_not_found(office, page):
    office.stranger.get(f"/projects/{office.project}{page}", expect=404)
    office.stranger.get(f"/projects/stages/{office.stages[StageKind.COLLECT]}", expect=404)


@pytest.mark.parametrize("number", ["0", "999999", "99999999999999999999999"])
def test_an_unknown_project_is_not_found(office, number):
    office[Role.WORKER].get(f"/projects/{number}", expect=404)


def test_moving_a_date_shows_the_effect_before_it_happens(app, office):
    stage = office.stages[StageKind.COLLECT]
    url = f"/projects/stages/{stage}/move"
    preview = office[Role.WORKER].post(url, end="2026-03-20", follow="y", version=1)
    assert "将会改变 5 个阶段" in preview
    with app.app_context():
        assert db.session.get(Stage, stage).planned_end.isoformat() == "2026-03-13"
    sent = {"end": "2026-03-20", "follow": "y", "version": 1, "confirm": "y"}
    assert "日期已调整" in office[Role.WORKER].post(url, **sent)
    with app.app_context():
        assert db.session.get(Stage, stage).planned_end.isoformat() == "2026-03-20"
    again = office[Role.DIRECTOR].post(url, expect=409, **sent)
    assert "别人" in again


def test_pausing_and_resuming_moves_the_deadline(app, browse, office):
    office[Role.DIRECTOR].post(f"/projects/{office.project}/pause", reason="等管线图纸")
    with time_machine.travel("2026-03-09T02:00:00+00:00", tick=False):
        with app.app_context():
            boss = browse(db.session.get(User, office.people[Role.DIRECTOR].id))
        page = boss.get(f"/projects/{office.project}")
        assert "等管线图纸" in page
        boss.post(f"/projects/{office.project}/resume")
    with app.app_context():
        stage = db.session.get(Stage, office.stages[StageKind.COLLECT])
        assert stage.planned_end.isoformat() == "2026-03-18"


def test_every_change_is_in_the_history_with_who_and_when(app, office):
    office[Role.DIRECTOR].post(f"/projects/{office.project}/pause", reason="等管线图纸")
    office[Role.DIRECTOR].post(f"/projects/{office.project}/resume")
    page = visible(office[Role.WORKER].get(f"/projects/{office.project}/history"))
    assert "暂停项目：等管线图纸" in page
    assert "恢复项目，期限顺延 0 天" in page
    assert "3月4日 周三 10:00" in page
    with app.app_context():
        name = db.session.get(User, office.people[Role.DIRECTOR].id).display_name
        assert name in page
        actions = db.session.scalars(sa.select(AuditEntry.action)).all()
        assert actions == ["project.pause", "project.resume"]


def test_a_double_press_starts_a_stage_once(app, browse):
    office = Office(app, browse, at=None)
    url = f"/projects/stages/{office.stages[StageKind.COLLECT]}/start"
    office[Role.WORKER].post(url, submission="one")
    office[Role.WORKER].post(url, submission="one")
    with app.app_context():
        actions = db.session.scalars(sa.select(AuditEntry.action)).all()
        assert actions == ["stage.start"]


def test_a_cancelled_project_says_why_and_offers_no_steps(app, office):
    office[Role.DIRECTOR].post(f"/projects/{office.project}/cancel", reason="并入街道统一改造")
    page = visible(office[Role.DIRECTOR].get(f"/projects/{office.project}"))
    assert "并入街道统一改造" in page
    assert "下一步" not in page
    with app.app_context():
        assert db.session.get(Project, office.project).state is ProjectState.CANCELLED
