"""The pages on which a vote is prepared, checked and frozen, walked through as people do."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from tests.conftest import visible
from tests.factories import notices, places, votes
from tests.factories.people import NOW
from tests.factories.votes import OPENS
from tests.votes.steps import new, vote_in, with_notice
from tests.votes.walk import Stage, draft_fields, version, wall
from tracker.accounts.rules import Role
from tracker.kernel.clock import local_date
from tracker.kernel.database import db
from tracker.places.models import Building
from tracker.projects.models import Project
from tracker.votes import check_services, queries
from tracker.votes.models import Vote
from tracker.votes.rules import Basis, NonResponsePolicy
from tracker.votes.services import Scope


def ticked(page: str, name: str) -> list[str]:
    """The values of the boxes and dots of a field that are on."""
    boxes = re.findall(rf'<input type="\w+" name="{name}" value="([^"]*)"[^>]*checked', page)
    return boxes


# ---- the form ----


def test_the_form_begins_with_what_is_usual(app, stage):
    s = stage(with_notice)
    with app.app_context():
        db.session.get_one(Project, s.project_id).vote_rule = "gt23"
        db.session.commit()
    page = s[Role.WORKER].get(new(s))
    assert re.search(r'value="gt23"[^>]*checked', page)
    assert 'value="rcm"' not in page
    assert "《民法典》第278条" in page
    assert ticked(page, "choices") == ["for", "against", "abstain"]
    assert ticked(page, "invalid_policy") == ["part"]
    assert ticked(page, "nonresponse_policy") == ["none"]
    assert re.search(r'name="opens_at"[^>]*value="2026-03-03T09:00"', page)
    assert re.search(r'name="closes_at"[^>]*value="2026-03-17T17:00"', page)
    assert "（已公示 15 天" in page


def test_a_vote_of_a_building_of_another_compound_with_everything_set(app, stage):
    def more(scene):
        with_notice(scene)
        places.compound(scene.director.committee, name="南园")

    s = stage(more)
    page = s[Role.WORKER].get(new(s))
    scopes = s.offered(page, "scope")
    assert len(scopes) == 6
    fields = draft_fields(
        s,
        scope=scopes[-1],
        notice_id=s.offered(page, "notice_id")[1],
        rule_id="sh_part",
        basis="households",
        choices=["for", "against", "follow"],
        nonresponse_policy="deliv",
        policy_clause="议事规则第九条",
        extension_condition="参与不到三分之二",
        extension_days="7",
        online="y",
        identity_note="当面领取编码",
    )
    assert "表决已准备好" in s[Role.WORKER].post(new(s), **fields)
    with app.app_context():
        vote = vote_in()
        assert (vote.compound.name, vote.building.number) == ("南园", "2")
        assert (vote.basis, vote.choices) == (Basis.HOUSEHOLDS, ["for", "against", "follow"])
        assert vote.nonresponse_policy is NonResponsePolicy.DELIVERED_TAKES_PART
        assert (vote.policy_clause, vote.online) == ("议事规则第九条", True)
        assert (vote.extension_condition, vote.extension_days) == ("参与不到三分之二", 7)
        s.vote_id = vote.id
    page = s[Role.WORKER].get(s.url("/edit"))
    assert ticked(page, "choices") == ["for", "against", "follow"]
    assert ticked(page, "basis") == ["households"]
    assert re.search(rf'<option selected value="{scopes[-1]}"', page)
    for words in ("议事规则第九条", "参与不到三分之二", "当面领取编码"):
        assert words in page
    assert page.count('<details class="part" open') == 5


def test_a_poll_is_prepared_edited_and_run_off(app, stage):
    s = stage(with_notice, motions=("食堂由谁来办",))
    [motion] = s.motion_ids
    page = s[Role.WORKER].get(new(s))
    fields = draft_fields(
        s,
        rule_id="choose_one",
        notice_id=s.offered(page, "notice_id")[1],
        **{f"options_{motion}": "甲餐饮\r\n乙餐饮\r\n\r\n丙餐饮"},
    )
    page = s[Role.WORKER].post(new(s), **{**fields, f"options_{motion}": "甲餐饮"})
    assert "请写 2 到 20 个不同的候选项" in page
    assert f'href="#options_{motion}"' in page
    s[Role.WORKER].post(new(s), **fields)
    with app.app_context():
        vote = vote_in()
        assert [o["label"] for o in vote.motions[0].options] == ["甲餐饮", "乙餐饮", "丙餐饮"]
        s.vote_id = vote.id
    assert "甲餐饮\n乙餐饮\n丙餐饮" in s[Role.WORKER].get(s.url("/edit")).replace("\r", "")
    page = s[Role.WORKER].get(f"{new(s)}?runoff_of={s.vote_id}")
    assert "（第二轮）" in page
    assert "丙餐饮" in page
    assert re.search(rf'<option selected value="{s.vote_id}"', page)
    assert ticked(page, "rule_id") == [] or 'value="choose_one" class="of-poll" checked' in page


def test_bad_input_keeps_what_was_typed(app, stage):
    s = stage(with_notice)
    fields = draft_fields(s, rule_reason="", closes_at=wall(OPENS), title="一次 <b>表决</b>")
    page = s[Role.WORKER].post(new(s), **fields)
    assert "请填写这一项" in page
    assert "一次 &lt;b&gt;表决&lt;/b&gt;" in page
    fields["rule_reason"] = "管理规约"
    page = s[Role.WORKER].post(new(s), **fields)
    assert "截止时间要晚于开始时间" in page
    assert "管理规约" in page
    page = s[Role.WORKER].post(
        new(s),
        **{**fields, "motion_ids": [], "closes_at": "0001-01-01T00:00", "opens_at": "明天"},
    )
    for words in ("至少选一项", "请核对年份", 'value="明天"'):
        assert words in page
    with app.app_context():
        assert vote_in() is None


@pytest.mark.parametrize(
    "nonsense",
    [
        {"scope": "nonsense"},
        {"scope": "99999"},
        {"rule_id": "rcm"},
        {"invalid_policy": "x"},
        {"nonresponse_policy": "x"},
        {"basis": "x"},
        {"choices": ["invalid"]},
        {"notice_id": "99999"},
        {"after_id": "99999"},
        {"extension_days": "61", "extension_condition": "不到三分之二"},
        {"extension_days": "x", "extension_condition": "不到三分之二"},
        {"motion_ids": ["99999"]},
    ],
)
def test_what_was_not_offered_is_not_taken(app, stage, nonsense):
    s = stage(with_notice)
    page = s[Role.WORKER].post(new(s), **draft_fields(s, **nonsense))
    assert "还有几处要改" in page
    with app.app_context():
        assert vote_in() is None


def test_a_part_that_is_wrong_is_open(stage):
    s = stage(with_notice)
    fields = draft_fields(s, online="y", identity_note="")
    page = s[Role.WORKER].post(new(s), **fields)
    assert "须写明怎样核对身份" in page
    assert re.search(r'<details class="part" open>\s*<summary><span>线上投票', page)


def test_without_motions_the_page_says_what_to_do_first(stage):
    s = stage(motions=())
    page = s[Role.WORKER].get(new(s))
    assert "还没有表决事项" in page
    assert '<form class="form vote-form"' not in page


def test_a_double_press_makes_one_vote(app, stage):
    s = stage(with_notice)
    fields = draft_fields(s, submission="one-vote")
    s[Role.WORKER].post(new(s), **fields)
    assert "已经有一次表决" not in s[Role.WORKER].post(new(s), **fields)
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Vote)) == 1


def test_a_draft_edited_by_two_is_a_polite_conflict(stage):
    s = stage(votes.draft)
    page = s[Role.WORKER].get(s.url("/edit"))
    fields = draft_fields(s, version=version(page), title="第一次修改", motion_ids=s.motion_ids[:1])
    assert "已保存" in s[Role.WORKER].post(s.url("/edit"), **fields)
    page = s[Role.DIRECTOR].post(s.url("/edit"), expect=409, **{**fields, "title": "第二次"})
    assert "已被别人改动" in page


def test_a_frozen_vote_is_not_edited(stage):
    s = stage(votes.frozen)
    for tail in ("/edit", "/files/new", "/objections/new"):
        assert "都不能再改" in s[Role.WORKER].get(s.url(tail), expect=409)


# ---- two compounds, many rows ----


def counted_queries(app, browser, url: str) -> int:
    """How many statements a page needs."""
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        seen.append(statement)

    with app.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    browser.get(url)
    sa.event.remove(engine, "before_cursor_execute", note)
    return len(seen)


def test_pages_need_as_many_queries_for_many_rows_as_for_few(app, browse, at):
    def busy(number):
        def make(scene):
            vote = votes.draft(scene)
            for _ in range(number):
                votes.hung_notice(scene.project)
                day = local_date(NOW)
                check_services.object_to_roll(
                    scene.worker, NOW, vote.id, received_on=day, text="面积不对"
                )
            return vote

        return make

    few = Stage(app, browse, busy(1), buildings=1, rooms=3)
    many = Stage(app, browse, busy(5), buildings=6, rooms=8, committee="国权居委会")
    for tail in ("/check", "/edit", "/freeze"):
        needed = counted_queries(app, few[Role.WORKER], few.url(tail))
        assert counted_queries(app, many[Role.WORKER], many.url(tail)) == needed, tail


def test_a_notice_of_the_project_that_does_not_hang_is_not_offered(app, stage):
    def drafted(scene):
        notices.notice(scene.project)

    s = stage(drafted)
    assert s.offered(s[Role.WORKER].get(new(s)), "notice_id") == [""]


def test_a_second_tier_names_the_vote_before_it(app, stage):
    def first(scene):
        votes.draft(scene)
        house = db.session.scalar(sa.select(Building))
        scope = Scope(house.compound_id, house.id)
        return votes.draft(scene, title="本楼表决", scope=scope, rule_id="sh_part")

    s = stage(first)
    page = s[Role.WORKER].get(s.url("/edit"))
    [_, other] = s.offered(page, "after_id")
    fields = draft_fields(
        s,
        scope=re.search(r'<option selected value="(\d+-\d+)"', page).group(1),
        rule_id="sh_part",
        version=version(page),
        after_id=other,
    )
    s[Role.WORKER].post(s.url("/edit"), **fields)
    page = visible(s[Role.WORKER].get(s.url("/check")))
    assert "先行的表决还没有通过" in page
    with app.app_context():
        vote = db.session.get_one(Vote, s.vote_id)
        assert queries.votes_of(s.project_id)[0].id == vote.after_id
