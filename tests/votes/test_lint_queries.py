"""What the lint looks at, gathered from the database."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.factories import votes
from tests.factories.people import NOW
from tests.factories.votes import AFTER, CLOSES, DURING, OPENS
from tracker.kernel.clock import local_date
from tracker.kernel.database import db
from tracker.notices.models import Notice
from tracker.notices.rules import NoticeState
from tracker.places.models import Building, Entrance, Unit, VotingPerson
from tracker.votes import check_services, lint_queries
from tracker.votes.lint import RollFacts
from tracker.votes.services import Scope
from tracker.votes.words import AttachmentKind
from tracker.workdays import services as workdays
from tracker.workdays.rules import DayKind

pytestmark = pytest.mark.usefixtures("arrange")


def facts(vote, at=NOW):
    db.session.flush()
    db.session.expire_all()
    return lint_queries.facts(vote, at)


def units() -> list[Unit]:
    return list(db.session.scalars(sa.select(Unit).order_by(Unit.id)))


def house(number: int) -> Building:
    return db.session.scalar(sa.select(Building).where(Building.number == str(number)))


def scope_of(building: Building) -> Scope:
    return Scope(building.compound_id, building.id)


# ---- the roll ----


def test_a_roll_without_fault():
    vote = votes.draft(votes.scene())
    for unit in units():
        unit.area_source = "不动产权证"
    assert facts(vote).roll == RollFacts(persons=6)


def test_what_is_missing_is_counted():
    scene = votes.scene()
    vote = votes.draft(scene)
    first, second, third, fourth, *_ = units()
    first.area = None
    second.voting_person_id = first.voting_person_id
    third.voting_person_id = None
    fourth.area_source = "测绘报告"
    day = local_date(NOW)
    check_services.object_to_roll(scene.worker, NOW, vote.id, received_on=day, text="面积不对")
    check_services.object_to_roll(scene.worker, NOW, vote.id, received_on=day, text="少了一户")
    check_services.answer_roll_objection(
        scene.worker, NOW, vote.id, 1, upheld=False, answer="与产证一致"
    )
    assert facts(vote).roll == RollFacts(
        persons=4,
        units_without_person=1,
        persons_without_area=1,
        areas_without_source=4,
        open_objections=1,
    )


def test_the_same_name_twice_is_one_group():
    vote = votes.draft(votes.scene())
    for person in db.session.scalars(sa.select(VotingPerson).limit(3)):
        person.name = "王芳"
    assert facts(vote).roll.same_names == 1


def test_a_room_with_and_without_its_entrance_may_be_one():
    vote = votes.draft(votes.scene())
    first, second, third, *_ = units()
    door = Entrance(committee_id=first.committee_id, building_id=first.building_id, number="1")
    db.session.add(door)
    db.session.flush()
    second.room, second.entrance_number, second.entrance_id = first.room, "1", door.id
    third.room, third.entrance_number = "901", "1"
    assert facts(vote).roll.doubled_rooms == 1


def test_a_vote_of_one_building_looks_at_that_building_only():
    scene = votes.scene()
    vote = votes.draft(scene, scope=scope_of(house(2)), rule_id="sh_part")
    for unit in units()[:3]:
        unit.area, unit.voting_person_id = None, None
    looked_at = facts(vote)
    assert (looked_at.roll.persons, looked_at.roll.units_without_person) == (3, 0)
    assert not looked_at.whole_compound


def test_units_asked_the_same_in_another_running_vote_are_counted():
    scene = votes.scene()
    votes.frozen(scene)
    part = votes.draft(scene, scope=scope_of(house(1)), rule_id="sh_part")
    assert facts(part).roll.asked_elsewhere == 3


def test_tiers_ask_the_same_on_purpose():
    scene = votes.scene()
    whole = votes.frozen(scene)
    part = votes.draft(scene, scope=scope_of(house(1)), rule_id="sh_part", after_id=whole.id)
    assert facts(part).roll.asked_elsewhere == 0


def test_another_motion_or_another_building_or_a_void_vote_is_nothing_to_ask_about():
    scene = votes.scene()
    first, second = votes.motion_ids(scene.project)
    votes.frozen(scene, scope=scope_of(house(1)), rule_id="sh_part", motion_ids=[first])
    other_motion = votes.draft(scene, motion_ids=[second])
    assert facts(other_motion).roll.asked_elsewhere == 0
    other_house = votes.draft(scene, scope=scope_of(house(2)), rule_id="sh_part")
    assert facts(other_house).roll.asked_elsewhere == 0


def test_once_frozen_the_roll_is_what_was_frozen():
    scene = votes.scene()
    units()[0].area = None
    vote = votes.frozen(scene)
    for unit in units():
        unit.voting_person_id = None
    assert facts(vote).roll == RollFacts(persons=6, persons_without_area=1)


# ---- the rule, the wording, files ----


def test_a_draft_is_compared_with_the_motions_as_they_are_worded_now():
    scene = votes.scene()
    vote = votes.draft(scene)
    vote.motions[0].motion.text = "另一个问题？"
    vote.motions[1].motion.withdrawn_at = NOW
    assert [motion.changed for motion in facts(vote).motions] == [True, True]


def test_the_clause_is_known_by_its_kind():
    scene = votes.scene()
    vote = votes.draft(scene)
    assert not facts(vote).has_clause_file
    for kind, known in ((AttachmentKind.TEXT, False), (AttachmentKind.CLAUSE, True)):
        check_services.attach(scene.worker, NOW, vote.id, kind=kind, name="x", data=b"%PDF-1.4")
        assert facts(vote).has_clause_file is known


# ---- ties ----


def test_the_tier_before_is_undecided_until_it_is_certified():
    scene = votes.scene()
    first = votes.frozen(scene)
    second = votes.draft(scene, scope=scope_of(house(1)), rule_id="sh_part", after_id=first.id)
    assert facts(second).ties.first_tier_undecided


def test_a_runoff_waits_for_the_result_of_the_first_round():
    scene = votes.scene(motions=("食堂由谁来办",))
    [motion] = votes.motion_ids(scene.project)
    poll = {"rule_id": "choose_one", "options": {motion: ["甲", "乙"]}}
    first = votes.draft(scene, **poll)
    second = votes.draft(scene, runoff_of_id=first.id, **poll)
    assert (facts(first).ties.is_runoff, facts(second).ties.is_runoff) == (False, True)
    assert facts(second).ties.first_round_undecided


# ---- times and notice ----


@pytest.mark.parametrize(
    ("at", "opened", "closed"),
    [
        (OPENS, False, False),
        (OPENS + timedelta(seconds=1), True, False),
        (CLOSES - timedelta(seconds=1), True, False),
        (CLOSES, True, True),
        (AFTER, True, True),
    ],
)
def test_the_times_that_have_passed(at, opened, closed):
    times = facts(votes.draft(votes.scene()), at).times
    assert (times.open_has_passed, times.close_has_passed) == (opened, closed)


@pytest.mark.parametrize(
    ("close", "worked"),
    [("2026-03-05", True), ("2026-03-07", False), ("2026-03-08", False), ("2026-03-09", True)],
)
def test_a_close_on_a_weekend_is_no_working_day(close, worked):
    closes_at = CLOSES + (votes.clock.date_of(close) - local_date(CLOSES))
    times = facts(votes.draft(votes.scene(), closes_at=closes_at)).times
    assert (times.closes_on.isoformat(), times.close_is_workday) == (close, worked)


def test_a_close_on_a_public_holiday_is_no_working_day():
    scene = votes.scene()
    vote = votes.draft(scene)
    day = local_date(CLOSES)
    workdays.set_day(scene.officer.id, NOW, day=day, kind=DayKind.REST, note="放假")
    assert not facts(vote).times.close_is_workday


def test_the_notice_is_counted_to_the_eve_of_the_opening():
    scene = votes.scene()
    vote = votes.draft(scene)
    hung = db.session.get_one(Notice, vote.notice_id)
    assert facts(vote).times.notice_days == 15
    hung.ends_on = local_date(OPENS) + timedelta(days=30)
    assert facts(vote).times.notice_days == 15
    hung.places[0].posted_on += timedelta(days=1)
    assert facts(vote).times.notice_days == 14
    hung.places[0].posted_on = None
    assert facts(vote).times.notice_days == 0


def test_a_notice_taken_back_is_none():
    scene = votes.scene()
    vote = votes.draft(scene)
    db.session.get_one(Notice, vote.notice_id).state = NoticeState.WITHDRAWN
    assert facts(vote).times.notice_days is None


def test_each_building_of_the_roll_has_the_notice():
    scene = votes.scene(buildings=3)
    vote = votes.draft(scene)
    hung = db.session.get_one(Notice, vote.notice_id)
    assert facts(vote).times.buildings_without_notice == 0
    gone = next(place for place in hung.places if place.building_id == house(3).id)
    hung.places.remove(gone)
    assert facts(vote, DURING).times.buildings_without_notice == 1
    part = votes.draft(scene, scope=scope_of(house(1)), rule_id="sh_part", notice_id=hung.id)
    assert facts(part).times.buildings_without_notice == 0
