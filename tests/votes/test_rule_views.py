"""The pages of the rule book."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from tests.conftest import visible
from tests.factories import votes
from tracker.accounts.rules import Role
from tracker.kernel.database import db
from tracker.votes.models import RuleEntry
from tracker.votes.rules import Threshold
from tracker.votes.shipped import SHIPPED_RULES

MEETING = {
    "title": "居民会议",
    "roll": "年满十八周岁的居民",
    "basis": "persons",
    "quorum_persons_sign": ">",
    "quorum_persons_share": "1/2",
    "quorum_area_sign": "",
    "quorum_area_share": "",
    "approval_persons_sign": ">=",
    "approval_persons_share": "60%",
    "approval_area_sign": "",
    "approval_area_share": "",
    "base": "participants",
    "source": "《城市居民委员会组织法》",
    "confidence": "V",
    "in_force_from": "2026-01-01",
    "in_force_to": "",
    "notice_days": "",
    "reason": "条文已公布",
}


def entry_in(app) -> RuleEntry:
    return db.session.scalar(sa.select(RuleEntry))


def test_the_rule_book_explains_every_rule(stage):
    s = stage()
    page = visible(s[Role.PARTNER].get("/rules"))
    for rule in SHIPPED_RULES.values():
        assert rule.title in page
        assert rule.source in page
    for words in (
        *("人数三分之二以上，并且面积三分之二以上", "待录入条文", "2021年1月1日起"),
        *("已对照法规原文", "依据转载的文本，没有对照原文", "没有法规依据"),
        *("开始投票之前公示 15 天", "90%、95%、100%", "仅供参考"),
    ):
        assert words in page
    assert "录入新版本" not in page


def test_a_blank_rule_is_entered_by_one_confirmed_by_another_and_then_chosen(app, stage):
    s = stage(votes.draft)
    director, officer, worker = s[Role.DIRECTOR], s[Role.OFFICER], s[Role.WORKER]
    assert 'value="rcm"' not in worker.get(s.url("/edit"))
    assert "录入条文：居民会议" in visible(director.get("/rules/new?key=rcm"))
    page = visible(director.post("/rules/new?key=rcm", **MEETING))
    for words in ("等另一个人确认", "名册人数过半数", "60%以上", "2026年1月1日起", "由您录入"):
        assert words in page
    with app.app_context():
        number = entry_in(app).id
    assert "由您录入" in director.post(f"/rules/entries/{number}/confirm")
    assert "等另一个人确认" in visible(officer.get("/rules"))
    assert "请打开法规原文" in officer.get(f"/rules/entries/{number}")
    assert "规则已确认" in officer.post(f"/rules/entries/{number}/confirm")
    assert "已经确认过" in officer.post(f"/rules/entries/{number}/confirm")
    assert 'value="rcm"' in worker.get(s.url("/edit"))
    page = visible(worker.get("/rules"))
    with app.app_context():
        for person in (entry_in(app).author, entry_in(app).confirmer):
            assert person.display_name in page
    page = visible(worker.get("/rules/rcm/versions"))
    assert "现在选用的是这一版" in page
    assert "还没有录入条文" in page
    assert "规则已撤回" in director.post(f"/rules/entries/{number}/withdraw")
    assert "已经撤回" in director.post(f"/rules/entries/{number}/withdraw")
    assert 'value="rcm"' not in worker.get(s.url("/edit"))


def test_a_new_version_begins_with_the_one_before(app, stage):
    s = stage()
    page = s[Role.DIRECTOR].get("/rules/new?key=ord")
    assert "录入新版本：业主共同决定：一般事项" in visible(page)
    assert re.search(r'name="approval_persons_share"[^>]*value="1/2"', page)
    assert re.search(r'name="quorum_area_share"[^>]*value="2/3"', page)
    assert page.count('<option selected value="&gt;="') == 2
    assert re.search(r'name="notice_days"[^>]*value="15"', page)
    s[Role.DIRECTOR].post("/rules/new?key=ord", **MEETING)
    with app.app_context():
        entry = entry_in(app)
        assert (entry.key, entry.number) == ("ord", 1)
        assert entry.rule["approval_persons"] == str(Threshold.parse(">=3/5"))


def test_a_version_of_a_poll_asks_for_no_approval(stage):
    s = stage()
    page = s[Role.OFFICER].get("/rules/new?key=ranked")
    assert "approval_persons_share" not in page
    fields = {**MEETING, "approval_persons_sign": "", "approval_persons_share": ""}
    assert "规则已录入" in s[Role.OFFICER].post("/rules/new?key=ranked", **fields)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"title": " "}, "请填写这一项"),
        ({"approval_persons_sign": "", "approval_persons_share": ""}, "至少要有一项同意的门槛"),
        ({"approval_persons_share": ""}, "并写份额"),
        ({"approval_persons_sign": ""}, "并写份额"),
        ({"approval_persons_share": "0/3"}, "并写份额"),
        ({"approval_persons_share": "4/3"}, "并写份额"),
        ({"quorum_area_sign": ">", "quorum_area_share": "100%"}, "并写份额"),
        ({"quorum_area_sign": "<", "quorum_area_share": "1/2"}, "还有几处要改"),
        ({"base": "x"}, "还有几处要改"),
        ({"confidence": "x"}, "还有几处要改"),
        ({"in_force_from": ""}, "请填写这一项"),
        ({"in_force_from": "0001-01-01"}, "请核对年份"),
        ({"in_force_to": "2025-12-31"}, "失效的日子不能早于生效的日子"),
        ({"notice_days": "91"}, "公示天数在 0 到 90 之间"),
    ],
)
def test_what_is_no_rule_is_refused_and_kept_on_the_form(app, stage, fields, words):
    s = stage()
    page = s[Role.DIRECTOR].post("/rules/new", **{**MEETING, "roll": "九楼以上", **fields})
    assert words in page
    assert 'value="九楼以上"' in page
    with app.app_context():
        assert entry_in(app) is None


def test_what_people_type_is_neither_markup_nor_a_format(stage):
    s = stage(votes.draft)
    fields = {**MEETING, "title": "<b>50%</b>", "source": "{{ 7*7 }} %(n)d", "reason": "<i>x</i>"}
    page = s[Role.DIRECTOR].post("/rules/new", **fields)
    for words in ("<b>50", "<i>x"):
        assert words not in page
    assert "{{ 7*7 }} ％(n)d" in visible(page)
    s[Role.OFFICER].post("/rules/entries/1/confirm")
    for url in ("/rules", "/rules/own1/versions", s.url("/edit")):
        page = s[Role.DIRECTOR].get(url)
        assert "＜b＞50％＜/b＞" in page
    page = s[Role.DIRECTOR].client.get("/rules/own1/versions?language=en")
    assert page.status_code == 200


def test_unknown_rules_are_not_found(stage):
    s = stage()
    for url in ("/rules/new?key=nonsense", "/rules/nonsense/versions", "/rules/entries/9"):
        s[Role.DIRECTOR].get(url, expect=404)
    for step in ("confirm", "withdraw"):
        s[Role.DIRECTOR].post(f"/rules/entries/9/{step}", expect=404)


def test_the_rule_book_is_in_the_menu_of_those_who_keep_it(stage):
    s = stage()
    for role in Role:
        page = s[role].get("/rules")
        assert ('href="/rules" aria-current="page"' in page) is (
            role in (Role.DIRECTOR, Role.OFFICER)
        )
