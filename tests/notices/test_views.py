"""The pages about public notices."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from tests.conftest import visible
from tests.factories import meetings as talks
from tests.factories import notices, people, places, projects
from tracker.accounts.rules import Permission, Role, may
from tracker.anthology.rules import StageKind
from tracker.audit.models import AuditEntry
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.notices.models import Notice, NoticePlace
from tracker.notices.rules import NoticeState


class Scene:
    """A committee whose project is at the vote, with a draft and a posted notice."""

    def __init__(self, app, browse, role=Role.WORKER):
        with app.app_context():
            committee = people.committee()
            person = people.user(role, of=committee)
            home = places.compound(committee, buildings=2, rooms=0)
            lead = people.user(of=committee)
            gates = {StageKind.VOTE: [{"kind": "notice_posted", "amount": 5}]}
            project = projects.project(lead, home, at=StageKind.VOTE, gates=gates)
            talks.motion(project)
            self.draft = notices.notice(project).id
            posted = notices.notice(project, posted_on=date(2026, 3, 2))
            self.posted, self.objection = posted.id, notices.objection(posted).id
            self.project = project.id
            db.session.commit()
            self.browser = browse(person)


@pytest.fixture
def scene(app, browse):
    return Scene(app, browse)


def form_of(scene, **change):
    return {
        "title": "停车公示",
        "body": "现将停车规定公示如下。",
        "starts_on": "2026-03-02",
        "ends_on": "2026-03-08",
        "places": ["公告栏", "1 号楼"],
        "more_places": "",
        **change,
    }


READ = ("/projects/{project}/notices", "/notices/{draft}", "/notices/{posted}/sheet")
WRITE = (
    "/projects/{project}/notices/new",
    "/notices/{draft}/edit",
    "/notices/{posted}/withdraw",
    "/notices/{posted}/objections/new",
    "/objections/{objection}/answer",
)


@pytest.mark.parametrize("role", list(Role))
def test_everybody_reads_and_organisers_write(app, browse, role):
    scene = Scene(app, browse, role)
    writes = may(role, Permission.HOLD_MEETING)
    for path in READ:
        scene.browser.get(path.format(**vars(scene)))
    for path in WRITE:
        scene.browser.get(path.format(**vars(scene)), expect=200 if writes else 403)


def test_foreign_and_unknown_pages_are_not_found(app, browse, scene):
    with app.app_context():
        stranger = people.user(of=people.committee("国年居委会"))
        db.session.commit()
        other = browse(stranger)
    unknown = {"project": 9999, "draft": 9999, "posted": 9999, "objection": 9999}
    for path in (*READ, *WRITE):
        other.get(path.format(**vars(scene)), expect=404)
        scene.browser.get(path.format(**unknown), expect=404)
    other.post(f"/notices/{scene.draft}/posted", expect=404, posted_on="2026-03-02", all="1")


def test_a_new_notice_comes_filled_in_with_motion_places_and_days(scene):
    page = scene.browser.get(f"/projects/{scene.project}/notices/new")
    assert "是否同意《停车管理规定》？" in page
    assert "要求至少公示 5 天" in page
    assert page.count('name="places"') == page.count(" checked>") == 3
    today = clock.today()
    assert f'value="{today}"' in page
    assert f'value="{today + timedelta(days=4)}"' in page


def test_a_drafted_notice_says_how_many_days_and_where(app, scene):
    page = scene.browser.post(
        f"/projects/{scene.project}/notices/new", **form_of(scene, more_places="活动室\n\n西门")
    )
    assert "共 7 天" in page
    with app.app_context():
        notice = db.session.scalars(sa.select(Notice).order_by(Notice.id.desc())).first()
        assert [p.label for p in notice.places] == ["公告栏", "1 号楼", "活动室", "西门"]
        assert notice.places[1].building_id is not None
        actions = db.session.scalars(sa.select(AuditEntry.action)).all()
        assert actions == ["notice.drafted"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title": ""}, "请填写这一项"),
        ({"ends_on": "2026-03-01"}, "最后一天早于第一天"),
        ({"ends_on": "9999-12-31"}, "请核对年份"),
        ({"places": []}, "至少选一处"),
        ({"places": ["别处"]}, "别处"),
        ({"more_places": "公告栏"}, "同名"),
        ({"more_places": "长" * 61}, "每行最多 60 个字"),
    ],
)
def test_a_wrong_notice_says_so_and_keeps_the_rest(scene, change, words):
    page = scene.browser.post(f"/projects/{scene.project}/notices/new", **form_of(scene, **change))
    assert words in page
    assert "现将停车规定公示如下。" in page


def test_places_are_recorded_one_by_one_and_then_all_at_once(app, scene):
    address = f"/notices/{scene.draft}/posted"
    with app.app_context():
        query = sa.select(NoticePlace.id).where(NoticePlace.notice_id == scene.draft)
        first = db.session.scalars(query.order_by(NoticePlace.position)).first()
    assert "请至少勾选一处" in scene.browser.post(address, posted_on="2026-03-03")
    page = scene.browser.post(address, posted_on="2026-03-03", places=[str(first)])
    assert "还差 2 处" in page
    page = scene.browser.post(address, posted_on="2026-03-04", all="1")
    assert "登记张贴" not in page
    words = visible(page)
    assert "3月3日" in words
    assert "3月4日" in words
    page = scene.browser.post(f"/notices/{scene.draft}/places/{first}/unposted")
    assert "还差 1 处" in page


def test_a_day_to_come_is_refused_beside_the_date(scene):
    page = scene.browser.post(f"/notices/{scene.draft}/posted", posted_on="2099-01-01", all="1")
    assert "张贴日期还没有到" in page
    assert "2099-01-01" in page


def test_a_posted_notice_is_not_edited_but_withdrawn_with_a_reason(app, scene):
    page = scene.browser.get(f"/notices/{scene.posted}/edit")
    version = re.search(r'name="version"[^>]*value="(\d+)"', page).group(1)
    page = scene.browser.post(f"/notices/{scene.posted}/edit", **form_of(scene), version=version)
    assert "已经张贴，不能再改" in page
    page = scene.browser.post(f"/notices/{scene.posted}/withdraw", reason="日期写错")
    assert "日期写错" in page
    with app.app_context():
        assert db.session.get(Notice, scene.posted).state is NoticeState.WITHDRAWN


def test_a_stale_edit_is_a_polite_conflict(scene):
    page = scene.browser.post(
        f"/notices/{scene.draft}/edit", expect=409, **form_of(scene), version="77"
    )
    assert "别人已经改动" in page


def test_an_objection_is_recorded_and_answered(scene):
    address = f"/notices/{scene.posted}/objections/new"
    page = scene.browser.post(
        address, received_on="2026-03-03", text="请回电 13800138000", reply=""
    )
    assert "不记姓名和电话" in page
    assert "请回电 13800138000" in page
    page = scene.browser.post(address, received_on="2026-03-03", text="收费太高", reply="")
    assert "收费太高" in page
    address = f"/objections/{scene.objection}/answer"
    assert "请填写这一项" in scene.browser.post(address, reply=" ")
    assert "另有共享车位" in scene.browser.post(address, reply="另有共享车位。")
    assert "已经答复过" in scene.browser.post(address, reply="换个说法")


def test_the_sheet_carries_period_places_and_committee(scene):
    words = visible(scene.browser.get(f"/notices/{scene.posted}/sheet"))
    for said in ("2026年3月2日", "共 7 天", "公告栏、1 号楼、2 号楼", "仁德居委会"):
        assert said in words


def test_the_list_of_notices_asks_as_often_for_many_as_for_few(app, scene):
    def queries():
        seen = []
        with app.app_context():
            engine = db.engine
        sa.event.listen(engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
        scene.browser.get(f"/projects/{scene.project}/notices")
        return len(seen)

    few = queries()
    with app.app_context():
        project = db.session.get(Notice, scene.draft).project
        for _number in range(10):
            notices.objection(notices.notice(project, posted_on=date(2026, 3, 2)))
        db.session.commit()
    assert queries() == few
