"""The bulletin: turnout and receipts that anyone can look up, and no choice anywhere."""

from __future__ import annotations

import re

import pytest

from tests.conftest import visible
from tests.factories import online, votes
from tests.factories.people import NOW
from tests.factories.votes import AFTER, DURING
from tests.public.phone import Phone
from tracker.ballots import checking_services, closing_services, collecting_services
from tracker.ballots.models import Ballot
from tracker.ballots.receipts import Fate, fate, read_short, short
from tracker.ballots.rules import BallotState, RejectReason
from tracker.kernel.attempts import Attempt
from tracker.kernel.database import db
from tracker.projects.models import Project
from tracker.public import guessing
from tracker.votes import course_services
from tracker.votes.rules import Choice


class Board(Phone):
    """The bulletin of a vote, and what the office does behind it."""

    def __init__(self, app, browse, *args, **fields):
        super().__init__(app, browse, *args, **fields)
        with app.app_context():
            project = db.session.query(Project).one()
            self.token, self.project_id = project.public_token, project.id
        self.board = f"/p/{self.token}/votes/{self.vote_id}"

    def page(self, **query):
        return visible(self.visitor.get(self.board, **query))

    def look_up(self, serial, code, expect=200):
        return visible(self.visitor.post(self.board, expect=expect, serial=serial, code=code))

    def receipt(self, do):
        """What a ballot's voter holds after ``do``: serial and short digits."""
        found = self.office(do)
        with self.app.app_context():
            ballot = db.session.get(Ballot, found.id if isinstance(found, Ballot) else found)
            return ballot.entry.serial, short(ballot.receipt)


@pytest.fixture
def board(app, browse, at):
    def make(*args, **fields):
        made = Board(app, browse, *args, **fields)
        at(DURING)
        return made

    return make


def accepted(serial):
    return lambda of, vote: votes.accepted(of, vote, serial).id


def rejected(serial):
    def do(of, vote):
        ballot = votes.received(of, vote, serial)
        return checking_services.check(
            of.counter, DURING, ballot.id, rejected=RejectReason.TENANT
        ).id

    return do


def withdrawn(serial):
    def do(of, vote):
        ballot = votes.received(of, vote, serial)
        return collecting_services.withdraw(
            of.counter, DURING, ballot.id, reason="3月3日书面申请"
        ).id

    return do


def undone(serial):
    def do(of, vote):
        ballot = votes.received(of, vote, serial)
        return collecting_services.undo(of.counter, DURING, ballot.id, reason="扫错了").id

    return do


def closed(of, vote):
    return closing_services.close(of.director, AFTER, vote.id).id


# ---- what the page shows ----


def test_the_page_shows_turnout_and_receipts_in_the_order_of_their_digits(app, board):
    held = board()
    for serial in (1, 2):
        held.office(accepted(serial))
    held.office(lambda of, vote: votes.received(of, vote, 4).id)
    held.office(lambda of, vote: online.voted(of, vote, 3).id)
    page = held.page()
    assert "4 / 6 人" in page
    assert "约 66.6% 已收回" in page
    with app.app_context():
        expected = sorted(short(ballot.receipt) for ballot in db.session.query(Ballot))
    assert re.findall(r"[0-9A-F]{4}-[0-9A-F]{4}", page[page.index("已登记的回执") :]) == expected


def test_no_choice_name_room_or_time_of_a_ballot_stands_on_the_page(app, board):
    held = board()
    held.office(lambda of, vote: online.voted(of, vote, 1, Choice.AGAINST).id)
    page = held.visitor.get(held.board)
    for word in ("同意", "反对", "弃权", "against", "101", "业主1", "3月3日"):
        assert word not in visible(page), word


def test_ballots_that_do_not_count_are_a_number_alone(board):
    held = board()
    first = held.receipt(accepted(1))
    out = [held.receipt(make(n)) for n, make in ((2, rejected), (3, withdrawn), (4, undone))]
    page = held.page()
    assert first[1] in page
    assert not [code for _, code in out if code in page]
    assert "另有 2 张收到而没有计入" in page


