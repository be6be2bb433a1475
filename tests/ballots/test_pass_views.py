"""Who hands out passes to vote online, when, and what the page shows."""

from __future__ import annotations

import re

import pytest

from tests.conftest import visible
from tests.factories import votes
from tests.factories.online import ONLINE, voted
from tests.factories.people import NOW
from tests.factories.votes import AFTER, CLOSES, DURING, OPENS
from tests.votes.walk import stage
from tracker.accounts.models import User
from tracker.accounts.rules import Permission, Role, may
from tracker.ballots.models import Ballot
from tracker.ballots.paper_models import OnlinePass
from tracker.kernel.database import db
from tracker.places.models import Building, LeaderScope
from tracker.votes.models import Vote
from tracker.votes.rules import Choice

__all__ = ["stage"]

GIVEN = {"voter": "2-101", "told": "当面核对身份证和房产证"}
HANDS_OUT = {Role.DIRECTOR, Role.WORKER, Role.COUNTER, Role.BUILDING_LEADER}


def going(make):
    return lambda scene: make(scene, **ONLINE)


@pytest.fixture
def desk(stage, at):
    """Browsers of every role at an open vote that takes online ballots."""
    held = stage(going(votes.running))
    at(DURING)
    return held


def test_the_roles_are_those_that_bring_ballots():
    assert {role for role in Role if may(role, Permission.DELIVER_BALLOT)} == HANDS_OUT


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(
    ("make", "now", "issuing"),
    [
        (votes.frozen, NOW, True),
        (votes.running, DURING, True),
        (votes.counting, AFTER, False),
        (votes.announced, AFTER, False),
    ],
)
def test_each_role_in_each_state(app, stage, at, role, make, now, issuing):
    s = stage(going(make))
    at(now)
    if role is Role.BUILDING_LEADER:
        with app.app_context():
            leads(role, "2")
    allowed = role in HANDS_OUT
    page = s[role].get(s.url("/passes"), expect=200 if allowed else 403)
    assert ("核对无误，发凭证" in page) is (allowed and issuing)
    status = 403 if not allowed else 200 if issuing else 409
    answer = s[role].post(s.url("/passes"), expect=status, **GIVEN)
    assert ("投票码" in answer) is (allowed and issuing)
    with app.app_context():
        assert db.session.query(OnlinePass).count() == (1 if allowed and issuing else 0)


def leads(role, building):
    """Let the leader of the scene look after a building."""
    user = db.session.query(User).filter_by(role=role).one()
    found = db.session.query(Building).filter_by(number=building).one()
    scope = LeaderScope(committee_id=found.committee_id, user_id=user.id, building_id=found.id)
    db.session.add(scope)
    db.session.commit()


def test_another_committee_and_an_unknown_vote_are_not_found(desk):
    desk.stranger.get(desk.url("/passes"), expect=404)
    desk.stranger.post(desk.url("/passes"), expect=404, **GIVEN)
    desk[Role.WORKER].get("/votes/999/passes", expect=404)


def test_a_vote_without_online_ballots_has_no_such_page(stage, at):
    s = stage(votes.running)
    at(DURING)
    assert "不接受线上投票" in s[Role.WORKER].get(s.url("/passes"), expect=409)
    assert "不接受线上投票" in s[Role.WORKER].post(s.url("/passes"), expect=409, **GIVEN)


def test_a_leader_gives_passes_in_the_own_building_only(app, desk):
    with app.app_context():
        leads(Role.BUILDING_LEADER, "1")
    leader = desk[Role.BUILDING_LEADER]
    assert "不在您负责的楼栋" in leader.post(desk.url("/passes"), **GIVEN)
    assert "投票码" in leader.post(desk.url("/passes"), **{**GIVEN, "voter": "1-101"})
    desk[Role.WORKER].post(desk.url("/passes"), **GIVEN)
    page = visible(leader.get(desk.url("/passes")))
    assert "1号楼101室" in page
    assert "2号楼101室" not in page


def secret_on(page: str) -> str:
    return re.search(r"[2-9A-Y]{5}(-[2-9A-Y]{5}){3}", page).group()


def test_the_secret_is_shown_this_once_with_a_picture_of_the_link(app, desk):
    worker = desk[Role.WORKER]
    page = worker.post(desk.url("/passes"), **GIVEN)
    secret = secret_on(visible(page))
    assert f"/v/{secret}" in page
    assert "<svg" in page
    assert "只显示这一次" in page
    assert secret not in worker.get(desk.url("/passes"))
    with app.app_context():
        assert secret not in str(db.session.query(OnlinePass).one().__dict__)


def test_the_slip_names_neither_person_nor_room(desk):
    page = desk[Role.WORKER].post(desk.url("/passes"), **GIVEN)
    slip = visible(page[page.index('<article class="slip"') : page.index("</article>")])
    assert "101" not in slip
    assert "业主" not in slip
    for words in ("票号 4", "投票码", "以最后一次为准", "3月5日"):
        assert words in slip


def test_what_is_missing_is_said_at_its_field(desk):
    worker = desk[Role.WORKER]
    for field, value, words in (
        ("voter", "", "请填写"),
        ("voter", "9-999", "名册上没有"),
        ("told", "", "请填写"),
        ("told", "31011019500101123X", "不要登记证件号码"),
    ):
        page = worker.post(desk.url("/passes"), **{**GIVEN, field: value})
        assert f'id="{field}-error"' in page
        assert words in page
    assert GIVEN["voter"] in page


def test_a_new_pass_takes_the_place_of_the_old_one_in_the_list(app, desk):
    worker = desk[Role.WORKER]
    first = secret_on(visible(worker.post(desk.url("/passes"), **GIVEN)))
    worker.post(desk.url("/passes"), **GIVEN)
    assert "1 人有有效的凭证" in visible(worker.get(desk.url("/passes")))
    assert "已停用或已换新" in worker.get(f"/v/{first}", expect=410)


def test_a_pass_is_ended_from_the_list(app, desk):
    worker = desk[Role.WORKER]
    secret = secret_on(visible(worker.post(desk.url("/passes"), **GIVEN)))
    action = re.search(r'action="(/votes/\d+/passes/\d+/end)"', worker.get(desk.url("/passes")))
    assert "已停用" in worker.post(action.group(1))
    assert "已经停用" in worker.post(action.group(1))
    worker.get(f"/v/{secret}", expect=410)
    desk[Role.SCRUTINEER].post(action.group(1), expect=403)
    desk.stranger.post(action.group(1), expect=404)


def test_the_list_tells_who_voted_and_never_what(app, desk):
    with app.app_context():
        vote = db.session.get(Vote, desk.vote_id)
        scene_worker = db.session.query(User).filter_by(role=Role.WORKER).first()
        of = votes.Scene(*[scene_worker] * 5, project=vote.project)
        voted(of, vote, 1, Choice.AGAINST)
        db.session.commit()
        assert db.session.query(Ballot).count() == 1
    page = visible(desk[Role.DIRECTOR].get(desk.url("/passes")))
    assert "1 人用它投过票" in page
    for word in ("同意", "反对", "弃权", "against"):
        assert word not in page


def test_at_the_very_close_the_last_pass_is_given(desk, at):
    at(CLOSES)
    assert "投票码" in desk[Role.WORKER].post(desk.url("/passes"), **GIVEN)
    at(OPENS)
    assert "核对无误，发凭证" in desk[Role.WORKER].get(desk.url("/passes"))
