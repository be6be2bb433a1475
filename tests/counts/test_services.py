"""Opening, certifying and announcing, and everything that is refused."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.factories import people, votes
from tests.factories.votes import AFTER, DURING, SIGNERS
from tracker.accounts.rules import Role
from tracker.ballots import checking_services, closing_services, entering_services
from tracker.ballots.paper_models import Paper
from tracker.ballots.rules import PaperState, RejectReason
from tracker.counts import queries, services
from tracker.counts.models import MotionResult, TallySheet
from tracker.counts.services import Signers
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, Refusal
from tracker.places.models import Unit
from tracker.votes import queries as vote_queries
from tracker.votes.models import RollEntry, Vote, VoteMotion
from tracker.votes.rules import Choice, InvalidPolicy, Outcome
from tracker.votes.words import VoteState

pytestmark = pytest.mark.usefixtures("arrange")


def certify(scene: votes.Scene, vote: Vote, **changes: object) -> Vote:
    """Certify as the scrutineer, unless told otherwise."""
    given = {"by": scene.scrutineer, "signers": SIGNERS, **changes}
    return services.certify(
        given["by"],  # type: ignore[arg-type]
        AFTER,
        vote.id,
        signers=given["signers"],  # type: ignore[arg-type]
    )


def read_vote(scene: votes.Scene, count: int = 5, **fields: object) -> Vote:
    """A vote whose ballots are all read."""
    vote = votes.counting(scene, range(1, count + 1), **fields)
    for serial in range(1, count + 1):
        votes.read(scene, vote, serial)
    return vote


def refusals(refused: pytest.ExceptionInfo[Refusal]) -> list[tuple[str, str | None]]:
    return [(str(reason.message), reason.endpoint) for reason in refused.value.reasons]


# ---- certifying ----


def test_certifying_writes_results_and_the_sheet_three_people_sign():
    scene = votes.scene()
    vote = certify(scene, read_vote(scene))
    assert (vote.state, vote.certified_by) == (VoteState.CERTIFIED, scene.scrutineer.id)
    assert [r.outcome for r in queries.results(vote)] == [Outcome.CARRIED] * 2
    sheet = queries.sheet(vote.id, 1)
    assert (sheet.reader, sheet.counter, sheet.scrutineer) == ("唱票人", "计票人", "监票人")
    figures = sheet.figures
    assert figures["printed"] == 6
    assert (figures["returned"], figures["unreturned"]) == (5, 1)
    assert figures["motions"] == {"1": {"for": 5}, "2": {"for": 5}}
    assert len(sheet.digest) == 64


def test_before_the_close_there_is_nothing_to_certify():
    scene = votes.scene()
    with pytest.raises(Refusal, match="只有计票中"):
        certify(scene, votes.running(scene))


def test_everything_open_is_told_at_once_with_where_it_is_mended():
    scene = votes.scene()
    vote = votes.running(scene)
    votes.received(scene, vote, 6)
    for serial in (1, 2, 3):
        votes.accepted(scene, vote, serial)
    closing_services.close(scene.director, AFTER, vote.id)
    votes.read(scene, vote, 1)
    votes.read(scene, vote, 2, by=[scene.counter])
    ballot = vote_queries.vote(scene.worker, vote.id)
    votes.read(scene, vote, 3, Choice.FOR, by=[scene.counter])
    votes.read(scene, vote, 3, Choice.AGAINST, by=[scene.worker])
    with pytest.raises(Refusal) as refused:
        certify(scene, ballot)
    assert refusals(refused) == [
        ("还有 1 张收回的票没有核对身份。", "ballots.check"),
        ("还有 1 张票没有录满两遍。", "ballots.enter"),
        ("还有 1 张票两遍录入不一致，没有裁定。", "ballots.mismatches"),
    ]
    assert db.session.scalar(sa.select(TallySheet)) is None
    assert db.session.scalar(sa.select(MotionResult)) is None


def test_a_difference_that_a_third_has_settled_does_not_stand_in_the_way():
    scene = votes.scene()
    vote = votes.counting(scene, [1])
    votes.read(scene, vote, 1, Choice.FOR, by=[scene.counter])
    votes.read(scene, vote, 1, Choice.AGAINST, by=[scene.worker])
    from_paper = dict.fromkeys(votes.motions_of(vote), "against")
    ballot_id = db.session.scalars(sa.text("SELECT id FROM ballot")).one()
    judge = people.user(Role.SCRUTINEER, scene.director.committee)
    entering_services.settle(
        judge, AFTER, vote.id, ballot_id=ballot_id, marks=from_paper, reason="对照原票"
    )
    with pytest.raises(Refusal, match="您录入过"):
        certify(scene, vote, by=judge)
    assert certify(scene, vote).state is VoteState.CERTIFIED


@pytest.mark.parametrize("reader", ["counter", "worker"])
def test_whoever_read_a_ballot_does_not_certify(reader):
    scene = votes.scene()
    vote = read_vote(scene)
    with pytest.raises(Refusal, match="您录入过这次表决的票"):
        certify(scene, vote, by=getattr(scene, reader))


def test_equations_that_do_not_balance_are_told_with_their_numbers():
    scene = votes.scene()
    vote = read_vote(scene)
    db.session.execute(
        sa.text("DELETE FROM ballot_choice WHERE vote_motion_id = :m"),
        {"m": votes.motions_of(vote)[1]},
    )
    with pytest.raises(Refusal) as refused:
        certify(scene, vote)
    assert refusals(refused) == [("事项 2 的各项票数之和不等于有效收回的票数", "counts.sheet")]


def test_a_spoilt_paper_that_came_back_is_returned_and_rejected():
    scene = votes.scene()
    vote = votes.running(scene)
    votes.accepted(scene, vote, 1)
    paper = db.session.scalars(sa.select(Paper).where(Paper.serial == 2)).one()
    paper.state, paper.spoilt_reason = PaperState.SPOILT, "破损"
    votes.received(scene, vote, 2)
    checking_services.check(
        scene.counter, DURING, votes.received(scene, vote, 3).id, rejected=RejectReason.TENANT
    )
    closing_services.close(scene.director, AFTER, vote.id)
    votes.read(scene, vote, 1)
    certify(scene, vote)
    found = queries.sheet(vote.id, 1).figures
    shown = {k: found[k] for k in ("printed", "returned", "unreturned", "spoilt", "accepted")}
    assert shown == {"printed": 6, "returned": 3, "unreturned": 3, "spoilt": 0, "accepted": 1}
    assert found["rejected"] == 2


def test_a_missing_area_holds_the_result_with_its_best_and_worst():
    scene = votes.scene(motions=("车辆管理制度",))
    db.session.scalars(sa.select(Unit).limit(1)).one().area = None
    vote = read_vote(scene, 4)
    with pytest.raises(Refusal) as refused:
        certify(scene, vote)
    [(text, endpoint)] = refusals(refused)
    assert endpoint == "votes.areas"
    assert "因面积缺失不能认定。最有利：通过；最不利：" in text
    assert vote.state is VoteState.COUNTING


def test_a_rule_of_persons_does_not_wait_for_areas():
    scene = votes.scene()
    db.session.scalars(sa.select(Unit).limit(1)).one().area = None
    vote = certify(scene, read_vote(scene, 4, rule_id="simple"))
    assert {r.outcome for r in queries.results(vote)} == {Outcome.CARRIED}


@pytest.mark.parametrize(
    "tamper",
    [
        lambda: sa.update(RollEntry).where(RollEntry.serial == 1).values(area=9_999),
        lambda: sa.update(RollEntry).where(RollEntry.serial == 1).values(name="别人"),
        lambda: sa.update(VoteMotion).values(text="另一个问题？"),
    ],
)
def test_a_roll_touched_after_freezing_is_neither_counted_nor_certified(tamper):
    scene = votes.scene()
    vote = votes.running(scene)
    votes.accepted(scene, vote, 1)
    db.session.execute(tamper())
    db.session.expire_all()
    with pytest.raises(Refusal, match="指纹不符"):
        closing_services.close(scene.director, AFTER, vote.id)
    db.session.rollback()


def test_a_roll_touched_while_counting_is_not_certified():
    scene = votes.scene()
    vote = read_vote(scene)
    db.session.execute(sa.update(RollEntry).where(RollEntry.serial == 6).values(area=1))
    db.session.expire_all()
    with pytest.raises(Refusal, match="指纹不符"):
        certify(scene, vote)


@pytest.mark.parametrize(
    ("signers", "field"),
    [
        (Signers("", "计票人", "监票人"), "reader"),
        (Signers("唱票人", "  ", "监票人"), "counter"),
        (Signers("王五", "王五", "监票人"), "scrutineer"),
        (Signers("王五", "李四", "李四"), "scrutineer"),
        (Signers("王五", "李四", "王 五"), "scrutineer"),
    ],
)
def test_three_different_people_sign(signers, field):
    scene = votes.scene()
    vote = read_vote(scene)
    with pytest.raises(FieldRefusal) as refused:
        certify(scene, vote, signers=signers)
    assert refused.value.field == field


def test_a_second_certification_is_told_that_another_was_first():
    scene = votes.scene()
    vote = certify(scene, read_vote(scene))
    with pytest.raises(Refusal, match="已经由另一个人确认"):
        certify(scene, vote, by=scene.director)
    assert len(queries.sheets(vote.id)) == 1


def test_motions_on_one_ballot_are_decided_alone():
    scene = votes.scene()
    vote = votes.counting(scene, range(1, 6))
    first, second = votes.motions_of(vote)
    for serial in range(1, 6):
        votes.read(scene, vote, serial, {first: "for", second: "against"})
    certify(scene, vote)
    assert [r.outcome for r in queries.results(vote)] == [Outcome.CARRIED, Outcome.NOT_FORMED]
    assert queries.carried(vote.stage_id, vote.round)


@pytest.mark.parametrize(
    ("policy", "outcome"),
    [(InvalidPolicy.TAKES_PART, Outcome.NOT_FORMED), (InvalidPolicy.LEFT_OUT, Outcome.CARRIED)],
)
def test_invalid_ballots_count_as_was_declared(policy, outcome):
    scene = votes.scene(motions=("车辆管理制度",))
    vote = votes.counting(scene, range(1, 7), invalid_policy=policy)
    choices = [Choice.FOR] * 3 + [Choice.INVALID] * 2 + [Choice.AGAINST]
    for serial, choice in enumerate(choices, start=1):
        votes.read(scene, vote, serial, choice)
    [result] = queries.results(certify(scene, vote))
    assert result.outcome is outcome
    assert result.counted.policy_matters


def test_figures_are_kept_with_numerators_and_denominators():
    scene = votes.scene(motions=("车辆管理制度",))
    votes.certified(scene, approving=4, opposing=1)
    figures = db.session.scalars(sa.select(MotionResult)).one().figures
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
