"""The identity check: accepted or rejected before anything is read, and corrected with a reason."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tests.ballots.checking import ACCEPTED, REJECTED, check, second_paper
from tests.ballots.reading import choices, enter
from tests.factories import people, votes
from tests.factories.online import co_owners_paper
from tests.factories.votes import AFTER, DURING
from tracker.accounts.rules import Role
from tracker.audit.models import AuditEntry
from tracker.ballots import (
    checking_services,
    closing_services,
    collecting_services,
    printing_services,
    queries,
)
from tracker.ballots.rules import BallotState, PaperState, Recipient, RejectReason
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound, Refusal
from tracker.projects.rules import ProjectState


def spare_for(scene, vote, serial, at=DURING):
    """A second paper, handed to a voter whose first one was taken back."""
    spare = printing_services.print_spares(scene.worker, at, vote.id, 1).first
    return printing_services.hand_out(
        scene.worker,
        at,
        vote.id,
        spare=str(spare),
        voter=str(serial),
        recipient=Recipient.OWNER,
        reason="撤回后重新投票",
    )


# ---- one paper ----


def test_a_paper_is_accepted_with_who_looked_and_when(scene, vote):
    ballot = check(scene, votes.received(scene, vote, 3))
    assert (ballot.state, ballot.checked_by, ballot.checked_at) == (
        ACCEPTED,
        scene.counter.id,
        DURING,
    )


@pytest.mark.parametrize(
    "reason",
    [RejectReason.TENANT, RejectReason.UNSIGNED, RejectReason.NO_PROXY, RejectReason.COPY],
)
def test_a_paper_is_rejected_with_its_reason(scene, vote, reason):
    ballot = check(scene, votes.received(scene, vote, 3), reason)
    assert (ballot.state, ballot.reject_reason) == (REJECTED, reason)
    assert queries.turnout(vote).persons.numerator == 0


def test_a_rejected_paper_has_its_reason_in_the_schema_too(scene, vote):
    ballot = votes.received(scene, vote, 3)
    ballot.state = REJECTED
    with pytest.raises(IntegrityError):
        db.session.flush()


def test_a_paper_is_checked_once(scene, vote):
    ballot = check(scene, votes.received(scene, vote, 3))
    with pytest.raises(Refusal, match="已经核对过"):
        check(scene, ballot, RejectReason.TENANT)


def test_what_was_taken_back_is_not_checked(scene, vote):
    undone = votes.received(scene, vote, 1)
    collecting_services.undo(scene.counter, DURING, undone.id, reason="扫错了一张")
    withdrawn = votes.received(scene, vote, 2)
    collecting_services.withdraw(scene.counter, DURING, withdrawn.id, reason="3月3日书面申请")
    for ballot, told in ((undone, "已更正或撤销"), (withdrawn, "本人撤回，不用核对")):
        with pytest.raises(Refusal, match=told):
            check(scene, ballot)


def test_papers_are_checked_before_and_after_the_close_but_not_once_certified(scene, vote):
    early, late = votes.received(scene, vote, 1), votes.received(scene, vote, 2)
    check(scene, early)
    closing_services.close(scene.director, AFTER, vote.id)
    check(scene, late, at=AFTER)
    for serial in (1, 2):
        votes.read(scene, vote, serial)
    votes.counts.certify(scene.scrutineer, AFTER, vote.id, signers=votes.SIGNERS)
    with pytest.raises(Refusal, match="结果已确认，不能核对身份"):
        check(scene, early, at=AFTER)


def test_a_paused_project_checks_nothing(scene, vote):
    ballot = votes.received(scene, vote, 1)
    scene.project.state = ProjectState.PAUSED
    db.session.flush()
    with pytest.raises(Refusal, match="不能再改动"):
        check(scene, ballot)


def test_a_foreign_ballot_is_not_found(scene, vote):
    ballot = votes.received(scene, vote, 1)
    stranger = people.user(Role.COUNTER, people.committee("国年居委会"))
    with pytest.raises(NotFound):
        checking_services.check(stranger, DURING, ballot.id)
    with pytest.raises(NotFound):
        checking_services.correct(stranger, DURING, ballot.id, rejected=None, reason="试试")


def test_a_paper_voided_after_it_came_back_is_not_accepted(scene, vote):
    ballot = votes.received(scene, vote, 1)
    assert ballot.paper is not None
    ballot.paper.state, ballot.paper.spoilt_reason = PaperState.SPOILT, "补印时作废"
    db.session.flush()
    assert check(scene, ballot).reject_reason is RejectReason.VOID_PAPER


# ---- a second paper of the same signer ----


def test_a_second_ballot_of_a_merged_person_is_refused_as_a_duplicate(scene, vote):
    first = votes.accepted(scene, vote, 1)
    again = check(scene, second_paper(scene, vote, 1))
    assert (again.state, again.reject_reason) == (REJECTED, RejectReason.DUPLICATE)
    assert first.state is ACCEPTED
    assert queries.turnout(vote).persons.numerator == 1


def test_the_schema_too_keeps_one_accepted_ballot_per_voter(scene, vote):
    votes.accepted(scene, vote, 1)
    other = second_paper(scene, vote, 1)
    other.state = ACCEPTED
    with pytest.raises(IntegrityError):
        db.session.flush()


def test_whoever_took_the_first_back_has_the_second_accepted(scene, vote):
    first = votes.accepted(scene, vote, 1)
    collecting_services.withdraw(scene.counter, DURING, first.id, reason="3月3日书面申请")
    spare = spare_for(scene, vote, 1)
    again = check(scene, votes.received(scene, vote, spare.serial))
    assert (first.state, again.state) == (BallotState.WITHDRAWN, ACCEPTED)


def test_a_rejected_first_paper_does_not_stand_in_the_way(scene, vote):
    check(scene, votes.received(scene, vote, 1), RejectReason.UNSIGNED)
    assert check(scene, second_paper(scene, vote, 1)).state is ACCEPTED


# ---- co-owners ----


@pytest.mark.parametrize("second_first", [False, True])
def test_a_co_owners_paper_stands_beside_the_named_voters(scene, vote, second_first):
    named = votes.received(scene, vote, 1)
    beside = votes.received(scene, vote, co_owners_paper(vote, 1).serial)
    order = [beside, named] if second_first else [named, beside]
    assert check(scene, order[0]).state is ACCEPTED
    check(scene, order[1])
    assert (named.state, beside.state) == (ACCEPTED, BallotState.CO_OWNER)
    assert queries.turnout(vote).persons.numerator == 1


def test_a_third_paper_beside_two_co_owners_is_a_duplicate(scene, vote):
    named = votes.accepted(scene, vote, 1)
    paper = co_owners_paper(vote, 1)
    beside = votes.accepted(scene, vote, paper.serial)
    paper.second_owner = False  # the fixture makes one such paper per voter
    db.session.flush()
    other = second_of(vote, paper.roll_entry_id)
    again = check(scene, votes.received(scene, vote, other.serial))
    assert again.reject_reason is RejectReason.DUPLICATE
    assert (named.state, beside.state) == (ACCEPTED, BallotState.CO_OWNER)


def second_of(vote, roll_entry_id):
    """Another paper of the co-owner."""
    from_first = co_owners_paper(vote, 2)
    from_first.roll_entry_id = roll_entry_id
    db.session.flush()
    return from_first


@pytest.mark.parametrize(
    ("named", "beside", "counted"),
    [
        (("for", "against"), ("for", "against"), ["for", "against"]),
        (("for", "against"), ("for", "for"), ["for", "invalid"]),
        (("for", "against"), ("against", "for"), ["invalid", "invalid"]),
    ],
)
@pytest.mark.parametrize("second_first", [False, True])
def test_two_co_owners_count_once_where_they_agree_and_not_where_they_differ(
    scene, vote, named, beside, counted, second_first
):
    votes.accepted(scene, vote, 1)
    second = votes.accepted(scene, vote, co_owners_paper(vote, 1).serial)
    closing_services.close(scene.director, AFTER, vote.id)
    said = {1: named, second.serial: beside}
    for serial in sorted(said, reverse=second_first):
        enter(scene.counter, vote, serial, *said[serial])
        enter(scene.worker, vote, serial, *said[serial])
    assert choices(vote, 1) == counted
    assert choices(vote, second.serial) == list(beside)


def test_nothing_is_counted_while_only_one_co_owners_paper_is_read(scene, vote):
    votes.accepted(scene, vote, 1)
    votes.accepted(scene, vote, co_owners_paper(vote, 1).serial)
    closing_services.close(scene.director, AFTER, vote.id)
    votes.read(scene, vote, 1)
    assert choices(vote, 1) == []


# ---- several at once ----


def test_each_of_several_papers_is_a_decision_of_its_own(scene, vote):
    ballots = [votes.received(scene, vote, serial) for serial in (1, 2, 3, 4)]
    check(scene, ballots[3])
    checked = checking_services.check_all(
        scene.counter,
        DURING,
        vote.id,
        decisions={
            ballots[0].id: None,
            ballots[1].id: RejectReason.TENANT,
            ballots[3].id: RejectReason.COPY,
        },
    )
    assert [ballot.serial for ballot in checked.ballots] == [1, 2]
    assert list(checked.refused) == [ballots[3].id]
    assert [ballot.state for ballot in ballots] == [
        ACCEPTED,
        REJECTED,
        BallotState.RETURNED,
        ACCEPTED,
    ]
    told = db.session.scalars(
        sa.select(AuditEntry.values).where(AuditEntry.action == "ballot.checked")
    ).all()
    assert [values["n"] for values in told] == [4, 1, 2]


def test_two_papers_of_one_signer_checked_together_are_one_and_a_duplicate(scene, vote):
    first, again = votes.received(scene, vote, 1), second_paper(scene, vote, 1)
    checking_services.check_all(
        scene.counter, DURING, vote.id, decisions={first.id: None, again.id: None}
    )
    assert (first.state, again.reject_reason) == (ACCEPTED, RejectReason.DUPLICATE)


def test_papers_of_another_vote_are_not_checked_along(scene, vote):
    with pytest.raises(NotFound):
        checking_services.check_all(scene.counter, DURING, vote.id, decisions={999: None})
