"""The pages of feedback."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.conftest import visible
from tests.factories import feedback, opinions, people, places, projects
from tracker.accounts.rules import Role
from tracker.anthology.rules import StageKind
from tracker.feedback.models import Report, Satisfaction
from tracker.feedback.rules import Score
from tracker.kernel.database import db
from tracker.opinions.rules import OpinionStatus

STAFF = (Role.DIRECTOR, Role.WORKER)
RECORDERS = (*STAFF, Role.BUILDING_LEADER)


@pytest.fixture
def scene(app, browse):
    """A project asking for feedback, with a browser per role."""
    with app.app_context():
        director = people.user(Role.DIRECTOR)
        project = projects.project(
            director, places.compound(director.committee), at=StageKind.FEEDBACK
        )
        users = {r: people.user(r, of=director.committee) for r in set(Role) - {Role.DIRECTOR}}
        users[Role.DIRECTOR] = director
        feedback.answers(project, Score.VERY_GOOD, Score.GOOD, comment="门禁很好用")
        opinions.opinion(project, director, status=OpinionStatus.ADOPTED)
        stranger = people.user(Role.DIRECTOR, of=people.committee("国年居委会"))
        db.session.commit()
        return {
            "url": f"/projects/{project.id}/feedback",
            "project": project.id,
            "stranger": browse(stranger),
            **{role: browse(user) for role, user in users.items()},
        }


@pytest.mark.parametrize("role", list(Role))
def test_who_may_open_what(scene, role):
    url, may = scene["url"], scene[role]
    assert "满意度" in may.get(url)
    may.get(f"{url}/new", expect=200 if role in RECORDERS else 403)
    may.get(f"{url}/poster", expect=200 if role in RECORDERS else 403)
    may.get(f"{url}/report", expect=200 if role in STAFF else 403)
    may.post(f"{url}/publish-replies", expect=200 if role is Role.DIRECTOR else 403)


@pytest.mark.parametrize("role", list(Role))
def test_comments_are_for_staff(scene, role):
    assert ("门禁很好用" in scene[role].get(scene["url"])) is (role in STAFF)


def test_another_committee_finds_nothing(scene):
    for page in ("", "/new", "/poster", "/report"):
        scene["stranger"].get(scene["url"] + page, expect=404)
    scene["stranger"].post(scene["url"] + "/publish-replies", expect=404)


def test_figures_are_counted_out(scene):
    page = visible(scene[Role.PARTNER].get(scene["url"]))
    assert "4.5 分" in page
    assert "2 / 2" in page
    assert "1 / 2 份 · 50.0%" in page


def test_a_paper_answer_is_recorded(scene, app):
    page = scene[Role.BUILDING_LEADER].post(scene["url"] + "/new", score="3", comment="一般")
    assert "已有 3 份评价" in page
    with app.app_context():
        last = db.session.scalars(sa.select(Satisfaction).order_by(Satisfaction.id.desc())).first()
        assert (last.score, last.browser_key) == (Score.FAIR, None)
        assert last.recorded_by is not None


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"comment": "没选分"}, "请选一项"),
        ({"score": "6", "comment": "没有六分"}, "field-error"),
        ({"score": "5", "comment": "长" * 501}, "最多 500 个字"),
    ],
)
def test_a_bad_paper_answer_is_refused_and_kept(scene, app, data, message):
    page = scene[Role.WORKER].post(scene["url"] + "/new", **data)
    assert message in page
    assert data["comment"] in page
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Satisfaction)) == 2


def test_replies_are_published_once(scene):
    page = scene[Role.DIRECTOR].post(scene["url"] + "/publish-replies")
    assert "已公开 1 条答复" in page
    assert "没有新的答复" in scene[Role.DIRECTOR].post(
        scene["url"] + "/publish-replies", expect=409
    )


def test_the_report_is_written_and_rewritten_by_one_hand_at_a_time(scene, app):
    url = scene["url"] + "/report"
    assert "请填写这一项" in scene[Role.WORKER].post(url, results="装了", lessons="", version="0")
    assert "装了道闸" in scene[Role.WORKER].post(
        url, results="装了道闸", lessons="多听", version="0"
    )
    scene[Role.DIRECTOR].post(url, results="不同", lessons="说法", version="0", expect=409)
    assert "装了两处" in scene[Role.DIRECTOR].post(
        url, results="装了两处", lessons="多听", version="1"
    )
    with app.app_context():
        assert db.session.scalars(sa.select(Report)).one().version == 2


def test_the_poster_leads_to_the_residents_form(scene):
    page = scene[Role.WORKER].get(scene["url"] + "/poster")
    assert "<svg" in page
    assert "/feedback" in visible(page)
