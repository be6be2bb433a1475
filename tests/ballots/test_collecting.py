"""Papers that come back, are taken back by mistake or by their voters, and what is refused."""

from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tests.factories import people, votes
from tests.factories.people import NOW
from tests.factories.votes import AFTER, CLOSES, DURING, OPENS
from tracker.accounts.models import User
from tracker.accounts.rules import Role
from tracker.ballots import (
    box_services,
    checking_services,
    closing_services,
    collecting_services,
    paper_queries,
    printing_services,
    queries,
)
from tracker.ballots.models import Ballot
from tracker.ballots.rules import BallotState, Recipient
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, NotFound, Refusal
from tracker.places.models import Unit
from tracker.projects.rules import ProjectState
from tracker.votes.services import Scope


def receive(scene, vote, paper, *, at=DURING, received_at=None, box=None):
    return collecting_services.receive(
        scene.counter,
        at,
        vote.id,
        paper=str(paper),
        received_at=received_at or at,
        box_number=box,
    )


# ---- coming back ----


def test_a_paper_comes_back_and_waits_for_its_check(scene, vote):
    ballot = receive(scene, vote, 3)
    assert (ballot.state, ballot.entry.serial) == (BallotState.RETURNED, 3)
    assert (ballot.recorded_by, ballot.received_at) == (scene.counter.id, DURING)


def test_a_paper_is_known_by_its_code(scene, vote):
    assert receive(scene, vote, paper_queries.find(vote.id, "3").code).entry.serial == 3
    code = paper_queries.find(vote.id, "4").code.lower()
    assert receive(scene, vote, f" {code[:4]}-{code[4:]} ").entry.serial == 4


def test_full_width_digits_of_an_input_method_are_read(scene, vote):
    assert receive(scene, vote, "３").entry.serial == 3


def test_a_paper_comes_back_once(scene, vote):
    receive(scene, vote, 3)
    with pytest.raises(FieldRefusal, match="第 3 号已经登记过收回"):
        receive(scene, vote, 3)


def test_one_wrong_sign_of_a_code_is_not_another_paper(scene, vote):
    code = paper_queries.find(vote.id, "3").code
    other = "B" if code[0] != "B" else "C"
    with pytest.raises(FieldRefusal, match="有一位不对"):
        receive(scene, vote, other + code[1:])


def test_a_paper_of_another_vote_of_the_committee_is_recognised(scene, vote):
    building = paper_queries.find(vote.id, "1").entry.building
    other = votes.running(scene, scope=Scope(vote.compound_id, building.id))
    code = paper_queries.find(other.id, "1").code
    with pytest.raises(FieldRefusal, match="另一次表决的"):
        receive(scene, vote, code)


def test_nothing_is_told_of_another_committee_s_paper(scene, vote):
    foreign = votes.running(votes.scene(committee="国年居委会"))
    code = paper_queries.find(foreign.id, "1").code
    with pytest.raises(FieldRefusal, match="没有这张票"):
        receive(scene, vote, code)


def test_an_owner_of_several_units_has_one_paper_and_no_second(scene):
    one, two = db.session.scalars(sa.select(Unit).order_by(Unit.id).limit(2))
    two.voting_person_id = one.voting_person_id
    db.session.flush()
    vote = votes.running(scene)
    printing_services.print_spares(scene.worker, DURING, vote.id, 1)
    assert paper_queries.counts(vote.id).printed == 6
    voter = paper_queries.find_voter(vote.id, "1-101")
    assert paper_queries.find_voter(vote.id, "1-102") is voter
    receive(scene, vote, 1)
    with pytest.raises(Refusal, match="第 1 号已经收回"):
        printing_services.hand_out(
            *(scene.counter, DURING, vote.id),
            spare="6",
            voter="1-102",
            recipient=Recipient.OWNER,
            reason="第二套房也要一张",
        )


@pytest.mark.parametrize("paper", ["0", "7", "999999999", "99999999999999", "没有", ""])
def test_an_unknown_paper_is_refused_at_its_field(scene, vote, paper):
    with pytest.raises(FieldRefusal) as refused:
        receive(scene, vote, paper)
    assert refused.value.field == "paper"


def test_a_spare_that_nobody_was_given_is_refused(scene, vote):
    printing_services.print_spares(scene.worker, DURING, vote.id, 1)
    with pytest.raises(FieldRefusal, match="没有发给任何人"):
        receive(scene, vote, 7)


@pytest.mark.parametrize(
    ("received_at", "state"),
    [
        (OPENS, BallotState.RETURNED),
        (CLOSES, BallotState.RETURNED),
        (CLOSES + timedelta(minutes=1), BallotState.LATE),
    ],
)
def test_a_paper_is_late_after_the_very_close(scene, vote, received_at, state):
    made = receive(scene, vote, 1, at=AFTER, received_at=received_at)
    assert made.state is state
    assert queries.turnout(vote).persons.numerator == (state is BallotState.RETURNED)
    assert queries.turnout(vote).late == (state is BallotState.LATE)


