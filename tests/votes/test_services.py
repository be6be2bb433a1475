"""The course of a vote and everything it refuses."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.factories import meetings, people, votes
from tests.factories.people import NOW
from tests.factories.votes import AFTER, CLOSES, DURING, OPENS
from tracker.accounts.rules import Role
from tracker.anthology.rules import StageKind
from tracker.audit.models import AuditEntry
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, NotFound, Refusal, Stale
from tracker.meetings.models import Motion
from tracker.places.models import Unit
from tracker.projects.queries import stage_for
from tracker.projects.rules import ProjectState, StageState
from tracker.votes import queries, services
from tracker.votes.models import MotionResult, RollEntry, VoteMotion
from tracker.votes.rules import Choice, InvalidPolicy, Outcome
from tracker.votes.shipped import SHIPPED_RULES
from tracker.votes.words import VoteState

pytestmark = pytest.mark.usefixtures("arrange")


def history() -> list[AuditEntry]:
    return list(db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)))


# ---- preparing ----


def test_a_vote_keeps_its_own_copy_of_motions_and_rule():
    scene = votes.scene()
    vote = votes.draft(scene)
    assert [(m.position, m.title) for m in vote.motions] == [
        (1, "车辆管理制度"),
        (2, "门禁管理公约"),
    ]
    assert queries.rule_of(vote) == SHIPPED_RULES["ord"]
    assert (vote.state, vote.nonresponse_policy.value) == (VoteState.DRAFT, "none")


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
        ({"building_id": 999}, "building_id"),
    ],
)
def test_a_vote_that_cannot_stand_is_refused_at_the_field(fields, field):
    scene = votes.scene()
    with pytest.raises(FieldRefusal) as refused:
        votes.draft(scene, **fields)
    assert refused.value.field == field


def test_motions_of_another_round_or_withdrawn_ones_are_not_votable():
    scene = votes.scene()
    old, gone = db.session.scalars(sa.select(Motion).order_by(Motion.position)).all()
    old.round, gone.withdrawn_at = 7, NOW
    for motion in (old, gone):
        with pytest.raises(FieldRefusal):
            votes.draft(scene, motion_ids=[motion.id])


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


def test_a_round_has_one_vote_until_it_is_cancelled():
    scene = votes.scene()
    vote = votes.draft(scene)
    with pytest.raises(Refusal, match="已经有一次表决"):
        votes.draft(scene)
    services.cancel(scene.worker, NOW, vote.id, reason="日期写错")
    assert votes.draft(scene).id != vote.id


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
    for act in (services.freeze, services.open_vote, services.close, services.announce):
        with pytest.raises(NotFound):
            act(stranger, NOW, vote.id)


# ---- opening and closing ----


def test_a_vote_opens_at_its_time_and_not_before():
    scene = votes.scene()
    vote = votes.frozen(scene)
    with pytest.raises(Refusal, match="还没有到"):
        services.open_vote(scene.director, OPENS - timedelta(seconds=1), vote.id)
    with pytest.raises(Refusal, match="已过"):
        services.open_vote(scene.director, CLOSES, vote.id)
    assert services.open_vote(scene.director, OPENS, vote.id).state is VoteState.OPEN


def test_a_draft_cannot_be_opened():
    scene = votes.scene()
    vote = votes.draft(scene)
    with pytest.raises(Refusal, match="冻结了名册"):
        services.open_vote(scene.director, OPENS, vote.id)


def test_closing_waits_for_the_time_or_the_last_ballot():
    scene = votes.scene(buildings=1, rooms=2)
    vote = votes.running(scene)
    votes.ballot(scene, vote, 1)
    with pytest.raises(Refusal, match="还有票没有收回"):
        services.close(scene.director, CLOSES - timedelta(seconds=1), vote.id)
    votes.ballot(scene, vote, 2)
    assert services.close(scene.director, DURING, vote.id).state is VoteState.CLOSED


def test_at_the_very_close_a_vote_may_be_closed():
    scene = votes.scene()
    vote = votes.running(scene)
    assert services.close(scene.director, CLOSES, vote.id).state is VoteState.CLOSED


def test_whoever_recorded_a_ballot_does_not_close():
    scene = votes.scene()
    vote = votes.running(scene)
    votes.ballot(scene, vote, 1, by=scene.director)
    with pytest.raises(Refusal, match="换一位"):
        services.close(scene.director, AFTER, vote.id)
    other = people.user(Role.DIRECTOR, scene.director.committee)
    assert services.close(other, AFTER, vote.id).closed_by == other.id


@pytest.mark.parametrize(
    "tamper",
    [
        lambda: sa.update(RollEntry).where(RollEntry.serial == 1).values(area=9_999),
        lambda: sa.update(RollEntry).where(RollEntry.serial == 1).values(name="别人"),
        lambda: sa.update(VoteMotion).values(text="另一个问题？"),
    ],
)
def test_a_roll_touched_after_freezing_is_not_counted(tamper):
    scene = votes.scene()
    vote = votes.running(scene)
    db.session.execute(tamper())
    db.session.expire_all()
    with pytest.raises(Refusal, match="指纹不符"):
        services.close(scene.director, AFTER, vote.id)


def test_a_person_without_an_accepted_ballot_takes_no_part():
    scene = votes.scene()
    vote = votes.closed(scene, approving=3)
    counted = queries.results(vote)[0].counted
    assert (counted.counts.accepted.persons, counted.absent.persons) == (3, 3)
    assert not counted.verdict.carried


def test_motions_on_one_ballot_are_decided_alone():
    scene = votes.scene()
    vote = votes.running(scene)
    first, second = votes.motions_of(vote)
    for serial in range(1, 6):
        votes.ballot(scene, vote, serial, {first: Choice.FOR, second: Choice.AGAINST})
    services.close(scene.director, AFTER, vote.id)
    assert [r.outcome for r in queries.results(vote)] == [Outcome.CARRIED, Outcome.NOT_FORMED]
    assert queries.carried(vote.stage_id, vote.round)


@pytest.mark.parametrize(
    ("policy", "outcome"),
    [(InvalidPolicy.TAKES_PART, Outcome.NOT_FORMED), (InvalidPolicy.LEFT_OUT, Outcome.CARRIED)],
)
def test_invalid_ballots_count_as_was_declared(policy, outcome):
    scene = votes.scene(motions=("车辆管理制度",))
    vote = votes.running(scene, invalid_policy=policy)
    choices = [Choice.FOR] * 3 + [Choice.INVALID] * 2 + [Choice.AGAINST]
    for serial, choice in enumerate(choices, start=1):
        votes.ballot(scene, vote, serial, choice)
    services.close(scene.director, AFTER, vote.id)
    [result] = queries.results(vote)
    assert result.outcome is outcome
    assert result.counted.policy_matters


def test_the_demonstration_s_figures():
    scene = votes.scene(buildings=27, rooms=12)
    vote = votes.running(scene)
    parking, gates = votes.motions_of(vote)
    for serial in range(1, 302):
        choices = {
            parking: Choice.FOR if serial <= 237 else Choice.AGAINST,
            gates: Choice.FOR if serial <= 274 else Choice.ABSTAIN,
        }
        votes.ballot(scene, vote, serial, choices)
    services.close(scene.director, AFTER, vote.id)
    shares = [r.counted.verdict.checks[2] for r in queries.results(vote)]
    assert [(c.numerator, c.denominator, c.percent) for c in shares] == [
        (237, 301, "78.7"),
        (274, 301, "91.0"),
    ]
    assert all(r.outcome is Outcome.CARRIED for r in queries.results(vote))
    assert queries.results(vote)[0].counted.verdict.checks[0].denominator == 324


# ---- missing areas ----


def missing_area(scene: votes.Scene) -> None:
    db.session.scalar(sa.select(Unit).limit(1)).area = None
    db.session.flush()


def test_a_missing_area_holds_the_result_and_its_announcement():
    scene = votes.scene()
    missing_area(scene)
    vote = votes.closed(scene, approving=4, opposing=2)
    assert {r.outcome for r in queries.results(vote)} == {Outcome.HOLD}
    assert not queries.carried(vote.stage_id, vote.round)
    with pytest.raises(Refusal, match="面积缺失"):
        services.announce(scene.director, AFTER, vote.id)
    assert services.cancel(scene.director, AFTER, vote.id, reason="补齐面积后重来")


def test_a_rule_of_persons_does_not_wait_for_areas():
    scene = votes.scene()
    missing_area(scene)
    vote = votes.closed(scene, approving=4, opposing=2, rule_id="simple")
    assert {r.outcome for r in queries.results(vote)} == {Outcome.CARRIED}


# ---- announcing, cancelling ----


def test_a_closed_vote_is_announced_once():
    scene = votes.scene()
    vote = votes.announced(scene)
    assert (vote.state, vote.announced_at) == (VoteState.ANNOUNCED, AFTER)
    with pytest.raises(Refusal):
        services.announce(scene.director, AFTER, vote.id)


def test_an_open_vote_cannot_be_announced():
    scene = votes.scene()
    vote = votes.running(scene)
    with pytest.raises(Refusal):
        services.announce(scene.director, AFTER, vote.id)


def test_a_frozen_vote_is_voided_by_the_director_only():
    scene = votes.scene()
    vote = votes.frozen(scene)
    with pytest.raises(Refusal, match="只有居委会主任"):
        services.cancel(scene.worker, NOW, vote.id, reason="不想办了")
    with pytest.raises(FieldRefusal):
        services.cancel(scene.director, NOW, vote.id, reason=" ")
    services.cancel(scene.director, NOW, vote.id, reason="公示内容有误")
    assert (vote.state, vote.cancel_reason) == (VoteState.CANCELLED, "公示内容有误")


@pytest.mark.parametrize("make", [votes.closed, votes.announced])
def test_nobody_voids_a_result_because_of_what_it_says(make):
    scene = votes.scene()
    vote = make(scene)
    with pytest.raises(Refusal, match="不能作废"):
        services.cancel(scene.director, AFTER, vote.id, reason="结果不理想")


# ---- history ----


def test_every_step_is_in_the_history_without_a_name_or_a_choice():
    scene = votes.scene()
    vote = votes.announced(scene, approving=4, opposing=1)
    entries = history()
    assert [e.action for e in entries if e.action.startswith("vote.")] == [
        "vote.prepared",
        "vote.frozen",
        "vote.opened",
        "vote.closed",
        "vote.announced",
    ]
    assert sum(e.action == "ballot.recorded" for e in entries) == 5
    told = " ".join(f"{e.text} {e.values}" for e in entries)
    assert not [w for w in ("同意", "反对", "弃权", "无效", "业主", "for", "against") if w in told]
    assert all(e.project_id == vote.project_id for e in entries)


def test_figures_are_kept_with_numerators_and_denominators():
    scene = votes.scene(motions=("车辆管理制度",))
    votes.closed(scene, approving=4, opposing=1)
    figures = db.session.scalar(sa.select(MotionResult)).figures
    assert figures["counts"]["favour"] == {"persons": 4, "area": 32_000, "missing": 0}
    assert figures["tests"][2] == {
        "stage": "approval",
        "measure": "persons",
        "threshold": ">1/2",
        "numerator": 4,
        "denominator": 5,
        "missing": 0,
        "met": True,
    }
    assert figures["margin"] == {"carried": True, "persons": 2, "area": 12_000}


def test_a_second_round_has_its_own_vote():
    scene = votes.scene()
    first = votes.closed(scene, approving=1)
    assert not queries.carried(first.stage_id, first.round)
    for kind in (StageKind.DELIBERATE, StageKind.VOTE):
        stage_for(scene.project, kind).round = 2
    meetings.motion(scene.project, "修改后的车辆管理制度")
    db.session.flush()
    worded = [m.id for m in queries.worded_motions(scene.project)]
    second = votes.draft(scene, motion_ids=worded)
    assert (second.round, len(worded)) == (2, 1)
    assert queries.votes_of(scene.project.id) == [second, first]
