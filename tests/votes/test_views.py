"""The pages on which a vote is prepared, checked and frozen, walked through as people do."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.conftest import visible
from tests.factories import notices, places, votes
from tests.factories.people import NOW
from tests.factories.votes import CLOSES, DURING, OPENS
from tests.votes.walk import Stage, approve, draft_fields, propose, step, version, wall
from tracker.accounts.rules import Role
from tracker.kernel.clock import local_date
from tracker.kernel.database import db
from tracker.places.models import Building, Unit
from tracker.projects.models import Project
from tracker.votes import check_services, queries
from tracker.votes.models import RollObjection, Vote
from tracker.votes.rules import Basis, NonResponsePolicy
from tracker.votes.services import Scope
from tracker.votes.words import VoteState

NEW = "/projects/{}/votes/new"


def new(stage: Stage) -> str:
    return NEW.format(stage.project_id)


def with_notice(scene):
    """The notice that a draft refers to; no vote yet."""
    votes.hung_notice(scene.project)


def vote_in(app) -> Vote:
    return db.session.scalar(sa.select(Vote))


def ticked(page: str, name: str) -> list[str]:
    """The values of the boxes and dots of a field that are on."""
    boxes = re.findall(rf'<input type="\w+" name="{name}" value="([^"]*)"[^>]*checked', page)
    return boxes


# ---- from motions to a frozen roll ----


def test_a_vote_from_motions_to_the_frozen_roll(app, stage):
    s = stage(with_notice)
    worker, director, officer = s[Role.WORKER], s[Role.DIRECTOR], s[Role.OFFICER]
    page = worker.get(new(s))
    fields = draft_fields(s, notice_id=s.offered(page, "notice_id")[1])
    page = worker.post(new(s), **fields)
    assert "表决已准备好" in page
    assert "适用规则还没有经另一个人确认" in visible(page)
    assert "480.00" in visible(page)
    with app.app_context():
        s.vote_id = vote_in(app).id
    page = director.get(s.url("/rule"))
    for words in ("车辆管理制度", "面积过半数", "《民法典》第278条", "已对照法规原文", "管理规约"):
        assert words in visible(page)
    page = director.post(s.url("/rule"), version=version(page))
    assert "没有发现问题" not in visible(page)
    assert "没有写来源" in visible(page)
    assert "将冻结 6 人、6 套房、480.00 平方米的名册" in visible(worker.get(s.url("/freeze")))
    assert "请照原样输入" in step(worker, s.url("/freeze"), "好的")
    page = visible(step(worker, s.url("/freeze"), "冻结"))
    assert "已提请冻结" in page
    assert "您自己提请的" in page
    assert "请照原样输入" in approve(officer, s.url("/freeze"), "冻结")
    page = visible(approve(officer, s.url("/freeze"), "同意"))
    with app.app_context():
        vote = vote_in(app)
        assert vote.state is VoteState.FROZEN
        assert vote.fingerprint in page
        assert vote.roll_hash in page


def test_the_second_person_may_also_send_it_back(app, stage):
    s = stage(votes.draft)
    propose(s[Role.WORKER], s.url("/freeze"))
    assert "撤回提请" in s[Role.DIRECTOR].get(s.url("/freeze"))
    s[Role.DIRECTOR].post(s.url("/proposals/freeze/withdraw"))
    assert 'name="proposal"' not in s[Role.DIRECTOR].get(s.url("/freeze"))
    page = s[Role.DIRECTOR].post(s.url("/proposals/freeze/withdraw"))
    assert "没有等待同意的提请" in page
    s[Role.DIRECTOR].post(s.url("/proposals/nonsense/withdraw"), expect=404)


def test_a_form_of_the_other_person_s_turn_is_stale(stage):
    s = stage(votes.draft)
    page = s[Role.DIRECTOR].get(s.url("/freeze"))
    propose(s[Role.WORKER], s.url("/freeze"))
    late = {"version": version(page), "persons": "6", "word": "冻结"}
    s[Role.DIRECTOR].post(s.url("/freeze"), expect=409, **late)
    shown = s[Role.DIRECTOR].get(s.url("/freeze"))
    number = re.search(r'name="proposal"[^>]*value="(\d+)"', shown).group(1)
    s[Role.WORKER].post(s.url("/proposals/freeze/withdraw"))
    s[Role.DIRECTOR].post(s.url("/freeze"), expect=409, proposal=number, word="同意")


def test_what_changed_between_the_two_is_said_and_not_approved(app, stage):
    s = stage(votes.draft)
    propose(s[Role.WORKER], s.url("/freeze"))
    shown = s[Role.DIRECTOR].get(s.url("/freeze"))
    number = re.search(r'name="proposal"[^>]*value="(\d+)"', shown).group(1)
    with app.app_context():
        db.session.scalar(sa.select(Unit).limit(1)).area = 9_999
        db.session.commit()
    page = visible(s[Role.DIRECTOR].get(s.url("/freeze")))
    assert "请撤回，核对后重新提请" in page
    assert "同意冻结" not in page
    page = s[Role.DIRECTOR].post(s.url("/freeze"), proposal=number, word="同意")
    assert "提请之后名册、事项或规则有改动" in page


def test_a_roll_that_changed_behind_the_confirmation_is_not_proposed(app, stage):
    s = stage(votes.draft)
    step(s[Role.WORKER], s.url("/freeze"), "冻结", expect=409, persons="5")
    with app.app_context():
        assert vote_in(app).state is VoteState.DRAFT


def test_obstacles_lead_to_where_they_are_mended_and_to_nobody_who_may_not_open_it(app, stage):
    s = stage(votes.draft)
    with app.app_context():
        unit = db.session.scalar(sa.select(Unit))
        unit.voting_person_id = None
        compound = unit.compound_id
        db.session.commit()
    for tail in ("/check", "/freeze"):
        page = s[Role.WORKER].get(s.url(tail))
        assert "还有 1 套房没有表决权人" in page
        assert f'href="/places/compounds/{compound}' in page
        page = s[Role.SCRUTINEER].get(s.url(tail))
        assert "还有 1 套房没有表决权人" in page
        assert f'href="/places/compounds/{compound}' not in page
    assert "提请冻结</button>" not in s[Role.WORKER].get(s.url("/freeze"))


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
        vote = vote_in(app)
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
        vote = vote_in(app)
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
        assert vote_in(app) is None


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
        assert vote_in(app) is None


def test_a_part_that_is_wrong_is_open(stage):
    s = stage(with_notice)
    fields = draft_fields(s, online="y", identity_note="")
    page = s[Role.WORKER].post(new(s), **fields)
    assert "须写明怎样核对身份" in page
    assert re.search(r'<details class="part" open>\s*<summary>线上投票', page)


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


# ---- the check ----


def test_the_roll_is_listed_by_building_and_names_nobody(app, stage):
    def merged(scene):
        first, second = db.session.scalars(sa.select(Unit).order_by(Unit.id).limit(2)).all()
        second.voting_person_id = first.voting_person_id
        first.area_source = "不动产权证"
        second.area = None
        db.session.flush()
        return votes.draft(scene)

    s = stage(merged)
    page = visible(s[Role.SCRUTINEER].get(s.url("/check")))
    for words in ("1号楼101室", "业**", "2 套算一人", "不动产权证", "缺失", "2号楼103室"):
        assert words in page
    assert "业主1" not in page
    with app.app_context():
        house = db.session.scalar(sa.select(Building).where(Building.number == "2")).id
    page = visible(s[Role.SCRUTINEER].get(s.url(f"/check?building={house}")))
    assert "2号楼103室" in page
    assert "1号楼101室" not in page
    s[Role.SCRUTINEER].get(s.url("/check?building=nonsense&page=x"))


def test_a_long_roll_comes_page_by_page(stage):
    s = stage(votes.draft, buildings=1, rooms=60)
    first = visible(s[Role.WORKER].get(s.url("/check")))
    second = visible(s[Role.WORKER].get(s.url("/check?page=2")))
    assert ("1号楼101室" in first, "1号楼160室" in first) == (True, False)
    assert ("1号楼101室" in second, "1号楼160室" in second) == (False, True)


def test_objections_are_recorded_answered_and_hold_up_the_freezing(app, stage):
    s = stage(votes.draft)
    worker = s[Role.WORKER]
    fields = {"received_on": "2026-03-02", "text": "3号楼 <i>101</i> 室面积不对"}
    page = worker.post(s.url("/objections/new"), **{**fields, "text": "打 13812345678"})
    assert "请不要写电话号码" in page
    assert "已登记异议第 1 号" in worker.post(s.url("/objections/new"), **fields)
    page = worker.get(s.url("/check"))
    assert "&lt;i&gt;101" in page
    assert "还有 1 条名册异议没有答复" in page
    assert "还没有答复" not in visible(s[Role.OFFICER].get(s.url("/freeze")))
    target = s.url("/objections/1/answer")
    assert "请选择" in worker.post(target, answer="已按产证改正")
    assert "已答复" in worker.post(target, upheld="yes", answer="已按产证改正")
    assert "成立：已按产证改正" in visible(worker.get(s.url("/check")))
    assert "已经答复过" in worker.post(target, upheld="no", answer="再答一次")
    worker.get(s.url("/objections/7/answer"), expect=404)
    with app.app_context():
        assert db.session.scalar(sa.select(RollObjection)).upheld is True


def test_a_file_is_published_with_its_hash_and_can_be_read(stage):
    s = stage(votes.draft)
    data = b"%PDF-1.4 full text"

    def sent(content):
        return {"kind": "clause", "name": "议事规则", "file": (io.BytesIO(content), "x.pdf")}

    worker = s[Role.WORKER]
    assert "请选择一个文件" in worker.post(s.url("/files/new"), kind="clause", name="议事规则")
    assert "请上传 PDF 文件" in worker.post(s.url("/files/new"), **sent(b"PK"))
    page = worker.post(s.url("/files/new"), **sent(data))
    link = re.search(rf'href="({s.url("/files/")}\d+)"', page).group(1)
    answer = s[Role.PARTNER].client.get(link)
    assert (answer.data, answer.mimetype) == (data, "application/pdf")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    s.stranger.get(link, expect=404)
    assert "附件已移除" in worker.post(f"{link}/remove")
    assert "附件已经移除" in worker.post(f"{link}/remove")
    s[Role.PARTNER].get(link, expect=404)


# ---- missing areas, extending, voiding ----


def without_area(scene):
    db.session.scalar(sa.select(Unit).order_by(Unit.id)).area = None
    db.session.flush()
    return votes.frozen(scene, extension_condition="参与不到三分之二", extension_days=7)


def test_a_missing_area_is_supplied_by_two_people(app, stage):
    s = stage(without_area)
    worker, director = s[Role.WORKER], s[Role.DIRECTOR]
    page = worker.get(s.url("/areas"))
    assert "1号楼101室的面积" in page
    area = re.search(r'name="(area_\d+)"', page).group(1)
    source = area.replace("area", "source")
    assert "请至少填写一套房的面积" in worker.post(s.url("/areas"), reason="补")
    page = worker.post(s.url("/areas"), **{area: "x", source: "", "reason": "补"})
    assert "面积只填数字" in page
    assert "请填写面积来源" in page
    assert 'value="x"' in page
    page = worker.post(s.url("/areas"), **{area: "88.50", source: "产证", "reason": "补交"})
    assert "88.50" in visible(page)
    assert "您自己提请的" in page
    with app.app_context():
        before = vote_in(app).roll_hash
    page = visible(approve(director, s.url("/areas"), "同意"))
    with app.app_context():
        after = vote_in(app).roll_hash
    assert before != after
    for words in (before, after, "补录 1 套房", "补交"):
        assert words in page
    assert "没有缺失的面积" in worker.get(s.url("/areas"))


def test_an_extension_on_the_published_condition_takes_two_people(app, stage, at):
    def running(scene):
        return votes.running(scene, extension_condition="参与不到三分之二", extension_days=7)

    s = stage(running)
    at(DURING)
    worker, director = s[Role.WORKER], s[Role.DIRECTOR]
    assert "参与不到三分之二" in worker.get(s.url("/extend"))
    assert "请填写这一项" in worker.post(s.url("/extend"), reason=" ")
    assert "已提请延长" in worker.post(s.url("/extend"), reason="参与 205 人")
    assert "参与 205 人" in director.get(s.url("/extend"))
    assert "投票时间已延长" in approve(director, s.url("/extend"), "同意")
    with app.app_context():
        assert vote_in(app).extended_to == CLOSES + timedelta(days=7)
    assert "已经延长过一次" in worker.get(s.url("/extend"), expect=409)


def test_without_a_published_condition_the_page_says_so(stage, at):
    s = stage(votes.running)
    at(DURING)
    assert "事先没有公布延长的条件" in s[Role.WORKER].get(s.url("/extend"), expect=409)


def test_a_worker_cannot_void_a_frozen_vote(stage):
    s = stage(votes.frozen)
    for act in (
        s[Role.WORKER].get,
        lambda url, expect: s[Role.WORKER].post(url, expect, reason="x"),
    ):
        assert "只有居委会主任" in act(s.url("/cancel"), expect=409)
    assert "请填写这一项" in s[Role.DIRECTOR].post(s.url("/cancel"), reason=" ")
    assert "已作废" in s[Role.DIRECTOR].post(s.url("/cancel"), reason="公示有误")


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
