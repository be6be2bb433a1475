"""Numbering, spares, replacements and void papers, and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.factories import people, votes
from tests.factories.people import NOW
from tests.factories.votes import AFTER, CLOSES, DURING
from tracker.accounts.rules import Role
from tracker.audit.models import AuditEntry
from tracker.ballots import (
    checking_services,
    collecting_services,
    delivery_services,
    paper_queries,
    printing_services,
)
from tracker.ballots.delivery_services import Brought
from tracker.ballots.paper_models import BallotDelivery, Paper
from tracker.ballots.paper_queries import Batch
from tracker.ballots.rules import (
    BallotState,
    DeliveryOutcome,
    DeliveryWay,
    PaperState,
    Recipient,
    RejectReason,
    RunKind,
)
from tracker.counts import balance_queries
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, NotFound, Refusal
from tracker.places.models import LeaderScope
from tracker.projects.rules import ProjectState
from tracker.votes import course_services


def paper(vote, serial):
    return paper_queries.find(vote.id, str(serial))


def spoil(scene, vote, serial, reason="印刷模糊", at=DURING):
    return printing_services.spoil(scene.worker, at, vote.id, paper=str(serial), reason=reason)


def reprint(scene, vote, serial, reason="业主遗失", at=DURING):
    return printing_services.reprint(scene.worker, at, vote.id, paper=str(serial), reason=reason)


def hand_out(scene, vote, spare, voter, *, by=None, at=DURING, **fields):
    given = {"recipient": Recipient.OWNER, "reason": "业主填错，当面换票", **fields}
    return printing_services.hand_out(
        by or scene.counter, at, vote.id, spare=str(spare), voter=str(voter), **given
    )


@pytest.fixture
def spares(scene, vote):
    """Serials 7 to 9."""
    return printing_services.print_spares(scene.worker, DURING, vote.id, 3)


# ---- numbering ----


def test_each_voter_has_one_paper_with_the_serial_of_the_roll(vote):
    papers = db.session.scalars(sa.select(Paper).order_by(Paper.serial)).all()
    assert [(p.serial, p.entry.serial, p.state) for p in papers] == [
        (n, n, PaperState.LIVE) for n in range(1, 7)
    ]
    assert len({p.code for p in papers}) == 6


def test_papers_are_numbered_once(scene, vote):
    with pytest.raises(Refusal, match="已经编过号"):
        printing_services.number_papers(scene.worker, NOW, vote.id)


def test_a_roll_that_is_not_frozen_has_no_papers(scene):
    draft = votes.draft(scene)
    with pytest.raises(Refusal, match="现在不印票"):
        printing_services.number_papers(scene.worker, NOW, draft.id)


def test_spares_follow_the_roll_and_belong_to_nobody(scene, vote, spares):
    assert (spares.kind, spares.first, spares.last, spares.number) == (RunKind.SPARE, 7, 9, 2)
    assert {(paper(vote, n).state, paper(vote, n).entry) for n in (7, 8, 9)} == {
        (PaperState.SPARE, None)
    }


@pytest.mark.parametrize("count", [0, -1, 501])
def test_a_count_of_spares_out_of_range_is_refused(scene, vote, count):
    with pytest.raises(FieldRefusal) as refused:
        printing_services.print_spares(scene.worker, DURING, vote.id, count)
    assert refused.value.field == "count"


def test_spares_come_after_the_roll_is_numbered(scene):
    vote = votes.draft(scene)
    course_services.propose_freeze(scene.worker, NOW, vote.id, version=vote.version, persons=6)
    course_services.approve_freeze(scene.director, NOW, vote.id)
    with pytest.raises(Refusal, match="先按名册编号"):
        printing_services.print_spares(scene.worker, NOW, vote.id, 2)


# ---- void and replaced ----


def test_a_void_paper_keeps_its_reason_and_who_voided_it(scene, vote):
    found = spoil(scene, vote, 2, " 污损 ")
    assert (found.state, found.spoilt_reason) == (PaperState.SPOILT, "污损")
    assert (found.spoilt_at, found.spoilt_by) == (DURING, scene.worker.id)


def test_a_paper_may_be_voided_by_its_code_as_people_type_it(scene, vote):
    found = paper(vote, 2)
    code = found.code.lower()
    assert spoil(scene, vote, f"{code[:4]} {code[4:]}") is found
    assert paper(vote, "３").serial == 3


def test_a_replacement_has_a_number_and_a_code_of_its_own_for_the_same_voter(scene, vote):
    old = paper(vote, 2)
    new = reprint(scene, vote, 2)
    assert (new.serial, new.entry, new.state) == (7, old.entry, PaperState.LIVE)
    assert new.code != old.code
    assert (new.run.kind, new.run.first, new.run.last) == (RunKind.REPRINT, 7, 7)
    assert (old.state, old.spoilt_reason) == (PaperState.SPOILT, "业主遗失")


def test_the_void_number_comes_back_and_is_rejected(scene, vote):
    reprint(scene, vote, 2)
    late = votes.received(scene, vote, 2)
    assert (late.state, late.reject_reason) == (BallotState.REJECTED, RejectReason.VOID_PAPER)
    assert votes.received(scene, vote, 7).state is BallotState.RETURNED


@pytest.mark.parametrize("act", [spoil, reprint])
def test_a_paper_that_came_back_is_neither_voided_nor_replaced(scene, vote, act):
    votes.received(scene, vote, 2)
    with pytest.raises(FieldRefusal, match="已经收回") as refused:
        act(scene, vote, 2)
    assert refused.value.field == "paper"


@pytest.mark.parametrize("act", [spoil, reprint])
@pytest.mark.parametrize("serial", [0, 99, "12345678901234567890", "ABCDEFGHJKL", ""])
def test_an_unknown_paper_is_refused_at_its_field(scene, vote, act, serial):
    with pytest.raises(FieldRefusal, match="没有这张票") as refused:
        act(scene, vote, serial)
    assert refused.value.field == "paper"


@pytest.mark.parametrize("act", [spoil, reprint])
def test_a_paper_is_voided_once(scene, vote, act):
    spoil(scene, vote, 2)
    with pytest.raises(FieldRefusal, match="已经作废"):
        act(scene, vote, 2)


@pytest.mark.parametrize("act", [spoil, reprint])
def test_voiding_needs_a_reason(scene, vote, act):
    with pytest.raises(FieldRefusal) as refused:
        act(scene, vote, 2, " ")
    assert refused.value.field == "reason"


def test_a_spare_is_not_replaced_but_may_be_voided(scene, vote, spares):
    with pytest.raises(FieldRefusal, match="备用票"):
        reprint(scene, vote, 7)
    assert spoil(scene, vote, 7).state is PaperState.SPOILT


@pytest.mark.parametrize("moment", [CLOSES, CLOSES + timedelta(hours=1)])
def test_after_the_planned_close_nothing_is_printed_or_exchanged(scene, vote, spares, moment):
    for act in (
        lambda: printing_services.print_spares(scene.worker, moment, vote.id, 1),
        lambda: spoil(scene, vote, 2, at=moment),
        lambda: reprint(scene, vote, 2, at=moment),
        lambda: hand_out(scene, vote, 7, 2, at=moment),
    ):
        with pytest.raises(Refusal, match="截止时间已过"):
            act()


def test_while_counting_nothing_is_printed_or_exchanged(scene):
    vote = votes.counting(scene, [1])
    for act in (spoil, reprint):
        with pytest.raises(Refusal, match="计票中，现在不印票"):
            act(scene, vote, 2, at=AFTER)


def test_a_paused_project_and_a_foreign_vote_print_nothing(scene, vote):
    stranger = people.user(Role.WORKER, people.committee("国年居委会"))
    with pytest.raises(NotFound):
        printing_services.spoil(stranger, DURING, vote.id, paper="1", reason="试试")
    scene.project.state = ProjectState.PAUSED
    db.session.flush()
    with pytest.raises(Refusal, match="不能再改动"):
        spoil(scene, vote, 1)


# ---- spares handed out ----


def test_a_spare_takes_the_place_of_what_the_voter_has_out(scene, vote, spares):
    given = hand_out(scene, vote, 7, "1-102")
    assert (given.state, given.entry.serial, given.second_owner) == (PaperState.LIVE, 2, False)
    assert paper(vote, 2).state is PaperState.SPOILT
    assert given.entry.delivered
    [delivery] = db.session.scalars(sa.select(BallotDelivery))
    assert (delivery.paper_id, delivery.recipient) == (given.id, Recipient.OWNER)


def test_a_spare_for_a_co_owner_leaves_the_voter_s_own_paper(scene, vote, spares):
    given = hand_out(scene, vote, 8, 2, recipient=Recipient.CO_OWNER, second_owner=True)
    assert (given.second_owner, paper(vote, 2).state) == (True, PaperState.LIVE)
    with pytest.raises(FieldRefusal, match="共有人已经领过第 8 号"):
        hand_out(scene, vote, 9, 2, recipient=Recipient.CO_OWNER, second_owner=True)
    first, second = votes.accepted(scene, vote, 2), votes.accepted(scene, vote, 8)
    assert (first.state, second.state) == (BallotState.ACCEPTED, BallotState.CO_OWNER)


def test_a_tenant_gets_no_spare(scene, vote, spares):
    with pytest.raises(FieldRefusal, match="承租人没有表决权") as refused:
        hand_out(scene, vote, 7, 2, recipient=Recipient.TENANT)
    assert refused.value.field == "recipient"
    assert paper(vote, 2).state is PaperState.LIVE


@pytest.mark.parametrize("spare", ["1", "77", "", "没有"])
def test_only_an_unused_spare_is_handed_out(scene, vote, spares, spare):
    with pytest.raises(FieldRefusal) as refused:
        hand_out(scene, vote, spare, 2)
    assert refused.value.field == "spare"


def test_a_spare_is_handed_out_once(scene, vote, spares):
    hand_out(scene, vote, 7, 2)
    with pytest.raises(FieldRefusal, match="不是还没有发出的备用票"):
        hand_out(scene, vote, 7, 3)


@pytest.mark.parametrize("voter", ["8", "99", "9-999", ""])
def test_a_spare_goes_to_somebody_on_the_roll(scene, vote, spares, voter):
    with pytest.raises(FieldRefusal) as refused:
        hand_out(scene, vote, 7, voter)
    assert refused.value.field == "voter"


def test_a_spare_is_not_exchanged_without_a_reason(scene, vote, spares):
    with pytest.raises(FieldRefusal) as refused:
        hand_out(scene, vote, 7, 2, reason="")
    assert refused.value.field == "reason"


@pytest.mark.parametrize("bring", [votes.received, votes.accepted])
def test_who_has_voted_gets_no_second_ballot(scene, vote, spares, bring):
    ballot = bring(scene, vote, 2)
    with pytest.raises(Refusal, match="第 2 号已经收回") as refused:
        hand_out(scene, vote, 7, 2)
    [reason] = refused.value.reasons
    assert (reason.endpoint, dict(reason.params)) == ("ballots.withdraw", {"ballot_id": ballot.id})


def test_a_voter_who_withdrew_votes_again(scene, vote, spares):
    """Vector 16: for, withdrawn, then against with another paper, which alone counts."""
    first = votes.accepted(scene, vote, 1)
    collecting_services.withdraw(scene.counter, DURING, first.id, reason="3月3日书面申请")
    hand_out(scene, vote, 7, 1, reason="撤回后重投")
    again = votes.accepted(scene, vote, 7)
    assert (first.state, again.state) == (BallotState.WITHDRAWN, BallotState.ACCEPTED)
    counts = paper_queries.counts(vote.id)
    assert (counts.returned, counts.unreturned, counts.balanced) == (2, 5, True)


def test_the_owner_gets_a_spare_when_the_tenant_s_ballot_was_rejected(scene, vote, spares):
    votes.received(scene, vote, 2)
    from_tenant = votes.received(scene, vote, 3)
    checking_services.check(scene.counter, DURING, from_tenant.id, rejected=RejectReason.TENANT)
    assert hand_out(scene, vote, 7, 3).entry.serial == 3


def test_a_leader_hands_out_spares_in_own_buildings_only(scene, vote, spares):
    leader = people.user(Role.BUILDING_LEADER, scene.director.committee)
    building = paper(vote, 1).entry.building
    db.session.add(
        LeaderScope(committee_id=vote.committee_id, user_id=leader.id, building_id=building.id)
    )
    db.session.flush()
    assert hand_out(scene, vote, 7, 1, by=leader).entry.serial == 1
    with pytest.raises(NotFound):
        hand_out(scene, vote, 8, 4, by=leader)


# ---- what was delivered under the old number ----


def deliver(scene, vote, serial):
    brought = Brought(DeliveryWay.HAND, DeliveryOutcome.SIGNED, DURING, Recipient.OWNER)
    return delivery_services.deliver(scene.worker, DURING, vote.id, serial=serial, brought=brought)


def test_a_delivered_paper_that_is_void_is_to_be_delivered_anew(scene, vote):
    old = deliver(scene, vote, 2)
    new = reprint(scene, vote, 2, "家中失火")
    assert (old.superseded, old.correction_reason) == (True, "家中失火")
    assert not new.entry.delivered
    assert deliver(scene, vote, 2).paper_id == new.id


def test_a_second_owner_s_void_paper_leaves_the_delivery(scene, vote, spares):
    standing = deliver(scene, vote, 2)
    hand_out(scene, vote, 7, 2, recipient=Recipient.CO_OWNER, second_owner=True)
    new = reprint(scene, vote, 7)
    assert (new.second_owner, standing.superseded) == (True, False)
    assert new.entry.delivered


# ---- the first equation, and lists ----


def test_printed_is_returned_unreturned_spare_and_void(scene, vote, spares):
    votes.received(scene, vote, 1)
    votes.accepted(scene, vote, 2)
    reprint(scene, vote, 3)
    spoil(scene, vote, 8)
    votes.received(scene, vote, 3)  # void, and brought all the same
    found = paper_queries.counts(vote.id)
    assert found == paper_queries.PaperCounts(
        printed=10, returned=3, unreturned=4, spare=2, spoilt=1, void_returned=1
    )
    assert found.balanced
    whole = balance_queries.balance(vote)
    assert (whole.printed, whole.returned, whole.unreturned, whole.spare, whole.spoilt) == (
        *(found.printed, found.returned, found.unreturned, found.spare, found.spoilt),
    )
    for pile in paper_queries.PILES:
        listed = db.session.scalars(paper_queries.listed(vote.id, pile)).all()
        assert len(listed) == getattr(found, pile), pile


def test_a_paper_that_vanished_unbalances_the_equation(vote):
    db.session.execute(sa.delete(Paper).where(Paper.serial == 6))
    assert not paper_queries.counts(vote.id).balanced


def test_what_is_printed_leaves_out_void_and_returned_papers(scene, vote, spares):
    votes.received(scene, vote, 1)
    reprint(scene, vote, 3)
    building = paper(vote, 4).entry.building_id

    def serials(**batch):
        return [
            p.serial for p in db.session.scalars(paper_queries.to_print(vote.id, Batch(**batch)))
        ]

    assert serials() == [2, 4, 5, 6, 7, 8, 9, 10]
    assert serials(building_id=building) == [4, 5, 6]
    assert serials(first=5, last=8) == [5, 6, 7, 8]
    runs = paper_queries.print_runs(vote.id)
    assert [(run.kind, run.first, run.last, run.printable) for run in runs] == [
        (RunKind.ROLL, 1, 6, 4),
        (RunKind.SPARE, 7, 9, 3),
        (RunKind.REPRINT, 10, 10, 1),
    ]
    assert serials(run_id=runs[2].id) == [10]


def test_the_history_tells_numbers_and_no_names(scene, vote, spares):
    hand_out(scene, vote, 7, 2, reason="业主1-102张先生要求")
    reprint(scene, vote, 3, reason="李女士遗失")
    entries = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action.startswith("paper"))
    ).all()
    said = " ".join(f"{entry.text} {entry.values}" for entry in entries)
    assert not [name for name in ("先生", "女士", "业主") if name in said]
    assert {entry.action for entry in entries} == {
        *("papers.numbered", "papers.spares", "paper.spoilt"),
        *("paper.handed_out", "paper.reprinted"),
    }
