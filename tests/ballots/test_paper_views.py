"""Pages of the papers: numbering, spares, replacements, and the ballots for printing."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from tests.conftest import visible
from tests.factories import votes
from tests.factories.votes import CLOSES, DURING
from tracker.accounts.rules import Role
from tracker.ballots import printing_services
from tracker.ballots.codes import grouped, read_code
from tracker.ballots.paper_models import Paper
from tracker.ballots.rules import PaperState, fits_half_a_sheet
from tracker.kernel.database import db
from tracker.kernel.qr import qr_code
from tracker.meetings.models import Motion
from tracker.votes.models import Vote
from tracker.votes.rules import NonResponsePolicy
from tracker.votes.shipped import SHIPPED_RULES


def unnumbered(scene):
    """Frozen, and no paper numbered yet."""
    vote = votes.frozen(scene)
    db.session.execute(sa.delete(Paper))
    db.session.execute(sa.text("DELETE FROM print_run"))
    return vote


def with_spares(scene):
    vote = votes.running(scene)
    printing_services.print_spares(scene.worker, DURING, vote.id, 2)
    return vote


def papers(app, **conditions):
    with app.app_context():
        return [
            (paper.serial, paper.state)
            for paper in db.session.query(Paper).filter_by(**conditions).order_by(Paper.serial)
        ]


def code_of(app, serial):
    with app.app_context():
        return db.session.scalar(sa.select(Paper.code).where(Paper.serial == serial))


# ---- the papers ----


def test_papers_are_numbered_from_the_page_and_then_printed(stage, app):
    s = stage(unnumbered)
    page = s[Role.WORKER].get(s.url("/papers"))
    assert "按名册给表决票编号" in page
    assert s.url("/sheets") not in page
    page = s[Role.WORKER].post(s.url("/papers/number"))
    assert "第 1 号至第 6 号" in page
    assert "打印表决票" in page
    assert "已经编过号" in s[Role.WORKER].post(s.url("/papers/number"))
    assert len(papers(app)) == 6


def test_without_papers_those_who_watch_are_told(stage):
    s = stage(unnumbered)
    page = s[Role.OFFICER].get(s.url("/papers"))
    assert "表决票还没有编号" in page
    assert "/papers/number" not in page
    assert "还没有编号" in s[Role.WORKER].get(s.url("/sheets"), expect=409)


def test_the_first_equation_stands_on_the_page(stage, at):
    def mixed(scene):
        vote = with_spares(scene)
        votes.received(scene, vote, 1)
        printing_services.spoil(scene.worker, DURING, vote.id, paper="8", reason="污损")
        return vote

    s = stage(mixed)
    at(DURING)
    page = visible(s[Role.SCRUTINEER].get(s.url("/papers")))
    assert "印制 8 = 收回 1 + 未收回 5 + 备用 1 + 作废 1" in page
    assert "相符" in page


def test_every_figure_opens_the_list_behind_it(stage, at):
    s = stage(with_spares)
    at(DURING)
    page = s[Role.WORKER].get(s.url("/papers?pile=spare"))
    listed = page[page.index('id="list"') :]
    assert re.findall(r'data-label="票号">(\d+)<', listed) == ["7", "8"]
    assert "共 8 条" in s[Role.WORKER].get(s.url("/papers?pile=nonsense"))


def test_papers_that_do_not_add_up_are_said_to(stage, app, at):
    s = stage(votes.running)
    at(DURING)
    with app.app_context():
        db.session.execute(sa.delete(Paper).where(Paper.serial == 6))
        db.session.commit()
    page = visible(s[Role.WORKER].get(s.url("/papers")))
    assert "印制 6 ≠ 收回 0 + 未收回 5" in page
    assert "不相符" in page


def test_replacements_are_folded_below_the_other_runs(stage, at):
    def replaced(scene):
        vote = with_spares(scene)
        for serial in ("1", "2"):
            printing_services.reprint(scene.worker, DURING, vote.id, paper=serial, reason="遗失")
        return vote

    s = stage(replaced)
    at(DURING)
    page = visible(s[Role.WORKER].get(s.url("/papers")))
    assert re.search(r"第 1 批 按名册.*第 2 批 备用票.*补印 2 次.*第 3 批 补印.*第 4 批 补印", page)


def test_spares_are_numbered_and_lead_to_the_printer(stage, app, at):
    s = stage(votes.running)
    at(DURING)
    page = s[Role.WORKER].post(s.url("/papers/spares"), count="2")
    assert "第 7 号至第 8 号" in page
    assert page.count("ballot-stub") == 2
    for count in ("0", "501", "", "三"):
        assert "field-error" in s[Role.WORKER].post(s.url("/papers/spares"), count=count)
    assert len(papers(app)) == 8


def test_a_double_press_numbers_spares_once(stage, app, at):
    s = stage(votes.running)
    at(DURING)
    for _press in range(2):
        s[Role.WORKER].post(s.url("/papers/spares"), count="2", submission="one-sending")
    assert len(papers(app)) == 8


def test_a_replacement_is_printed_at_once_and_the_old_number_never_again(stage, app, at):
    s = stage(votes.running)
    at(DURING)
    page = s[Role.WORKER].post(s.url("/papers/reprint"), paper="2", reason="业主遗失")
    assert "已补印第 7 号" in page
    assert page.count("ballot-stub") == 1
    assert "1号楼102室" in visible(page)
    assert papers(app, state=PaperState.SPOILT) == [(2, PaperState.SPOILT)]
    assert "第 2 号已经作废" in s[Role.WORKER].post(
        s.url("/papers/reprint"), paper="2", reason="再来"
    )
    sheets = s[Role.WORKER].get(s.url("/sheets"))
    assert re.findall(r"票号：<strong[^>]*>(\d+)<", sheets) == [
        *("0001", "0003", "0004", "0005", "0006", "0007"),
    ]


def test_refused_forms_keep_what_was_typed_at_the_field(stage, at):
    s = stage(votes.running)
    at(DURING)
    page = s[Role.WORKER].post(s.url("/papers/spoil"), paper="99", reason="污损 <b>")
    assert "没有这张票" in page
    assert 'value="99"' in page
    assert "污损 &lt;b&gt;" in page
    assert "field-error" in s[Role.WORKER].post(s.url("/papers/spoil"), paper="1", reason="")


def test_a_spare_is_handed_out_and_a_tenant_is_told_why_not(stage, app, at):
    s = stage(with_spares)
    at(DURING)
    given = {"spare": "7", "voter": "1-102", "reason": "填错", "recipient": "tenant"}
    page = s[Role.COUNTER].post(s.url("/papers/hand-out"), **given)
    assert "承租人没有表决权" in page
    page = s[Role.COUNTER].post(s.url("/papers/hand-out"), **{**given, "recipient": "owner"})
    assert "第 7 号已发给 1号楼102室" in page
    assert papers(app, state=PaperState.SPOILT) == [(2, PaperState.SPOILT)]
    second = {"spare": "8", "voter": "3", "reason": "意见不一", "recipient": "co_owner"}
    page = s[Role.COUNTER].post(s.url("/papers/hand-out"), **second, second_owner="y")
    assert "第 8 号已发给 1号楼103室 的共有人" in page


def test_after_the_planned_close_the_page_offers_no_printing(stage, at):
    s = stage(with_spares)
    at(CLOSES)
    page = s[Role.WORKER].get(s.url("/papers"))
    for tail in ("/sheets", "/papers/spares", "/papers/reprint", "/papers/spoil"):
        assert s.url(tail) not in page
    page = s[Role.WORKER].post(s.url("/papers/spares"), count="2")
    assert "截止时间已过" in page


# ---- the ballots for printing ----


def test_a_ballot_holds_what_its_voter_needs_and_its_stub_alone_the_name(stage, app, at):
    s = stage(votes.running)
    at(DURING)
    page = s[Role.WORKER].get(s.url("/sheets?first=2&last=2"))
    code = code_of(app, 2)
    stub, rest = page[page.index("ballot-stub") :].split("ballot-tear", 1)
    assert "业主1-102" in visible(stub)
    assert "业主1-102" not in visible(rest)
    words = visible(rest)
    for said in (
        *("仁德居委会", "停车与门禁表决", "1号楼102室", "票号： 0002", grouped(code)),
        *("事项 1 车辆管理制度", "是否通过《车辆管理制度》？", "事项 2 门禁管理公约"),
        *("同意", "反对", "弃权", "怎样填写", "表决权人签名"),
        *(
            "截止时间：2026年3月5日 周四 09:00",
            "无效票计入参与；未投票不计入",
            "名册人数三分之二以上",
        ),
    ):
        assert said in words, said
    assert "不交票也会被计算" not in words
    assert qr_code(code) in page
    assert read_code(code) == code


def test_the_code_holds_nothing_but_itself(stage, app, at):
    """The drawing is that of the paper's code: no name, room or choice is in it."""
    s = stage(votes.running)
    at(DURING)
    page = s[Role.WORKER].get(s.url("/sheets"))
    drawings = re.findall(r"<svg[^>]*viewBox.*?</svg>", page[page.index("ballots") :], re.S)
    with app.app_context():
        codes = db.session.scalars(sa.select(Paper.code).order_by(Paper.serial)).all()
    assert drawings == [str(qr_code(code)) for code in codes]


