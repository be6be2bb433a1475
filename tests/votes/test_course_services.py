"""Opening, missing areas, extending and voiding, with everything that is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.factories import people, votes
from tests.factories.votes import AFTER, CLOSES, DURING, OPENS
from tests.votes.steps import frozen_without_area, propose_areas
from tracker.accounts.rules import Role
from tracker.audit.models import AuditEntry
from tracker.counts import services as counts
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, Refusal, Stale
from tracker.notices.models import Notice
from tracker.places.models import Building
from tracker.projects.rules import ProjectState
from tracker.votes import course_services, roll_queries
from tracker.votes.models import Vote
from tracker.votes.rules import Choice
from tracker.votes.services import Scope
from tracker.votes.shipped import SHIPPED_RULES
from tracker.votes.words import TwoPersonStep, VoteState

pytestmark = pytest.mark.usefixtures("arrange")

EXTENDABLE = {"extension_condition": "参与人数不到三分之二", "extension_days": 7}


def open_(scene, vote, at=OPENS, carried_first=True):
    return course_services.open_vote(scene.director, at, vote.id, carried_first=carried_first)


# ---- opening ----


@pytest.mark.parametrize(
    ("at", "refused"),
    [
        (OPENS - timedelta(seconds=1), "还没有到公布的开始时间"),
        (OPENS, None),
        (CLOSES - timedelta(seconds=1), None),
        (CLOSES, "截止时间已过"),
    ],
)
def test_a_vote_opens_at_its_time_and_neither_before_nor_after(at, refused):
    scene = votes.scene()
    vote = votes.frozen(scene)
    if refused is None:
        assert open_(scene, vote, at).state is VoteState.OPEN
        assert (vote.opened_at, vote.opened_by) == (at, scene.director.id)
    else:
        with pytest.raises(Refusal, match=refused):
            open_(scene, vote, at)


@pytest.mark.parametrize("make", [votes.draft, votes.running, votes.counting, votes.certified])
def test_only_a_frozen_vote_is_opened(make):
    scene = votes.scene()
    vote = make(scene)
    with pytest.raises(Refusal, match="只有冻结了名册的表决"):
        open_(scene, vote)


def test_a_blank_rule_is_not_opened_on():
    scene = votes.scene()
    vote = votes.frozen(scene)
    vote.rule, vote.rule_id = SHIPPED_RULES["rcm"].to_dict(), "rcm"
    seal_again(vote)
    with pytest.raises(Refusal, match="还没有录入条文"):
        open_(scene, vote)


def test_an_unconfirmed_rule_is_not_opened_on():
    scene = votes.scene()
    vote = votes.frozen(scene)
    vote.rule_confirmed_by = None
    db.session.flush()
    with pytest.raises(Refusal, match="没有经另一个人确认"):
        open_(scene, vote)


def test_a_notice_taken_down_after_freezing_keeps_the_vote_closed():
    scene = votes.scene()
    vote = votes.frozen(scene)
    hung = db.session.get_one(Notice, vote.notice_id)
    hung.places[0].posted_on = None
    db.session.flush()
    with pytest.raises(Refusal, match="公示只满 0 天"):
        open_(scene, vote)


def seal_again(vote: Vote) -> None:
    """What somebody with the database and the key could write."""
    roll = roll_queries.sealed_roll(vote.id)
    terms = roll_queries.terms(vote)
    vote.roll_hash = course_services.seal(terms, roll, vote.seal_key, vote.seal_format)
    db.session.flush()


# ---- two tiers ----


def two_tiers(scene, **first):
    """The compound's vote and, after it, that of one building."""
    before = votes.certified(scene, **first) if first else votes.frozen(scene)
    house = db.session.scalar(sa.select(Building).limit(1))
    scope = Scope(house.compound_id, house.id)
    return before, votes.frozen(scene, scope=scope, rule_id="sh_part", after_id=before.id)


def test_the_second_tier_does_not_open_before_the_first_has_carried():
    scene = votes.scene()
    _first, second = two_tiers(scene)
    with pytest.raises(Refusal, match="先行的表决还没有通过"):
        counts.open_vote(scene.director, OPENS, second.id)