def test_two_receipts_that_begin_alike_are_both_listed_and_told_apart_by_the_serial(app, board):
    held = board()
    for serial in (1, 2):
        held.office(accepted(serial))
    held.office(rejected(3))
    with app.app_context():
        for n, ballot in enumerate(db.session.query(Ballot).order_by(Ballot.id)):
            ballot.receipt = f"3f2a91bc{n:056x}"
        db.session.commit()
    page = held.page()
    assert page[page.index("已登记的回执") :].count("3F2A-91BC") == 2
    assert "核对通过" in held.look_up("2", "3F2A-91BC")
    assert "没有通过" in held.look_up("3", "3F2A-91BC")


@pytest.mark.parametrize(
    ("make", "status"),
    [
        (votes.draft, 404),
        (votes.frozen, 200),
        (votes.running, 200),
        (votes.counting, 200),
        (votes.announced, 200),
    ],
)
def test_there_is_a_bulletin_once_the_roll_is_frozen(app, browse, at, make, status):
    with app.app_context():
        of = votes.scene()
        vote = make(of)
        db.session.commit()
        url = f"/p/{of.project.public_token}/votes/{vote.id}"
    browse().get(url, expect=status)


def test_a_bulletin_is_found_by_the_token_of_its_own_project_alone(app, board):
    held = board()
    held.visitor.get(f"/p/wrong/votes/{held.vote_id}", expect=404)
    held.visitor.get(f"/p/{held.token}/votes/{held.vote_id + 1}", expect=404)
    with app.app_context():
        other = votes.scene(committee="航天居委会").project.public_token
        db.session.commit()
    held.visitor.get(f"/p/{other}/votes/{held.vote_id}", expect=404)


def test_the_projects_page_links_to_it_while_the_vote_is_open_and_after(app, board, at):
    held = board()
    with app.app_context():
        db.session.get(Project, held.project_id).public_since = NOW
        db.session.commit()
    for do in (None, closed):
        if do:
            held.office(do)
        page = held.visitor.get(f"/p/{held.token}")
        assert f'href="{held.board}"' in page
        assert "票数和回执" in page
    assert "看看这件事办得怎样" in held.page()


def test_before_the_opening_and_after_voiding_the_projects_page_has_no_link(app, board):
    held = board(votes.frozen)
    with app.app_context():
        db.session.get(Project, held.project_id).public_since = NOW
        db.session.commit()
    assert held.board not in held.visitor.get(f"/p/{held.token}")
    held.office(lambda of, vote: course_services.cancel(of.director, NOW, vote.id, reason="有误"))
    assert held.board not in held.visitor.get(f"/p/{held.token}")
    assert "已作废" in held.page()


# ---- the look-up ----


@pytest.mark.parametrize(
    ("make", "before", "after"),
    [
        (lambda n: lambda of, vote: votes.received(of, vote, n).id, "还没有核对", "还没有核对"),
        (accepted, "已登记，核对通过", "已登记，计入本次表决"),
        (
            lambda n: lambda of, vote: online.voted(of, vote, n).id,
            "已登记，核对通过",
            "已登记，计入本次表决",
        ),
        (rejected, "没有计入：身份或票面核对没有通过", "没有计入：身份或票面核对没有通过"),
        (withdrawn, "没有计入：本人撤回", "没有计入：本人撤回"),
        (undone, "登记已更正", "登记已更正"),
    ],
)
def test_a_receipt_tells_what_became_of_the_ballot(board, at, make, before, after):
    held = board()
    serial, code = held.receipt(make(2))
    assert before in held.look_up(serial, code)
    held.office(closed)
    at(AFTER)
    assert after in held.look_up(serial, code)


def test_a_late_ballot_is_told_apart(board, at):
    held = board()
    serial, code = held.receipt(lambda of, vote: votes.received(of, vote, 2, at=AFTER).id)
    assert "没有计入：过了截止时间" in held.look_up(serial, code)


def test_an_online_ballot_that_gave_way_to_paper_says_so(board):
    held = board()
    serial, code = held.receipt(lambda of, vote: online.voted(of, vote, 2).id)
    held.office(accepted(2))
    assert "以另一张票为准" in held.look_up(serial, code)


