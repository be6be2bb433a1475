"""Voting on a phone by a pass: what is asked, what is refused, and the receipt."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.conftest import visible
from tests.factories import votes
from tests.factories.online import pass_for
from tests.factories.people import NOW
from tests.factories.votes import AFTER, CLOSES, DURING
from tests.public.phone import Phone
from tracker.ballots import closing_services, online_services
from tracker.ballots.models import Ballot, BallotChoice
from tracker.ballots.pass_codes import new_secret, read_secret
from tracker.ballots.rules import BallotState
from tracker.kernel.attempts import Attempt
from tracker.kernel.database import db
from tracker.kernel.submissions import Submission
from tracker.projects.models import Project
from tracker.projects.rules import ProjectState
from tracker.public import guessing
from tracker.votes import course_services

# ---- the ballot ----


def test_the_ballot_shows_motions_policies_and_the_close(phone):
    held = phone()
    page = visible(held.visitor.get(held.url))
    for words in (
        "停车与门禁表决",
        "仁德居委会",
        "车辆管理制度",
        "是否通过《门禁管理公约》？",
        "第 1 项，共 2 项",
        "3月5日",
        "无效票计入参与",
        "同意",
        "反对",
        "弃权",
    ):
        assert words in page
    assert "无效 " not in page.replace("无效票", "")


def test_a_ballot_is_reviewed_before_it_is_sent(app, phone):
    held = phone()
    page = held.send("review", "for", "against")
    shown = visible(page)
    assert shown.index("车辆管理制度") < shown.index("同意") < shown.index("门禁管理公约")
    assert shown.index("门禁管理公约") < shown.index("反对")
    assert "还没有交出去" in shown
    assert held.ballots() == []
    assert re.findall(r'name="mark_\d+" value="(\w+)"', page) == ["for", "against"]


def test_from_the_review_one_goes_back_with_everything_filled_in(phone):
    held = phone()
    page = held.send("edit", "for", "against")
    assert re.findall(r'value="(\w+)"\s+id="[^"]*" checked', page) == ["for", "against"]


def test_a_sent_ballot_gives_a_receipt_without_its_choice(app, phone):
    held = phone()
    page = visible(held.send("send", "against"))
    assert "已登记" in page
    with app.app_context():
        ballot = db.session.query(Ballot).one()
        assert ballot.state is BallotState.ACCEPTED
        assert f"{ballot.receipt[:4]}-{ballot.receipt[4:8]}".upper() in page
    for word in ("同意", "反对", "弃权", "101", "业主"):
        assert word not in page


def test_every_motion_must_be_answered(phone):
    held = phone()
    page = held.send("review", "for", "")
    assert "2. 门禁管理公约：请选一项" in visible(page)
    assert f'href="#mark_{held.motions[1]}"' in page
    assert held.ballots() == []
    for answer in ("invalid", "follow", "yes", "for,against"):
        assert "请选一项" in held.send("send", "for", answer)
    assert held.ballots() == []


def test_a_double_tap_makes_one_ballot(phone):
    held = phone()
    page = held.send("review", "for")
    key = re.search(r'name="submission"[^>]*value="([^"]+)"', page).group(1)
    first = held.send("send", "for", submission=key)
    second = held.send("send", "for", submission=key)
    assert visible(first) == visible(second)
    assert held.ballots() == [BallotState.ACCEPTED]


def test_voting_again_replaces_the_ballot_and_says_so_beforehand(phone):
    held = phone()
    first = held.send("send", "for")
    assert "您已经在线上投过票" in held.visitor.get(held.url)
    assert visible(held.send("send", "against")) == visible(first)
    assert held.ballots() == [BallotState.SUPERSEDED, BallotState.ACCEPTED]


def test_neither_secret_nor_choice_is_kept_anywhere_in_the_clear(app, phone):
    held = phone()
    held.send("send", "against", submission="a key of this form")
    with app.app_context():
        for table in db.metadata.sorted_tables:
            for row in db.session.execute(sa.select(table)).mappings():
                text = " ".join(str(value) for value in row.values())
                assert held.secret not in text
                assert read_secret(held.secret) not in text
        assert db.session.query(Submission).one().location.startswith("/v/receipts/")


def test_pages_of_a_ballot_are_not_kept_by_caches_on_the_way(phone):
    held = phone()
    answer = held.visitor.client.get(held.url)
    assert answer.headers["Cache-Control"] == "private, no-cache"


def test_a_ballot_without_csrf_token_is_refused(app, phone):
    held = phone()
    app.config["WTF_CSRF_ENABLED"] = True
    held.send("send", "for", expect=400)
    assert held.ballots() == []


def test_the_ballot_is_there_in_english_and_large(phone):
    held = phone()
    held.visitor.post("/language", language="en", next=held.url)
    assert 'lang="en"' in held.visitor.get(held.url)


# ---- polls ----


POLL = ["甲公司", "乙公司", "丙公司"]


def poll(app, browse, at, rule_id):
    def make(of, **fields):
        options = dict.fromkeys(votes.motion_ids(of.project), POLL)
        return votes.running(of, rule_id=rule_id, options=options, **fields)

    held = Phone(app, browse, make)
    at(DURING)
    return held


@pytest.mark.parametrize(
    ("rule_id", "values", "mark", "review"),
    [
        ("choose_one", "B", "B", "B. 乙公司"),
        ("choose_one", "abstain", "abstain", "弃权"),
        ("approval", ["C", "A"], "A,C", "A. 甲公司、C. 丙公司"),
        ("approval", ["abstain"], "abstain", "弃权"),
        ("ranked", ["B", "", "A"], "B>A", "B. 乙公司 A. 甲公司"),
        ("ranked", ["C", "A", "B"], "C>A>B", "C. 丙公司 A. 甲公司 B. 乙公司"),
        ("ranked", ["abstain", "", ""], "abstain", "弃权"),
    ],
)
def test_a_poll_is_answered_in_its_own_way(app, browse, at, rule_id, values, mark, review):
    held = poll(app, browse, at, rule_id)
    answers = dict.fromkeys((f"mark_{m}" for m in held.motions), values)
    page = held.visitor.post(held.url, step="review", **answers)
    assert review in visible(page)
    held.visitor.post(held.url, step="send", **answers)
    held.office(lambda of, vote: closing_services.close(of.director, AFTER, vote.id))
    with app.app_context():
        assert set(db.session.scalars(sa.select(BallotChoice.mark))) == {mark}


@pytest.mark.parametrize(
    ("rule_id", "values", "complaint"),
    [
        ("choose_one", "", "请选一项"),
        ("choose_one", "D", "请选一项"),
        ("choose_one", "for", "请选一项"),
        ("approval", [], "请选一项"),
        ("approval", ["A", "abstain"], "选弃权的"),
        ("ranked", ["", "", ""], "请选一项"),
        ("ranked", ["A", "B", "A"], "只能排一次"),
        ("ranked", ["abstain", "A", ""], "只能排一次"),
    ],
)
def test_what_a_poll_cannot_say_is_refused(app, browse, at, rule_id, values, complaint):
    held = poll(app, browse, at, rule_id)
    answers = dict.fromkeys((f"mark_{m}" for m in held.motions), values)
    assert complaint in held.visitor.post(held.url, step="send", **answers)
    assert held.ballots() == []


# ---- passes that cannot be used ----


def cancelled(of, vote):
    course_services.cancel(of.director, DURING, vote.id, reason="公示有误")


def paused(of, vote):
    db.session.get(Project, vote.project_id).state = ProjectState.PAUSED


def on_paper(of, vote):
    votes.accepted(of, vote, 1)


def renewed(of, vote):
    pass_for(of, vote)


@pytest.mark.parametrize(
    ("make", "prepare", "moment", "status", "words"),
    [
        (votes.frozen, None, NOW, 409, "投票还没有开始"),
        (votes.running, None, CLOSES + timedelta(seconds=1), 410, "投票已经截止"),
        (votes.running, cancelled, DURING, 410, "这次表决已作废"),
        (votes.running, renewed, DURING, 410, "这个链接已停用或已换新"),
        (votes.running, paused, DURING, 409, "项目暂停"),
        (votes.running, on_paper, DURING, 409, "以纸质票为准"),
    ],
)
def test_a_pass_that_cannot_be_used_says_why(phone, at, make, prepare, moment, status, words):
    held = phone(make, prepare)
    at(moment)
    assert words in visible(held.visitor.get(held.url, expect=status))
    page = visible(held.send("send", "for", expect=status))
    assert words in page
    assert "同意" not in page
    assert held.ballots() == []


def test_a_paper_accepted_while_the_voter_fills_in_wins(app, phone):
    held = phone()
    held.send("review", "for")
    held.office(lambda of, vote: votes.accepted(of, vote, 1))
    assert "以纸质票为准" in held.send("send", "for", expect=409)
    assert held.ballots() == []


def test_a_vote_closed_while_the_voter_fills_in_takes_no_more(phone, at, monkeypatch):
    held = phone()
    at(CLOSES)
    held.send("review", "for")
    known = online_services.state_of

    def just_before(vote, found, now):
        at(CLOSES + timedelta(seconds=1))
        return known(vote, found, CLOSES)

    monkeypatch.setattr("tracker.public.casting_views.online_services.state_of", just_before)
    monkeypatch.setattr(online_services, "state_of", just_before)
    page = held.send("send", "for")
    assert "已登记" in page
    monkeypatch.setattr(online_services, "state_of", known)
    assert "投票已经截止" in held.send("send", "for", expect=410)


def test_a_paper_that_waits_for_its_check_is_mentioned(app, phone):
    held = phone()
    held.office(lambda of, vote: votes.received(of, vote, 1))
    assert "您的纸质票已经收到，等待核对" in held.visitor.get(held.url)
    held.send("send", "for")
    assert held.ballots() == [BallotState.ACCEPTED]


# ---- wrong codes ----


def test_an_unknown_secret_is_not_found_and_says_what_to_do(phone):
    held = phone()
    for wrong in ("nonsense", new_secret(), "22222-22222-22222-22222"):
        page = visible(held.visitor.get(f"/v/{wrong}", expect=404))
        assert "没有这个投票码" in page
        assert "换一份" in page
        held.visitor.post(f"/v/{wrong}", expect=404, step="send")


def guesses(app) -> int:
    with app.app_context():
        return db.session.query(Attempt).count()


def test_guesses_are_counted_and_slips_of_the_pen_are_not(app, phone):
    held = phone()
    held.visitor.get("/v/nonsense", expect=404)
    held.visitor.get(f"/v/{held.secret[:-1]}", expect=404)
    assert guesses(app) == 0
    held.visitor.get(f"/v/{new_secret()}", expect=404)
    assert guesses(app) == 1
    with app.app_context():
        assert "127.0.0.1" not in db.session.query(Attempt).one().source


def test_after_too_many_guesses_no_more_are_heard_for_ten_minutes(app, phone, at):
    held = phone()
    for _ in range(guessing.PASSES.most):
        held.visitor.get(f"/v/{new_secret()}", expect=404)
    page = held.visitor.get(f"/v/{new_secret()}", expect=429)
    assert "请过十分钟" in page
    assert guesses(app) == guessing.PASSES.most
    at(DURING + guessing.PASSES.within)
    held.visitor.get(f"/v/{new_secret()}", expect=404)


def test_nobody_is_locked_out_by_the_guesses_of_others(phone):
    held = phone()
    for _ in range(guessing.PASSES.most + 1):
        held.visitor.client.get(f"/v/{new_secret()}")
    assert "已登记" in held.send("send", "for")


def test_a_code_can_be_typed(phone):
    held = phone()
    assert "线上投票" in held.visitor.get("/v")
    page = held.visitor.post("/v", code=held.secret.lower().replace("-", " "))
    assert "车辆管理制度" in page
    for wrong in ("", "ABCDE", held.secret[:-1] + ("2" if held.secret[-1] != "2" else "3")):
        assert "看看这件事" not in (page := held.visitor.post("/v", code=wrong))
        assert "车辆管理制度" not in page


# ---- the receipt ----


def test_a_receipt_is_found_by_its_whole_hash_alone(app, phone):
    held = phone()
    held.send("send", "for")
    with app.app_context():
        receipt = db.session.query(Ballot).one().receipt
    assert "已登记" in held.visitor.get(f"/v/receipts/{receipt}")
    for wrong in (receipt[:8], "0" * 64, "x"):
        held.visitor.get(f"/v/receipts/{wrong}", expect=404)


def test_a_paper_has_no_receipt_page_here(app, phone):
    held = phone()
    receipt = held.office(lambda of, vote: votes.received(of, vote, 2).receipt)
    held.visitor.get(f"/v/receipts/{receipt}", expect=404)
