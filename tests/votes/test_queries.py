"""What others ask about votes."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.factories import votes
from tests.factories.people import NOW
from tests.factories.votes import AFTER
from tracker.kernel.database import db
from tracker.places.models import Unit
from tracker.votes import queries, roll_queries, services
from tracker.votes.rules import Choice, Outcome

pytestmark = pytest.mark.usefixtures("arrange")


def test_the_preview_counts_what_is_missing():
    scene = votes.scene(buildings=2, rooms=3)
    first, second, third = db.session.scalars(sa.select(Unit).order_by(Unit.id).limit(3)).all()
    first.area = None
    second.voting_person_id = first.voting_person_id
    third.voting_person_id = None
    db.session.flush()
    preview = roll_queries.roll_preview(votes.draft(scene))
    assert preview == roll_queries.RollPreview(
        persons=4,
        units=6,
        area=40_000,
        units_without_area=1,
        persons_without_area=1,
        units_without_person=1,
    )


@pytest.mark.parametrize(
    ("text", "serial"),
    [
        ("5", 5),
        ("第5号", 5),
        ("2-102", 5),
        ("2号楼102室", 5),
        ("2栋102", 5),
        ("7", None),
        ("3-101", None),
        ("2-10", None),
        ("2-%", None),
        ("99999999999999999999", None),
        ("²", None),
        ("", None),
        ("-", None),
    ],
)
def test_an_entry_is_found_by_serial_or_room(text, serial):
    vote = votes.frozen(votes.scene(buildings=2, rooms=3))
    found = roll_queries.find_entry(vote.id, text)
    assert (found.serial if found else None) == serial


def test_turnout_is_by_building_and_says_nothing_else():
    scene = votes.scene()
    vote = votes.running(scene)
    for serial in (1, 2, 4):
        votes.ballot(scene, vote, serial, Choice.AGAINST)
    turnout = queries.turnout(vote)
    assert [(b.label, b.persons, b.returned) for b in turnout.buildings] == [
        ("1号楼", 3, 2),
        ("2号楼", 3, 1),
    ]
    assert (turnout.persons.numerator, turnout.area.numerator) == (3, 24_000)
    assert str(turnout.lacking) == "还差 1 人、80.00 平方米。"


def test_before_the_close_there_are_no_results():
    scene = votes.scene()
    vote = votes.running(scene)
    votes.ballot(scene, vote, 1)
    assert queries.results(vote) == []
    assert queries.outcomes([vote]) == {}
    assert not queries.carried(vote.stage_id, vote.round)
    assert queries.public_results(scene.project.id) == []


@pytest.mark.parametrize(("approving", "carried"), [(4, True), (3, False), (2, False)])
def test_a_stage_s_vote_carries_or_not(approving, carried):
    scene = votes.scene()
    vote = votes.closed(scene, approving=approving, opposing=6 - approving)
    assert queries.carried(vote.stage_id, vote.round) is carried
    assert not queries.carried(vote.stage_id, vote.round + 1)


def test_a_cancelled_vote_is_no_vote_of_the_stage():
    scene = votes.scene()
    vote = votes.running(scene)
    assert queries.vote_of(vote.stage_id, vote.round) is vote
    services.cancel(scene.director, NOW, vote.id, reason="公示有误")
    assert queries.vote_of(vote.stage_id, vote.round) is None


def test_residents_see_announced_results_only():
    scene = votes.scene(motions=("车辆管理制度",))
    vote = votes.closed(scene, approving=4, opposing=1)
    assert queries.public_results(scene.project.id) == []
    services.announce(scene.director, AFTER, vote.id)
    [shown] = queries.public_results(scene.project.id)
    assert (shown.title, shown.outcome) == ("车辆管理制度", Outcome.CARRIED)
    assert str(shown.sentence) == "「车辆管理制度」通过"
    label, numerator, fraction, threshold, threshold_label, met = shown.tests[2]
    assert [str(label), str(numerator), fraction, threshold, str(threshold_label), met] == [
        "同意人数占参与人数",
        "4 / 5 人 · 80.0%",
        0.8,
        0.5,
        "须过半数",
        True,
    ]


def test_the_roll_lists_who_has_not_returned_a_ballot():
    scene = votes.scene()
    vote = votes.running(scene)
    votes.ballot(scene, vote, 2)
    everybody = db.session.scalars(roll_queries.roll_page(vote.id, None, unreturned=False)).all()
    missing = db.session.scalars(roll_queries.roll_page(vote.id, None, unreturned=True)).all()
    assert [e.serial for e in everybody] == [1, 2, 3, 4, 5, 6]
    assert [e.serial for e in missing] == [1, 3, 4, 5, 6]
