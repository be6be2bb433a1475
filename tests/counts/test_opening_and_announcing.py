"""A second tier waits for the first; a result is announced by another than certified it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tests.factories import meetings, people, votes
from tests.factories.votes import AFTER, DURING, OPENS, SIGNERS
from tracker.accounts.rules import Role
from tracker.anthology.rules import StageKind
from tracker.audit.models import AuditEntry
from tracker.ballots import closing_services
from tracker.counts import queries, services
from tracker.counts.models import TallySheet
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound, Refusal
from tracker.places.models import Building
from tracker.projects.queries import stage_for
from tracker.votes import course_services
from tracker.votes import queries as vote_queries
from tracker.votes.models import Vote
from tracker.votes.rules import Choice
from tracker.votes.services import Scope
from tracker.votes.words import VoteState

pytestmark = pytest.mark.usefixtures("arrange")


def certify(scene: votes.Scene, vote: Vote) -> Vote:
    return services.certify(scene.scrutineer, AFTER, vote.id, signers=SIGNERS)


# ---- opening: tiers ----


def tiers(scene: votes.Scene) -> tuple[Vote, Vote]:
    """The compound votes on the first motion; the first building waits for it."""
    motion = votes.motion_ids(scene.project)[:1]
    first = votes.running(scene, motion_ids=motion, rule_id="lift_compound")
    building = db.session.scalars(sa.select(Building).order_by(Building.position)).first()
    scope = Scope(scene.project.compound_id, building.id)
    second = votes.frozen(
        scene,
        motion_ids=motion,
        rule_id="lift_building",
        scope=scope,
        after_id=first.id,
        closes_at=votes.CLOSES + timedelta(days=7),
    )
    return first, second


def count_first(scene: votes.Scene, first: Vote, choice: Choice) -> None:
    for serial in range(1, 7):
        votes.accepted(scene, first, serial)
    closing_services.close(scene.director, AFTER, first.id)
    for serial in range(1, 7):
        votes.read(scene, first, serial, choice)


def test_a_second_tier_opens_once_the_first_has_carried_and_not_before():
    scene = votes.scene()
    first, second = tiers(scene)
    with pytest.raises(Refusal, match="先行的表决还没有通过"):
        services.open_vote(scene.director, DURING, second.id)
    count_first(scene, first, Choice.FOR)
    with pytest.raises(Refusal, match="先行的表决还没有通过"):
        services.open_vote(scene.director, AFTER, second.id)
    certify(scene, first)
    assert services.open_vote(scene.director, AFTER, second.id).state is VoteState.OPEN


def test_a_second_tier_never_opens_after_the_first_has_failed():
    scene = votes.scene()
    first, second = tiers(scene)
    count_first(scene, first, Choice.AGAINST)
    services.announce(scene.director, AFTER, certify(scene, first).id)
    with pytest.raises(Refusal, match="先行的表决还没有通过"):
        services.open_vote(scene.director, AFTER, second.id)


# ---- announcing ----


def test_a_certified_result_is_announced_once_by_another():
    scene = votes.scene()
    vote = votes.certified(scene)
    with pytest.raises(Refusal, match="要由另一个人发布"):
        services.announce(scene.scrutineer, AFTER, vote.id)
    services.announce(scene.director, AFTER, vote.id)
    assert (vote.state, vote.announced_at) == (VoteState.ANNOUNCED, AFTER)
    assert queries.sheet(vote.id, 1).announced_by == scene.director.id
    with pytest.raises(Refusal, match="已经公告过了"):
        services.announce(scene.director, AFTER, vote.id)


@pytest.mark.parametrize("make", [votes.running, votes.counting])
def test_what_is_not_certified_is_not_announced(make):
    scene = votes.scene()
    vote = make(scene)
    with pytest.raises(Refusal, match="只有已确认"):
        services.announce(scene.director, AFTER, vote.id)


@pytest.mark.parametrize("model", [Vote, TallySheet])
def test_the_schema_keeps_the_certifier_from_announcing(model):
    scene = votes.scene()
    votes.certified(scene)
    db.session.flush()
    changed = {"announced_by": scene.scrutineer.id, "announced_at": AFTER}
    with pytest.raises(IntegrityError, match=r"announced_by_another"):
        db.session.execute(sa.update(model).values(**changed))


@pytest.mark.parametrize("make", [votes.certified, votes.announced])
def test_nobody_voids_a_result_because_of_what_it_says(make):
    scene = votes.scene()
    vote = make(scene)
    with pytest.raises(Refusal, match="不能作废"):
        course_services.cancel(scene.director, AFTER, vote.id, reason="结果不理想")


def test_another_committee_s_vote_is_not_found():
    scene = votes.scene()
    vote = votes.frozen(scene)
    stranger = people.user(Role.DIRECTOR, people.committee("国年居委会"))
    for act in (services.open_vote, services.announce):
        with pytest.raises(NotFound):
            act(stranger, OPENS, vote.id)
    with pytest.raises(NotFound):
        services.certify(stranger, AFTER, vote.id, signers=SIGNERS)


# ---- history, rounds ----


def test_every_step_is_in_the_history_without_a_name_or_a_choice():
    scene = votes.scene()
    vote = votes.announced(scene, approving=4, opposing=1)
    entries = list(db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)))
    assert [e.action for e in entries if e.action.startswith("vote.")] == [
        "vote.prepared",
        "vote.rule_confirmed",
        "vote.freeze_proposed",
        "vote.frozen",
        "vote.opened",
        "vote.closed",
        "vote.certified",
        "vote.announced",
    ]
    told = " ".join(f"{e.text} {e.values}" for e in entries)
    hidden = ("同意", "反对", "弃权", "无效", "业主1", "against", "唱票人", "监票人")
    assert [word for word in hidden if word in told] == []
    assert all(e.project_id == vote.project_id for e in entries)


def test_a_second_round_has_its_own_vote():
    scene = votes.scene()
    first = votes.announced(scene, approving=1)
    assert not queries.carried(first.stage_id, first.round)
    for kind in (StageKind.DELIBERATE, StageKind.VOTE):
        stage_for(scene.project, kind).round = 2
    meetings.motion(scene.project, "修改后的车辆管理制度")
    db.session.flush()
    worded = [m.id for m in vote_queries.worded_motions(scene.project)]
    second = votes.draft(scene, motion_ids=worded)
    assert (second.round, len(worded)) == (2, 1)
    found = vote_queries.votes_of(scene.project.id)
    assert [(n, [h.vote for h in held]) for n, held in queries.by_round(found)] == [
        (2, [second]),
        (1, [first]),
    ]
