"""The pages of a vote, walked through as people do."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.conftest import visible
from tests.factories import votes
from tests.factories.votes import AFTER, CLOSES, DURING, OPENS
from tests.votes.walk import Stage, draft_fields, step, version, wall
from tracker.accounts.models import User
from tracker.accounts.rules import Role
from tracker.kernel.database import db
from tracker.places.models import Unit
from tracker.projects.models import Project
from tracker.votes import queries
from tracker.votes.models import Ballot, Vote
from tracker.votes.words import BallotState, VoteState


def test_a_vote_from_motions_to_announcement(app, stage, at):
    s = stage()
    worker, director, counter = s[Role.WORKER], s[Role.DIRECTOR], s[Role.COUNTER]
    assert "准备表决" in worker.get(f"/projects/{s.project_id}/votes")
    page = worker.post(f"/projects/{s.project_id}/votes/new", **draft_fields(s))
    assert "请核对名册" in page
    assert "480.00" in visible(page)
    with app.app_context():
        vote = db.session.scalar(sa.select(Vote))
        s.vote_id = vote.id
        s.choice_fields = [f"choice_{i}" for i in votes.motions_of(vote)]
    page = director.get(s.url("/freeze"))
    assert "将冻结 6 人、6 套房、480.00 平方米的名册" in page
    assert "请照原样输入" in step(director, s.url("/freeze"), "好的")
    assert "名册已冻结" in step(director, s.url("/freeze"), "冻结")
    at(OPENS)
    assert "已开始投票" in step(director, s.url("/open"), "open")
    at(DURING)
    for serial in range(1, 5):
        page = counter.post(s.url("/ballots/new"), **s.paper(serial))
    assert "第 4 票已登记：2号楼101室" in page
    page = counter.post(s.url("/ballots/new"), **s.paper("2-102", "against"))
    assert "第 5 票已登记：2号楼102室" in page
    page = director.get(s.url())
    assert "5 / 6 人 · 83.3%" in page
    assert "参与已达到要求" in page
    at(AFTER)
    assert "已截止并计票" in step(director, s.url("/close"), "截止")
    page = visible(s[Role.PARTNER].get(s.url("/result")))
    assert "「车辆管理制度」通过" in page
    assert "4 / 5 人 · 80.0%" in page
    assert "若有 2 人或 120.00 平方米由同意改为反对，结果即改变" in page
    assert "结果已公告" in step(director, s.url("/announce"), "公告")
    page = visible(s[Role.PARTNER].get(s.url("/announcement")))
    for words in ("表决结果的公告", "4 / 5 人 · 80.0%", "15 日内", "2026年3月20日", "软件只做计算"):
        assert words in page
    with app.app_context():
        assert queries.vote(db.session.scalar(sa.select(User)), s.vote_id).roll_hash in page


def test_the_rule_of_the_project_is_chosen_beforehand(app, stage):
    s = stage()
    with app.app_context():
        db.session.get_one(Project, s.project_id).vote_rule = "gt23"
        db.session.commit()
    page = s[Role.WORKER].get(f"/projects/{s.project_id}/votes/new")
    assert re.search(r'value="gt23"[^>]*checked', page)
    assert 'value="rcm"' not in page
    assert "《民法典》第278条" in page


def test_bad_input_keeps_what_was_typed(app, stage):
    s = stage()
    fields = draft_fields(s, rule_reason="", closes_at=wall(OPENS), title="一次 <b>表决</b>")
    page = s[Role.WORKER].post(f"/projects/{s.project_id}/votes/new", **fields)
    assert "请填写这一项" in page
    assert "一次 &lt;b&gt;表决&lt;/b&gt;" in page
    fields["rule_reason"] = "管理规约"
    page = s[Role.WORKER].post(f"/projects/{s.project_id}/votes/new", **fields)
    assert "截止时间要晚于开始时间" in page
    assert "管理规约" in page
    page = s[Role.WORKER].post(
        f"/projects/{s.project_id}/votes/new",
        **{**fields, "motion_ids": [], "closes_at": "0001-01-01T00:00", "opens_at": "明天"},
    )
    for words in ("至少选一项", "请核对年份", 'value="明天"'):
        assert words in page
    with app.app_context():
        assert db.session.scalar(sa.select(Vote)) is None


def test_without_motions_the_page_says_what_to_do_first(stage):
    s = stage(motions=())
    page = s[Role.WORKER].get(f"/projects/{s.project_id}/votes")
    assert "还没有表决事项" in page
    assert "votes/new" not in page


def test_a_draft_edited_by_two_is_a_polite_conflict(stage):
    s = stage(votes.draft)
    page = s[Role.WORKER].get(s.url("/edit"))
    fields = draft_fields(s, version=version(page), title="第一次修改", motion_ids=s.motion_ids[:1])
    assert "已保存" in s[Role.WORKER].post(s.url("/edit"), **fields)
    page = s[Role.DIRECTOR].post(s.url("/edit"), expect=409, **{**fields, "title": "第二次"})
    assert "已被别人改动" in page


def test_a_frozen_vote_is_not_edited(stage):
    s = stage(votes.frozen)
    assert "都不能再改" in s[Role.WORKER].get(s.url("/edit"), expect=409)


def test_obstacles_lead_to_where_they_are_mended(app, stage):
    s = stage(votes.draft)
    with app.app_context():
        db.session.scalar(sa.select(Unit)).voting_person_id = None
        db.session.commit()
    page = s[Role.DIRECTOR].get(s.url())
    assert "还有 1 套房没有表决权人" in page
    assert f'href="{s.url("/freeze")}"' not in page
    assert "没有表决权人" in step(s[Role.DIRECTOR], s.url("/freeze"), "冻结")


def test_a_roll_that_changed_behind_the_confirmation_is_not_frozen(app, stage):
    s = stage(votes.draft)
    step(s[Role.DIRECTOR], s.url("/freeze"), "冻结", expect=409, persons=5)
    with app.app_context():
        assert db.session.get_one(Vote, s.vote_id).state is VoteState.DRAFT


def test_a_second_paper_of_one_person_is_refused_with_the_way_to_correct_it(app, stage, at):
    s = stage(votes.running)
    at(DURING)
    s[Role.COUNTER].post(s.url("/ballots/new"), **s.paper(1))
    page = s[Role.WORKER].post(s.url("/ballots/new"), **s.paper("1-101", "against"))
    assert "第 1 号已经登记过" in page
    with app.app_context():
        [number] = db.session.scalars(sa.select(Ballot.id)).all()
    assert f'href="/ballots/{number}/correct"' in page
    assert 'value="1-101"' in page


def test_a_double_press_makes_one_ballot(app, stage, at):
    s = stage(votes.running)
    at(DURING)
    paper = s.paper(1, submission="one-paper")
    s[Role.COUNTER].post(s.url("/ballots/new"), **paper)
    page = s[Role.COUNTER].post(s.url("/ballots/new"), **paper)
    assert "已经登记过" not in page
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Ballot)) == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"serial": ""}, "请填写这一项"),
        ({"serial": "9-999"}, "名册上没有这个票号或房号"),
        ({"received_at": "昨天"}, "昨天"),
        ({"received_at": wall(AFTER)}, "收到时间还没有到"),
        ({"check": "nonsense"}, "登记表决票"),
        ({"choice": "follow"}, "登记表决票"),
    ],
)
def test_a_paper_that_cannot_be_is_not_recorded(app, stage, at, fields, words):
    s = stage(votes.running)
    at(DURING)
    choice = fields.pop("choice", "for")
    page = s[Role.COUNTER].post(s.url("/ballots/new"), **s.paper(1, choice, **fields))
    assert words in page
    with app.app_context():
        assert db.session.scalar(sa.select(Ballot)) is None


def test_a_missing_choice_is_asked_for_and_the_rest_kept(stage, at):
    s = stage(votes.running)
    at(DURING)
    paper = s.paper(1)
    del paper[s.choice_fields[1]]
    page = s[Role.COUNTER].post(s.url("/ballots/new"), **paper)
    assert "请选择票面所填的意见" in page
    assert re.search(rf'name="{s.choice_fields[0]}" value="for"[^>]*checked', page)


def test_a_rejected_paper_needs_no_choices(app, stage, at):
    s = stage(votes.running)
    at(DURING)
    page = s[Role.COUNTER].post(
        s.url("/ballots/new"), serial="1", check="tenant", received_at=wall(DURING)
    )
    assert "身份核对未通过，不计票" in page
    with app.app_context():
        assert db.session.scalar(sa.select(Ballot)).state is BallotState.REJECTED


def test_after_the_close_the_time_must_be_given_and_is_carried_over(app, stage, at):
    s = stage(votes.running)
    at(AFTER)
    page = s[Role.COUNTER].get(s.url("/ballots/new"))
    assert re.search(r'name="received_at"[^>]*value=""', page)
    page = s[Role.COUNTER].post(s.url("/ballots/new"), **s.paper(1))
    assert re.search(rf'name="received_at"[^>]*value="{wall(DURING)}"', page)
    late = s.paper(2, received_at=wall(AFTER))
    assert "逾期收到，不计票" in s[Role.COUNTER].post(s.url("/ballots/new"), **late)
    for nonsense in ("x", "0001-01-01T00:00:00", "9999-12-31T23:59:59-23:59"):
        s[Role.COUNTER].get(s.url(f"/ballots/new?received_at={nonsense}"))


def test_a_correction_starts_from_an_empty_paper(app, stage, at):
    s = stage(votes.running)
    at(DURING)
    s[Role.COUNTER].post(s.url("/ballots/new"), **s.paper(1, "against"))
    with app.app_context():
        number = db.session.scalar(sa.select(Ballot.id))
    page = s[Role.WORKER].get(f"/ballots/{number}/correct")
    assert not re.search(r'name="choice_\d+"[^>]*checked', page)
    paper = s.paper(1, "abstain", reason="")
    assert "请填写这一项" in s[Role.WORKER].post(f"/ballots/{number}/correct", **paper)
    paper["reason"] = "录错一项"
    assert "已更正" in s[Role.WORKER].post(f"/ballots/{number}/correct", **paper)
    s[Role.WORKER].get(f"/ballots/{number}/correct", expect=409)
    with app.app_context():
        states = db.session.scalars(sa.select(Ballot.state).order_by(Ballot.id)).all()
        assert states == [BallotState.SUPERSEDED, BallotState.ACCEPTED]


def test_a_paper_of_the_wrong_household_is_taken_back(app, stage, at):
    s = stage(votes.running)
    at(DURING)
    s[Role.COUNTER].post(s.url("/ballots/new"), **s.paper(1))
    with app.app_context():
        number = db.session.scalar(sa.select(Ballot.id))
    fields = {"reason": "录错了户", "check": "void", "received_at": wall(DURING)}
    assert "已更正" in s[Role.COUNTER].post(f"/ballots/{number}/correct", **fields)
    assert "第 1 票已登记" in s[Role.COUNTER].post(s.url("/ballots/new"), **s.paper(1))


def test_the_roll_is_filtered_and_names_nobody(stage, at):
    def with_one(scene):
        vote = votes.running(scene)
        votes.ballot(scene, vote, 1)
        return vote

    s = stage(with_one)
    page = s[Role.SCRUTINEER].get(s.url("/roll"))
    assert "1号楼101室" in page
    assert "业主1" not in page
    page = s[Role.SCRUTINEER].get(s.url("/roll?returned=no"))
    assert "1号楼101室" not in page
    assert "1号楼102室" in page
    s[Role.SCRUTINEER].get(s.url("/roll?building=x&returned=y"))


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


def test_lists_need_as_many_queries_for_many_rows_as_for_few(app, browse, at):
    def with_papers(number):
        def make(scene):
            vote = votes.running(scene)
            for serial in range(1, number + 1):
                votes.ballot(scene, vote, serial)
            return vote

        return make

    few = Stage(app, browse, with_papers(2), buildings=1, rooms=4)
    many = Stage(app, browse, with_papers(30), buildings=4, rooms=10, committee="国权居委会")
    at(DURING)
    for role, tail in ((Role.COUNTER, "/roll"), (Role.COUNTER, "/ballots/new"), (Role.WORKER, "")):
        needed = counted_queries(app, few[role], few.url(tail))
        assert counted_queries(app, many[role], many.url(tail)) == needed, tail


def test_reading_before_the_close_says_that_there_is_no_result_yet(stage):
    s = stage(votes.running)
    assert "还没有结果" in s[Role.DIRECTOR].get(s.url("/result"), expect=409)


def test_closing_early_is_refused_with_the_reason(app, stage, at):
    s = stage(votes.running)
    at(CLOSES - timedelta(minutes=1))
    assert "还有票没有收回" in step(s[Role.DIRECTOR], s.url("/close"), "截止")
    with app.app_context():
        assert db.session.get_one(Vote, s.vote_id).state is VoteState.OPEN