def test_the_second_tier_does_not_open_while_the_first_is_counted():
    scene = votes.scene()
    first, second = two_tiers(scene)
    counts.open_vote(scene.director, OPENS, first.id)
    for at in (OPENS, DURING):
        with pytest.raises(Refusal, match="先行的表决还没有通过"):
            counts.open_vote(scene.director, at, second.id)


@pytest.mark.parametrize(("approving", "opens"), [(4, True), (3, False), (0, False)])
def test_the_second_tier_opens_exactly_when_the_first_carried(approving, opens):
    scene = votes.scene()
    opposing = 6 - approving
    later = {"opens_at": AFTER, "closes_at": AFTER + timedelta(days=3)}
    first = votes.certified(scene, approving=approving, opposing=opposing)
    house = db.session.scalar(sa.select(Building).limit(1))
    second = votes.frozen(
        scene,
        scope=Scope(house.compound_id, house.id),
        rule_id="sh_part",
        after_id=first.id,
        **later,
    )
    if opens:
        assert counts.open_vote(scene.director, AFTER, second.id).state is VoteState.OPEN
    else:
        with pytest.raises(Refusal, match="先行的表决还没有通过"):
            counts.open_vote(scene.director, AFTER, second.id)


def test_the_hash_of_the_second_tier_holds_that_of_the_first():
    scene = votes.scene()
    first, second = two_tiers(scene)
    assert roll_queries.terms(second).after == first.roll_hash


# ---- extending ----


def propose_extension(scene, vote, at=DURING, by=None, reason="参与 205 人，不到三分之二"):
    return course_services.propose_extension(by or scene.worker, at, vote.id, reason=reason)


def test_an_extension_takes_two_people_and_the_published_days():
    scene = votes.scene()
    vote = votes.running(scene, **EXTENDABLE)
    propose_extension(scene, vote)
    assert vote.ends_at == CLOSES
    course_services.approve_extension(scene.director, DURING, vote.id)
    assert (vote.closes_at, vote.extended_to) == (CLOSES, CLOSES + timedelta(days=7))
    assert vote.ends_at == CLOSES + timedelta(days=7)
    assert course_services.roll_is_whole(vote)


def test_without_a_published_condition_nothing_is_extended():
    scene = votes.scene()
    vote = votes.running(scene)
    with pytest.raises(Refusal, match="事先没有公布延长的条件"):
        propose_extension(scene, vote)


def test_a_vote_is_extended_once():
    scene = votes.scene()
    vote = votes.running(scene, **EXTENDABLE)
    propose_extension(scene, vote)
    course_services.approve_extension(scene.director, DURING, vote.id)
    with pytest.raises(Refusal, match="已经延长过一次"):
        propose_extension(scene, vote)


def test_after_the_close_it_is_too_late_to_propose_and_to_approve():
    scene = votes.scene()
    vote = votes.running(scene, **EXTENDABLE)
    with pytest.raises(Refusal, match="截止时间已过"):
        propose_extension(scene, vote, at=CLOSES)
    propose_extension(scene, vote, at=CLOSES - timedelta(seconds=1))
    with pytest.raises(Refusal, match="截止时间已过"):
        course_services.approve_extension(scene.director, CLOSES, vote.id)
    assert vote.extended_to is None


@pytest.mark.parametrize("make", [votes.draft, votes.frozen, votes.counting])
def test_only_an_open_vote_is_extended(make):
    scene = votes.scene()
    vote = make(scene, **EXTENDABLE)
    with pytest.raises(Refusal, match="只有投票中的表决"):
        propose_extension(scene, vote)


def test_an_extension_says_how_the_condition_is_met_and_takes_the_right_people():
    scene = votes.scene()
    vote = votes.running(scene, **EXTENDABLE)
    with pytest.raises(FieldRefusal) as refused:
        propose_extension(scene, vote, reason=" ")
    assert refused.value.field == "reason"
    with pytest.raises(Refusal, match="由准备表决的社工或主任"):
        propose_extension(scene, vote, by=scene.counter)
    proposal = propose_extension(scene, vote, by=scene.director)
    with pytest.raises(Refusal, match="您自己提请的"):
        course_services.approve_extension(scene.director, DURING, vote.id)
    with pytest.raises(Stale):
        course_services.approve_extension(
            scene.officer, DURING, vote.id, proposal_id=proposal.id + 1
        )
    course_services.approve_extension(scene.officer, DURING, vote.id, proposal_id=proposal.id)


