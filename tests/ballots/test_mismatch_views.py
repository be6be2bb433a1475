"""Pages of the third person: which motions differ, never what was read."""

from __future__ import annotations

import re

import pytest

from tests.ballots.reading import ballot_of, choices
from tests.ballots.reading import enter as read
from tests.conftest import visible
from tests.factories import votes
from tests.factories.votes import AFTER
from tests.votes.walk import stage
from tracker.accounts.rules import Permission, Role, roles_that_may
from tracker.kernel.database import db
from tracker.votes.models import Vote

__all__ = ["stage"]

COUNTER, WORKER, SCRUTINEER = Role.COUNTER, Role.WORKER, Role.SCRUTINEER


def differing(scene):
    """A vote being counted: the first ballot read differently, the second alike."""
    vote = votes.counting(scene, [1, 2])
    read(scene.counter, vote, 1, "for", "against")
    read(scene.worker, vote, 1, "for", "abstain")
    votes.read(scene, vote, 2)
    return vote


@pytest.fixture
def desk(stage, at):
    made = stage(differing)
    at(AFTER)
    return made


def number(app, desk, serial):
    with app.app_context():
        return ballot_of(db.session.get_one(Vote, desk.vote_id), serial).id


def counted(app, desk, serial):
    with app.app_context():
        return choices(db.session.get_one(Vote, desk.vote_id), serial)


def settle_url(app, desk, serial=1):
    return desk.url(f"/ballots/{number(app, desk, serial)}/settle")


def field(desk, place):
    return f"mark_{desk.choice_fields[place].removeprefix('choice_')}"


def test_differences_name_paper_room_and_motion_and_no_reading(desk):
    words = visible(desk[SCRUTINEER].get(desk.url("/ballots/mismatches")))
    assert "1号楼101室" in words
    assert "2. 门禁管理公约" in words
    assert "1. 车辆管理制度" not in words
    assert "1号楼102室" not in words
    for word in ("同意", "反对", "弃权"):
        assert word not in words


def test_the_page_is_the_same_whatever_was_read(app, stage, at):
    def shown(first, second):
        def make(scene):
            vote = votes.counting(scene, [1])
            read(scene.counter, vote, 1, "for", first)
            read(scene.worker, vote, 1, "for", second)
            return vote

        made = stage(make, committee=f"居委会{first}{second}")
        at(AFTER)
        for tail in ("/ballots/mismatches", f"/ballots/{number(app, made, 1)}/settle"):
            body = made[SCRUTINEER].get(made.url(tail))
            body = re.sub(r'name="(submission|csrf_token)"[^>]*value="[^"]*"', "", body)
            yield re.sub(r"\d+", "#", visible(body))

    assert list(shown("for", "against")) == list(shown("invalid", "abstain"))


def test_progress_is_shown_and_readers_are_told_to_leave_it_to_a_third(desk):
    page = visible(desk[COUNTER].get(desk.url("/ballots/mismatches")))
    assert "2 张有效票要录" in page
    assert "1 张不一致，待裁定" in page
    assert "由第三个人裁定" in page
    assert "对照原票裁定" not in page


def test_a_third_person_settles_what_differs_from_the_paper(app, desk):
    page = desk[SCRUTINEER].get(settle_url(app, desk))
    assert field(desk, 1) in page
    assert field(desk, 0) not in page
    page = desk[SCRUTINEER].post(
        settle_url(app, desk), **{field(desk, 1): "2"}, reason="第二遍看错一格"
    )
    assert "第 1 号已裁定" in page
    assert "没有不一致的票" in page
    assert counted(app, desk, 1) == ["for", "against"]


