"""A check decided anew: superseded with a reason, and what was read is set aside."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.ballots.checking import ACCEPTED, REJECTED, check, second_paper
from tests.ballots.reading import ballot_of, choices, enter, readings
from tests.factories import votes
from tests.factories.online import co_owners_paper
from tests.factories.votes import AFTER, DURING
from tracker.audit.models import AuditEntry
from tracker.ballots import checking_services, closing_services, printing_services, queries
from tracker.ballots.models import Ballot, BallotChoice, BallotEntry
from tracker.ballots.rules import BallotState, RejectReason
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, Refusal


def correct(scene, ballot, rejected=None, reason="核错了一张", at=DURING, by=None):
    return checking_services.correct(
        by or scene.scrutineer, at, ballot.id, rejected=rejected, reason=reason
    )


def test_a_correction_supersedes_and_names_its_reason(scene, vote):
    old = check(scene, votes.received(scene, vote, 1), RejectReason.NO_PROXY)
    new = correct(scene, old, reason=" 补来了委托书 ")
    assert (old.state, old.reject_reason) == (BallotState.SUPERSEDED, RejectReason.NO_PROXY)
    assert (new.state, new.reject_reason) == (ACCEPTED, None)
    assert (new.supersedes_id, new.correction_reason) == (old.id, "补来了委托书")
    assert (new.checked_by, new.recorded_by) == (scene.scrutineer.id, scene.counter.id)
    assert (new.receipt, new.received_at, new.paper) == (old.receipt, old.received_at, old.paper)
    assert queries.turnout(vote).persons.numerator == 1


def test_an_accepted_paper_is_rejected_after_all_and_back_again(scene, vote):
    first = votes.accepted(scene, vote, 1)
    second = correct(scene, first, RejectReason.COPY)
    assert (second.state, queries.turnout(vote).persons.numerator) == (REJECTED, 0)
    third = correct(scene, second)
    assert (third.state, third.supersedes_id) == (ACCEPTED, second.id)


def test_only_the_newest_record_is_corrected(scene, vote):
    old = votes.accepted(scene, vote, 1)
    correct(scene, old, RejectReason.COPY)
    with pytest.raises(Refusal, match="已更正"):
        correct(scene, old, RejectReason.TENANT)


def test_a_correction_needs_a_reason_and_a_difference(scene, vote):
    ballot = votes.accepted(scene, vote, 1)
    with pytest.raises(FieldRefusal) as refused:
        correct(scene, ballot, RejectReason.COPY, reason=" ")
    assert refused.value.field == "reason"
    with pytest.raises(Refusal, match="和原来一样"):
        correct(scene, ballot)
    rejected = correct(scene, ballot, RejectReason.COPY)
    with pytest.raises(Refusal, match="和原来一样"):
        correct(scene, rejected, RejectReason.COPY)


def test_a_paper_that_was_not_checked_is_not_corrected(scene, vote):
    returned = votes.received(scene, vote, 1)
    late = votes.received(scene, vote, 2, at=AFTER)
    for ballot in (returned, late):
        with pytest.raises(Refusal, match="还没有核对过"):
            correct(scene, ballot, RejectReason.COPY)


def test_a_void_paper_is_not_let_in_by_a_correction(scene, vote):
    printing_services.spoil(scene.worker, DURING, vote.id, paper="1", reason="污损")
    ballot = votes.received(scene, vote, 1)
    with pytest.raises(Refusal, match="还没有核对过"):
        correct(scene, ballot)


def test_a_duplicate_is_let_in_only_once_the_first_falls_away(scene, vote):
    first = votes.accepted(scene, vote, 1)
    again = check(scene, second_paper(scene, vote, 1))
    with pytest.raises(Refusal, match="第 1 号已经有效"):
        correct(scene, again)
    correct(scene, first, RejectReason.UNSIGNED)
    assert correct(scene, again).state is ACCEPTED


def test_a_co_owner_stands_alone_when_the_named_voters_paper_falls_away(scene, vote):
    named = votes.accepted(scene, vote, 1)
    beside = votes.accepted(scene, vote, co_owners_paper(vote, 1).serial)
    again = correct(scene, named, RejectReason.UNSIGNED)
    assert (again.state, beside.state) == (REJECTED, ACCEPTED)
    assert correct(scene, again).state is ACCEPTED
    assert beside.state is BallotState.CO_OWNER


def test_what_was_read_is_set_aside_and_read_anew(scene):
    vote = votes.counting(scene, [1])
    votes.read(scene, vote, 1)
    old = ballot_of(vote, 1)
    rejected = correct(scene, old, RejectReason.COPY, at=AFTER)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(BallotChoice)) == 0
    entries = db.session.scalars(sa.select(BallotEntry)).all()
    assert [(e.superseded, e.reason) for e in entries] == [(True, "核错了一张")] * 2
    correct(scene, rejected, at=AFTER)
    assert readings(vote, 1) == []
    votes.read(scene, vote, 1, "against")
    assert choices(vote, 1) == ["against", "against"]


def test_nobody_throws_out_or_lets_in_a_ballot_whose_choices_they_have_read(scene):
    vote = votes.counting(scene, [1])
    enter(scene.counter, vote, 1)
    with pytest.raises(Refusal, match="没有录过它的人"):
        correct(scene, ballot_of(vote, 1), RejectReason.COPY, at=AFTER, by=scene.counter)
    assert correct(
        scene, ballot_of(vote, 1), RejectReason.COPY, at=AFTER, by=scene.worker
    ).reject_reason


def test_the_co_owners_part_is_counted_alone_after_a_correction(scene, vote):
    votes.accepted(scene, vote, 1)
    beside = votes.accepted(scene, vote, co_owners_paper(vote, 1).serial)
    closing_services.close(scene.director, AFTER, vote.id)
    for reader in (scene.counter, scene.worker):
        enter(reader, vote, 1, "for")
        enter(reader, vote, beside.serial, "against")
    assert choices(vote, 1) == ["invalid", "invalid"]
    correct(scene, ballot_of(vote, 1), RejectReason.COPY, at=AFTER)
    assert choices(vote, beside.serial) == ["against", "against"]


def test_after_certifying_no_check_is_corrected(scene):
    held = votes.certified(scene, approving=4)
    with pytest.raises(Refusal, match="结果已确认"):
        correct(scene, ballot_of(held, 1), RejectReason.COPY, at=AFTER)


def test_the_history_tells_serial_and_state_and_no_reason_typed(scene, vote):
    correct(scene, votes.accepted(scene, vote, 4), RejectReason.TENANT, reason="王某是租客")
    last = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)).all()[-1]
    assert last.action == "ballot.check_corrected"
    assert "王某" not in str(last.values)
    assert db.session.scalars(sa.select(Ballot.state).order_by(Ballot.id)).all() == [
        BallotState.SUPERSEDED,
        REJECTED,
    ]
