"""What residents see and send, without an account."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from tests.conftest import visible
from tests.factories import feedback, opinions, people, places, projects, works
from tests.factories.people import NOW
from tracker.accounts.rules import Role
from tracker.anthology.rules import StageKind
from tracker.feedback.models import Satisfaction
from tracker.feedback.rules import PER_WINDOW, Score
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.opinions.models import Opinion
from tracker.opinions.rules import OpinionStatus
from tracker.projects.models import Project
from tracker.projects.rules import ProjectState
from tracker.works.rules import PicturePhase

TOKEN = "residents"
ANSWER = {"score": "4", "comment": "门禁好用"}
OPINION = {
    "topic": "停车",
    "stance": "support",
    "text": "多划几个车位。",
    "building": "",
    "room": "",
}


@pytest.fixture
def make(app):
    """Put one project into the database, and give its id."""

    def made(at: StageKind = StageKind.FEEDBACK, **fields: object) -> int:
        with app.app_context():
            director = people.user(Role.DIRECTOR)
            project = projects.project(
                director,
                places.compound(director.committee),
                at=at,
                start=clock.today(),
                **{"public_token": TOKEN, "topics": ["停车", "门禁"], **fields},
            )
            db.session.commit()
            return project.id

    return made


def count(app, model) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(model))


# ---- the summary ----


def test_a_project_is_found_only_while_it_is_public(app, make, browse):
    number = make()
    browse().get(f"/p/{TOKEN}", expect=404)
    browse().get("/p/unknown", expect=404)
    with app.app_context():
        db.session.get(Project, number).public_since = NOW
        db.session.commit()
    page = visible(browse().get(f"/p/{TOKEN}"))
    for words in (
        "停车与门禁",
        "正文花园",
        "车位不够",
        "征集意见",
        "仁德居委会",
        "不足 5 份，暂不公布",
    ):
        assert words in page


def test_the_summary_shows_replies_but_nothing_personal(app, make, browse):
    number = make(public_since=NOW)
    with app.app_context():
        project = db.session.get(Project, number)
        shown = opinions.opinion(
            project,
            None,
            status=OpinionStatus.ADOPTED,
            published_at=NOW,
            text="我是老张，晚上吵",
            unit_id=opinions.unit(project).id,
        )
        opinions.opinion(project, None, status=OpinionStatus.MERGED, merged_into_id=shown.id)
        opinions.opinion(project, None, status=OpinionStatus.PARTLY, reply="还没有公开的话")
        feedback.answers(project, *[Score.GOOD] * 6, comment="保安老李态度差")
        feedback.report(project)
        db.session.commit()
    page = visible(browse().get(f"/p/{TOKEN}"))
    for words in ("会装道闸。", "2 条这样的意见", "6 / 6 份 · 100.0%", "先听再定。"):
        assert words in page
    for words in ("老张", "101", "还没有公开的话", "老李", "居委会主任", "社工"):
        assert words not in page


@pytest.mark.parametrize(
    ("scores", "shown", "hidden"),
    [
        ([Score.GOOD] * 4, "不足 5 份，暂不公布", "4 份"),
        ([Score.GOOD] * 5, "5 / 5 份", "暂不公布"),
        ([Score.GOOD] * 9 + [Score.BAD], "共 10 份，满意和很满意的 6 至 9 份", "9 / 10"),
        ([Score.GOOD] * 5 + [Score.BAD] * 5, "5 / 10 份 · 50.0%", "至"),
    ],
)
def test_small_groups_are_hidden_from_the_public(app, make, browse, scores, shown, hidden):
    number = make(public_since=NOW)
    with app.app_context():
        feedback.answers(db.session.get(Project, number), *scores)
        db.session.commit()
    page = visible(browse().get(f"/p/{TOKEN}"))
    card = page[page.index("居民满意度") : page.index("有话要说")]
    assert shown in card
    assert hidden not in card


def test_only_pictures_of_a_pair_of_a_public_project_are_given_out(app, make, browse):
    number = make(public_since=NOW)
    with app.app_context():
        project = db.session.get(Project, number)
        lead = project.lead
        before = works.picture(project, lead).id
        after = works.picture(project, lead, PicturePhase.AFTER).id
        lonely = works.picture(project, lead, spot="车棚").id
        removed = works.picture(project, lead, PicturePhase.AFTER, spot="垃圾房", removed_at=NOW).id
        other = projects.project(lead, project.compound, public_token="other", public_since=NOW)
        works.picture(other, lead)
        foreign = works.picture(other, lead, PicturePhase.AFTER).id
        db.session.commit()
    visitor = browse()
    page = visitor.get(f"/p/{TOKEN}")
    for picture in (before, after):
        assert f"/p/{TOKEN}/pictures/{picture}" in page
        answer = visitor.client.get(f"/p/{TOKEN}/pictures/{picture}")
        assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    for picture in (lonely, removed, foreign, 9999):
        visitor.get(f"/p/{TOKEN}/pictures/{picture}", expect=404)
    with app.app_context():
        db.session.get(Project, number).public_since = None
        db.session.commit()
    visitor.get(f"/p/{TOKEN}/pictures/{before}", expect=404)


# ---- satisfaction ----


def test_a_resident_answers_once_per_browser(app, make, browse):
    make()
    phone, other = browse(), browse()
    assert "您对这件事办得满意吗" in phone.get(f"/p/{TOKEN}/feedback")
    assert "已收到，谢谢您" in phone.post(f"/p/{TOKEN}/feedback", **ANSWER)
    assert "您已经评价过了" in phone.post(f"/p/{TOKEN}/feedback", **ANSWER)
    assert "您已经评价过了" in phone.get(f"/p/{TOKEN}/feedback")
    assert count(app, Satisfaction) == 1
    other.post(f"/p/{TOKEN}/feedback", **ANSWER)
    assert count(app, Satisfaction) == 2


def test_a_double_tap_is_thanked_as_the_first(app, make, browse):
    make()
    phone = browse()
    for _ in range(2):
        page = phone.post(f"/p/{TOKEN}/feedback", **ANSWER, submission="one-form")
        assert "已收到，谢谢您" in page
    assert count(app, Satisfaction) == 1


def test_the_key_of_a_browser_stays_with_one_project(make, browse):
    make()
    answer = browse().client.get(f"/p/{TOKEN}/feedback")
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("answer_key"))
    assert f"Path=/p/{TOKEN}" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize("url", ["feedback", "opinion"])
def test_a_robot_is_thanked_and_leaves_nothing(app, make, browse, url):
    make(StageKind.FEEDBACK if url == "feedback" else StageKind.COLLECT)
    data = {**(ANSWER if url == "feedback" else OPINION), "website": "http://spam.example"}
    assert "已收到，谢谢您" in browse().post(f"/p/{TOKEN}/{url}", **data)
    assert count(app, Satisfaction) == count(app, Opinion) == 0


def test_a_flood_gets_a_polite_page_that_keeps_what_was_typed(app, make, browse):
    number = make()
    with app.app_context():
        project = db.session.get(Project, number)
        feedback.answers(project, *[Score.GOOD] * PER_WINDOW, at=clock.now())
        db.session.commit()
    page = browse().post(f"/p/{TOKEN}/feedback", expect=429, **ANSWER)
    assert "请过十分钟再交" in page
    assert "门禁好用" in page
    assert count(app, Satisfaction) == PER_WINDOW


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"comment": "忘了选"}, "请选一项"),
        ({"score": "9", "comment": "没有九分"}, "field-error"),
        ({"score": "5", "comment": "长" * 501}, "最多 500 个字"),
    ],
)
def test_a_bad_answer_is_refused_at_the_field_and_kept(app, make, browse, data, message):
    make()
    page = browse().post(f"/p/{TOKEN}/feedback", **data)
    assert message in page
    assert data["comment"] in page
    assert count(app, Satisfaction) == 0


@pytest.mark.parametrize(
    ("at", "state", "url"),
    [
        (StageKind.IMPLEMENT, ProjectState.ACTIVE, "feedback"),
        (StageKind.FEEDBACK, ProjectState.PAUSED, "feedback"),
        (StageKind.VOTE, ProjectState.ACTIVE, "opinion"),
        (StageKind.COLLECT, ProjectState.PAUSED, "opinion"),
    ],
)
def test_forms_that_are_not_open_say_so_and_take_nothing(app, make, browse, at, state, url):
    make(at, state=state)
    assert "现在没有在" in browse().get(f"/p/{TOKEN}/{url}", expect=404)
    browse().post(f"/p/{TOKEN}/{url}", expect=404, **ANSWER, **OPINION)
    assert "没有找到" in browse().get(f"/p/unknown/{url}", expect=404)
    assert count(app, Satisfaction) == count(app, Opinion) == 0


# ---- an opinion ----


def test_a_resident_writes_and_follows_the_reply_by_receipt(app, make, browse):
    number = make(StageKind.COLLECT)
    phone = browse()
    page = phone.post(f"/p/{TOKEN}/opinion", **OPINION)
    code = re.search(r"[2-9A-Z]{10}", visible(page)).group()
    assert "请抄下或截图保存回执号" in page
    assert "多划几个车位" not in phone.get(f"/p/{TOKEN}/opinion/{code}")
    with app.app_context():
        project = db.session.get(Project, number)
        sent = db.session.scalars(sa.select(Opinion)).one()
        target = opinions.opinion(project, None, status=OpinionStatus.PARTLY, reply="先划五个。")
        sent.status, sent.merged_into_id = OpinionStatus.MERGED, target.id
        db.session.commit()
    page = browse().get(f"/p/{TOKEN}/receipt?code={code.lower()}")
    assert "先划五个。" in page
    assert "部分采纳" in page
    assert "没有这个回执号" in browse().get(f"/p/{TOKEN}/receipt?code=NONE")
    browse().get(f"/p/{TOKEN}/opinion/NONE", expect=404)


def test_a_household_is_found_or_refused_at_its_field(app, make, browse):
    number = make(StageKind.COLLECT)
    with app.app_context():
        house = opinions.unit(db.session.get(Project, number)).building_id
    page = browse().post(f"/p/{TOKEN}/opinion", **{**OPINION, "building": house, "room": "999"})
    assert "1号楼没有 999 室" in page
    assert "多划几个车位。" in page
    browse().post(f"/p/{TOKEN}/opinion", **{**OPINION, "building": house, "room": "101"})
    with app.app_context():
        sent = db.session.scalars(sa.select(Opinion)).one()
        assert (sent.unit_id is not None, sent.recorded_by) == (True, None)


def test_a_topic_that_is_not_offered_is_refused(app, make, browse):
    make(StageKind.COLLECT)
    page = browse().post(f"/p/{TOKEN}/opinion", **{**OPINION, "topic": "老张家的狗"})
    assert "field-error" in page
    assert count(app, Opinion) == 0


# ---- the switch ----


@pytest.mark.parametrize("role", list(Role))
def test_only_those_who_may_publish_do(app, make, browse, role):
    number = make()
    with app.app_context():
        project = db.session.get(Project, number)
        browser = browse(people.user(role, of=project.committee))
        db.session.commit()
    allowed = role is Role.DIRECTOR
    url = f"/projects/{number}/public"
    browser.get(url, expect=200 if allowed else 403)
    browser.post(url, expect=200 if allowed else 403)
    browse().get(f"/p/{TOKEN}", expect=200 if allowed else 404)
    browser.post(f"{url}/withdraw", expect=200 if allowed else 403)
    browse().get(f"/p/{TOKEN}", expect=404)


def test_the_page_says_what_becomes_visible_before_it_does(app, make, browse):
    number = make()
    with app.app_context():
        project = db.session.get(Project, number)
        opinions.opinion(project, None, status=OpinionStatus.ADOPTED)
        feedback.report(project)
        db.session.commit()
        director = browse(project.lead)
    url = f"/projects/{number}/public"
    page = visible(director.get(url))
    for words in ("公开后居民看得到什么", "有 1 条答复还没有公开", "已写好", "看不到"):
        assert words in page
    assert f"/p/{TOKEN}" in director.post(url)
    assert "已经公开" in director.post(url, expect=409)


def test_another_committee_cannot_publish(app, make, browse):
    number = make()
    with app.app_context():
        stranger = browse(people.user(Role.DIRECTOR, of=people.committee("国年居委会")))
        db.session.commit()
    stranger.get(f"/projects/{number}/public", expect=404)
    stranger.post(f"/projects/{number}/public", expect=404)
    stranger.post(f"/projects/{number}/public/withdraw", expect=404)
