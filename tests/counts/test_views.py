"""The pages of a vote above its ballots, walked through as people do."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.conftest import visible
from tests.factories import votes
from tests.factories.votes import AFTER, CLOSES, DURING, OPENS
from tests.votes.walk import Stage
from tracker.accounts.models import User
from tracker.accounts.rules import Role
from tracker.counts import queries
from tracker.kernel.database import db
from tracker.places.models import Unit
from tracker.projects.models import Project
from tracker.votes.models import Vote
from tracker.votes.words import VoteState

SIGNED = {"reader": "王唱票", "counter": "李计票", "scrutineer": "张监票", "word": "确认"}
LATER = AFTER + timedelta(days=20)


def state(app, s: Stage) -> VoteState:
    with app.app_context():
        return db.session.get_one(Vote, s.vote_id).state


def all_read(scene: votes.Scene) -> Vote:
    """A vote of which everything is read: five for, and nothing open."""
    vote = votes.counting(scene, range(1, 6))
    for serial in range(1, 6):
        votes.read(scene, vote, serial)
    return vote


def read_anew(app, s: Stage, choice: str) -> None:
    """Read the five papers of a recount."""
    with app.app_context():
        project = db.session.get_one(Project, s.project_id)
        vote = db.session.get_one(Vote, s.vote_id)
        readers = [
            db.session.scalars(sa.select(User).where(User.role == role)).first()
            for role in (Role.COUNTER, Role.WORKER)
        ]
        scene = votes.Scene(*[readers[1]] * 2, readers[0], *[readers[1]] * 2, project)
        for serial in range(1, 6):
            votes.read(scene, vote, serial, choice, by=readers)
        db.session.commit()


# ---- the course, page by page ----


def test_a_vote_from_its_opening_to_the_archive(app, stage, at):
    s = stage(votes.frozen)
    director, scrutineer = s[Role.DIRECTOR], s[Role.SCRUTINEER]
    at(OPENS)
    assert "下一步：开始投票" in visible(director.get(s.url()))
    assert "将向 6 人收票" in director.get(s.url("/open"))
    assert "请照原样输入" in director.post(s.url("/open"), word="好的")
    assert state(app, s) is VoteState.FROZEN
    assert "已开始投票" in director.post(s.url("/open"), word="open")
    at(CLOSES)
    assert "还有 6 人没有收回" in director.get(s.url("/close"))
    assert "已截止" in director.post(s.url("/close"), word="截止")
    assert state(app, s) is VoteState.COUNTING
    page = visible(scrutineer.get(s.url("/certify")))
    assert "印制 6 = 收回 0 + 未收回 6 + 备用 0 + 作废 0" in page
    assert "计票结果已确认" in scrutineer.post(s.url("/certify"), **SIGNED)
    assert "开始 15 天的异议期" in director.get(s.url("/announce"))
    assert "结果已公告" in director.post(s.url("/announce"), word="公告")
    at(LATER)
    page = director.get(s.url("/archive"))
    assert "计票统计表（三人签名）1 份" in page
    assert "没有保存电话号码" in page
    fields = {"contents": "票箱 1", "place": "档案室", "custodian": "档案员"}
    page = director.post(s.url("/archive"), **fields, keep_until="2029-03-04")
    assert "至少要保管到" in page
    assert "档案室" in page
    assert "已归档" in director.post(s.url("/archive"), **fields, keep_until="2029-03-05")
    assert state(app, s) is VoteState.ARCHIVED
    assert "2029年3月5日" in s[Role.SCRUTINEER].get(s.url("/archive"))


@pytest.mark.parametrize(
    ("make", "tail"),
    [
        (votes.running, "/open"),
        (votes.frozen, "/close"),
        (votes.running, "/certify"),
        (votes.counting, "/announce"),
        (votes.announced, "/announce"),
        (votes.announced, "/certify"),
        (votes.counting, "/recount"),
        (votes.announced, "/recount"),
        (votes.certified, "/archive"),
        (votes.certified, "/result/objections/new"),
    ],
)
def test_a_step_whose_turn_it_is_not_is_refused(stage, at, make, tail):
    s = stage(make)
    at(AFTER)
    assert "现在还不能这样做" in s[Role.DIRECTOR].get(s.url(tail), expect=409)


def test_closing_early_is_refused_with_the_reason(app, stage, at):
    s = stage(votes.running)
    at(CLOSES - timedelta(minutes=1))
    assert "还有票没有收回" in s[Role.DIRECTOR].post(s.url("/close"), word="截止")
    assert state(app, s) is VoteState.OPEN


# ---- certifying ----


def test_the_certifying_page_lists_what_is_open_with_links_and_offers_no_form(stage, at):
    def half_read(scene: votes.Scene) -> Vote:
        vote = votes.counting(scene, [1, 2])
        votes.read(scene, vote, 1, by=[scene.counter])
        return vote

    s = stage(half_read)
    at(AFTER)
    page = s[Role.DIRECTOR].get(s.url("/certify"))
    assert "还有 2 张票没有录满两遍" in page
    assert 'name="reader"' not in page
    assert "票面意见" not in page
    assert "还有 2 张票没有录满两遍" in s[Role.DIRECTOR].post(s.url("/certify"), **SIGNED)


def test_a_reader_is_told_that_another_certifies(app, stage, at):
    def read_by_scrutineer(scene: votes.Scene) -> Vote:
        vote = votes.counting(scene, [1])
        votes.read(scene, vote, 1, by=[scene.counter, scene.scrutineer])
        return vote

    s = stage(read_by_scrutineer)
    at(AFTER)
    page = s[Role.SCRUTINEER].get(s.url("/certify"))
    assert "您录入过这次表决的票" in page
    assert 'name="reader"' not in page
    s[Role.SCRUTINEER].post(s.url("/certify"), **SIGNED)
    assert state(app, s) is VoteState.COUNTING
    assert "等没有录过票的人确认计票结果" in s[Role.SCRUTINEER].get(s.url())


def test_the_same_name_twice_is_refused_at_its_field_and_the_rest_kept(app, stage, at):
    s = stage(all_read)
    at(AFTER)
    page = s[Role.DIRECTOR].post(s.url("/certify"), **{**SIGNED, "counter": "王唱票"})
    assert "要是三个不同的人" in page
    assert 'value="张监票"' in page
    assert state(app, s) is VoteState.COUNTING


def test_two_certify_at_once_and_one_of_them_wins(app, stage, at):
    s = stage(all_read)
    at(AFTER)
    for role in (Role.DIRECTOR, Role.SCRUTINEER):
        assert 'name="reader"' in s[role].get(s.url("/certify"))
    s[Role.SCRUTINEER].post(s.url("/certify"), **SIGNED)
    page = s[Role.DIRECTOR].post(s.url("/certify"), expect=409, **SIGNED)
    assert "结果已确认，这一步已经过去" in page
    with app.app_context():
        [sheet] = queries.sheets(s.vote_id)
        assert sheet.reader == "王唱票"


def test_a_double_press_certifies_once(app, stage, at):
    s = stage(all_read)
    at(AFTER)
    for _ in range(2):
        s[Role.SCRUTINEER].post(s.url("/certify"), **SIGNED, submission="one-form")
    with app.app_context():
        assert len(queries.sheets(s.vote_id)) == 1


def test_the_certifier_is_told_that_another_announces(stage, at):
    s = stage(votes.certified)
    at(AFTER)
    assert "等另一位负责人公告结果" in s[Role.SCRUTINEER].get(s.url())
    assert "公告表决结果" in s[Role.OFFICER].get(s.url())


def test_a_director_who_certified_does_not_announce(stage, at):
    s = stage(all_read)
    at(AFTER)
    s[Role.DIRECTOR].post(s.url("/certify"), **SIGNED)
    s[Role.DIRECTOR].get(s.url("/announce"), expect=409)
    s[Role.DIRECTOR].post(s.url("/announce"), expect=409, word="公告")
    assert "结果已公告" in s[Role.OFFICER].post(s.url("/announce"), word="公告")


# ---- objections and recount ----


def test_an_objection_is_recorded_ruled_on_and_leads_to_a_corrected_result(app, stage, at):
    s = stage(votes.announced)
    at(AFTER)
    worker, director = s[Role.WORKER], s[Role.DIRECTOR]
    fields = {"received_on": "2026-03-05", "text": "第二叠票的唱票有误"}
    page = worker.post(s.url("/result/objections/new"), **{**fields, "text": ""})
    assert "请填写这一项" in page
    page = worker.post(s.url("/result/objections/new"), **fields)
    assert "异议已登记" in page
    with app.app_context():
        receipt = queries.objection(s.vote_id, 1).receipt
    assert receipt in page
    assert "裁定 1 条对结果的异议" in director.get(s.url())
    page = director.post(s.url("/result/objections/1"), ruling="recount", text="")
    assert "请填写这一项" in page
    page = director.post(s.url("/result/objections/1"), ruling="recount", text="两叠票放反")
    assert "已裁定重新计票" in page
    director.get(s.url("/result/objections/1"), expect=409)
    assert "正在重新计票（第 2 次）" in s[Role.PARTNER].get(s.url())
    page = visible(s[Role.PARTNER].get(s.url("/result")))
    assert "正在重新计票" in page
    assert "「车辆管理制度」通过" in page
    read_anew(app, s, "against")
    page = s[Role.SCRUTINEER].post(s.url("/certify"), **SIGNED)
    assert "请填写这一项" in page
    s[Role.SCRUTINEER].post(s.url("/certify"), **SIGNED, reason="两叠票放反")
    # Until the correction is announced residents' committees beside the office see the first.
    assert "「车辆管理制度」通过" in visible(s[Role.PARTNER].get(s.url("/result")))
    assert "「车辆管理制度」未形成决定" in visible(director.get(s.url("/result")))
    director.post(s.url("/announce"), word="公告")
    page = visible(s[Role.PARTNER].get(s.url("/result")))
    assert "重新计票后的结果（第 2 版）。原因：两叠票放反" in page
    assert "「车辆管理制度」未形成决定" in page
    page = visible(s[Role.PARTNER].get(s.url("/announcement")))
    assert "更正公告，代替第 1 版" in page
    first = visible(s[Role.PARTNER].get(s.url("/result?number=1")))
    assert "已被后来的结果代替" in first
    assert "「车辆管理制度」通过" in first
    for nonsense in ("3", "0", "x", "99999999999999999999"):
        s[Role.PARTNER].get(s.url(f"/result?number={nonsense}"), expect=404)


def test_an_objection_after_the_period_is_marked_as_late(stage, at):
    s = stage(votes.announced)
    at(LATER)
    s[Role.WORKER].post(s.url("/result/objections/new"), received_on="2026-03-21", text="票数不对")
    assert "逾期" in visible(s[Role.DIRECTOR].get(s.url("/result/objections")))


def test_a_result_is_sent_back_before_its_announcement(app, stage, at):
    s = stage(votes.certified)
    at(AFTER)
    page = s[Role.OFFICER].post(s.url("/recount"), reason="漏数一箱", word="不对")
    assert "请照原样输入" in page
    page = s[Role.OFFICER].post(s.url("/recount"), reason="漏数一箱", word="重新计票")
    assert "已退回" in page
    assert state(app, s) is VoteState.COUNTING


# ---- the list, and what stands around ----


def test_the_list_shows_scope_state_and_results(stage, at):
    s = stage(votes.announced)
    at(AFTER)
    page = visible(s[Role.PARTNER].get(f"/projects/{s.project_id}/votes"))
    assert "第 1 轮" in page
    assert "已公告" in page
    assert "车辆管理制度 通过" in page


def test_without_motions_the_page_says_what_to_do_first(stage):
    s = stage(motions=())
    page = s[Role.WORKER].get(f"/projects/{s.project_id}/votes")
    assert "还没有表决事项" in page
    assert "votes/new" not in page


def test_missing_areas_lead_to_where_they_are_supplied(stage, at):
    def without_area(scene: votes.Scene) -> Vote:
        db.session.scalars(sa.select(Unit).limit(1)).one().area = None
        return all_read(scene)

    s = stage(without_area)
    at(AFTER)
    page = s[Role.SCRUTINEER].get(s.url("/certify"))
    assert "因面积缺失不能认定" in page
    assert 'name="reader"' not in page


@pytest.mark.parametrize(
    ("make", "when"),
    [
        (votes.draft, OPENS),
        (votes.frozen, OPENS),
        (votes.running, DURING),
        (all_read, AFTER),
        (votes.certified, AFTER),
        (votes.announced, LATER),
    ],
)
def test_every_link_of_the_page_opens_for_whoever_sees_it(stage, at, make, when):
    s = stage(make)
    at(when)
    for role in Role:
        page = s[role].get(s.url())
        main = page[page.index("<main") : page.index("</main>")]
        for link in sorted(set(re.findall(r'href="(/votes/\d+/[^"#]*)', main))):
            s[role].get(link)


def test_the_stranger_finds_nothing(stage, at):
    s = stage(votes.announced)
    at(AFTER)
    for tail in ("", "/result", "/announcement", "/sheet", "/result/objections", "/archive"):
        s.stranger.get(s.url(tail), expect=404)
    s.stranger.get(f"/projects/{s.project_id}/votes", expect=404)
    s[Role.DIRECTOR].get("/votes/999", expect=404)
    s[Role.DIRECTOR].get(s.url("/result/objections/7"), expect=404)


def test_an_officer_of_the_subdistrict_announces_for_the_committee(app, stage, at):
    s = stage(votes.certified)
    at(AFTER)
    assert "结果已公告" in s[Role.OFFICER].post(s.url("/announce"), word="公告")
    with app.app_context():
        announcer = db.session.get_one(Vote, s.vote_id).announced_by
        assert db.session.get_one(User, announcer).role is Role.OFFICER
