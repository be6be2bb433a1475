"""Pages of the identity check: by building, all that is ticked at once, or paper by paper."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from tests.ballots.reading import ballot_of
from tests.conftest import visible
from tests.factories import votes
from tests.factories.votes import AFTER, DURING
from tests.votes.walk import stage
from tracker.accounts.rules import Permission, Role, roles_that_may
from tracker.ballots.models import Ballot
from tracker.ballots.rules import BallotState, RejectReason
from tracker.kernel.database import db
from tracker.votes.models import Vote

__all__ = ["stage"]

COUNTER = Role.COUNTER


def returned(scene):
    """An open vote whose first four papers came back."""
    vote = votes.running(scene)
    for serial in (1, 2, 3, 4):
        votes.received(scene, vote, serial)
    return vote


@pytest.fixture
def desk(stage, at):
    made = stage(returned)
    at(DURING)
    return made


def ids(app, desk):
    """Ids of the standing records by serial of the paper."""
    with app.app_context():
        vote = db.session.get_one(Vote, desk.vote_id)
        return {serial: ballot_of(vote, serial).id for serial in (1, 2, 3, 4)}


def state(app, desk, serial):
    with app.app_context():
        ballot = ballot_of(db.session.get_one(Vote, desk.vote_id), serial)
        return ballot.state, ballot.reject_reason


def check(desk, role=COUNTER, expect=200, **fields):
    return desk[role].post(desk.url("/ballots/check"), expect=expect, **fields)


def test_the_papers_of_a_building_are_listed_with_rooms_and_a_masked_name(desk):
    words = visible(desk[COUNTER].get(desk.url("/ballots/check")))
    assert "1号楼101室" in words
    assert "业**" in words
    assert "业主1-101" not in words
    assert "2号楼101室" not in words


def test_ticked_papers_are_accepted_and_others_rejected_in_one_go(app, desk):
    number = ids(app, desk)
    page = check(desk, accept=[number[1], number[3]], **{f"reason_{number[2]}": "tenant"})
    assert "已核对 3 张：通过 2 张，不通过 1 张" in page
    assert state(app, desk, 1) == (BallotState.ACCEPTED, None)
    assert state(app, desk, 2) == (BallotState.REJECTED, RejectReason.TENANT)
    assert state(app, desk, 4) == (BallotState.RETURNED, None)


def test_what_is_neither_ticked_nor_given_a_reason_is_left_alone(app, desk):
    number = ids(app, desk)
    page = check(desk, **{f"reason_{number[1]}": "", f"reason_{number[2]}": "nonsense"})
    assert "请勾选核对通过的票" in page
    assert state(app, desk, 1) == state(app, desk, 2) == (BallotState.RETURNED, None)


def test_ticked_and_rejected_comes_back_as_filled_in_and_the_others_stand(app, desk):
    number = ids(app, desk)
    both = {f"reason_{number[1]}": "copy"}
    for _ in range(2):
        page = check(desk, accept=[number[1], number[3]], **both, submission="one filling")
    assert state(app, desk, 3) == (BallotState.ACCEPTED, None)
    assert state(app, desk, 1) == (BallotState.RETURNED, None)
    page = check(desk, accept=[number[1]], **both, submission="another")
    assert "第 1 号既勾了通过，又选了不通过的原因" in page
    assert re.search(rf'name="accept" value="{number[1]}" checked', page)
    assert 'value="copy" selected' in page


def test_one_paper_is_found_by_its_serial_and_accepted_with_enter(app, desk):
    page = desk[COUNTER].get(desk.url("/ballots/check?paper=4"))
    assert "2号楼101室" in page
    button = re.search(r'<button[^>]*name="accept"[^>]*>', page)[0]
    assert "autofocus" in button
    check(desk, accept=[re.search(r'value="(\d+)"', button)[1]])
    assert state(app, desk, 4) == (BallotState.ACCEPTED, None)


@pytest.mark.parametrize(
    ("paper", "told"),
    [
        ("77", "没有这张票"),
        ("6", "第 6 号还没有登记收回"),
        ("1", "第 1 号：有效收回，不用再核对"),
    ],
)
def test_a_paper_that_needs_no_check_is_told_so(app, desk, paper, told):
    check(desk, accept=[ids(app, desk)[1]])
    assert told in desk[COUNTER].get(desk.url(f"/ballots/check?paper={paper}"))


def test_a_double_press_decides_once_and_a_late_colleague_is_told(app, desk):
    number = ids(app, desk)
    for _ in range(2):
        check(desk, accept=[number[1]], submission="pressed twice")
    page = check(desk, Role.WORKER, **{f"reason_{number[1]}": "copy"})
    assert "这张票已经核对过了" in page
    assert state(app, desk, 1) == (BallotState.ACCEPTED, None)


def test_a_duplicate_is_told_though_it_was_ticked(app, desk):
    with app.app_context():
        papers = db.session.scalars(sa.select(votes.Ballot).order_by(votes.Ballot.id)).all()
        papers[1].roll_entry_id = papers[0].roll_entry_id
        papers[1].paper.roll_entry_id = papers[0].roll_entry_id
        db.session.commit()
    number = ids(app, desk)
    page = check(desk, accept=[number[1], number[2]])
    assert "第 2 号不计票：同一表决权人的第二张票" in page
    assert "通过 1 张，不通过 1 张" in page


def test_a_check_is_corrected_with_a_reason(app, desk):
    number = ids(app, desk)
    check(desk, accept=[number[1]])
    listed = desk[COUNTER].get(desk.url("/ballots/check?shown=done"))
    address = desk.url(f"/ballots/{number[1]}/check")
    assert f'href="{address}"' in listed
    assert "现在的结果：有效收回" in desk[COUNTER].get(address)
    page = desk[COUNTER].post(address, verdict="unsigned", reason="")
    assert "请填写这一项" in page
    page = desk[COUNTER].post(address, verdict="accepted", reason="再看一遍")
    assert "和原来一样" in page
    page = desk[COUNTER].post(address, verdict="unsigned", reason="签名栏是空的")
    assert "第 1 号的核对结果已更正" in page
    assert state(app, desk, 1) == (BallotState.REJECTED, RejectReason.UNSIGNED)


def test_a_correction_warns_when_choices_were_read_already(app, stage, at):
    made = stage(lambda scene: votes.counting(scene, [1]))
    at(AFTER)
    with app.app_context():
        vote = db.session.get_one(Vote, made.vote_id)
        number = ballot_of(vote, 1).id
        fields = {f"mark_{motion}": "1" for motion in votes.motions_of(vote)}
    made[COUNTER].post(made.url("/ballots/enter"), paper="1", **fields)
    address = made.url(f"/ballots/{number}/check")
    assert "录过的作废" in made[Role.WORKER].get(address)
    page = made[COUNTER].post(address, verdict="copy", reason="是复印件")
    assert "没有录过它的人更正" in page
    made[Role.WORKER].post(address, verdict="copy", reason="是复印件")
    assert state(app, made, 1)[0] is BallotState.REJECTED


def test_papers_of_other_votes_are_not_found(app, desk, browse):
    desk[COUNTER].get(desk.url("/ballots/999999/check"), expect=404)
    check(desk, accept=[999_999], expect=404)
    with app.app_context():
        foreign = votes.people.user(COUNTER, votes.people.committee("国年居委会"))
        db.session.commit()
        stranger = browse(foreign)
    stranger.get(desk.url("/ballots/check"), expect=404)
    stranger.get(desk.url(f"/ballots/{ids(app, desk)[1]}/check"), expect=404)


@pytest.mark.parametrize("role", list(Role))
def test_only_those_who_record_ballots_check_them(app, desk, role):
    may = role in roles_that_may(Permission.RECORD_BALLOT)
    expect = 200 if may else 403
    desk[role].get(desk.url("/ballots/check"), expect=expect)
    check(desk, role, expect=expect)
    desk[role].get(desk.url(f"/ballots/{ids(app, desk)[1]}/check"), expect=expect)


@pytest.mark.parametrize(
    ("make", "open_"),
    [
        (votes.draft, False),
        (votes.frozen, False),
        (votes.running, True),
        (votes.counting, True),
        (votes.certified, False),
        (votes.announced, False),
    ],
)
def test_papers_are_checked_while_a_vote_is_open_or_counted(stage, at, make, open_):
    made = stage(make)
    at(AFTER)
    made[COUNTER].get(made.url("/ballots/check"), expect=200 if open_ else 409)
    made[COUNTER].post(made.url("/ballots/check"), accept=["1"], expect=404 if open_ else 409)


def test_no_check_page_shows_a_choice(app, desk):
    number = ids(app, desk)
    check(desk, accept=[number[1]])
    for tail in ("/ballots/check", "/ballots/check?shown=done", f"/ballots/{number[1]}/check"):
        words = visible(desk[COUNTER].get(desk.url(tail)))
        for word in ("同意", "反对", "弃权"):
            assert word not in words


def test_whoever_records_is_named_in_the_list(app, desk):
    check(desk, accept=[ids(app, desk)[1]])
    page = desk[COUNTER].get(desk.url("/ballots/check?shown=done"))
    with app.app_context():
        name = db.session.scalars(sa.select(Ballot)).first().recorder.display_name
    assert name in page