def test_boxes_to_tick_are_empty_on_every_ballot(stage, at):
    s = stage(votes.running)
    at(DURING)
    page = s[Role.WORKER].get(s.url("/sheets"))
    assert set(re.findall(r'<span class="ballot-box">(.*?)</span>', page)) == {""}
    assert "checked" not in page


def test_counted_silence_is_a_boxed_warning_with_its_clause(stage, app, at):
    s = stage(votes.running)
    at(DURING)
    with app.app_context():
        vote = db.session.get_one(Vote, s.vote_id)
        vote.nonresponse_policy = NonResponsePolicy.FOLLOW_MAJORITY
        vote.policy_clause = "议事规则第十二条"
        db.session.commit()
    page = visible(s[Role.WORKER].get(s.url("/sheets?last=1")))
    assert "请注意：不交票也会被计算。 已送达未投票的计入多数票。依据：议事规则第十二条" in page


@pytest.mark.parametrize(
    ("rule", "how"),
    [
        ("choose_one", "只在一个候选项的方框里打"),
        ("approval", "每项可以选几个"),
        ("ranked", "在方框里写 1、2、3"),
    ],
)
def test_a_poll_lists_its_options_and_says_how(stage, app, at, rule, how):
    s = stage(votes.running)
    at(DURING)
    with app.app_context():
        vote = db.session.get_one(Vote, s.vote_id)
        vote.rule, vote.choices = SHIPPED_RULES[rule].to_dict(), []
        for motion in vote.motions:
            motion.options = [{"key": "A", "label": "甲公司"}, {"key": "B", "label": "乙公司"}]
        db.session.commit()
    page = visible(s[Role.WORKER].get(s.url("/sheets?last=1")))
    for said in (how, "A 甲公司", "B 乙公司", "仅供参考"):
        assert said in page
    assert "反对" not in page