@pytest.mark.parametrize(
    "received_at", [OPENS - timedelta(minutes=1), DURING + timedelta(minutes=1)]
)
def test_impossible_times_are_refused(scene, vote, received_at):
    with pytest.raises(FieldRefusal) as refused:
        receive(scene, vote, 1, received_at=received_at)
    assert refused.value.field == "received_at"


def test_papers_found_after_the_close_are_received_with_the_time_they_came(scene):
    vote = votes.counting(scene, [1])
    found = receive(scene, vote, 2, at=AFTER, received_at=CLOSES)
    assert found.state is BallotState.RETURNED
    late = receive(scene, vote, 3, at=AFTER, received_at=AFTER)
    assert late.state is BallotState.LATE
    with pytest.raises(Refusal, match="不用核对"):
        checking_services.check(scene.counter, AFTER, late.id)


def test_after_an_early_close_no_ballot_counts_that_came_later(scene, vote):
    printing_services.print_spares(scene.worker, DURING, vote.id, 1)
    printing_services.hand_out(
        *(scene.counter, DURING, vote.id),
        spare="7",
        voter="1",
        recipient=Recipient.CO_OWNER,
        reason="共有人要求另填",
        second_owner=True,
    )
    for serial in range(1, 7):
        receive(scene, vote, serial)
    closing_services.close(scene.director, DURING + timedelta(minutes=5), vote.id)
    later = DURING + timedelta(minutes=10)
    assert receive(scene, vote, 7, at=later).state is BallotState.LATE


def test_a_vote_that_is_not_open_takes_no_papers(scene):
    early = votes.frozen(scene)
    with pytest.raises(Refusal, match="不能登记收回"):
        receive(scene, early, 1)


def test_a_certified_vote_takes_no_papers(scene):
    done = votes.certified(scene)
    with pytest.raises(Refusal, match="不能登记收回"):
        receive(scene, done, 6, at=AFTER, received_at=DURING)


def test_a_paused_project_takes_no_papers(scene, vote):
    scene.project.state = ProjectState.PAUSED
    db.session.flush()
    with pytest.raises(Refusal, match="不能再改动"):
        receive(scene, vote, 1)


def test_a_foreign_vote_or_ballot_is_not_found(scene, vote):
    ballot = receive(scene, vote, 1)
    stranger = people.user(Role.COUNTER, people.committee("国年居委会"))
    with pytest.raises(NotFound):
        collecting_services.receive(stranger, DURING, vote.id, paper="2", received_at=DURING)
    for act in (collecting_services.undo, collecting_services.withdraw):
        with pytest.raises(NotFound):
            act(stranger, DURING, ballot.id, reason="试试")


# ---- boxes ----


@pytest.fixture
def box(scene, vote):
    return box_services.seal(
        scene.counter, DURING, vote.id, number=1, seal_number="A001", place="门卫室"
    )


def test_a_paper_is_found_in_its_box(scene, vote, box):
    assert receive(scene, vote, 1, box=1).box is box
    assert paper_queries.papers_in_boxes(vote.id) == {box.id: 1}


def test_an_unknown_box_and_one_not_sealed_yet_are_refused(scene, vote, box):
    with pytest.raises(FieldRefusal, match="没有这个票箱") as refused:
        receive(scene, vote, 1, box=2)
    assert refused.value.field == "box"
    with pytest.raises(FieldRefusal, match="还没有封箱"):
        receive(scene, vote, 1, received_at=DURING - timedelta(minutes=1), box=1)


def test_an_opened_box_takes_no_more_papers(scene, vote, box):
    closing_services.close(scene.director, AFTER, vote.id)
    box_services.open_box(scene.counter, AFTER, vote.id, number=1, seal_whole=True, note="")
    later = AFTER + timedelta(minutes=10)
    with pytest.raises(FieldRefusal, match="已经开箱") as refused:
        receive(scene, vote, 2, at=later, box=1)
    assert refused.value.field == "box"
    # What lay in it before is received with the time it came.
    assert receive(scene, vote, 2, at=later, received_at=CLOSES, box=1).box is box


# ---- receipts, history, two at once ----


def test_a_receipt_is_a_hash_that_differs_for_each_ballot_and_vote(scene, vote):
    receipts = {receive(scene, vote, serial).receipt for serial in range(1, 7)}
    assert len(receipts) == 6
    assert all(re.fullmatch(r"[0-9a-f]{64}", receipt) for receipt in receipts)


def test_two_who_receive_one_paper_at_once_record_it_once(app):
    with app.app_context():
        scene = votes.scene()
        vote = votes.running(scene)
        db.session.commit()
        vote_id, counters = vote.id, (scene.counter.id, scene.worker.id)
    start, outcomes = threading.Barrier(2), []

    def record(user_id: int) -> None:
        with app.app_context():
            start.wait()
            try:
                collecting_services.receive(
                    db.session.get_one(User, user_id),
                    DURING,
                    vote_id,
                    paper="1",
                    received_at=NOW + timedelta(hours=2),
                )
                db.session.commit()
                outcomes.append("recorded")
            except (Refusal, IntegrityError):
                db.session.rollback()
                outcomes.append("refused")

    threads = [threading.Thread(target=record, args=(user_id,)) for user_id in counters]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["recorded", "refused"]
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Ballot)) == 1
