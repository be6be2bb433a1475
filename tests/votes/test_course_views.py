"""The pages of the steps that need two people, walked through as both do."""

from __future__ import annotations

import re
from datetime import timedelta

import sqlalchemy as sa

from tests.conftest import visible
from tests.factories import votes
from tests.factories.votes import CLOSES, DURING
from tests.votes.steps import new, vote_in, with_notice
from tests.votes.walk import approve, draft_fields, propose, step, version
from tracker.accounts.rules import Role
from tracker.kernel.database import db
from tracker.places.models import Unit
from tracker.votes.words import VoteState

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
        s.vote_id = vote_in().id
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
        vote = vote_in()
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
    assert "下一步：撤回提请，核对后重新提请" in visible(s[Role.WORKER].get(s.url("/check")))
    page = s[Role.DIRECTOR].post(s.url("/freeze"), proposal=number, word="同意")
    assert "提请之后名册、事项或规则有改动" in page


def test_a_roll_that_changed_behind_the_confirmation_is_not_proposed(app, stage):
    s = stage(votes.draft)
    step(s[Role.WORKER], s.url("/freeze"), "冻结", expect=409, persons="5")
    with app.app_context():
        assert vote_in().state is VoteState.DRAFT


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
        before = vote_in().roll_hash
    page = visible(approve(director, s.url("/areas"), "同意"))
    with app.app_context():
        after = vote_in().roll_hash
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
        assert vote_in().extended_to == CLOSES + timedelta(days=7)
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
