"""What others ask about votes and their rolls."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.factories import people, places, projects, votes
from tests.factories.people import NOW
from tracker.accounts.rules import Role
from tracker.anthology.rules import StageKind
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.places.models import Building, Entrance, Unit
from tracker.votes import course_services, queries, roll_queries
from tracker.votes.rules import Basis
from tracker.votes.services import Scope
from tracker.votes.words import TwoPersonStep

pytestmark = pytest.mark.usefixtures("arrange")


def test_the_preview_counts_what_is_missing():
    scene = votes.scene(buildings=2, rooms=3)
    first, second, third = db.session.scalars(sa.select(Unit).order_by(Unit.id).limit(3)).all()
    first.area = None
    second.voting_person_id = first.voting_person_id
    third.voting_person_id = None
    db.session.flush()
    assert roll_queries.roll_preview(votes.draft(scene)) == roll_queries.RollPreview(
        persons=4,
        units=6,
        area=40_000,
        units_without_area=1,
        persons_without_area=1,
        units_without_person=1,
    )


def test_by_households_the_preview_counts_units():
    scene = votes.scene(buildings=2, rooms=3)
    first, second = db.session.scalars(sa.select(Unit).order_by(Unit.id).limit(2)).all()
    second.voting_person_id = first.voting_person_id
    db.session.flush()
    preview = roll_queries.roll_preview(votes.draft(scene, basis=Basis.HOUSEHOLDS))
    assert (preview.persons, preview.units) == (6, 6)


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


def test_the_roll_to_be_is_listed_as_one_walks_through_it():
    scene = votes.scene(buildings=2, rooms=2)
    vote = votes.draft(scene)
    first, second, *_ = db.session.scalars(sa.select(Unit).order_by(Unit.id)).all()
    first.room, second.room = "1001", "201"
    second.voting_person_id = first.voting_person_id
    db.session.flush()
    listed = db.session.scalars(roll_queries.unit_rows(vote, None)).all()
    assert [(u.building.number, u.room) for u in listed] == [
        ("1", "201"),
        ("1", "1001"),
        ("2", "101"),
        ("2", "102"),
    ]
    one = db.session.scalars(roll_queries.unit_rows(vote, listed[2].building_id)).all()
    assert len(one) == 2
    owned = roll_queries.units_of_voters(vote, {first.voting_person_id})
    assert owned == {first.voting_person_id: 2}


@pytest.mark.parametrize("narrowed", ["compound", "building", "entrance"])
def test_the_scope_is_called_by_its_name_and_lists_its_buildings(narrowed):
    scene = votes.scene()
    house = db.session.scalar(sa.select(Building).order_by(Building.id))
    door = Entrance(committee_id=house.committee_id, building=house, number="2")
    db.session.add(door)
    db.session.flush()
    own = house.compound_id
    scope, text, buildings = {
        "compound": (Scope(own), "正文花园", 2),
        "building": (Scope(own, house.id), "正文花园 1号楼", 1),
        "entrance": (Scope(own, house.id, door.id), "正文花园 1号楼 2门洞", 1),
    }[narrowed]
    vote = votes.draft(scene, scope=scope)
    assert roll_queries.scope_text(vote) == text
    assert len(roll_queries.scope_buildings(vote)) == buildings


def test_votes_are_those_of_the_own_committee_or_subdistrict():
    scene = votes.scene()
    vote = votes.draft(scene)
    assert queries.vote(scene.officer, vote.id) is vote
    strangers = (
        people.user(Role.DIRECTOR, people.committee("国年居委会")),
        people.user(Role.OFFICER, people.committee("远处居委会", "别的街道")),
    )
    for stranger in strangers:
        with pytest.raises(NotFound):
            queries.vote(stranger, vote.id)


def test_a_cancelled_vote_is_no_vote_of_the_stage_and_none_to_wait_for():
    scene = votes.scene()
    vote = votes.running(scene)
    assert queries.standing_votes(vote.stage_id, vote.round) == [vote]
    assert queries.first_tiers(scene.project.id) == [vote]
    course_services.cancel(scene.director, NOW, vote.id, reason="公示有误")
    assert queries.standing_votes(vote.stage_id, vote.round) == []
    assert queries.first_tiers(scene.project.id) == []
    assert queries.votes_of(scene.project.id) == [vote]


def test_a_project_without_deliberation_has_no_motions_to_vote_on():
    scene = votes.scene()
    other = projects.project(
        scene.director, places.compound(scene.director.committee, name="别处"), at=StageKind.VOTE
    )
    assert queries.worded_motions(other) == []


def test_what_waits_and_what_was_approved_is_told_with_who():
    scene = votes.scene()
    vote = votes.draft(scene)
    course_services.propose_freeze(scene.worker, NOW, vote.id, version=vote.version, persons=6)
    waiting = queries.open_proposal(vote.id, TwoPersonStep.FREEZE)
    assert waiting.proposer is scene.worker
    assert queries.approval_of(vote.id, TwoPersonStep.FREEZE) is None
    course_services.approve_freeze(scene.director, NOW, vote.id)
    assert queries.open_proposal(vote.id, TwoPersonStep.FREEZE) is None
    assert queries.approval_of(vote.id, TwoPersonStep.FREEZE).approver is scene.director


def test_accounts_are_called_by_their_names():
    scene = votes.scene()
    wanted = (scene.worker.id, None, 99_999)
    assert queries.names(wanted) == {scene.worker.id: scene.worker.display_name}
