"""The frozen roll: what goes in, what keeps it open, and that nothing reaches it later."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.factories import places, votes
from tests.factories.people import NOW
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, Refusal, Stale
from tracker.meetings.models import Motion
from tracker.places.models import Building, Unit
from tracker.votes import queries, services
from tracker.votes.models import RollEntry, RollUnit
from tracker.votes.words import VoteState

pytestmark = pytest.mark.usefixtures("arrange")


def test_freezing_writes_the_roll_and_its_hash():
    scene = votes.scene(buildings=2, rooms=3)
    vote = votes.frozen(scene)
    entries = db.session.scalars(sa.select(RollEntry).order_by(RollEntry.serial)).all()
    assert [(e.serial, e.units[0].label, e.area) for e in entries] == [
        (1, "1号楼101室", 8_000),
        (2, "1号楼102室", 8_000),
        (3, "1号楼103室", 8_000),
        (4, "2号楼101室", 8_000),
        (5, "2号楼102室", 8_000),
        (6, "2号楼103室", 8_000),
    ]
    assert len({e.person_code for e in entries}) == 6
    assert len(vote.roll_hash) == 64
    assert services.roll_is_whole(vote)
    assert (vote.state, vote.frozen_by) == (VoteState.FROZEN, scene.director.id)


def test_a_person_with_several_units_gets_one_ballot():
    scene = votes.scene(rooms=3)
    first, second = db.session.scalars(sa.select(Unit).order_by(Unit.id).limit(2)).all()
    second.voting_person_id, second.area = first.voting_person_id, 9_050
    db.session.flush()
    vote = votes.frozen(scene)
    entry = db.session.scalar(sa.select(RollEntry).where(RollEntry.serial == 1))
    assert (entry.area, [u.label for u in entry.units]) == (17_050, ["1号楼101室", "1号楼102室"])
    assert queries.turnout(vote).persons.denominator == 5


def test_a_vote_of_one_building_has_its_roll_only():
    scene = votes.scene()
    house = db.session.scalar(sa.select(Building).where(Building.number == "2"))
    votes.frozen(scene, building_id=house.id, rule_id="gt23")
    labels = db.session.scalars(sa.select(RollUnit.label).order_by(RollUnit.id)).all()
    assert labels == ["2号楼101室", "2号楼102室", "2号楼103室"]


def test_a_building_of_another_compound_is_refused():
    scene = votes.scene()
    other = places.compound(scene.director.committee, name="别处")
    house = db.session.scalar(sa.select(Building).where(Building.compound_id == other.id))
    with pytest.raises(FieldRefusal):
        votes.draft(scene, building_id=house.id)


def test_units_without_a_voting_person_keep_the_roll_open():
    scene = votes.scene()
    vote = votes.draft(scene)
    db.session.scalar(sa.select(Unit).limit(1)).voting_person_id = None
    db.session.flush()
    with pytest.raises(Refusal, match="还有 1 套房没有表决权人") as refused:
        services.freeze(scene.director, NOW, vote.id)
    assert refused.value.reasons[0].endpoint == "places.index"
    assert vote.state is VoteState.DRAFT


def test_an_empty_roll_cannot_be_frozen():
    scene = votes.scene(buildings=1, rooms=0)
    with pytest.raises(Refusal, match="名册是空的"):
        votes.frozen(scene)


def test_a_motion_changed_since_the_draft_must_be_chosen_again():
    scene = votes.scene()
    vote = votes.draft(scene)
    motion = db.session.scalar(sa.select(Motion).order_by(Motion.position))
    motion.text = "另一个问题？"
    db.session.flush()
    with pytest.raises(Refusal, match="已被改动"):
        services.freeze(scene.director, NOW, vote.id)


def test_freezing_fixes_the_wording_of_the_motions():
    scene = votes.scene()
    vote = votes.frozen(scene)
    assert all(line.motion.balloted_at for line in vote.motions)
    services.cancel(scene.director, NOW, vote.id, reason="重新公示")
    assert not any(line.motion.balloted_at for line in vote.motions)


@pytest.mark.parametrize("seen", [{"version": 99}, {"persons": 7}])
def test_freezing_what_has_changed_since_the_confirmation_is_stale(seen):
    scene = votes.scene()
    vote = votes.draft(scene)
    with pytest.raises(Stale):
        services.freeze(scene.director, NOW, vote.id, **seen)


def test_nothing_changes_after_freezing():
    scene = votes.scene()
    vote = votes.frozen(scene)
    with pytest.raises(Refusal, match="都不能再改"):
        services.edit(
            scene.worker, NOW, vote.id, votes.draft_of(scene, rule_id="spec"), version=vote.version
        )
    with pytest.raises(Refusal, match="已经冻结"):
        services.freeze(scene.director, NOW, vote.id)


def test_later_changes_of_the_places_do_not_reach_the_roll():
    scene = votes.scene()
    vote = votes.frozen(scene)
    for unit in db.session.scalars(sa.select(Unit)):
        unit.area = 1
    db.session.flush()
    assert queries.turnout(vote).area.denominator == 48_000
    assert services.roll_is_whole(vote)