def test_batches_are_a_building_a_run_or_a_range(stage, app, at):
    s = stage(with_spares)
    at(DURING)
    page = s[Role.WORKER].get(s.url("/sheets"))
    building = s.offered(page, "building")[2]
    runs = s.offered(page, "run")

    def serials(query):
        found = s[Role.WORKER].get(s.url(f"/sheets?{query}"))
        return re.findall(r"票号：<strong[^>]*>(\d+)<", found)

    assert serials(f"building={building}") == ["0004", "0005", "0006"]
    assert serials(f"run={runs[2]}") == ["0007", "0008"]
    assert serials("first=3&last=4") == ["0003", "0004"]
    assert "没有可印的票" in s[Role.WORKER].get(s.url("/sheets?first=90"))
    # What the address means nothing by narrows nothing.
    assert len(serials("building=x&first=abc")) == 8


def test_a_spare_has_room_for_the_rooms(stage, at):
    s = stage(with_spares)
    at(DURING)
    page = visible(s[Role.WORKER].get(s.url("/sheets?first=7&last=7")))
    assert "房号： ________________" in page


@pytest.mark.parametrize(
    ("texts", "boxes", "fits"),
    [
        (["短"], 1, True),
        (["字" * 42, "字" * 42], 2, True),
        (["字" * 43, "字" * 43], 2, True),
        (["字" * 43, "字" * 85], 2, False),
        (["一\n二\n三\n四\n五"], 1, True),
        (["一\n二\n三\n四\n五\n六"], 1, False),
        (["短"], 6, False),
        ([""], 1, True),
    ],
)
def test_short_ballots_go_two_on_a_sheet(texts, boxes, fits):
    assert fits_half_a_sheet(texts, boxes) is fits


def test_the_layout_follows_the_length_unless_chosen(stage, app, at):
    s = stage(votes.running)
    at(DURING)
    worker = s[Role.WORKER]
    assert "two-a-sheet" in worker.get(s.url("/sheets"))
    assert "two-a-sheet" not in worker.get(s.url("/sheets?layout=one"))
    with app.app_context():
        for motion in db.session.get_one(Vote, s.vote_id).motions:
            motion.text = "很长的方案。" * 60
        assert db.session.query(Motion).count() == 2
        db.session.commit()
    assert "two-a-sheet" not in worker.get(s.url("/sheets"))
    assert "two-a-sheet" in worker.get(s.url("/sheets?layout=two"))