# ---- voiding ----

VOIDS = [
    # state, who may
    (votes.draft, {Role.WORKER, Role.DIRECTOR}),
    (votes.frozen, {Role.DIRECTOR}),
    (votes.running, {Role.DIRECTOR}),
    (votes.counting, {Role.OFFICER}),
    (votes.certified, set()),
    (votes.announced, set()),
]


@pytest.mark.parametrize(("make", "allowed"), VOIDS, ids=[row[0].__name__ for row in VOIDS])
def test_who_voids_a_vote_depends_on_how_far_it_is(make, allowed):
    scene = votes.scene()
    vote = make(scene)
    for role in sorted(set(Role) - allowed):
        somebody = people.user(role, scene.director.committee)
        with pytest.raises(Refusal):
            course_services.cancel(somebody, AFTER, vote.id, reason="结果不理想")
    if allowed:
        somebody = people.user(min(allowed), scene.director.committee)
        with pytest.raises(FieldRefusal):
            course_services.cancel(somebody, AFTER, vote.id, reason=" ")
        course_services.cancel(somebody, AFTER, vote.id, reason=" 公示有误 ")
        assert (vote.state, vote.cancel_reason) == (VoteState.CANCELLED, "公示有误")
        with pytest.raises(Refusal, match="不能作废"):
            course_services.cancel(somebody, AFTER, vote.id, reason="再来一次")


def test_a_result_that_was_certified_is_not_voided_while_it_is_counted_again():
    scene = votes.scene()
    vote = votes.certified(scene)
    vote.state, vote.count_number = VoteState.COUNTING, 2
    db.session.flush()
    with pytest.raises(Refusal, match="只能重新计票"):
        course_services.cancel(scene.officer, AFTER, vote.id, reason="结果不理想")


def test_voiding_keeps_what_was_recorded():
    scene = votes.scene()
    vote = votes.running(scene)
    ballot = votes.received(scene, vote, 1)
    course_services.cancel(scene.director, DURING, vote.id, reason="公示有误")
    assert ballot.vote_id == vote.id
    assert roll_queries.roll_size(vote.id) == 6


# ---- no step on a project that rests ----


def test_a_paused_project_moves_no_vote():
    scene = votes.scene()
    vote = votes.running(scene, **EXTENDABLE)
    scene.project.state = ProjectState.PAUSED
    acts = (
        lambda: open_(scene, vote),
        lambda: propose_extension(scene, vote),
        lambda: propose_areas(scene, vote, {1: (1, "x")}),
        lambda: course_services.cancel(scene.director, DURING, vote.id, reason="x"),
    )
    for act in acts:
        with pytest.raises(Refusal, match="不能再改动"):
            act()


def test_every_step_is_in_the_history_without_a_name_or_a_choice():
    scene = votes.scene()
    vote, missing = frozen_without_area(scene, **EXTENDABLE)
    open_(scene, vote)
    propose_areas(scene, vote, {missing.id: (8_850, "产证")})
    course_services.withdraw_proposal(scene.worker, DURING, vote.id, TwoPersonStep.AMEND)
    propose_areas(scene, vote, {missing.id: (8_850, "产证")})
    course_services.approve_areas(scene.director, DURING, vote.id)
    propose_extension(scene, vote)
    course_services.approve_extension(scene.director, DURING, vote.id)
    course_services.cancel(scene.director, DURING, vote.id, reason="公示有误")
    entries = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)).all()
    told = [e.action for e in entries if e.action.startswith(("vote.", "roll."))]
    assert told == [
        "vote.prepared",
        "vote.rule_confirmed",
        "vote.freeze_proposed",
        "vote.frozen",
        "vote.opened",
        "roll.areas_proposed",
        "vote.proposal_withdrawn",
        "roll.areas_proposed",
        "roll.areas_supplied",
        "vote.extension_proposed",
        "vote.extended",
        "vote.cancelled",
    ]
    said = " ".join(f"{e.text} {e.values}" for e in entries)
    labels = [choice.label for choice in Choice]
    assert not [word for word in (*labels, "业主1", "1号楼101室") if word in said]