def test_who_voted_online_again_cannot_be_found_out_by_the_first_receipt(board):
    held = board()
    first = held.receipt(lambda of, vote: online.voted(of, vote, 2, Choice.AGAINST).id)
    once = held.look_up(*first)
    second = held.receipt(lambda of, vote: online.voted(of, vote, 2, Choice.FOR).id)
    assert (second, held.look_up(*first)) == (first, once)


def test_the_reason_of_a_rejection_is_not_told(board):
    held = board()
    serial, code = held.receipt(rejected(2))
    page = held.look_up(serial, code)
    for word in ("承租人", "101", "业主"):
        assert word not in page


@pytest.mark.parametrize("form", [str.lower, lambda c: c.replace("-", ""), lambda c: f" {c} "])
def test_digits_may_be_typed_in_any_form(board, form):
    held = board()
    serial, code = held.receipt(accepted(2))
    assert "已登记" in held.look_up(serial, form(code))


def test_a_spares_receipt_is_found_by_the_serial_of_the_paper(board):
    held = board()
    paper = held.office(lambda of, vote: online.co_owners_paper(vote, 2).serial)
    _, code = held.receipt(lambda of, vote: votes.accepted(of, vote, paper).id)
    assert "已登记，核对通过" in held.look_up(paper, code)
    held.look_up(2, code, expect=404)


def guesses(app) -> int:
    with app.app_context():
        return db.session.query(Attempt).count()


def test_a_receipt_of_another_serial_or_vote_is_none(app, board):
    held = board()
    serial, code = held.receipt(accepted(2))
    assert "没有这张回执" in held.look_up(serial + 1, code, expect=404)
    assert "没有这张回执" in held.look_up(serial, "0000-0000", expect=404)
    assert "没有这张回执" in held.look_up(serial, "zz", expect=404)
    assert guesses(app) == 6


@pytest.mark.parametrize("serial", ["", "0", "-1", "x", "9" * 20, "1.5"])
def test_a_serial_that_is_none_is_refused_at_its_field(app, board, serial):
    held = board()
    page = held.visitor.post(held.board, serial=serial, code="3F2A-91BC")
    assert 'id="serial-error"' in page
    assert guesses(app) == 0


def test_after_too_many_wrong_ones_nothing_is_looked_up_for_ten_minutes(app, board, at):
    held = board()
    serial, code = held.receipt(accepted(2))
    for _ in range(guessing.RECEIPTS.most):
        held.look_up(1, code, expect=404)
    assert "请过十分钟" in held.look_up(serial, code, expect=429)
    assert "参与情况" in held.page()
    at(DURING + guessing.RECEIPTS.within)
    assert "已登记" in held.look_up(serial, code)


def test_guesses_from_everywhere_are_limited_too(app, board):
    held = board()
    serial, code = held.receipt(accepted(2))
    for n in range(guessing.ALL_RECEIPTS.most):
        answer = held.visitor.client.post(
            held.board,
            data={"serial": 1, "code": code},
            environ_overrides={"REMOTE_ADDR": f"10.0.{n // 10}.1"},
        )
        assert answer.status_code == 404
    answer = held.visitor.client.post(
        held.board,
        data={"serial": serial, "code": code},
        environ_overrides={"REMOTE_ADDR": "10.9.9.9"},
    )
    assert answer.status_code == 429


# ---- pure ----


def test_the_fate_of_every_state_is_told():
    for state in BallotState:
        assert isinstance(fate(state, closed=False), Fate)
    assert fate(BallotState.CO_OWNER, closed=True) is Fate.COUNTED


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("3F2A-91BC", "3f2a91bc"),
        ("3f2a91bc", "3f2a91bc"),
        ("3F2A － 91BC", "3f2a91bc"),
        ("3F2A-91B", None),
        ("3F2A-91BCD", None),
        ("3F2A-91BG", None),
        ("", None),
    ],
)
def test_short_digits_are_read_as_people_type_them(typed, read):
    assert read_short(typed) == read


def test_a_receipt_without_digits_has_no_short_form():
    assert (short(""), short("3f2a91bc" + "0" * 56)) == ("", "3F2A-91BC")
