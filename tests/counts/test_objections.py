"""Objections to a result, their rulings, and counting again; what was before stays."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from tests.factories import people, votes
from tests.factories.votes import AFTER, SIGNERS
from tracker.accounts.rules import Role
from tracker.audit.models import AuditEntry
from tracker.ballots.models import Ballot, BallotChoice, BallotEntry
from tracker.counts import objection_services, public_queries, queries, services
from tracker.counts.rules import Ruling, is_late
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, NotFound, Refusal
from tracker.projects.rules import ProjectState
from tracker.votes.models import Vote
from tracker.votes.rules import Channel, Choice, Outcome
from tracker.votes.words import VoteState

pytestmark = pytest.mark.usefixtures("arrange")

ANNOUNCED_ON = clock.local_date(AFTER)
LAST_DAY = ANNOUNCED_ON + timedelta(days=15)


def on(day: date):
    """An instant on a day."""
    return clock.at_local(day, AFTER.astimezone(clock.SHANGHAI).time())


def object_to(scene: votes.Scene, vote: Vote, day: date = ANNOUNCED_ON):
    return objection_services.record_objection(
        scene.worker, on(day), vote.id, received_on=day, text="第二项的票数与现场唱票不一致"
    )


def rule(scene: votes.Scene, vote: Vote, ruling: Ruling, number: int = 1, **changes: object):
    given = {"by": scene.director, "text": "经核对", **changes}
    return objection_services.rule_on(
        given["by"], on(LAST_DAY), vote.id, number, ruling=ruling, text=given["text"]
    )


def recounted(scene: votes.Scene, choice: Choice = Choice.AGAINST) -> Vote:
    """An announced vote that an objection has sent back, read anew by two people."""
    vote = votes.announced(scene)
    object_to(scene, vote)
    rule(scene, vote, Ruling.RECOUNT)
    for serial in range(1, 6):
        votes.read(scene, vote, serial, choice)
    return vote


# ---- recording ----


def test_an_objection_gets_a_receipt_and_names_nobody():
    scene = votes.scene()
    vote = votes.announced(scene)
    first, second = object_to(scene, vote), object_to(scene, vote)
    assert (first.number, second.number) == (1, 2)
    assert first.receipt != second.receipt
    assert len(first.receipt) == 10
    assert queries.objection_counts(vote.id) == (2, 2)
    entry = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action == "result.objected").order_by(AuditEntry.id)
    ).first()
    assert first.text not in f"{entry.text} {entry.values}"


@pytest.mark.parametrize(("day", "late"), [(LAST_DAY, False), (LAST_DAY + timedelta(days=1), True)])
def test_an_objection_after_the_period_is_recorded_as_late(day, late):
    scene = votes.scene()
    vote = votes.announced(scene)
    made = object_to(scene, vote, day)
    assert is_late(made.received_on, queries.announced_on(vote)) is late


@pytest.mark.parametrize(
    ("received", "field"),
    [
        (ANNOUNCED_ON - timedelta(days=1), "received_on"),
        (LAST_DAY + timedelta(days=1), "received_on"),
    ],
)
def test_a_day_that_cannot_be_is_refused(received, field):
    scene = votes.scene()
    vote = votes.announced(scene)
    with pytest.raises(FieldRefusal) as refused:
        objection_services.record_objection(
            scene.worker, on(LAST_DAY), vote.id, received_on=received, text="票数不对"
        )
    assert refused.value.field == field
    with pytest.raises(FieldRefusal) as refused:
        objection_services.record_objection(
            scene.worker, on(LAST_DAY), vote.id, received_on=LAST_DAY, text="  "
        )
    assert refused.value.field == "text"


@pytest.mark.parametrize("make", [votes.running, votes.counting, votes.certified])
def test_nobody_objects_to_what_was_not_announced(make):
    scene = votes.scene()
    vote = make(scene)
    with pytest.raises(Refusal, match="结果还没有公告"):
        object_to(scene, vote)


def test_an_objection_is_taken_though_the_project_has_ended():
    scene = votes.scene()
    vote = votes.announced(scene)
    scene.project.state = ProjectState.CANCELLED
    assert object_to(scene, vote).number == 1
    assert rule(scene, vote, Ruling.DISMISSED).ruling is Ruling.DISMISSED


# ---- rulings ----


@pytest.mark.parametrize("ruling", [Ruling.DISMISSED, Ruling.CORRECTED])
def test_a_ruling_without_a_recount_leaves_the_result_as_it_is(ruling):
    scene = votes.scene()
    vote = votes.announced(scene)
    object_to(scene, vote)
    ruled = rule(scene, vote, ruling, text="公告中的截止时间写错，应为下午三点")
    assert (ruled.ruled_by, ruled.ruling_text[:2]) == (scene.director.id, "公告")
    assert (vote.state, vote.count_number) == (VoteState.ANNOUNCED, 1)
    corrected = ["公告中的截止时间写错，应为下午三点"] if ruling is Ruling.CORRECTED else []
    assert queries.amendments(vote.id) == corrected
    [shown] = public_queries.public_votes(scene.project.id)
    assert list(shown.amendments) == corrected


def test_nobody_rules_on_an_objection_to_their_own_count():
    scene = votes.scene()
    vote = votes.announced(scene)
    object_to(scene, vote)
    with pytest.raises(Refusal, match="要由另一个人裁定"):
        rule(scene, vote, Ruling.DISMISSED, by=scene.scrutineer)


def test_a_ruling_gives_reasons_and_is_made_once():
    scene = votes.scene()
    vote = votes.announced(scene)
    object_to(scene, vote)
    with pytest.raises(FieldRefusal) as refused:
        rule(scene, vote, Ruling.DISMISSED, text=" ")
    assert refused.value.field == "text"
    rule(scene, vote, Ruling.DISMISSED)
    with pytest.raises(Refusal, match="已经裁定过了"):
        rule(scene, vote, Ruling.RECOUNT)
    with pytest.raises(NotFound):
        rule(scene, vote, Ruling.DISMISSED, number=2)


def test_a_recount_needs_a_running_project():
    scene = votes.scene()
    vote = votes.announced(scene)
    object_to(scene, vote)
    scene.project.state = ProjectState.CANCELLED
    with pytest.raises(Refusal):
        rule(scene, vote, Ruling.RECOUNT)


def test_two_upheld_objections_are_heard_in_one_recount():
    scene = votes.scene()
    vote = votes.announced(scene)
    object_to(scene, vote)
    object_to(scene, vote)
    rule(scene, vote, Ruling.RECOUNT, number=1)
    rule(scene, vote, Ruling.RECOUNT, number=2)
    assert (vote.state, vote.count_number) == (VoteState.COUNTING, 2)


# ---- counting again ----


def test_a_recount_reads_every_paper_anew_and_keeps_what_was_read():
    scene = votes.scene()
    vote = votes.announced(scene)
    object_to(scene, vote)
    rule(scene, vote, Ruling.RECOUNT)
    assert (vote.state, vote.count_number) == (VoteState.COUNTING, 2)
    assert (vote.certified_by, vote.announced_at) == (None, None)
    assert db.session.scalar(sa.select(BallotChoice)) is None
    assert db.session.scalar(sa.select(sa.func.count()).select_from(BallotEntry)) == 10
    with pytest.raises(Refusal, match="还有 5 张票没有录满两遍"):
        services.certify(scene.scrutineer, AFTER, vote.id, signers=SIGNERS, reason="异议成立")
    # The public still reads the result that was announced.
    [shown] = public_queries.public_votes(scene.project.id)
    assert (shown.recounting, shown.correction) == (True, "")
    assert [r.outcome for r in shown.results] == [Outcome.CARRIED] * 2
    assert not queries.carried(vote.stage_id, vote.round)


def test_an_online_ballot_needs_no_second_reading():
    scene = votes.scene()
    vote = votes.announced(scene)
    ballot = db.session.scalars(sa.select(Ballot).limit(1)).one()
    ballot.channel = Channel.ONLINE
    object_to(scene, vote)
    rule(scene, vote, Ruling.RECOUNT)
    left = db.session.scalars(sa.select(BallotChoice.ballot_id).distinct()).all()
    assert left == [ballot.id]


def test_a_corrected_result_is_a_new_version_beside_the_first():
    scene = votes.scene()
    vote = recounted(scene)
    with pytest.raises(FieldRefusal) as refused:
        services.certify(scene.scrutineer, AFTER, vote.id, signers=SIGNERS)
    assert refused.value.field == "reason"
    services.certify(scene.scrutineer, AFTER, vote.id, signers=SIGNERS, reason="唱票时两叠票放反了")
    [shown] = public_queries.public_votes(scene.project.id)
    assert [r.outcome for r in shown.results] == [Outcome.CARRIED] * 2
    services.announce(scene.director, AFTER + timedelta(days=1), vote.id)
    assert [r.outcome for r in queries.results(vote)] == [Outcome.NOT_FORMED] * 2
    assert [r.outcome for r in queries.results(vote, 1)] == [Outcome.CARRIED] * 2
    first, second = queries.sheets(vote.id)
    assert (first.reason, second.reason) == ("", "唱票时两叠票放反了")
    assert first.announced_at == AFTER
    assert queries.announced_on(vote) == [ANNOUNCED_ON, ANNOUNCED_ON + timedelta(days=1)]
    [shown] = public_queries.public_votes(scene.project.id)
    assert (shown.correction, shown.recounting) == ("唱票时两叠票放反了", False)
    assert [r.outcome for r in shown.results] == [Outcome.NOT_FORMED] * 2


def test_whoever_read_the_first_count_does_not_certify_the_second():
    scene = votes.scene()
    vote = votes.announced(scene)
    object_to(scene, vote)
    rule(scene, vote, Ruling.RECOUNT)
    other, another = (people.user(Role.COUNTER, scene.director.committee) for _ in range(2))
    for serial in range(1, 6):
        votes.read(scene, vote, serial, by=(other, another))
    for reader in (scene.counter, other):
        with pytest.raises(Refusal, match="您录入过"):
            services.certify(reader, AFTER, vote.id, signers=SIGNERS, reason="异议成立")
    assert services.certify(
        scene.scrutineer, AFTER, vote.id, signers=SIGNERS, reason="异议成立"
    ).certified_by


def test_the_first_announcer_may_certify_a_recount_and_then_does_not_announce_it():
    scene = votes.scene()
    vote = recounted(scene)
    services.certify(scene.director, AFTER, vote.id, signers=SIGNERS, reason="异议成立")
    with pytest.raises(Refusal, match="要由另一个人发布"):
        services.announce(scene.director, AFTER, vote.id)
    assert services.announce(scene.officer, AFTER, vote.id).announced_by == scene.officer.id


# ---- sent back before it was announced ----


def test_a_certified_result_is_sent_back_with_a_reason_before_it_is_announced():
    scene = votes.scene()
    vote = votes.certified(scene)
    with pytest.raises(FieldRefusal):
        objection_services.send_back(scene.director, AFTER, vote.id, reason=" ")
    objection_services.send_back(scene.director, AFTER, vote.id, reason="漏数一箱")
    assert (vote.state, vote.count_number) == (VoteState.COUNTING, 2)
    for serial in range(1, 6):
        votes.read(scene, vote, serial)
    services.certify(scene.scrutineer, AFTER, vote.id, signers=SIGNERS, reason="漏数一箱")
    services.announce(scene.director, AFTER, vote.id)
    # Nobody saw the first: the second corrects nothing that was public.
    [shown] = public_queries.public_votes(scene.project.id)
    assert shown.correction == ""


def test_an_announced_result_is_not_sent_back():
    scene = votes.scene()
    vote = votes.announced(scene)
    with pytest.raises(Refusal, match="公告之后要有成立的异议"):
        objection_services.send_back(scene.director, AFTER, vote.id, reason="不满意")
