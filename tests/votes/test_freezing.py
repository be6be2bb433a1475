"""The frozen roll: two people, what goes in, what keeps it open, and that nothing reaches it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.factories import people, votes
from tests.factories.people import NOW
from tests.factories.votes import AFTER, CLOSES, DURING, OPENS
from tracker.accounts.rules import Role
from tracker.audit.models import AuditEntry
from tracker.kernel.database import db
from tracker.kernel.errors import Refusal, Stale
from tracker.meetings.models import Motion
from tracker.places.models import Building, Unit, VotingPerson
from tracker.votes import check_services, course_services, queries, services
from tracker.votes.models import Approval, RollEntry, RollUnit, Vote, VoteMotion
from tracker.votes.rules import Basis, InvalidPolicy
from tracker.votes.services import Scope
from tracker.votes.words import AttachmentKind, TwoPersonStep, VoteState

pytestmark = pytest.mark.usefixtures("arrange")


def propose(scene, vote, by=None, **seen):
    shown = {"version": vote.version, "persons": 6} | seen
    return course_services.propose_freeze(by or scene.worker, NOW, vote.id, **shown)


def approve(scene, vote, by=None, at=NOW, **seen):
    return course_services.approve_freeze(by or scene.director, at, vote.id, **seen)


def entries() -> list[RollEntry]:
    return list(db.session.scalars(sa.select(RollEntry).order_by(RollEntry.serial)))


# ---- what goes in ----


def test_freezing_writes_the_roll_and_its_hash():
    scene = votes.scene(buildings=2, rooms=3)
    vote = votes.draft(scene)
    propose(scene, vote)
    approve(scene, vote)
    assert [(e.serial, e.units[0].label, e.area) for e in entries()] == [
        (1, "1号楼101室", 8_000),
        (2, "1号楼102室", 8_000),
        (3, "1号楼103室", 8_000),
        (4, "2号楼101室", 8_000),
        (5, "2号楼102室", 8_000),
        (6, "2号楼103室", 8_000),
    ]
    assert len({e.person_code for e in entries()}) == 6
    assert len(vote.roll_hash) == 64
    assert course_services.roll_is_whole(vote)
    assert (vote.state, vote.frozen_by, vote.frozen_at) == (
        VoteState.FROZEN,
        scene.director.id,
        NOW,
    )


def test_a_person_with_several_units_gets_one_ballot():
    scene = votes.scene(rooms=3)
    first, second = db.session.scalars(sa.select(Unit).order_by(Unit.id).limit(2)).all()
    second.voting_person_id, second.area = first.voting_person_id, 9_050
    db.session.flush()
    votes.frozen(scene)
    assert len(entries()) == 5
    assert entries()[0].area == 17_050
    assert [u.label for u in entries()[0].units] == ["1号楼101室", "1号楼102室"]


def test_by_households_each_unit_gets_one():
    scene = votes.scene(rooms=3)
    first, second = db.session.scalars(sa.select(Unit).order_by(Unit.id).limit(2)).all()
    second.voting_person_id = first.voting_person_id
    db.session.flush()
    votes.frozen(scene, basis=Basis.HOUSEHOLDS)
    assert [len(entry.units) for entry in entries()] == [1] * 6


def test_a_vote_of_one_building_has_its_roll_only():
    scene = votes.scene()
    house = db.session.scalar(sa.select(Building).where(Building.number == "2"))
    votes.frozen(scene, scope=Scope(house.compound_id, house.id), rule_id="gt23")
    labels = db.session.scalars(sa.select(RollUnit.label).order_by(RollUnit.id)).all()
    assert labels == ["2号楼101室", "2号楼102室", "2号楼103室"]


def test_freezing_fixes_the_wording_of_the_motions_until_it_is_voided():
    scene = votes.scene()
    vote = votes.frozen(scene)
    assert all(line.motion.balloted_at for line in vote.motions)
    course_services.cancel(scene.director, NOW, vote.id, reason="重新公示")
    assert not any(line.motion.balloted_at for line in vote.motions)


def test_a_motion_on_two_frozen_ballots_stays_fixed_when_one_is_voided():
    scene = votes.scene()
    first = votes.frozen(scene)
    house = db.session.scalar(sa.select(Building).limit(1))
    second = votes.frozen(
        scene, scope=Scope(house.compound_id, house.id), after_id=first.id, rule_id="sh_part"
    )
    course_services.cancel(scene.director, NOW, second.id, reason="重新公示")
    assert all(line.motion.balloted_at for line in first.motions)


# ---- two people ----


def test_nobody_approves_the_own_proposal():
    scene = votes.scene()
    vote = votes.draft(scene, confirmed=False)
    services.confirm_rule(scene.officer, NOW, vote.id, version=vote.version)
    propose(scene, vote, by=scene.director)
    with pytest.raises(Refusal, match="您自己提请的"):
        approve(scene, vote, by=scene.director)
    approve(scene, vote, by=scene.officer)
    proposal = db.session.scalar(sa.select(Approval))
    assert (proposal.proposed_by, proposal.approved_by) == (scene.director.id, scene.officer.id)


@pytest.mark.parametrize("role", list(Role))
def test_who_may_propose_and_who_may_approve(role):
    scene = votes.scene()
    vote = votes.draft(scene)
    somebody = people.user(role, scene.director.committee)
    proposes = role in (Role.DIRECTOR, Role.WORKER)
    approves = role in (Role.DIRECTOR, Role.OFFICER)
    if proposes:
        propose(scene, vote, by=somebody)
        course_services.withdraw_proposal(scene.worker, NOW, vote.id, TwoPersonStep.FREEZE)
    else:
        with pytest.raises(Refusal, match="由准备表决的社工或主任"):
            propose(scene, vote, by=somebody)
    propose(scene, vote)
    if approves:
        assert approve(scene, vote, by=somebody).state is VoteState.FROZEN
    else:
        with pytest.raises(Refusal, match="第二人同意"):
            approve(scene, vote, by=somebody)


def test_a_proposal_is_made_once():
    scene = votes.scene()
    vote = votes.draft(scene)
    propose(scene, vote)
    with pytest.raises(Refusal, match="已经提请过了"):
        propose(scene, vote, by=scene.director)


def test_nothing_is_approved_that_nobody_proposed():
    scene = votes.scene()
    vote = votes.draft(scene)
    with pytest.raises(Refusal, match="还没有人提请"):
        approve(scene, vote)


def test_a_proposal_taken_back_is_not_approved_and_stays_on_record():
    scene = votes.scene()
    vote = votes.draft(scene)
    propose(scene, vote)
    course_services.withdraw_proposal(scene.director, NOW, vote.id, TwoPersonStep.FREEZE)
    with pytest.raises(Refusal, match="已被撤回"):
        approve(scene, vote)
    with pytest.raises(Refusal, match="没有等待同意的提请"):
        course_services.withdraw_proposal(scene.worker, NOW, vote.id, TwoPersonStep.FREEZE)
    assert len(queries.approvals_of(vote.id)) == 1


@pytest.mark.parametrize("role", [Role.COUNTER, Role.SCRUTINEER, Role.PARTNER])
def test_who_neither_proposes_nor_approves_takes_nothing_back(role):
    scene = votes.scene()
    vote = votes.draft(scene)
    propose(scene, vote)
    somebody = people.user(role, scene.director.committee)
    with pytest.raises(Refusal, match="由提请人撤回"):
        course_services.withdraw_proposal(somebody, NOW, vote.id, TwoPersonStep.FREEZE)


def test_a_proposal_put_in_the_place_of_the_one_shown_is_stale():
    scene = votes.scene()
    vote = votes.draft(scene)
    shown = propose(scene, vote)
    course_services.withdraw_proposal(scene.worker, NOW, vote.id, TwoPersonStep.FREEZE)
    now = propose(scene, vote)
    with pytest.raises(Stale):
        approve(scene, vote, proposal_id=shown.id)
    assert approve(scene, vote, proposal_id=now.id).state is VoteState.FROZEN


@pytest.mark.parametrize("seen", [{"version": 99}, {"persons": 7}])
def test_proposing_what_has_changed_since_it_was_shown_is_stale(seen):
    scene = votes.scene()
    vote = votes.draft(scene)
    with pytest.raises(Stale):
        propose(scene, vote, **seen)


def new_owner(scene, vote):
    person = db.session.scalar(sa.select(VotingPerson).limit(1))
    person.name = "新业主"


def new_area(scene, vote):
    db.session.scalar(sa.select(Unit).limit(1)).area = 8_001


def new_file(scene, vote):
    check_services.attach(
        scene.worker, NOW, vote.id, kind=AttachmentKind.TEXT, name="全文", data=b"%PDF-1.4"
    )


def new_policy(scene, vote):
    draft = votes.draft_of(scene, invalid_policy=InvalidPolicy.LEFT_OUT)
    services.edit(scene.worker, NOW, vote.id, draft, version=vote.version)
    services.confirm_rule(scene.director, NOW, vote.id, version=vote.version)


def new_close(scene, vote):
    draft = votes.draft_of(scene, closes_at=CLOSES + timedelta(days=1))
    services.edit(scene.worker, NOW, vote.id, draft, version=vote.version)
    services.confirm_rule(scene.director, NOW, vote.id, version=vote.version)


@pytest.mark.parametrize("change", [new_owner, new_area, new_file, new_policy, new_close])
def test_what_changed_between_the_two_people_is_to_be_proposed_anew(change):
    scene = votes.scene()
    vote = votes.draft(scene)
    propose(scene, vote)
    change(scene, vote)
    db.session.flush()
    with pytest.raises(Refusal, match="提请之后名册、事项或规则有改动"):
        approve(scene, vote)
    assert vote.state is VoteState.DRAFT
    course_services.withdraw_proposal(scene.worker, NOW, vote.id, TwoPersonStep.FREEZE)
    propose(scene, vote)
    assert approve(scene, vote).state is VoteState.FROZEN


# ---- what keeps it open ----


def test_units_without_a_voting_person_keep_the_roll_open():
    scene = votes.scene()
    vote = votes.draft(scene)
    db.session.scalar(sa.select(Unit).limit(1)).voting_person_id = None
    db.session.flush()
    with pytest.raises(Refusal, match="还有 1 套房没有表决权人") as refused:
        propose(scene, vote, persons=5)
    assert refused.value.reasons[0].endpoint == "places.units"


def test_an_empty_roll_cannot_be_frozen():
    scene = votes.scene(buildings=1, rooms=0)
    with pytest.raises(Refusal, match="名册是空的"):
        votes.frozen(scene)


def test_an_unconfirmed_rule_keeps_the_roll_open():
    scene = votes.scene()
    vote = votes.draft(scene, confirmed=False)
    with pytest.raises(Refusal, match="没有经另一个人确认"):
        propose(scene, vote)


def test_what_came_up_after_the_proposal_keeps_the_roll_open():
    scene = votes.scene()
    vote = votes.draft(scene)
    propose(scene, vote)
    day = votes.clock.local_date(NOW)
    check_services.object_to_roll(scene.worker, NOW, vote.id, received_on=day, text="面积不对")
    with pytest.raises(Refusal, match="还有 1 条名册异议没有答复"):
        approve(scene, vote)


def test_everything_in_the_way_is_said_at_once():
    scene = votes.scene()
    vote = votes.draft(scene, confirmed=False, notice_id=None)
    db.session.scalar(sa.select(Motion).limit(1)).text = "另一个问题？"
    db.session.flush()
    with pytest.raises(Refusal) as refused:
        propose(scene, vote)
    told = "".join(str(reason.message) for reason in refused.value.reasons)
    for words in ("另一个人确认", "已被改动", "没有关联公示"):
        assert words in told


# ---- nothing reaches it later ----


def test_nothing_changes_after_freezing():
    scene = votes.scene()
    vote = votes.frozen(scene)
    acts = (
        lambda: services.edit(
            scene.worker, NOW, vote.id, votes.draft_of(scene), version=vote.version
        ),
        lambda: propose(scene, vote),
        lambda: approve(scene, vote, by=scene.officer),
        lambda: new_file(scene, vote),
        lambda: check_services.detach(scene.worker, NOW, vote.id, 1),
        lambda: check_services.object_to_roll(
            scene.worker, NOW, vote.id, received_on=NOW.date(), text="x"
        ),
    )
    for act in acts:
        with pytest.raises(Refusal, match="都不能再改"):
            act()


def test_later_changes_of_the_places_do_not_reach_the_roll():
    scene = votes.scene()
    vote = votes.frozen(scene)
    for unit in db.session.scalars(sa.select(Unit)):
        unit.area, unit.voting_person_id = 1, None
    db.session.flush()
    assert sum(entry.area or 0 for entry in entries()) == 48_000
    assert course_services.roll_is_whole(vote)
    opened = course_services.open_vote(scene.director, OPENS, vote.id, carried_first=True)
    assert opened.state is VoteState.OPEN


@pytest.mark.parametrize(
    "tamper",
    [
        lambda: sa.update(RollEntry).where(RollEntry.serial == 1).values(area=9_999),
        lambda: sa.update(RollEntry).where(RollEntry.serial == 1).values(name="别人"),
        lambda: sa.update(RollUnit).values(area_source="补写的来源"),
        lambda: sa.delete(RollUnit),
        lambda: sa.update(VoteMotion).values(text="另一个问题？"),
        lambda: sa.update(VoteMotion).values(options=[{"key": "A", "label": "甲"}]),
        lambda: sa.update(Vote).values(choices=["for", "abstain"]),
        lambda: sa.update(Vote).values(invalid_policy=InvalidPolicy.LEFT_OUT),
        lambda: sa.update(Vote).values(closes_at=AFTER),
        lambda: sa.update(Vote).values(extension_condition="随时", extension_days=9),
        lambda: sa.update(Vote).values(online=True),
        lambda: sa.update(Vote).values(basis=Basis.HOUSEHOLDS),
    ],
)
def test_whatever_is_touched_behind_the_services_shows_in_the_hash(tamper):
    scene = votes.scene()
    vote = votes.frozen(scene)
    db.session.execute(tamper())
    db.session.expire_all()
    assert not course_services.roll_is_whole(vote)
    with pytest.raises(Refusal, match="指纹不符"):
        course_services.open_vote(scene.director, DURING, vote.id, carried_first=True)


def test_the_history_tells_who_proposed_and_who_froze():
    scene = votes.scene()
    vote = votes.draft(scene)
    propose(scene, vote)
    approve(scene, vote)
    rows = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc()).limit(2)).all()
    assert [(row.action, row.actor_id) for row in rows] == [
        ("vote.frozen", scene.director.id),
        ("vote.freeze_proposed", scene.worker.id),
    ]
    assert vote.fingerprint in str(rows[0].values)
