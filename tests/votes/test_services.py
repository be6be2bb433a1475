"""Drafting a vote and everything that is refused there."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.factories import meetings, notices, people, places, votes
from tests.factories.people import NOW
from tests.factories.votes import OPENS
from tracker.accounts.rules import Role
from tracker.anthology.rules import StageKind
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, NotFound, Refusal, Stale
from tracker.meetings.models import Motion
from tracker.places.models import Building, Entrance
from tracker.projects.queries import stage_for
from tracker.projects.rules import ProjectState, StageState
from tracker.votes import check_services, course_services, queries, services
from tracker.votes.rules import Basis, Choice, NonResponsePolicy
from tracker.votes.services import Scope
from tracker.votes.shipped import SHIPPED_RULES
from tracker.votes.words import AttachmentKind, TwoPersonStep, VoteState

pytestmark = pytest.mark.usefixtures("arrange")


def buildings() -> list[Building]:
    return list(db.session.scalars(sa.select(Building).order_by(Building.id)))


# ---- what a draft keeps ----


def test_a_vote_keeps_its_own_copy_of_motions_and_rule():
    scene = votes.scene()
    vote = votes.draft(scene)
    assert [(m.position, m.title) for m in vote.motions] == [
        (1, "车辆管理制度"),
        (2, "门禁管理公约"),
    ]
    assert queries.rule_of(vote) == SHIPPED_RULES["ord"]
    assert (vote.state, vote.nonresponse_policy.value) == (VoteState.DRAFT, "none")
    assert vote.choices == ["for", "against", "abstain"]
    assert vote.basis is Basis.PERSONS
    assert (vote.compound_id, vote.building_id) == (scene.project.compound_id, None)


def test_motions_stand_in_the_order_chosen_and_once():
    scene = votes.scene()
    first, second = votes.motion_ids(scene.project)
    vote = votes.draft(scene, motion_ids=[second, first, second])
    assert [m.title for m in vote.motions] == ["门禁管理公约", "车辆管理制度"]


def test_a_poll_counts_as_its_rule_does_and_letters_its_options():
    scene = votes.scene(motions=("食堂由谁来办",))
    [motion] = votes.motion_ids(scene.project)
    labels = ["甲餐饮", " 乙餐饮 ", "", "丙餐饮"]
    vote = votes.draft(scene, rule_id="choose_one", options={motion: labels})
    assert vote.motions[0].options == [
        {"key": "A", "label": "甲餐饮"},
        {"key": "B", "label": "乙餐饮"},
        {"key": "C", "label": "丙餐饮"},
    ]
    assert (vote.choices, vote.basis) == ([], Basis.HOUSEHOLDS)


def test_a_question_of_yes_or_no_has_no_options_even_when_some_were_typed():
    scene = votes.scene(motions=("车辆管理制度",))
    [motion] = votes.motion_ids(scene.project)
    assert votes.draft(scene, options={motion: ["甲", "乙"]}).motions[0].options == []


def test_the_basis_may_be_chosen_against_the_rule():
    vote = votes.draft(votes.scene(), basis=Basis.HOUSEHOLDS)
    assert vote.basis is Basis.HOUSEHOLDS


# ---- whose vote ----


def test_a_committee_s_second_compound_may_be_asked():
    scene = votes.scene()
    other = places.compound(scene.director.committee, name="别处")
    vote = votes.draft(scene, scope=Scope(other.id))
    assert (vote.compound.name, vote.scope) == ("别处", f"compound:{other.id}")


def test_a_building_and_an_entrance_may_be_asked():
    scene = votes.scene()
    house = buildings()[1]
    door = Entrance(committee_id=house.committee_id, building=house, number="1")
    db.session.add(door)
    db.session.flush()
    one = votes.draft(scene, scope=Scope(house.compound_id, house.id))
    two = votes.draft(scene, scope=Scope(house.compound_id, house.id, door.id))
    assert (one.scope, two.scope) == (f"building:{house.id}", f"entrance:{door.id}")


def test_a_place_of_another_compound_or_committee_is_refused():
    scene = votes.scene()
    own = scene.project.compound_id
    other = places.compound(scene.director.committee, name="别处")
    foreign = places.compound(people.committee("国年居委会"), name="远处")
    elsewhere = db.session.scalar(sa.select(Building).where(Building.compound_id == other.id))
    house = buildings()[0]
    door = Entrance(committee_id=house.committee_id, building=house, number="1")
    db.session.add(door)
    db.session.flush()
    for scope in (
        Scope(foreign.id),
        Scope(999),
        Scope(own, elsewhere.id),
        Scope(own, 999),
        Scope(own, buildings()[1].id, door.id),
        Scope(own, None, door.id),
    ):
        with pytest.raises(FieldRefusal) as refused:
            votes.draft(scene, scope=scope)
        assert refused.value.field == "scope"


def test_a_round_has_one_vote_for_each_roll_until_it_is_cancelled():
    scene = votes.scene()
    vote = votes.draft(scene)
    with pytest.raises(Refusal, match="已经有一次表决") as refused:
        votes.draft(scene)
    assert refused.value.reasons[0].endpoint == "counts.show"
    house = buildings()[0]
    votes.draft(scene, scope=Scope(house.compound_id, house.id))
    course_services.cancel(scene.worker, NOW, vote.id, reason="日期写错")
    assert votes.draft(scene).id != vote.id


def test_a_second_round_has_its_own_vote():
    scene = votes.scene()
    first = votes.draft(scene)
    for kind in (StageKind.DELIBERATE, StageKind.VOTE):
        stage_for(scene.project, kind).round = 2
    meetings.motion(scene.project, "修改后的车辆管理制度")
    db.session.flush()
    worded = [m.id for m in queries.worded_motions(scene.project)]
    second = votes.draft(scene, motion_ids=worded)
    assert (second.round, len(worded)) == (2, 1)
    assert queries.votes_of(scene.project.id) == [second, first]


# ---- ties to other votes ----


def test_a_second_tier_waits_for_the_first_but_not_in_a_circle():
    scene = votes.scene()
    first = votes.draft(scene)
    house = buildings()[0]
    scope = Scope(house.compound_id, house.id)
    second = votes.draft(scene, scope=scope, after_id=first.id)
    assert second.after is first
    for circle in (second.id, first.id):
        with pytest.raises(FieldRefusal) as refused:
            services.edit(
                scene.worker,
                NOW,
                first.id,
                votes.draft_of(scene, after_id=circle),
                version=first.version,
            )
        assert refused.value.field == "after_id"


def test_a_runoff_stands_beside_the_first_round_on_the_same_roll():
    scene = votes.scene(motions=("食堂由谁来办",))
    [motion] = votes.motion_ids(scene.project)
    poll = {"rule_id": "choose_one"}
    first = votes.draft(scene, options={motion: ["甲", "乙", "丙"]}, **poll)
    second = votes.draft(scene, options={motion: ["甲", "丙"]}, runoff_of_id=first.id, **poll)
    assert (first.ordinal, second.ordinal, second.scope) == (1, 2, first.scope)


def test_only_votes_of_the_same_project_can_go_before():
    scene = votes.scene()
    other = votes.draft(votes.scene(committee="国年居委会"))
    gone = votes.draft(scene)
    course_services.cancel(scene.worker, NOW, gone.id, reason="重来")
    for field in ("after_id", "runoff_of_id"):
        for wanted in (other.id, gone.id, 999):
            with pytest.raises(FieldRefusal) as refused:
                votes.draft(scene, **{field: wanted})
            assert refused.value.field == field


# ---- refusals ----

LONG_POLL = [f"候选{number}" for number in range(1, 22)]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"motion_ids": []}, "motion_ids"),
        ({"motion_ids": [999]}, "motion_ids"),
        ({"rule_id": "rcm"}, "rule_id"),
        ({"rule_id": "nonsense"}, "rule_id"),
        ({"rule_reason": "  "}, "rule_reason"),
        ({"closes_at": OPENS}, "closes_at"),
        ({"opens_at": NOW - timedelta(days=2), "closes_at": NOW}, "closes_at"),
        ({"notice_id": 999}, "notice_id"),
        ({"choices": []}, "choices"),
        ({"choices": [Choice.FOR, Choice.AGAINST, Choice.INVALID]}, "choices"),
        ({"choices": [Choice.FOR, Choice.AGAINST, Choice.FOLLOW]}, "policy_clause"),
        ({"nonresponse_policy": NonResponsePolicy.DELIVERED_TAKES_PART}, "policy_clause"),
        ({"nonresponse_policy": NonResponsePolicy.FOLLOW_MAJORITY}, "policy_clause"),
        ({"online": True}, "identity_note"),
        ({"online": True, "identity_note": "  "}, "identity_note"),
        ({"extension_days": 7}, "extension_condition"),
        ({"extension_condition": "不到三分之二"}, "extension_condition"),
        ({"extension_condition": "不到三分之二", "extension_days": 61}, "extension_days"),
        ({"extension_condition": "不到三分之二", "extension_days": -1}, "extension_days"),
    ],
)
def test_a_vote_that_cannot_stand_is_refused_at_the_field(fields, field):
    scene = votes.scene()
    with pytest.raises(FieldRefusal) as refused:
        votes.draft(scene, **fields)
    assert refused.value.field == field


@pytest.mark.parametrize(
    "labels", [[], ["只有一个"], ["甲", "甲"], LONG_POLL], ids=["none", "one", "twice", "21"]
)
def test_a_poll_has_two_to_twenty_different_options(labels):
    scene = votes.scene(motions=("食堂由谁来办",))
    [motion] = votes.motion_ids(scene.project)
    with pytest.raises(FieldRefusal) as refused:
        votes.draft(scene, rule_id="approval", options={motion: labels})
    assert refused.value.field == f"options_{motion}"


def test_twenty_options_are_enough_and_allowed():
    scene = votes.scene(motions=("食堂由谁来办",))
    [motion] = votes.motion_ids(scene.project)
    vote = votes.draft(scene, rule_id="ranked", options={motion: LONG_POLL[:20]})
    assert vote.motions[0].options[-1]["key"] == "T"


@pytest.mark.parametrize(
    ("rule", "options"), [("rebuild_sign", ()), ("choose_one", ("甲", "乙"))], ids=["sign", "poll"]
)
def test_silence_is_never_counted_in_a_sign_up_or_a_poll(rule, options):
    scene = votes.scene(motions=("食堂由谁来办",))
    [motion] = votes.motion_ids(scene.project)
    with pytest.raises(FieldRefusal, match="一律不计") as refused:
        votes.draft(
            scene,
            rule_id=rule,
            options={motion: options},
            nonresponse_policy=NonResponsePolicy.FOLLOW_MAJORITY,
            policy_clause="议事规则第九条",
        )
    assert refused.value.field == "nonresponse_policy"


def test_counting_silence_needs_the_clause():
    vote = votes.draft(
        votes.scene(),
        nonresponse_policy=NonResponsePolicy.DELIVERED_TAKES_PART,
        policy_clause=" 议事规则第九条 ",
    )
    assert vote.policy_clause == "议事规则第九条"


def test_motions_of_another_round_or_withdrawn_ones_are_not_votable():
    scene = votes.scene()
    old, gone = db.session.scalars(sa.select(Motion).order_by(Motion.position)).all()
    old.round, gone.withdrawn_at = 7, NOW
    for motion in (old, gone):
        with pytest.raises(FieldRefusal):
            votes.draft(scene, motion_ids=[motion.id])


def test_a_notice_that_does_not_hang_is_none():
    scene = votes.scene()
    drafted = notices.notice(scene.project)
    with pytest.raises(FieldRefusal) as refused:
        votes.draft(scene, notice_id=drafted.id)
    assert refused.value.field == "notice_id"


def test_the_vote_stage_must_be_open():
    scene = votes.scene()
    stage = stage_for(scene.project, StageKind.VOTE)
    stage.state, stage.actual_start = StageState.TODO, None
    with pytest.raises(Refusal, match="还没有开始"):
        votes.draft(scene)


def test_a_paused_project_takes_no_vote():
    scene = votes.scene()
    scene.project.state = ProjectState.PAUSED
    with pytest.raises(Refusal, match="不能再改动"):
        votes.draft(scene)


# ---- changing a draft ----


def test_a_draft_can_be_changed_by_who_saw_it_last():
    scene = votes.scene()
    vote = votes.draft(scene)
    before, last = vote.version, votes.motion_ids(scene.project)[1]
    draft = votes.draft_of(scene, motion_ids=[last])
    services.edit(scene.worker, NOW, vote.id, draft, version=before)
    assert [m.title for m in vote.motions] == ["门禁管理公约"]
    assert vote.version > before
    with pytest.raises(Stale):
        services.edit(scene.worker, NOW, vote.id, draft, version=before)


def test_another_committee_s_vote_is_not_found():
    scene = votes.scene()
    vote = votes.draft(scene)
    stranger = people.user(Role.DIRECTOR, people.committee("国年居委会"))
    acts = (
        lambda: services.edit(stranger, NOW, vote.id, votes.draft_of(scene), version=1),
        lambda: services.confirm_rule(stranger, NOW, vote.id, version=vote.version),
        lambda: course_services.propose_freeze(stranger, NOW, vote.id, version=1, persons=6),
        lambda: course_services.approve_freeze(stranger, NOW, vote.id),
        lambda: course_services.open_vote(stranger, NOW, vote.id, carried_first=True),
        lambda: course_services.cancel(stranger, NOW, vote.id, reason="x"),
        lambda: course_services.propose_extension(stranger, NOW, vote.id, reason="x"),
        lambda: course_services.withdraw_proposal(stranger, NOW, vote.id, TwoPersonStep.FREEZE),
        lambda: check_services.object_to_roll(
            stranger, NOW, vote.id, received_on=NOW.date(), text="x"
        ),
        lambda: check_services.attach(
            stranger, NOW, vote.id, kind=AttachmentKind.TEXT, name="x", data=b"%PDF-1.4"
        ),
    )
    for act in acts:
        with pytest.raises(NotFound):
            act()
