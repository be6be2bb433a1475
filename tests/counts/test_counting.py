"""Adding up through the database: polls, silence, and figures that must agree with the roll."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.factories import votes
from tests.factories.people import NOW
from tracker.ballots.models import Ballot, BallotChoice
from tracker.ballots.paper_models import BallotDelivery
from tracker.ballots.rules import DeliveryOutcome, DeliveryWay, Recipient
from tracker.counts import counting, figure_queries, poll_queries
from tracker.counts import services as counts
from tracker.counts.models import MotionResult
from tracker.kernel.database import db
from tracker.kernel.errors import Refusal
from tracker.votes import figures
from tracker.votes.models import RollEntry, Vote, VoteAttachment
from tracker.votes.rules import NonResponsePolicy, Outcome
from tracker.votes.tally import Pile
from tracker.votes.words import AttachmentKind

pytestmark = pytest.mark.usefixtures("arrange")


def poll(of: votes.Scene, rule: str, marks: list[str], **fields: object) -> Vote:
    """A certified poll on the first motion with three options; ``marks`` by serial."""
    motion = votes.motion_ids(of.project)[0]
    options = {motion: fields.pop("labels", ("甲公司", "乙公司", "丙公司"))}
    vote = votes.counting(
        of,
        range(1, len(marks) + 1),
        rule_id=rule,
        motion_ids=[motion],
        options=options,
        **fields,
    )
    for serial, mark in enumerate(marks, start=1):
        votes.read(of, vote, serial, mark)
    return counts.certify(of.scrutineer, votes.AFTER, vote.id, signers=votes.SIGNERS)


@pytest.mark.parametrize(
    ("rule", "marks", "winner", "finalists"),
    [
        ("choose_one", ["A", "A", "A", "B", "abstain"], "A", []),
        ("choose_one", ["A", "A", "B", "C", "B", "invalid"], None, ["甲公司", "乙公司"]),
        ("approval", ["A,B", "B", "B,C"], "B", []),
        ("ranked", ["A>B", "A>C", "B>A", "B>C", "C>B"], "B", []),
    ],
)
def test_certified_poll_has_figures_and_no_outcome(rule, marks, winner, finalists):
    vote = poll(votes.scene(), rule, marks)
    result = db.session.scalars(sa.select(MotionResult)).one()
    assert result.outcome is None
    found = poll_queries.polls(vote)[vote.motions[0].id]
    assert found.winner == winner
    assert found.counts.roll == Pile(6, 48_000)
    going_on = {vote.motions[0].motion_id: finalists} if finalists else {}
    assert poll_queries.finalists(vote) == going_on


@pytest.mark.parametrize(
    ("labels", "opens"),
    [(("甲公司", "乙公司"), True), (("乙公司", "甲公司"), True), (("甲公司", "丙公司"), False)],
)
def test_runoff_opens_only_among_the_finalists(labels, opens):
    scene = votes.scene()
    first = poll(scene, "choose_one", ["A", "A", "B", "B", "C"])
    motion = first.motions[0].motion_id
    second = votes.frozen(
        scene,
        rule_id="choose_one",
        motion_ids=[motion],
        options={motion: labels},
        runoff_of_id=first.id,
    )
    if opens:
        counts.open_vote(scene.director, votes.OPENS, second.id)
        return
    with pytest.raises(Refusal, match="甲公司 / 乙公司"):
        counts.open_vote(scene.director, votes.OPENS, second.id)


def test_runoff_of_a_poll_that_was_won_does_not_open():
    scene = votes.scene()
    first = poll(scene, "choose_one", ["A", "A", "B"])
    motion = first.motions[0].motion_id
    second = votes.frozen(
        scene,
        rule_id="choose_one",
        motion_ids=[motion],
        options={motion: ("甲公司", "乙公司")},
        runoff_of_id=first.id,
    )
    with pytest.raises(Refusal, match="没有需要再选的结果"):
        counts.open_vote(scene.director, votes.OPENS, second.id)


def deliver(vote: Vote, serials: range, *, recorded: bool = True) -> None:
    """Mark ballots as delivered with proof, or only as delivered."""
    entries = db.session.query(RollEntry).filter(
        RollEntry.vote_id == vote.id, RollEntry.serial.in_(serials)
    )
    for entry in entries:
        entry.delivered = True
        if recorded:
            db.session.add(
                BallotDelivery(
                    committee_id=vote.committee_id,
                    vote_id=vote.id,
                    roll_entry_id=entry.id,
                    way=DeliveryWay.HAND,
                    outcome=DeliveryOutcome.SIGNED,
                    recipient=Recipient.OWNER,
                    delivered=True,
                    proof="存根签收",
                    at=votes.DURING,
                    served_by=vote.created_by,
                    recorded_at=votes.DURING,
                )
            )
    db.session.flush()


def silent_vote(of: votes.Scene, policy: NonResponsePolicy, *, approving: int) -> Vote:
    """A vote in which silence counts; read, not certified. Six voters."""
    vote = votes.draft(
        of,
        confirmed=False,
        nonresponse_policy=policy,
        policy_clause="议事规则第十二条：已送达而未表决的计入",
        motion_ids=votes.motion_ids(of.project)[:1],
    )
    file = VoteAttachment(
        committee_id=vote.committee_id,
        kind=AttachmentKind.CLAUSE,
        name="议事规则.pdf",
        path="x.pdf",
        size=1,
        sha256="0" * 64,
        added_by=of.worker.id,
        added_at=NOW,
    )
    vote.attachments.append(file)
    db.session.flush()
    votes.services.confirm_rule(of.director, NOW, vote.id, version=vote.version)
    course, roll = votes.course_services, votes.roll_queries
    persons = roll.roll_preview(vote).persons
    course.propose_freeze(of.worker, NOW, vote.id, version=vote.version, persons=persons)
    course.approve_freeze(of.director, NOW, vote.id)
    votes.printing_services.number_papers(of.worker, NOW, vote.id)
    counts.open_vote(of.director, votes.OPENS, vote.id)
    for serial in range(1, approving + 1):
        votes.accepted(of, vote, serial)
    votes.closing_services.close(of.director, votes.AFTER, vote.id)
    for serial in range(1, approving + 1):
        votes.read(of, vote, serial)
    return vote


@pytest.mark.parametrize(
    ("policy", "delivered", "outcome"),
    [
        # Two of six approve and all are delivered: the quorum of four is met by the silent.
        (NonResponsePolicy.DELIVERED_TAKES_PART, range(1, 7), Outcome.NOT_FORMED),
        (NonResponsePolicy.FOLLOW_MAJORITY, range(1, 7), Outcome.CARRIED),
        (NonResponsePolicy.FOLLOW_MAJORITY, range(1, 5), Outcome.CARRIED),
        # Undelivered voters never count.
        (NonResponsePolicy.FOLLOW_MAJORITY, range(1, 4), Outcome.NOT_FORMED),
        (NonResponsePolicy.FOLLOW_MAJORITY, range(0), Outcome.NOT_FORMED),
    ],
)
def test_silence_counts_for_the_delivered_alone_and_both_tallies_are_kept(
    policy, delivered, outcome
):
    scene = votes.scene()
    vote = silent_vote(scene, policy, approving=2)
    deliver(vote, delivered)
    counts.certify(scene.scrutineer, votes.AFTER, vote.id, signers=votes.SIGNERS)
    result = db.session.scalars(sa.select(MotionResult)).one()
    counted = figures.from_figures(result.figures)
    assert result.outcome is outcome
    assert counted.without_silence is not None
    assert counted.without_silence.outcome is Outcome.NOT_FORMED
    assert [(check.numerator, check.denominator) for check in counted.without_silence.checks] == [
        (2, 6),
        (16_000, 48_000),
        (2, 2),
        (16_000, 16_000),
    ]
    assert counted.counts.silent.persons == len([s for s in delivered if s > 2])


def test_silence_without_the_clause_on_file_is_not_certified():
    scene = votes.scene()
    vote = silent_vote(scene, NonResponsePolicy.FOLLOW_MAJORITY, approving=2)
    deliver(vote, range(1, 7))
    vote.attachments.clear()
    db.session.flush()
    [reason] = figure_queries.silence_obstacles(vote)
    assert "议事规则原文的文件" in str(reason.message)


def test_silence_of_somebody_without_proof_of_delivery_is_not_certified():
    scene = votes.scene()
    vote = silent_vote(scene, NonResponsePolicy.FOLLOW_MAJORITY, approving=2)
    deliver(vote, range(1, 7), recorded=False)
    with pytest.raises(Refusal, match="有 6 人记为已送达，却没有送达凭据"):
        counts.certify(scene.scrutineer, votes.AFTER, vote.id, signers=votes.SIGNERS)


def test_without_a_policy_on_silence_there_is_one_tally():
    scene = votes.scene()
    vote = votes.certified(scene, approving=4)
    result = db.session.query(MotionResult).filter_by(vote_id=vote.id).first()
    assert result is not None
    assert result.figures["without_silence"] is None


def test_accepted_ballot_without_a_choice_is_not_counted_over():
    scene = votes.scene()
    vote = votes.counting(scene, [1, 2, 3, 4])
    for serial in (1, 2, 3, 4):
        votes.read(scene, vote, serial)
    ballot = db.session.query(Ballot).first()
    assert ballot is not None
    db.session.execute(sa.delete(BallotChoice).where(BallotChoice.ballot_id == ballot.id))
    with pytest.raises(Refusal, match="不平"):
        counting.count(vote)
