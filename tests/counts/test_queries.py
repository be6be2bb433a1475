"""Finding votes in their order, results in their versions, and what residents see."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.factories import votes
from tests.factories.people import NOW
from tests.factories.votes import AFTER
from tracker.counts import course_queries, public_queries, queries, services
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.places.models import Building
from tracker.votes import course_services
from tracker.votes import queries as vote_queries
from tracker.votes.models import Vote
from tracker.votes.rules import Outcome
from tracker.votes.services import Scope
from tracker.votes.words import VoteState

pytestmark = pytest.mark.usefixtures("arrange")


def buildings(scene: votes.Scene) -> list[Building]:
    return list(db.session.scalars(sa.select(Building).order_by(Building.position)))


def of_building(scene: votes.Scene, building: Building, **fields: object) -> dict[str, object]:
    return {"scope": Scope(scene.project.compound_id, building.id), **fields}


# ---- the list ----


def test_a_second_tier_stands_below_the_vote_it_waits_for():
    scene = votes.scene(buildings=2)
    first = votes.draft(scene)
    second, third = (
        votes.draft(scene, **of_building(scene, b, after_id=first.id)) for b in buildings(scene)
    )
    [(number, held)] = queries.by_round(vote_queries.votes_of(scene.project.id))
    assert number == 1
    assert [(row.vote, row.depth) for row in held] == [(first, 0), (second, 1), (third, 1)]


def test_a_runoff_stands_below_its_poll():
    scene = votes.scene()
    motion = votes.motion_ids(scene.project)[0]
    asked = {"rule_id": "choose_one", "motion_ids": [motion], "options": {motion: ("甲", "乙")}}
    first = votes.draft(scene, **asked)
    second = votes.draft(scene, **asked, runoff_of_id=first.id)
    [(_, held)] = queries.by_round(vote_queries.votes_of(scene.project.id))
    assert [(row.vote, row.depth) for row in held] == [(first, 0), (second, 1)]


# ---- the gate: several votes side by side ----


def side_by_side(scene: votes.Scene, *approving: int) -> list[Vote]:
    """One certified vote per building; each approves with so many of its three voters."""
    found = []
    for building, yes in zip(buildings(scene), approving, strict=True):
        vote = votes.counting(scene, range(1, 4), **of_building(scene, building))
        for serial in range(1, 4):
            votes.read(scene, vote, serial, "for" if serial <= yes else "against")
        found.append(services.certify(scene.scrutineer, AFTER, vote.id, signers=votes.SIGNERS))
    return found


@pytest.mark.parametrize(
    ("approving", "carried"),
    [((3, 3), True), ((3, 0), True), ((0, 0), False), ((2, 1), True), ((1, 1), False)],
)
def test_of_votes_side_by_side_one_that_carried_is_enough(approving, carried):
    scene = votes.scene(buildings=2)
    vote = side_by_side(scene, *approving)[0]
    assert queries.carried(vote.stage_id, vote.round) is carried


def test_a_vote_that_is_not_certified_holds_the_gate():
    scene = votes.scene(buildings=2)
    first, second = buildings(scene)
    vote = votes.certified(scene, approving=3, **of_building(scene, first))
    assert queries.carried(vote.stage_id, vote.round)
    draft = votes.draft(scene, **of_building(scene, second))
    assert not queries.carried(vote.stage_id, vote.round)
    course_services.cancel(scene.worker, NOW, draft.id, reason="这栋楼不参加")
    assert queries.carried(vote.stage_id, vote.round)


# ---- results ----


@pytest.mark.parametrize("make", [votes.draft, votes.frozen, votes.running, votes.counting])
def test_before_it_is_certified_there_are_no_results(make):
    scene = votes.scene()
    vote = make(scene)
    assert queries.results(vote) == []
    assert queries.sheets(vote.id) == []
    assert queries.outcomes([vote]) == {}
    assert not queries.carried(vote.stage_id, vote.round)


def test_results_know_the_roll_and_who_was_accepted():
    scene = votes.scene()
    result = queries.results(votes.certified(scene, approving=3, opposing=1))[0]
    assert (result.roll.persons, result.accepted.persons) == (6, 4)
    assert result.counted.absent.persons == 2
    assert result.poll is None


def test_an_unknown_version_is_not_found():
    vote = votes.certified(votes.scene())
    with pytest.raises(NotFound):
        queries.sheet(vote.id, 2)


def test_the_announcement_is_tied_to_the_chain_of_the_history():
    vote = votes.announced(votes.scene())
    assert len(queries.history_hash(vote, queries.sheet(vote.id, 1))) == 64
    certified = votes.certified(votes.scene(committee="国权居委会"))
    assert queries.history_hash(certified, queries.sheet(certified.id, 1)) == ""


# ---- what residents see ----


def test_residents_see_announced_results_only():
    scene = votes.scene(motions=("车辆管理制度",))
    vote = votes.certified(scene, approving=4, opposing=1)
    assert public_queries.public_votes(scene.project.id) == []
    services.announce(scene.director, AFTER, vote.id)
    [shown] = public_queries.public_votes(scene.project.id)
    assert (shown.title, shown.correction) == ("停车与门禁表决", "")
    assert (shown.objections_until - shown.announced_on).days == 15
    [result] = shown.results
    assert (result.title, result.outcome) == ("车辆管理制度", Outcome.CARRIED)
    assert str(result.sentence) == "「车辆管理制度」通过"
    label, numerator, fraction, threshold, threshold_label, met = result.tests[2]
    assert [str(label), str(numerator), fraction, threshold, str(threshold_label), met] == [
        "同意人数占参与人数",
        "4 / 5 人 · 80.0%",
        0.8,
        0.5,
        "须过半数",
        True,
    ]


# ---- how far it is ----


def test_a_reader_is_offered_the_ballots_nobody_or_one_other_has_read():
    scene = votes.scene()
    vote = votes.counting(scene, [1, 2, 3])
    votes.read(scene, vote, 1, by=[scene.counter])
    votes.read(scene, vote, 2)
    assert course_queries.readable(vote, scene.counter.id) == 1
    assert course_queries.readable(vote, scene.worker.id) == 2
    assert course_queries.readable(vote, scene.scrutineer.id) == 2


def lines(vote: Vote) -> list[tuple[str, str, bool]]:
    """Title, state and whether there is a name, of each line."""
    found = course_queries.lines(vote, course_queries.turnout_of(vote))
    return [(str(line.title), line.state, bool(line.who)) for line in found]


def test_the_steps_done_stand_with_who_did_them():
    vote = votes.announced(votes.scene())
    assert lines(vote) == [
        ("拟定事项、选定规则", "done", True),
        ("另一人确认规则", "done", True),
        ("两人核对，冻结名册", "done", True),
        ("表决票编号", "done", True),
        ("开始投票", "done", True),
        ("送达", "done", False),
        ("收票", "done", False),
        ("截止投票", "done", True),
        ("确认计票结果", "done", True),
        ("公告结果", "done", True),
        ("归档", "todo", False),
    ]


def test_the_steps_of_a_draft_end_where_it_stands():
    assert [line[:2] for line in lines(votes.draft(votes.scene(), confirmed=False))] == [
        ("拟定事项、选定规则", "done"),
        ("另一人确认规则", "now"),
        ("两人核对，冻结名册", "todo"),
    ]


def test_a_vote_being_counted_says_how_far_the_reading_is():
    scene = votes.scene()
    vote = votes.counting(scene, [1, 2])
    votes.read(scene, vote, 1)
    found = course_queries.lines(vote, course_queries.turnout_of(vote))
    told = {str(line.title): str(line.detail) for line in found if line.detail}
    assert told["核对身份"] == "已核对，有效 2 张"
    assert told["两人录入"] == "1 / 2 张录满两遍"
    hidden = course_queries.lines(vote, None)
    assert not [line for line in hidden if line.detail and "2 张" in str(line.detail)]


def test_a_cancelled_vote_has_no_steps():
    scene = votes.scene()
    vote = votes.draft(scene)
    course_services.cancel(scene.worker, NOW, vote.id, reason="日期写错")
    assert vote.state is VoteState.CANCELLED
    assert course_queries.lines(vote, None) == []
