"""The pages of opinions."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from tests.conftest import visible
from tests.factories import opinions, people, places, projects
from tracker.accounts.rules import Role
from tracker.anthology.rules import StageKind
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.opinions.models import Opinion
from tracker.opinions.rules import OpinionStatus

NEW = {
    "channel": "door",
    "topic": "停车",
    "stance": "support",
    "text": "晚上回来没有车位。",
    "building": "",
    "room": "",
}
RECORDERS = (Role.DIRECTOR, Role.WORKER, Role.BUILDING_LEADER)
ANSWERERS = (Role.DIRECTOR, Role.WORKER)


@pytest.fixture
def scene(app, browse):
    """A project with two opinions, and a browser per role."""
    with app.app_context():
        director = people.user(Role.DIRECTOR)
        project = projects.project(
            director,
            places.compound(director.committee),
            at=StageKind.COLLECT,
            start=clock.today(),
            topics=["停车", "门禁"],
        )
        users = {Role.DIRECTOR: director}
        for role in set(Role) - {Role.DIRECTOR}:
            users[role] = people.user(role, of=director.committee)
        house = opinions.leads(users[Role.BUILDING_LEADER], project, "1")
        worker = users[Role.WORKER]
        named = opinions.opinion(project, worker, unit_id=opinions.unit(project).id)
        nameless = opinions.opinion(project, worker, text="希望早点装门禁。", topic="门禁")
        db.session.commit()
        stranger = people.user(Role.DIRECTOR, of=people.committee("国年居委会"))
        db.session.commit()
        return {
            "project": project.id,
            "house": house.id,
            "named": named.id,
            "nameless": nameless.id,
            "stranger": browse(stranger),
            **{role: browse(user) for role, user in users.items()},
        }


def saved(app) -> list[Opinion]:
    with app.app_context():
        return list(db.session.scalars(sa.select(Opinion).order_by(Opinion.id)))


@pytest.mark.parametrize("role", list(Role))
def test_who_may_open_what(scene, role):
    project, opinion = scene["project"], scene["named"]
    mine = {
        f"/projects/{project}/opinions": tuple(Role),
        f"/projects/{project}/opinions/coverage": tuple(Role),
        f"/opinions/{opinion}": tuple(Role),
        f"/projects/{project}/opinions/new": RECORDERS,
        f"/projects/{project}/opinions/poster": RECORDERS,
        f"/opinions/{opinion}/merge": ANSWERERS,
        f"/opinions/{opinion}/edit": ANSWERERS,
    }
    for url, allowed in mine.items():
        scene[role].get(url, expect=200 if role in allowed else 403)


@pytest.mark.parametrize("role", [r for r in Role if r not in ANSWERERS])
def test_only_staff_answer(scene, app, role):
    for what in ("reply", "acknowledge", "merge"):
        scene[role].post(f"/opinions/{scene['named']}/{what}", expect=403)
    assert {o.status for o in saved(app)} == {OpinionStatus.NEW}


def test_visitors_are_led_to_the_sign_in(scene, browse):
    assert "登录名" in browse().get(f"/opinions/{scene['named']}")


def test_another_committee_finds_nothing(scene):
    project, opinion = scene["project"], scene["named"]
    for url in (
        f"/projects/{project}/opinions",
        f"/projects/{project}/opinions/coverage",
        f"/projects/{project}/opinions/new",
        f"/projects/{project}/opinions/poster",
        f"/opinions/{opinion}",
        f"/opinions/{opinion}/edit",
        f"/opinions/{opinion}/merge",
    ):
        scene["stranger"].get(url, expect=404)
    for what in ("reply", "acknowledge"):
        scene["stranger"].post(f"/opinions/{opinion}/{what}", expect=404)
    scene[Role.WORKER].get("/opinions/99999", expect=404)


@pytest.mark.parametrize("role", list(Role))
def test_only_those_who_talk_with_households_see_the_room(scene, role):
    listed = scene[role].get(f"/projects/{scene['project']}/opinions")
    shown = scene[role].get(f"/opinions/{scene['named']}")
    for page in (listed, shown):
        assert ("1号楼101室" in page) is (role in RECORDERS)


def test_a_building_leader_does_not_find_other_opinions(scene):
    leader = scene[Role.BUILDING_LEADER]
    assert "希望早点装门禁" not in leader.get(f"/projects/{scene['project']}/opinions")
    leader.get(f"/opinions/{scene['nameless']}", expect=404)
    leader.get(f"/opinions/{scene['nameless']}/edit", expect=404)


def test_recording_and_recording_another_one_like_it(scene, app):
    url = f"/projects/{scene['project']}/opinions/new"
    yesterday = clock.today() - timedelta(days=1)
    data = {
        **NEW,
        "building": scene["house"],
        "room": "102",
        "heard_on": yesterday.isoformat(),
        "again": "1",
    }
    page = scene[Role.WORKER].post(url, **data)
    assert "意见已登记" in page
    assert f'value="{yesterday.isoformat()}"' in page
    assert 'value="停车"' in page
    assert '<option selected value="door">' in page
    assert "晚上回来没有车位。" not in page
    assert saved(app)[-1].unit_id is not None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"text": " "}, "请填写这一项"),
        ({"text": "长" * 2001}, "最多 2000 个字"),
        ({"topic": ""}, "请填写这一项"),
        ({"topic": "长" * 61}, "最多 60 个字"),
        ({"room": "101"}, "请也选楼栋"),
        ({"building": "HOUSE"}, "请写室号"),
        ({"building": "HOUSE", "room": "999"}, "1号楼没有 999 室"),
        ({"building": "9999", "room": "101"}, "楼栋"),
        ({"heard_on": "2199-01-01"}, "请核对年份"),
        ({"heard_on": "TOMORROW"}, "这一天还没有到"),
        ({"heard_on": "2010-01-01"}, "早了一年以上"),
        ({"heard_on": "昨天"}, "听取日期"),
        ({"channel": "pigeon"}, "听取渠道"),
        ({"stance": "angry"}, "态度"),
    ],
)
def test_bad_input_is_refused_at_the_field_and_kept(scene, app, change, message):
    data = {**NEW, "heard_on": clock.today().isoformat(), **change}
    if data["building"] == "HOUSE":
        data["building"] = scene["house"]
    if data["heard_on"] == "TOMORROW":
        data["heard_on"] = (clock.today() + timedelta(days=1)).isoformat()
    page = scene[Role.WORKER].post(f"/projects/{scene['project']}/opinions/new", **data)
    assert "field-error" in page
    assert message in visible(page)
    assert data["text"].strip() in page
    assert len(saved(app)) == 2


def test_a_second_press_records_one_opinion(scene, app):
    data = {**NEW, "heard_on": clock.today().isoformat(), "submission": "one-form"}
    for _ in range(2):
        scene[Role.WORKER].post(f"/projects/{scene['project']}/opinions/new", **data)
    assert len(saved(app)) == 3


def test_answering_and_correcting_the_answer(scene):
    worker, url = scene[Role.WORKER], f"/opinions/{scene['named']}"
    assert "已受理" in worker.post(f"{url}/acknowledge")
    worker.post(f"{url}/acknowledge", expect=409)
    page = worker.post(f"{url}/reply", status="adopted", text="会划线。", version="2")
    assert "会划线。" in page
    worker.post(f"{url}/reply", status="adopted", text="重复。", version="2", expect=409)
    page = worker.post(f"{url}/reply", status="explained", text="划线要先公示。", version="3")
    assert "更正之前" in page
    assert "会划线。" in page


def test_an_empty_reply_is_refused_and_the_choice_kept(scene):
    page = scene[Role.WORKER].post(
        f"/opinions/{scene['named']}/reply", status="partly", text="", version="1"
    )
    assert "请填写这一项" in page
    assert 'value="partly"\n                   id="status-1" checked' in page


def test_editing_keeps_the_old_words_on_the_page(scene):
    url = f"/opinions/{scene['named']}"
    form = scene[Role.WORKER].get(f"{url}/edit")
    assert 'value="101"' in form
    data = {**NEW, "text": "白天也没有车位。", "heard_on": date(2026, 3, 1).isoformat()}
    data["heard_on"] = clock.today().isoformat()
    page = scene[Role.WORKER].post(f"{url}/edit", **data, version="1")
    assert "白天也没有车位。" in page
    assert "晚上回来没有车位。" in page
    scene[Role.WORKER].post(f"{url}/edit", **data, version="1", expect=409)


def test_merging_by_choosing_from_the_list(scene, app):
    url = f"/opinions/{scene['named']}/merge"
    assert "希望早点装门禁" in scene[Role.WORKER].get(url)
    assert "没有可以合并的意见" in scene[Role.WORKER].get(f"{url}?q=电梯")
    assert "请选一条意见" in scene[Role.WORKER].post(url)
    page = scene[Role.WORKER].post(url, target=str(scene["nameless"]))
    assert "合并到这一条的意见" in page
    assert saved(app)[0].status is OpinionStatus.MERGED
    assert "一起答复" in scene[Role.WORKER].get(f"/opinions/{scene['named']}")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("text=车位", {"晚上"}),
        ("text=%25", set()),
        ("topic=门禁", {"希望"}),
        ("status=unanswered", {"晚上", "希望"}),
        ("status=adopted", set()),
        ("stance=oppose", set()),
        ("channel=door", {"晚上", "希望"}),
        ("status=nonsense&stance=nonsense", {"晚上", "希望"}),
    ],
)
def test_the_list_is_narrowed(scene, query, found):
    page = scene[Role.WORKER].get(f"/projects/{scene['project']}/opinions?{query}")
    assert {word for word in ("晚上", "希望") if word in page} == found


def test_an_empty_list_says_what_to_do_first(scene, app):
    with app.app_context():
        db.session.execute(sa.delete(Opinion))
        db.session.commit()
    page = scene[Role.WORKER].get(f"/projects/{scene['project']}/opinions")
    assert "登记第一条" in page
    assert "登记第一条" not in scene[Role.PARTNER].get(f"/projects/{scene['project']}/opinions")


def test_the_list_asks_the_database_as_often_for_sixty_as_for_two(scene, app):
    def queries_of_a_page() -> int:
        seen: list[str] = []
        with app.app_context():
            engine = db.engine
        listen = lambda *args: seen.append(args[2])  # noqa: E731
        sa.event.listen(engine, "before_cursor_execute", listen)
        scene[Role.WORKER].get(f"/projects/{scene['project']}/opinions")
        sa.event.remove(engine, "before_cursor_execute", listen)
        return len(seen)

    few = queries_of_a_page()
    with app.app_context():
        template = db.session.get(Opinion, scene["named"])
        for _ in range(60):
            opinions.opinion(template.project, None, unit_id=template.unit_id)
        db.session.commit()
    assert queries_of_a_page() == few
    assert "下一页" in scene[Role.WORKER].get(f"/projects/{scene['project']}/opinions")


def test_coverage_shows_each_building(scene):
    page = visible(scene[Role.WORKER].get(f"/projects/{scene['project']}/opinions/coverage"))
    assert "1 / 6 户 · 16.6%" in page
    assert "2号楼 0 3" in page


def test_the_poster_carries_the_code_and_the_address(scene):
    page = scene[Role.WORKER].get(f"/projects/{scene['project']}/opinions/poster")
    assert "<svg" in page
    assert "/opinion" in visible(page)
