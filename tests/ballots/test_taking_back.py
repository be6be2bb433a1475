"""Receipts recorded by mistake, and ballots that their voters take back."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.factories import votes
from tests.factories.votes import AFTER, CLOSES, DURING
from tracker.audit.models import AuditEntry
from tracker.ballots import (
    checking_services,
    closing_services,
    collecting_services,
    paper_queries,
    printing_services,
    queries,
)
from tracker.ballots.models import Ballot
from tracker.ballots.rules import BallotState, Recipient, RejectReason
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, Refusal
from tracker.votes.rules import Channel


def undo(scene, ballot, reason="扫错了一张", at=DURING):
    return collecting_services.undo(scene.counter, at, ballot.id, reason=reason)


def withdraw(scene, ballot, reason="3月3日书面申请", at=DURING):
    return collecting_services.withdraw(scene.counter, at, ballot.id, reason=reason)


# ---- recorded by mistake ----


def test_a_receipt_recorded_by_mistake_is_taken_back(scene, vote):
    ballot = votes.received(scene, vote, 3)
    assert undo(scene, ballot).state is BallotState.VOIDED
    assert ballot.correction_reason == "扫错了一张"
    assert queries.turnout(vote).persons.numerator == 0
    assert votes.received(scene, vote, 3).state is BallotState.RETURNED


@pytest.mark.parametrize("serial", [1, 2])
def test_late_and_void_papers_are_taken_back_too(scene, vote, serial):
    printing_services.spoil(scene.worker, DURING, vote.id, paper="1", reason="污损")
    ballot = votes.received(scene, vote, serial, at=AFTER)
    assert ballot.state in (BallotState.REJECTED, BallotState.LATE)
    assert undo(scene, ballot, at=AFTER).state is BallotState.VOIDED


def test_taking_back_needs_a_reason_and_happens_once(scene, vote):
    ballot = votes.received(scene, vote, 3)
    with pytest.raises(FieldRefusal) as refused:
        undo(scene, ballot, " ")
    assert refused.value.field == "reason"
    undo(scene, ballot)
    with pytest.raises(Refusal, match="撤销或撤回过"):
        undo(scene, ballot)


def test_a_checked_ballot_is_not_taken_back(scene, vote):
    with pytest.raises(Refusal, match="已经核对过身份"):
        undo(scene, votes.accepted(scene, vote, 3))


def test_after_certification_nothing_is_taken_back(scene, vote):
    ballot = votes.received(scene, vote, 3)
    checking_services.check(scene.counter, DURING, ballot.id, rejected=RejectReason.UNSIGNED)
    closing_services.close(scene.director, AFTER, vote.id)
    with pytest.raises(Refusal):
        undo(scene, ballot, at=AFTER)


# ---- taken back by the voter ----


@pytest.mark.parametrize("bring", [votes.received, votes.accepted])
def test_a_voter_takes_the_ballot_back_before_the_close(scene, vote, bring):
    ballot = withdraw(scene, bring(scene, vote, 3))
    assert (ballot.state, ballot.correction_reason) == (BallotState.WITHDRAWN, "3月3日书面申请")
    assert queries.turnout(vote).persons.numerator == 0
    with pytest.raises(FieldRefusal, match="已经登记过收回"):
        votes.received(scene, vote, 3)


@pytest.mark.parametrize("moment", [CLOSES, CLOSES + timedelta(minutes=1)])
def test_after_the_close_no_ballot_is_taken_back(scene, vote, moment):
    ballot = votes.received(scene, vote, 3)
    with pytest.raises(Refusal, match="截止之后"):
        withdraw(scene, ballot, at=moment)


def test_while_counting_no_ballot_is_taken_back(scene, vote):
    ballot = votes.received(scene, vote, 3)
    closing_services.close(scene.director, AFTER, vote.id)
    with pytest.raises(Refusal, match="截止之后"):
        withdraw(scene, ballot, at=AFTER)


def test_a_withdrawal_names_the_written_request(scene, vote):
    ballot = votes.received(scene, vote, 3)
    with pytest.raises(FieldRefusal, match="书面申请") as refused:
        withdraw(scene, ballot, "")
    assert refused.value.field == "reason"
    assert ballot.state is BallotState.RETURNED


def test_what_does_not_stand_is_not_withdrawn(scene, vote):
    rejected = votes.received(scene, vote, 2)
    checking_services.check(scene.counter, DURING, rejected.id, rejected=RejectReason.TENANT)
    gone = withdraw(scene, votes.received(scene, vote, 3))
    for ballot in (rejected, gone, undo(scene, votes.received(scene, vote, 4))):
        with pytest.raises(Refusal, match="不能撤回"):
            withdraw(scene, ballot)


def test_an_online_ballot_is_not_withdrawn_here(scene, vote):
    online = Ballot(
        committee_id=vote.committee_id,
        vote_id=vote.id,
        entry=paper_queries.find(vote.id, "4").entry,
        channel=Channel.ONLINE,
        state=BallotState.ACCEPTED,
        received_at=DURING,
        recorded_at=DURING,
    )
    db.session.add(online)
    db.session.flush()
    with pytest.raises(Refusal, match="线上票"):
        withdraw(scene, online)


def test_when_the_voter_withdraws_the_co_owner_s_ballot_stands_alone(scene, vote):
    printing_services.print_spares(scene.worker, DURING, vote.id, 1)
    printing_services.hand_out(
        *(scene.counter, DURING, vote.id),
        spare="7",
        voter="2",
        recipient=Recipient.CO_OWNER,
        reason="共有人要求另填",
        second_owner=True,
    )
    own, other = votes.accepted(scene, vote, 2), votes.accepted(scene, vote, 7)
    assert other.state is BallotState.CO_OWNER
    withdraw(scene, own)
    assert (own.state, other.state) == (BallotState.WITHDRAWN, BallotState.ACCEPTED)
    assert queries.turnout(vote).persons.numerator == 1


def test_when_the_co_owner_withdraws_the_voter_s_ballot_stays(scene, vote):
    printing_services.print_spares(scene.worker, DURING, vote.id, 1)
    printing_services.hand_out(
        *(scene.counter, DURING, vote.id),
        spare="7",
        voter="2",
        recipient=Recipient.CO_OWNER,
        reason="共有人要求另填",
        second_owner=True,
    )
    own, other = votes.accepted(scene, vote, 2), votes.accepted(scene, vote, 7)
    withdraw(scene, other)
    assert (own.state, other.state) == (BallotState.ACCEPTED, BallotState.WITHDRAWN)


def test_the_history_tells_the_serial_and_nothing_of_the_reason(scene, vote):
    undo(scene, votes.received(scene, vote, 3), "张先生的票扫错")
    withdraw(scene, votes.received(scene, vote, 4), "李女士申请改投反对")
    entries = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action.startswith("ballot."))
    ).all()
    assert [(e.text, e.values) for e in entries] == [
        ("收回表决票第 %(n)d 号", {"n": 3}),
        ("撤销收回登记：表决票第 %(n)d 号", {"n": 3}),
        ("收回表决票第 %(n)d 号", {"n": 4}),
        ("本人撤回表决票第 %(n)d 号", {"n": 4}),
    ]
