"""The anthology's votes, replayed: their published figures, and that everything adds up."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from tracker.accounts.models import Committee
from tracker.accounts.rules import Role
from tracker.anthology.rules import StageKind
from tracker.audit.services import first_broken
from tracker.ballots.models import BallotEntry
from tracker.ballots.paper_models import BallotDelivery, Box, Visit
from tracker.ballots.rules import DeliveryWay, Recipient
from tracker.counts import balance_queries, queries
from tracker.demo import rende_vote, wuyi
from tracker.kernel.clock import local_date
from tracker.kernel.database import db
from tracker.projects.rules import ProjectState, StageState
from tracker.votes import queries as vote_queries
from tracker.votes.course_services import roll_is_whole
from tracker.votes.models import RollEntry, RollUnit
from tracker.votes.rules import Basis, Measure, Outcome, Stage
from tracker.votes.words import PUBLIC_STATES

PARKING = "正文花园一期停车与门禁"
MANAGER = "四个小区合请一家物业"
LIFTS = "第十宿舍加装电梯"
CANTEEN = "国定支路社区食堂"
REPLAYED = (PARKING, MANAGER, LIFTS, CANTEEN)


def count(model, vote):
    return db.session.scalar(sa.select(sa.func.count()).where(model.vote_id == vote.id))


def share(result, stage, measure=Measure.PERSONS):
    check = result.counted.verdict.check(stage, measure)
    return check.numerator, check.denominator, check.percent


# ---- case 6: parking and gate ----


def test_case_6_has_the_published_percentages(votes_of):
    [vote] = votes_of(PARKING)
    parking, gate = queries.results(vote)
    assert share(parking, Stage.APPROVAL) == (237, 301, "78.7")
    assert share(gate, Stage.APPROVAL) == (274, 301, "91.0")
    assert [parking.outcome, gate.outcome] == [Outcome.CARRIED, Outcome.CARRIED]


def test_case_6_asks_324_households_and_counts_on_the_day_of_the_text(votes_of):
    [vote] = votes_of(PARKING)
    assert count(RollEntry, vote) == 324
    assert local_date(vote.closed_at) == date(2021, 11, 8)
    assert (vote.notice.ends_on - vote.notice.starts_on).days + 1 == 15
    assert len(vote.notice.places) == 28
    assert all(place.posted_on == vote.notice.starts_on for place in vote.notice.places)


def test_case_6_reads_every_ballot_twice_and_settles_three_slips(votes_of):
    [vote] = votes_of(PARKING)
    by_number = dict(
        db.session.execute(
            sa.select(BallotEntry.number, sa.func.count())
            .where(BallotEntry.vote_id == vote.id)
            .group_by(BallotEntry.number)
        ).all()
    )
    assert by_number == {1: 301, 2: 301, 3: len(rende_vote.MISREAD)}


def test_case_6_brings_a_paper_to_every_household_by_its_two_leaders(votes_of):
    [vote] = votes_of(PARKING)
    standing = db.session.scalars(
        sa.select(BallotDelivery).where(
            BallotDelivery.vote_id == vote.id,
            BallotDelivery.delivered,
            ~BallotDelivery.superseded,
        )
    ).all()
    assert len(standing) == 324
    assert {delivery.server.role for delivery in standing} == {Role.BUILDING_LEADER}
    assert len({delivery.served_by for delivery in standing}) == 2
    assert {delivery.way for delivery in standing} == set(DeliveryWay) - {DeliveryWay.ONLINE}
    assert {delivery.recipient for delivery in standing} == set(Recipient) - {Recipient.TENANT} | {
        None
    }


def test_case_6_reminds_and_boxes(votes_of):
    [vote] = votes_of(PARKING)
    assert count(Visit, vote) > 0
    boxes = db.session.scalars(sa.select(Box).where(Box.vote_id == vote.id)).all()
    assert len({box.seal_number for box in boxes}) == 2
    for box in boxes:
        assert box.sealed_at < vote.opened_at <= vote.closed_at < box.opened_at
        assert box.seal_whole
        assert [handover.seal_whole for handover in box.handovers] == [True]


def test_case_6_balances_with_a_spoilt_paper_and_spares(votes_of):
    [vote] = votes_of(PARKING)
    sheet = balance_queries.balance(vote)
    assert (sheet.printed, sheet.returned, sheet.unreturned) == (335, 305, 19)
    assert (sheet.spare, sheet.spoilt) == (10, 1)
    assert (sheet.accepted, sheet.rejected) == (301, 4)
    assert sheet.faults == []


def test_case_6_heard_and_answered_an_objection_to_the_roll(votes_of):
    [vote] = votes_of(PARKING)
    [objection] = vote_queries.roll_objections(vote.id)
    assert objection.answered_on < local_date(vote.frozen_at)
    assert len(vote.attachments) == 2


# ---- case 10: two tiers ----


def test_case_10_asks_the_compound_first_and_then_three_buildings(votes_of):
    first, *buildings = votes_of(LIFTS)
    assert first.rule_id == "lift_compound"
    assert [vote.building.number for vote in buildings] == ["8", "9", "10"]
    for vote in buildings:
        assert (vote.rule_id, vote.basis) == ("gt23", Basis.HOUSEHOLDS)
        assert vote.after.id == first.id
        assert vote.opened_at >= first.certified_at


def test_case_10_fails_in_one_building_at_exactly_two_thirds(votes_of):
    first, *buildings = votes_of(LIFTS)
    outcomes = [queries.results(vote)[0].outcome for vote in (first, *buildings)]
    carried, not_formed = Outcome.CARRIED, Outcome.NOT_FORMED
    assert outcomes == [carried, carried, carried, not_formed]
    [tenth] = queries.results(buildings[2])
    assert share(tenth, Stage.APPROVAL) == (8, 12, "66.6")
    numerator, denominator, _ = share(tenth, Stage.APPROVAL, Measure.AREA)
    assert 3 * numerator == 2 * denominator


def test_case_10_goes_on_with_the_buildings_that_carried(votes_of):
    stages = votes_of(LIFTS)[0].project.stages
    assert [stage.state for stage in stages] == [StageState.DONE] * len(stages)


# ---- case 5: one manager for four compounds ----


def test_case_5_asks_1091_households_of_four_compounds_side_by_side(votes_of):
    votes = votes_of(MANAGER)
    assert [vote.compound.name for vote in votes] == [lane.name for lane in wuyi.LANES]
    assert sum(count(RollUnit, vote) for vote in votes) == 1_091
    assert len({vote.stage_id for vote in votes}) == 1
    assert len({vote.opened_at for vote in votes}) == 1


def test_case_5_carries_in_every_compound_by_persons_and_area(votes_of):
    for vote in votes_of(MANAGER):
        [result] = queries.results(vote)
        assert result.outcome is Outcome.CARRIED
        assert all(check.met for check in result.counted.verdict.checks)


def test_case_5_sees_for_itself_before_it_votes_and_is_done_in_june_2021(votes_of):
    [vote, *_] = votes_of(MANAGER)
    visit, stage = vote.project.stages[2:4]
    assert visit.key == "site_visit"
    assert visit.actual_end < local_date(vote.created_at)
    assert (stage.kind, stage.state) == (StageKind.VOTE, StageState.DONE)
    assert (stage.actual_end.year, stage.actual_end.month) == (2021, 6)


# ---- case 1: eight bidders ----


def test_case_1_has_no_winner_in_the_first_round_and_one_in_the_runoff(votes_of):
    first, second, _ = votes_of(CANTEEN)
    [before], [after] = queries.results(first), queries.results(second)
    assert len(before.poll.options) == 8
    assert before.poll.winner is None
    assert before.poll.names(sorted(before.poll.finalists)) == "报名企业乙 / 报名企业丙"
    assert second.runoff_of_id == first.id
    assert after.poll.label(after.poll.winner) == "报名企业丙"
    assert (after.poll.numerator, after.poll.denominator) == (46, 82)


def test_case_1_lets_a_motion_decide_what_the_poll_advised(votes_of):
    first, second, decision = votes_of(CANTEEN)
    assert [queries.results(vote)[0].outcome for vote in (first, second)] == [None, None]
    assert [vote.ordinal for vote in (first, second, decision)] == [1, 2, 3]
    [result] = queries.results(decision)
    assert "报名企业丙" in result.motion.text
    assert result.outcome is Outcome.CARRIED


# ---- all of them ----


@pytest.mark.parametrize("title", REPLAYED)
def test_everything_of_a_replay_adds_up(votes_of, title):
    for vote in votes_of(title):
        assert vote.state in PUBLIC_STATES
        assert roll_is_whole(vote)
        assert balance_queries.balance(vote).faults == []


@pytest.mark.parametrize("title", REPLAYED)
def test_nobody_has_two_hands_in_a_replay(votes_of, title):
    for vote in votes_of(title):
        readers = set(
            db.session.scalars(
                sa.select(BallotEntry.entered_by).where(BallotEntry.vote_id == vote.id)
            )
        )
        assert vote.rule_confirmed_by != vote.rule_chosen_by
        assert vote.certified_by not in readers
        assert vote.announced_by != vote.certified_by


@pytest.mark.parametrize("title", REPLAYED)
def test_a_replayed_project_is_closed(votes_of, title):
    project = votes_of(title)[0].project
    assert project.state is ProjectState.CLOSED


def test_the_history_of_every_committee_is_whole(ledger):
    for committee_id in db.session.scalars(sa.select(Committee.id)):
        assert first_broken(f"committee:{committee_id}") is None


def test_every_person_of_the_demonstration_is_marked_as_generated(ledger):
    names = db.session.scalars(sa.select(RollEntry.name).distinct())
    assert all(name.startswith("示例业主") for name in names)
