"""Results on the screen and on paper: verdict, tests, small cells, both tallies, fingerprints."""

from __future__ import annotations

import sqlalchemy as sa

from tests.conftest import visible
from tests.counts.test_counting import deliver, poll, silent_vote
from tests.factories import votes
from tests.factories.votes import AFTER
from tracker.accounts.models import User
from tracker.accounts.rules import Role
from tracker.counts import queries, services
from tracker.kernel.database import db
from tracker.votes import queries as vote_queries
from tracker.votes.models import Vote
from tracker.votes.rules import NonResponsePolicy


def all_read(scene: votes.Scene) -> Vote:
    """A vote of which everything is read: five for, and nothing open."""
    vote = votes.counting(scene, range(1, 6))
    for serial in range(1, 6):
        votes.read(scene, vote, serial)
    return vote


def one_against(scene: votes.Scene) -> Vote:
    return votes.announced(scene, approving=4, opposing=1)


def test_the_result_says_the_verdict_the_tests_and_how_close_it_was(stage, at):
    s = stage(one_against)
    at(AFTER)
    page = visible(s[Role.PARTNER].get(s.url("/result")))
    for words in (
        "「车辆管理制度」通过",
        "4 / 5 人 · 80.0%",
        "须过半数",
        "若有 2 人或 120.00 平方米由同意改为反对，结果即改变",
        "有一项少于 3 人，不列分项面积",
        "各楼参与",
    ):
        assert words in page
    assert "101室" not in page


def test_a_motion_that_failed_says_how_much_more_it_needed(stage, at):
    s = stage(lambda scene: votes.announced(scene, approving=1))
    at(AFTER)
    page = visible(s[Role.PARTNER].get(s.url("/result")))
    assert "「车辆管理制度」未形成决定" in page
    assert "再有 3 人、240.00 平方米同意即可通过" in page


def test_a_building_with_few_ballots_is_told_together_with_another(stage, at):
    s = stage(lambda scene: votes.announced(scene, approving=4))
    at(AFTER)
    page = visible(s[Role.PARTNER].get(s.url("/result")))
    assert "1号楼、2号楼 4 / 6 66.6%" in page
    assert "1 / 3" not in page
    assert "合并列出" in page


def test_a_sign_up_shows_its_milestones(stage, at):
    s = stage(lambda scene: votes.announced(scene, approving=5, rule_id="rebuild_sign"))
    at(AFTER)
    page = visible(s[Role.PARTNER].get(s.url("/result")))
    assert "签约率 90%：需要 6 户，还差 1 户" in page


def test_the_announcement_names_both_tests_the_hash_and_whom_to_ask(app, stage, at):
    s = stage(one_against)
    at(AFTER)
    page = visible(s[Role.PARTNER].get(s.url("/announcement")))
    for words in (
        "表决结果的公告",
        "有效收回 5 人的票，400.00 平方米",
        "4 / 5 人 · 80.0%",
        "320.00 / 400.00 平方米 · 80.0%",
        "15 日内（2026年3月20日",
        "仁德居委会书面提出",
        "公告时历史记录链的指纹",
        "软件只做计算",
    ):
        assert words in page
    with app.app_context():
        vote = vote_queries.vote(db.session.scalars(sa.select(User)).first(), s.vote_id)
        assert vote.roll_hash in page
        assert queries.history_hash(vote, queries.sheet(vote.id, 1)) in page


def test_the_tally_sheet_holds_both_equations_and_three_names(app, stage, at):
    s = stage(one_against)
    at(AFTER)
    page = visible(s[Role.COUNTER].get(s.url("/sheet")))
    for words in (
        "印制 6 = 收回 5 + 未收回 1 + 备用 0 + 作废 0",
        "收回 5 = 有效收回 5 + 不计票 0",
        "同意 4 反对 1 弃权 0 无效 0 合计 5 = 5",
        "唱票人 唱票人",
        "监票人 监票人",
    ):
        assert words in page
    assert "未确认" not in page
    with app.app_context():
        assert queries.sheet(s.vote_id, 1).digest in page


def test_before_it_is_certified_the_sheet_is_marked_so_and_hides_single_ballots(stage, at):
    def one_read(scene: votes.Scene) -> Vote:
        vote = votes.counting(scene, [1, 2])
        votes.read(scene, vote, 1)
        return vote

    s = stage(one_read)
    at(AFTER)
    page = visible(s[Role.SCRUTINEER].get(s.url("/sheet")))
    assert "未确认" in page
    assert "收回 2 = 有效收回 2 + 不计票 0" in page
    assert "以免看出单独一张票怎么填" in page
    assert not [word for word in ("同意", "反对", "弃权") if word in page]


def test_when_all_is_read_the_sheet_shows_the_figures_still_unconfirmed(stage, at):
    s = stage(all_read)
    at(AFTER)
    page = visible(s[Role.SCRUTINEER].get(s.url("/sheet")))
    assert "未确认" in page
    assert "同意 5 反对 0" in page


def test_silence_that_counts_is_told_both_ways(stage, at):
    def silent(scene: votes.Scene) -> Vote:
        vote = silent_vote(scene, NonResponsePolicy.FOLLOW_MAJORITY, approving=2)
        deliver(vote, range(1, 7))
        services.certify(scene.scrutineer, AFTER, vote.id, signers=votes.SIGNERS)
        return services.announce(scene.director, AFTER, vote.id)

    s = stage(silent)
    at(AFTER)
    for tail in ("/result", "/announcement"):
        page = visible(s[Role.PARTNER].get(s.url(tail)))
        assert "已送达未投票的计入多数票" in page
        assert "不计入未投票的，结果会不同" in page
        assert "2 / 6 人 · 33.3% 未达到" in page
        assert "结果 通过 未形成决定" in page
    assert "议事规则第十二条" in s[Role.PARTNER].get(s.url("/announcement"))


def test_where_silence_never_counted_there_is_one_tally(stage, at):
    s = stage(one_against)
    at(AFTER)
    assert "不计入未投票的" not in s[Role.PARTNER].get(s.url("/result"))


def test_a_poll_is_shown_as_advice_with_every_option(stage, at):
    def announced(scene: votes.Scene) -> Vote:
        vote = poll(scene, "choose_one", ["A", "A", "A", "B", "abstain"])
        return services.announce(scene.director, AFTER, vote.id)

    s = stage(announced)
    at(AFTER)
    for tail in ("/result", "/announcement"):
        page = visible(s[Role.PARTNER].get(s.url(tail)))
        assert "得票最多的是：甲公司" in page
        assert "仅供参考" in page
        assert "丙公司" in page
    page = visible(s[Role.COUNTER].get(s.url("/sheet")))
    assert "A. 甲公司 3 B. 乙公司 1 C. 丙公司 0 弃权 1 无效 0 合计 5 = 5" in page
    assert "已计票" in visible(s[Role.PARTNER].get(f"/projects/{s.project_id}/votes"))
