"""Receiving papers one after the other, and what stands beside: boxes, slips, the roll."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from tests.ballots.delivering import deliver
from tests.conftest import visible
from tests.factories import votes
from tests.factories.votes import AFTER, CLOSES, DURING
from tests.votes.walk import wall
from tracker.accounts.rules import Role
from tracker.ballots import box_services, printing_services, receipts
from tracker.ballots.models import Ballot
from tracker.ballots.paper_models import Box, Paper
from tracker.ballots.roll_file import harmless
from tracker.ballots.rules import BallotState, RejectReason
from tracker.kernel.database import db
from tracker.kernel.qr import qr_code
from tracker.projects.models import Project
from tracker.votes.models import RollEntry

CHOICE_WORDS = ("同意", "反对", "弃权")


def with_box(scene):
    vote = votes.running(scene)
    box_services.seal(scene.counter, DURING, vote.id, number=1, seal_number="A001", place="门卫室")
    return vote


def closed_with_box(scene):
    vote = votes.running(scene)
    box_services.seal(scene.counter, DURING, vote.id, number=1, seal_number="A001", place="门卫室")
    votes.accepted(scene, vote, 1)
    votes.closing_services.close(scene.director, AFTER, vote.id)
    return vote


def taken(paper, **fields):
    return {"paper": str(paper), "box": "", "received_at": wall(DURING), **fields}


def ballots(app):
    with app.app_context():
        return [
            (ballot.serial, ballot.state) for ballot in db.session.query(Ballot).order_by(Ballot.id)
        ]


def ballot_id(app, serial):
    with app.app_context():
        return db.session.scalar(
            sa.select(Ballot.id)
            .join(Ballot.paper)
            .where(Paper.serial == serial)
            .order_by(Ballot.id.desc())
        )


def recent(page):
    return visible(page[page.index('id="recent"') :])


# ---- one after the other ----


def test_a_scanner_types_the_code_and_the_next_form_is_empty(stage, app, at):
    s = stage(votes.running)
    at(DURING)
    with app.app_context():
        code = db.session.scalar(sa.select(Paper.code).where(Paper.serial == 3))
    page = s[Role.COUNTER].get(s.url("/receive"))
    assert re.search(r'name="paper"[^>]*data-scan|data-scan[^>]*name="paper"', page)
    assert f'value="{wall(DURING)}"' in page
    page = s[Role.COUNTER].post(s.url("/receive"), **taken(code))
    assert "已收回第 3 号：1号楼103室" in page
    assert not re.search(r'name="paper"[^>]*value="\w', page)
    assert "3 1号楼103室 已收回，待核对" in recent(page)
    assert "1 / 6 人 · 16.6%" in page


def test_the_last_ten_stand_below_the_newest_first(stage, app, at):
    s = stage(votes.running, buildings=3, rooms=4)
    at(DURING)
    for serial in range(1, 13):
        page = s[Role.COUNTER].post(s.url("/receive"), **taken(serial))
    listed = page[page.index('id="recent"') :]
    assert re.findall(r'data-label="票号">(\d+)<', listed) == [
        str(serial) for serial in range(12, 2, -1)
    ]


def test_a_double_press_receives_one_paper(stage, app, at):
    s = stage(votes.running)
    at(DURING)
    for _press in range(2):
        page = s[Role.COUNTER].post(s.url("/receive"), **taken(1), submission="one-paper")
    assert "已登记过" not in page
    assert ballots(app) == [(1, BallotState.RETURNED)]


@pytest.mark.parametrize(
    ("fields", "said", "kept"),
    [
        ({"paper": "99"}, "没有这张票", 'value="99"'),
        ({"paper": "ABCD-EFGH-JKM"}, "有一位不对", 'value="ABCD-EFGH-JKM"'),
        ({"paper": ""}, "请填写这一项", ""),
        ({"received_at": wall(AFTER)}, "还没有到", 'value="1"'),
        ({"received_at": ""}, "请填写这一项", 'value="1"'),
        ({"box": "9"}, "field-error", 'value="1"'),
    ],
)
def test_errors_stand_at_the_field_and_keep_the_place(stage, app, at, fields, said, kept):
    s = stage(with_box)
    at(DURING)
    page = s[Role.COUNTER].post(s.url("/receive"), **{**taken(1), **fields})
    assert said in page
    assert kept in page
    # A summary would take the cursor out of the field into which the scanner types.
    assert "error-summary" not in page
    assert ballots(app) == []


def test_the_box_stays_chosen(stage, app, at):
    s = stage(with_box)
    at(DURING)
    page = s[Role.COUNTER].post(s.url("/receive"), **taken(1, box="1"))
    assert re.search(r'<option[^>]*selected[^>]*value="1"', page)
    with app.app_context():
        assert db.session.scalar(sa.select(Ballot.box_id)) == db.session.scalar(sa.select(Box.id))
    page = s[Role.COUNTER].get(s.url("/receive?box=77"))
    assert not re.search(r'<option[^>]*selected[^>]*value="1"', page)


def test_after_the_close_the_time_is_asked_for_once_and_kept(stage, app, at):
    s = stage(closed_with_box)
    at(AFTER + timedelta(hours=1))
    page = s[Role.COUNTER].get(s.url("/receive"))
    assert re.search(r'name="received_at"[^>]*value=""', page)
    page = s[Role.COUNTER].post(s.url("/receive"), **taken(2, box="1", received_at=wall(CLOSES)))
    assert "已收回第 2 号" in page
    assert f'value="{wall(CLOSES)}"' in page
    page = s[Role.COUNTER].post(s.url("/receive"), **taken(3, received_at=wall(AFTER)))
    assert "第 3 号：1号楼103室（逾期收到，不计票）" in page
    assert ballots(app)[1:] == [(2, BallotState.RETURNED), (3, BallotState.LATE)]
    for nonsense in ("heute", "2026-03-03T10:00", "1990-01-01T00:00:00+00:00"):
        page = s[Role.COUNTER].get(s.url("/receive"), expect=200)
        page = (
            s[Role.COUNTER]
            .client.get(s.url("/receive"), query_string={"received_at": nonsense})
            .get_data(as_text=True)
        )
        assert re.search(r'name="received_at"[^>]*value=""', page), nonsense


def test_a_void_paper_is_kept_and_said_not_to_count(stage, app, at):
    def one_void(scene):
        vote = votes.running(scene)
        printing_services.reprint(scene.worker, DURING, vote.id, paper="2", reason="遗失")
        return vote

    s = stage(one_void)
    at(DURING)
    page = s[Role.COUNTER].post(s.url("/receive"), **taken(2))
    assert "已登记第 2 号：1号楼102室（已作废的票，不计票）" in page
    assert "另有身份核对未通过 1 张" in page


@pytest.mark.parametrize("role", [Role.WORKER, Role.COUNTER])
def test_no_page_of_receiving_shows_a_choice(stage, app, at, role):
    s = stage(lambda scene: _one_read(scene))
    at(AFTER)
    number = ballot_id(app, 1)
    for url in (
        *(s.url("/receive"), s.url("/boxes"), s.url("/roll"), s.url("/papers")),
        f"/ballots/{number}/receipt",
    ):
        page = visible(s[role].get(url))
        assert not [word for word in CHOICE_WORDS if word in page.replace("同意人数", "")], url


def _one_read(scene):
    vote = votes.counting(scene, [1, 2])
    votes.read(scene, vote, 1, "against")
    return vote


# ---- taken back ----


def test_a_receipt_recorded_by_mistake_is_taken_back_with_its_reason(stage, app, at):
    s = stage(votes.running)
    at(DURING)
    s[Role.COUNTER].post(s.url("/receive"), **taken(1))
    number = ballot_id(app, 1)
    assert f"/ballots/{number}/undo" in s[Role.COUNTER].get(s.url("/receive"))
    assert "请填写这一项" in s[Role.COUNTER].post(f"/ballots/{number}/undo", reason=" ")
    page = s[Role.COUNTER].post(f"/ballots/{number}/undo", reason="扫错了")
    assert "收回登记已撤销" in page
    assert "0 / 6 人" in page
    assert "已收回第 1 号" in s[Role.COUNTER].post(s.url("/receive"), **taken(1))
    assert ballots(app) == [(1, BallotState.VOIDED), (1, BallotState.RETURNED)]


def test_a_voter_takes_the_ballot_back_and_votes_again(stage, app, at):
    def with_spare(scene):
        vote = votes.running(scene)
        printing_services.print_spares(scene.worker, DURING, vote.id, 1)
        votes.accepted(scene, vote, 1)
        return vote

    s = stage(with_spare)
    at(DURING)
    number = ballot_id(app, 1)
    page = s[Role.COUNTER].post(f"/ballots/{number}/withdraw", reason="3月3日书面申请")
    assert "可以发一张备用票重投" in page
    assert re.search(r'name="voter"[^>]*value="1"', page)
    again = {"spare": "7", "voter": "1", "recipient": "owner", "reason": "撤回后重投"}
    s[Role.COUNTER].post(s.url("/papers/hand-out"), **again)
    s[Role.COUNTER].post(s.url("/receive"), **taken(7))
    assert ballots(app) == [(1, BallotState.WITHDRAWN), (7, BallotState.RETURNED)]


def test_after_the_close_nothing_is_taken_back_by_voters(stage, app, at):
    s = stage(lambda scene: votes.counting(scene, [1]))
    at(AFTER)
    number = ballot_id(app, 1)
    assert f"/ballots/{number}/withdraw" not in s[Role.COUNTER].get(s.url("/receive"))
    page = s[Role.COUNTER].post(f"/ballots/{number}/withdraw", reason="想改")
    assert "截止之后不能再撤回" in page


# ---- the slip ----


def test_the_slip_says_serial_code_and_recorded_and_nothing_else(stage, app, at):
    s = stage(votes.running)
    at(DURING)
    s[Role.COUNTER].post(s.url("/receive"), **taken(4))
    number = ballot_id(app, 4)
    with app.app_context():
        code = receipts.short(db.session.get_one(Ballot, number).receipt)
    page = s[Role.COUNTER].get(f"/ballots/{number}/receipt")
    slip = visible(page[page.index('class="slip"') : page.index("</article>")])
    for said in ("票号 4", f"回执码 {code}", "状态 已登记"):
        assert said in slip
    with app.app_context():
        token = db.session.scalar(sa.select(Project.public_token))
        address = f"{app.config['BASE_URL']}/p/{token}/votes/{s.vote_id}"
    assert qr_code(address) in page
    for hidden in ("2号楼101室", "业主"):
        assert hidden not in slip


# ---- boxes ----


def test_a_box_goes_from_seal_to_seal_on_its_page(stage, app, at):
    s = stage(votes.running)
    at(DURING)
    counter = s[Role.COUNTER]
    assert re.search(r'name="number"[^>]*value="1"', counter.get(s.url("/boxes/seal")))
    page = counter.post(s.url("/boxes/seal"), number="1", seal_number="A001", place="门卫室")
    assert "第 1 号票箱已封" in page
    assert "已经登记过" in counter.post(
        s.url("/boxes/seal"), number="1", seal_number="A002", place="门厅"
    )
    given = {"giver": "楼组长", "taker": "监票人", "seal": "whole", "at": wall(DURING)}
    page = counter.post(s.url("/boxes/1/hand-over"), **given)
    assert "楼组长 交给 监票人，封条完好" in visible(page)
    assert "请看一下封条再选" in counter.post(
        s.url("/boxes/1/hand-over"), **{**given, "seal": "", "taker": "社工"}
    )
    assert 'value="监票人"' in counter.get(s.url("/boxes/1/hand-over"))
    page = counter.post(s.url("/boxes/1/hand-over"), **{**given, "taker": "社工", "seal": "broken"})
    assert "封条破损过" in visible(page)
    page = visible(s[Role.SCRUTINEER].get(s.url("/boxes")))
    assert "楼组长 交给 监票人" in page
    counter.get(s.url("/boxes/9/hand-over"), expect=404)


def test_a_box_is_opened_once_after_the_close_and_leads_to_its_papers(stage, app, at):
    s = stage(closed_with_box)
    at(AFTER)
    counter = s[Role.COUNTER]
    page = counter.post(s.url("/boxes/1/open"), seal="broken", note="")
    assert "请写明情况和在场的人" in page
    page = counter.post(s.url("/boxes/1/open"), seal="whole", note="监票人在场")
    assert "请逐张登记箱内的票" in page
    assert re.search(r'<option[^>]*selected[^>]*value="1"', page)
    assert "已经开箱" in counter.post(s.url("/boxes/1/open"), seal="whole", note="")
    page = visible(counter.get(s.url("/boxes")))
    assert "开箱，封条完好：监票人在场" in page
    later = AFTER + timedelta(minutes=5)
    at(later)
    page = counter.post(s.url("/receive"), **taken(2, box="1", received_at=wall(later)))
    assert "已经开箱，不能再投入" in page


# ---- the roll ----


def some_back(scene):
    vote = votes.running(scene)
    deliver(scene, vote, 1)
    deliver(scene, vote, 2)
    votes.received(scene, vote, 2)
    votes.accepted(scene, vote, 4)
    rejected = votes.received(scene, vote, 5)
    votes.checking_services.check(
        scene.counter, DURING, rejected.id, rejected=RejectReason.UNSIGNED
    )
    return vote


def roll_serials(page):
    return re.findall(r'data-label="票号">(\d+)<', page)


def test_the_roll_tells_what_was_delivered_and_what_came_back(stage, at):
    s = stage(some_back)
    at(DURING)
    page = s[Role.OFFICER].get(s.url("/roll"))
    assert roll_serials(page) == ["1", "2", "3", "4", "5", "6"]
    words = visible(page)
    assert "1 1号楼101室 业** 80.00 上门，已签收 3月3日 周二 09:00 未收回" in words
    assert "5 2号楼102室 业** 80.00 未送达 身份核对未通过（未签名）" in words
    assert "业主1-101" not in page


@pytest.mark.parametrize(
    ("query", "serials"),
    [
        ("which=undelivered", ["3", "4", "5", "6"]),
        ("which=unreturned", ["1", "3", "5", "6"]),
        ("which=nonsense", ["1", "2", "3", "4", "5", "6"]),
        ("building={b}", ["4", "5", "6"]),
        ("building={b}&which=unreturned", ["5", "6"]),
        ("building=99999", ["1", "2", "3", "4", "5", "6"]),
    ],
)
def test_the_roll_is_narrowed_and_the_file_holds_the_same_rows(stage, app, at, query, serials):
    s = stage(some_back)
    at(DURING)
    page = s[Role.WORKER].get(s.url("/roll"))
    query = query.format(b=s.offered(page, "building")[2])
    assert roll_serials(s[Role.WORKER].get(s.url(f"/roll?{query}"))) == serials
    answer = s[Role.WORKER].client.get(s.url(f"/roll.xlsx?{query}"))
    sheet = load_workbook(io.BytesIO(answer.data)).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == ("票号", "房号", "表决权人", "面积（平方米）", "送达", "收票")
    assert [str(row[0]) for row in rows[1:]] == serials
    assert {row[3] for row in rows[1:]} == {80}
    assert not [word for word in CHOICE_WORDS if word in str(rows)]
    assert "业主1-" not in str(rows)


def test_nothing_in_the_file_is_taken_for_a_formula(stage, app, at):
    s = stage(votes.running)
    at(DURING)
    with app.app_context():
        for entry in db.session.query(RollEntry):
            entry.name = "=HYPERLINK(1)"
            entry.units[0].label = "@SUM(A1)"
        db.session.commit()
    answer = s[Role.WORKER].client.get(s.url("/roll.xlsx"))
    sheet = load_workbook(io.BytesIO(answer.data)).worksheets[0]
    cells = [cell for row in sheet.iter_rows(min_row=2) for cell in row]
    assert {cell.data_type for cell in cells} <= {"n", "s"}
    assert {cell.value for cell in cells if "SUM" in str(cell.value)} == {"'@SUM(A1)"}
    assert {cell.value for cell in cells if "**" in str(cell.value)} == {"'=**"}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_what_begins_like_a_formula_is_made_harmless(start):
    assert harmless(f"{start}1") == f"'{start}1"
    assert harmless(f"1{start}") == f"1{start}"
    assert harmless(5) == 5
