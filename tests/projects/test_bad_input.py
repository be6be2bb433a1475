"""Nothing that is typed into a form or an address breaks a page of projects."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.factories import people, places, projects
from tests.factories.people import NOW
from tracker.accounts.rules import Role
from tracker.anthology.rules import StageKind
from tracker.anthology.services import CASES, load_folder
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.projects.models import Project, ProjectDraft, Stage
from tracker.projects.rules import StageState


@pytest.fixture
def scene(app, browse):
    """A director's browser, and the ids of a project, its open stage, a task and the director."""
    with app.app_context():
        director = people.user(Role.DIRECTOR)
        home = places.compound(director.committee)
        made = projects.project(director, home, at=StageKind.COLLECT)
        task = projects.task(made.stages[0])
        db.session.commit()
        ids = {
            "project": made.id,
            "stage": made.stages[0].id,
            "later": made.stages[1].id,
            "task": task.id,
            "director": director.id,
            "compound": home.id,
        }
        return browse(director), ids


FORMS = {
    "/projects/{project}/edit": {"title": "x", "problem": "x", "problem_kind": "parking"},
    "/projects/stages/{stage}/edit": {},
    "/projects/stages/{stage}/move": {"end": "2026-12-31"},
    "/projects/tasks/{task}": {"title": "x"},
}


@pytest.mark.parametrize("version", ["", "abc", "1.5", "9" * 5000])
@pytest.mark.parametrize("url", FORMS)
def test_a_form_without_a_sound_version_asks_to_reload(scene, url, version):
    browser, ids = scene
    given = {**FORMS[url], "lead_id": ids["director"], "version": version}
    assert "页面不完整" in browser.post(url.format(**ids), **given)


@pytest.mark.parametrize(
    ("url", "field"),
    [
        ("/projects/stages/{stage}/edit", "review_on"),
        ("/projects/stages/{stage}/move", "end"),
        ("/projects/tasks/{task}", "due_on"),
        ("/projects/stages/{stage}/tasks/new", "due_on"),
    ],
)
@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "far", "long ago"])
def test_a_day_far_out_is_refused_at_its_field(scene, url, field, day):
    browser, ids = scene
    years = {"far": 1, "long ago": -1}.get(day)
    if years is not None:
        day = (clock.today() + years * timedelta(days=5 * 365 + 3)).isoformat()
    given = {"version": 1, "lead_id": ids["director"], "title": "x", field: day}
    page = browser.post(url.format(**ids), **given)
    assert "请核对年份" in page
    assert f'value="{day}"' in page


@pytest.mark.parametrize("how", ["get", "post"])
def test_dates_of_an_ended_stage_and_a_paused_project_are_not_previewed(app, scene, how):
    browser, ids = scene
    url = f"/projects/stages/{ids['stage']}/move"
    send = {"get": browser.get, "post": lambda u, expect: browser.post(u, expect, end="2026-12-31")}
    with app.app_context():
        stage = db.session.get(Stage, ids["stage"])
        stage.state, stage.actual_end = StageState.DONE, stage.planned_end
        db.session.commit()
    assert "请刷新页面查看最新状态" in send[how](url, expect=409)
    browser.post(f"/projects/{ids['project']}/pause", reason="等管线图纸")
    later = f"/projects/stages/{ids['later']}/move"
    assert "项目没有在进行中" in send[how](later, expect=409)


@pytest.fixture
def draft(app, scene):
    """The id of a draft of the director."""
    browser, ids = scene
    with app.app_context():
        load_folder(CASES, NOW)
        db.session.commit()
    fields = {"title": "空地", "problem": "垃圾", "problem_kind": "vacant_land", "place": ""}
    start = clock.today().isoformat()
    browser.post("/projects/new/guonian", compound=ids["compound"], start=start, **fields)
    with app.app_context():
        return db.session.scalars(sa.select(ProjectDraft.id)).one()


def test_a_draft_is_discarded_by_its_author_and_by_nobody_else(app, browse, scene, draft):
    browser, _ids = scene
    url = f"/projects/drafts/{draft}/discard"
    assert url in browser.get("/projects/")
    with app.app_context():
        stranger = people.user(Role.WORKER, of=people.committee("国年居委会"))
        db.session.commit()
        other = browse(stranger)
    other.post(url, expect=404)
    assert "草稿已放弃" in browser.post(url)
    with app.app_context():
        assert db.session.scalar(sa.select(ProjectDraft)) is None


def test_a_draft_that_became_a_project_stays(app, scene, draft):
    browser, ids = scene
    with app.app_context():
        db.session.get(ProjectDraft, draft).project_id = ids["project"]
        db.session.commit()
    assert "已经登记好了" in browser.post(f"/projects/drafts/{draft}/discard", expect=409)


@pytest.mark.parametrize("start", ["9999-12-31", "0001-01-01", "tomorrow"])
def test_a_broken_draft_leads_to_where_it_is_mended_and_can_be_discarded(app, scene, draft, start):
    browser, ids = scene
    with app.app_context():
        found = db.session.get(ProjectDraft, draft)
        what = {**found.data["what"], "start": start}
        found.data = {**found.data, "what": what}
        db.session.commit()
    url = f"/projects/drafts/{draft}"
    for page in ("stages", "people"):
        assert f'href="{url}"' in browser.get(f"{url}/{page}", expect=409)
    browser.post(f"{url}/people", expect=409, project=ids["director"])
    browser.get(url)
    browser.get("/projects/")
    browser.post(f"{url}/discard")
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Project)) == 1


@pytest.mark.parametrize("page", ["0", "-1", "abc", "2", "99999999999999999999", "9" * 5000])
def test_any_page_of_a_list_can_be_asked_for(scene, page):
    browser, ids = scene
    for url in ("/projects/", f"/projects/{ids['project']}/history", "/inbox"):
        browser.get(f"{url}?page={page}")
    assert "停车与门禁" in browser.get(f"/projects/?page={page}")