def test_what_is_missing_comes_back_as_typed(app, desk):
    url = settle_url(app, desk)
    page = desk[SCRUTINEER].post(url, **{field(desk, 1): "2"}, reason="")
    assert "请填写这一项" in page
    assert re.search(rf'name="{field(desk, 1)}" value="2"', page)
    page = desk[SCRUTINEER].post(url, **{field(desk, 1): "9"}, reason="看错了")
    assert "没有这个键" in page
    assert 'value="看错了"' in page
    assert counted(app, desk, 1) == []


def test_a_double_press_settles_once(app, desk):
    url, fields = settle_url(app, desk), {field(desk, 1): "3", "reason": "看错了"}
    for _ in range(2):
        page = desk[SCRUTINEER].post(url, **fields, submission="pressed twice")
        assert "录入不一致的票" in page


@pytest.mark.parametrize("role", [COUNTER, WORKER])
def test_neither_reader_reaches_the_page_or_its_button(app, desk, role):
    fields = {field(desk, 1): "2", "reason": "我没看错"}
    assert "第三个人" in desk[role].get(settle_url(app, desk), expect=409)
    desk[role].post(settle_url(app, desk), expect=409, **fields)
    assert counted(app, desk, 1) == []


def test_a_ballot_read_alike_has_nothing_to_settle(app, desk):
    desk[SCRUTINEER].get(settle_url(app, desk, 2), expect=409)
    desk[SCRUTINEER].post(settle_url(app, desk, 2), expect=409, reason="试试")


def test_a_ballot_read_wrongly_by_both_is_reopened(app, desk):
    page = desk[SCRUTINEER].post(desk.url("/ballots/reopen"), paper="2", reason="两遍都看错了行")
    assert "第 2 号已退回" in page
    assert counted(app, desk, 2) == []


@pytest.mark.parametrize(
    ("role", "fields", "told"),
    [
        (SCRUTINEER, {"paper": "77", "reason": "看错了"}, "没有这张票"),
        (SCRUTINEER, {"paper": "2", "reason": ""}, "请填写这一项"),
        (COUNTER, {"paper": "2", "reason": "看错了"}, "第三个人"),
    ],
)
def test_reopening_is_refused_at_its_field_with_what_was_typed(app, desk, role, fields, told):
    page = desk[role].post(desk.url("/ballots/reopen"), **fields)
    assert told in page
    assert f'value="{fields["paper"]}"' in page
    assert counted(app, desk, 2) == ["for", "for"]


@pytest.mark.parametrize("role", list(Role))
def test_only_those_who_settle_see_differences(app, desk, role):
    expect = 200 if role in roles_that_may(Permission.SETTLE_ENTRY) else 403
    desk[role].get(desk.url("/ballots/mismatches"), expect=expect)
    desk[role].post(desk.url("/ballots/reopen"), expect=expect)
    refused = expect if expect == 403 or role is SCRUTINEER else 409
    desk[role].get(settle_url(app, desk), expect=refused)


@pytest.mark.parametrize(
    ("make", "expect"),
    [
        (votes.frozen, 409),
        (votes.running, 409),
        (votes.counting, 200),
        (votes.certified, 409),
        (votes.announced, 409),
    ],
)
def test_differences_exist_only_while_ballots_are_counted(stage, at, make, expect):
    made = stage(make)
    at(AFTER)
    made[SCRUTINEER].get(made.url("/ballots/mismatches"), expect=expect)
    made[SCRUTINEER].post(made.url("/ballots/reopen"), expect=expect, paper="77", reason="看错了")


def test_ballots_of_others_are_not_found(app, desk, browse):
    desk[SCRUTINEER].get(desk.url("/ballots/999999/settle"), expect=404)
    desk[SCRUTINEER].post(desk.url("/ballots/999999/settle"), expect=404, reason="试试")
    with app.app_context():
        foreign = votes.people.user(SCRUTINEER, votes.people.committee("国年居委会"))
        db.session.commit()
        stranger = browse(foreign)
    stranger.get(desk.url("/ballots/mismatches"), expect=404)
    stranger.get(settle_url(app, desk), expect=404)
