"""Bringing the ballots, proof where nobody signed, corrections, and reminder visits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from tests.ballots.delivering import AT_HOME_NOBODY, BY_HAND, correct, deliver, remind
from tests.factories import people, votes
from tests.factories.people import NOW
from tests.factories.votes import AFTER, CLOSES, DURING
from tracker.accounts.rules import Role
from tracker.ballots import delivery_queries, printing_services
from tracker.ballots.delivery_services import Brought
from tracker.ballots.paper_models import BallotDelivery
from tracker.ballots.rules import (
    OUTCOMES,
    DeliveryOutcome,
    DeliveryWay,
    Recipient,
    delivery_fault,
)
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, NotFound, Refusal
from tracker.projects.rules import ProjectState
from tracker.votes import course_services, roll_queries
from tracker.works.images import Cleaned

HAND, POST, NOTICE, ONLINE = (
    *(DeliveryWay.HAND, DeliveryWay.POST, DeliveryWay.NOTICE, DeliveryWay.ONLINE),
)
SIGNED, REFUSED, SENT, ABSENT = (
    *(DeliveryOutcome.SIGNED, DeliveryOutcome.REFUSED),
    *(DeliveryOutcome.SENT, DeliveryOutcome.ABSENT),
)
PHOTO = Cleaned(b"\xff\xd8\xff a picture", 10, 10)


def delivered(vote, serial):
    entry = roll_queries.entry_numbered(vote.id, serial)
    db.session.refresh(entry)
    return entry.delivered


# ---- what may stand, and what proves it ----


@pytest.mark.parametrize(
    ("way", "outcome", "recipient", "proof", "photo", "field"),
    [
        (HAND, SIGNED, Recipient.OWNER, "", False, None),
        (HAND, SIGNED, Recipient.CO_OWNER, "", False, None),
        (HAND, SIGNED, Recipient.PROXY, "", False, None),
        (HAND, SIGNED, Recipient.TENANT, "", False, "recipient"),
        (HAND, SIGNED, None, "", False, "recipient"),
        (HAND, REFUSED, None, "", False, "proof"),
        (HAND, REFUSED, None, " ", False, "proof"),
        (HAND, REFUSED, None, "物业李某在场", False, None),
        (HAND, REFUSED, None, "", True, None),
        (HAND, ABSENT, None, "", False, None),
        (HAND, SENT, None, "号码", False, "outcome"),
        (POST, SENT, None, "", False, "proof"),
        (POST, SENT, None, "", True, "proof"),
        (POST, SENT, None, "EX123", False, None),
        (POST, SIGNED, Recipient.OWNER, "", False, "proof"),
        (POST, SIGNED, Recipient.TENANT, "EX123", False, "recipient"),
        (POST, SIGNED, Recipient.OWNER, "EX123", False, None),
        (POST, REFUSED, None, "EX123", False, None),
        (POST, ABSENT, None, "EX123", False, "outcome"),
        (NOTICE, SENT, None, "", False, "proof"),
        (NOTICE, SENT, None, "3号楼门厅公告栏", False, None),
        (NOTICE, SENT, None, "", True, None),
        (NOTICE, SIGNED, Recipient.OWNER, "公告栏", False, "outcome"),
        (ONLINE, SENT, None, "", False, "proof"),
        (ONLINE, SENT, None, "当面核对证件", False, None),
        (ONLINE, SIGNED, Recipient.OWNER, "当面", False, "outcome"),
    ],
)
def test_where_nobody_signed_something_must_prove_it(way, outcome, recipient, proof, photo, field):
    fault = delivery_fault(way, outcome, recipient, proof=proof, photo=photo)
    assert (fault[0] if fault else None) == field


def test_every_way_and_outcome_is_decided():
    assert set(OUTCOMES) == set(DeliveryWay)
    for way in DeliveryWay:
        for outcome in DeliveryOutcome:
            fault = delivery_fault(way, outcome, Recipient.OWNER, proof="是", photo=True)
            assert (fault is None) == (outcome in OUTCOMES[way])


# ---- delivering ----


def test_a_signed_ballot_is_delivered(scene, vote):
    made = deliver(scene, vote, 2)
    assert delivered(vote, 2)
    assert (made.paper_id, made.served_by, made.recorded_at) == (
        delivery_queries.live_paper(made.roll_entry_id).id,
        *(scene.worker.id, DURING),
    )


def test_a_tenant_may_not_receive_an_owner_s_ballot(scene, vote):
    with pytest.raises(FieldRefusal, match="承租人没有表决权，不能代收") as refused:
        deliver(scene, vote, 2, replace(BY_HAND, recipient=Recipient.TENANT))
    assert refused.value.field == "recipient"
    assert not delivered(vote, 2)


def test_the_schema_too_keeps_tenants_out(scene, vote):
    made = deliver(scene, vote, 2)
    made.recipient = Recipient.TENANT
    with pytest.raises(IntegrityError):
        db.session.flush()


def test_nobody_at_home_leaves_the_ballot_undelivered_however_often(scene, vote):
    deliver(scene, vote, 2, AT_HOME_NOBODY)
    deliver(scene, vote, 2, AT_HOME_NOBODY)
    assert not delivered(vote, 2)
    deliver(scene, vote, 2)
    assert delivered(vote, 2)
    assert delivery_queries.with_doings([roll_queries.entry_numbered(vote.id, 2)])[0].tries == 2


def test_a_refused_ballot_is_delivered_and_names_no_recipient(scene, vote):
    brought = Brought(HAND, REFUSED, DURING, Recipient.OWNER, proof="物业在场", photo=PHOTO)
    made = deliver(scene, vote, 2, brought)
    assert (made.recipient, made.delivered, delivered(vote, 2)) == (None, True, True)
    assert made.proof_path.endswith(".jpg")


def test_a_ballot_is_delivered_once(scene, vote):
    first = deliver(scene, vote, 2)
    with pytest.raises(Refusal, match="已经登记送达") as refused:
        deliver(scene, vote, 2)
    [reason] = refused.value.reasons
    assert reason.endpoint == "ballots.correct_delivery"
    assert dict(reason.params) == {"delivery_id": first.id}


def test_the_schema_too_keeps_one_standing_delivery(scene, vote):
    made = deliver(scene, vote, 2)
    db.session.add(
        BallotDelivery(
            committee_id=vote.committee_id,
            vote_id=vote.id,
            roll_entry_id=made.roll_entry_id,
            way=HAND,
            outcome=SIGNED,
            recipient=Recipient.OWNER,
            delivered=True,
            at=DURING,
            served_by=scene.worker.id,
            recorded_at=DURING,
        )
    )
    with pytest.raises(IntegrityError):
        db.session.flush()


def test_a_link_is_delivered_without_a_paper(scene, vote):
    made = deliver(scene, vote, 2, Brought(ONLINE, SENT, DURING, proof="当面核对"))
    assert (made.paper_id, delivered(vote, 2)) == (None, True)


def test_without_a_valid_paper_nothing_is_delivered(scene, vote):
    printing_services.spoil(scene.worker, DURING, vote.id, paper="2", reason="污损")
    with pytest.raises(Refusal, match="没有可以送的表决票"):
        deliver(scene, vote, 2)


def test_papers_are_delivered_before_the_vote_opens(scene):
    vote = votes.frozen(scene)
    deliver(scene, vote, 1, replace(BY_HAND, at=NOW), now=NOW)
    assert delivered(vote, 1)


@pytest.mark.parametrize(
    ("at", "now"),
    [
        (NOW - timedelta(minutes=1), DURING),
        (DURING + timedelta(minutes=1), DURING),
        (CLOSES + timedelta(minutes=1), AFTER),
    ],
)
def test_impossible_times_are_refused(scene, vote, at, now):
    with pytest.raises(FieldRefusal) as refused:
        deliver(scene, vote, 2, replace(BY_HAND, at=at), now=now)
    assert refused.value.field == "at"


def test_a_draft_and_a_count_take_no_deliveries(scene):
    vote = votes.draft(scene)
    with pytest.raises(Refusal, match="现在不登记送达"):
        deliver(scene, vote, 1)
    course_services.propose_freeze(scene.worker, NOW, vote.id, version=vote.version, persons=6)
    course_services.approve_freeze(scene.director, NOW, vote.id)
    with pytest.raises(Refusal, match="没有可以送的表决票"):
        deliver(scene, vote, 1)


def test_when_counting_has_begun_nobody_is_delivered_to_any_more(scene):
    vote = votes.counting(scene, [1])
    with pytest.raises(Refusal, match="现在不登记送达"):
        deliver(scene, vote, 2, now=AFTER)


def test_a_paused_project_takes_no_deliveries(scene, vote):
    scene.project.state = ProjectState.PAUSED
    db.session.flush()
    with pytest.raises(Refusal, match="不能再改动"):
        deliver(scene, vote, 2)


@pytest.mark.parametrize("serial", [0, 7])
def test_nobody_of_that_serial_is_not_found(scene, vote, serial):
    with pytest.raises(NotFound):
        deliver(scene, vote, serial)


# ---- who brings them ----


def test_a_leader_delivers_in_own_buildings_only(scene, vote, leader):
    assert deliver(scene, vote, 1, by=leader).served_by == leader.id
    foreign = deliver(scene, vote, 5)
    for act in (
        lambda: deliver(scene, vote, 4, by=leader),
        lambda: correct(scene, foreign, by=leader),
        lambda: remind(scene, vote, 5, by=leader),
    ):
        with pytest.raises(NotFound):
            act()


def test_the_office_records_for_who_brought_it(scene, vote, leader):
    made = deliver(scene, vote, 1, replace(BY_HAND, server_id=leader.id))
    assert made.served_by == leader.id


def test_a_leader_records_for_nobody_else_and_nobody_for_strangers(scene, vote, leader):
    stranger = people.user(Role.WORKER, people.committee("国年居委会"))
    for by, server in ((leader, scene.worker), (scene.worker, stranger)):
        with pytest.raises(FieldRefusal) as refused:
            deliver(scene, vote, 1, replace(BY_HAND, server_id=server.id), by=by)
        assert refused.value.field == "server_id"


def test_a_stranger_finds_neither_vote_nor_delivery(scene, vote):
    made = deliver(scene, vote, 1)
    stranger = people.user(Role.DIRECTOR, people.committee("国年居委会"))
    with pytest.raises(NotFound):
        deliver(scene, vote, 2, by=stranger)
    with pytest.raises(NotFound):
        correct(scene, made, by=stranger)


# ---- corrections ----


def test_a_correction_supersedes_with_a_reason(scene, vote):
    old = deliver(scene, vote, 2)
    new = correct(scene, old, replace(BY_HAND, recipient=Recipient.PROXY), "是受托人签的")
    assert (old.superseded, old.correction_reason) == (True, "是受托人签的")
    assert (new.recipient, new.superseded, delivered(vote, 2)) == (Recipient.PROXY, False, True)


def test_a_delivery_recorded_for_the_wrong_voter_is_taken_back(scene, vote):
    old = deliver(scene, vote, 2)
    assert correct(scene, old, None, "送的是隔壁") is None
    assert not delivered(vote, 2)
    deliver(scene, vote, 2)
    assert delivered(vote, 2)


def test_corrected_to_nobody_at_home_it_is_undelivered(scene, vote):
    correct(scene, deliver(scene, vote, 2), AT_HOME_NOBODY)
    assert not delivered(vote, 2)


def test_an_absence_is_corrected_to_a_delivery_unless_another_stands(scene, vote):
    absence = deliver(scene, vote, 2, AT_HOME_NOBODY)
    correct(scene, absence)
    assert delivered(vote, 2)
    second = deliver(scene, vote, 3, AT_HOME_NOBODY)
    deliver(scene, vote, 3)
    with pytest.raises(Refusal, match="另有一次送达"):
        correct(scene, second)


def test_a_correction_needs_a_reason_and_the_latest_record(scene, vote):
    old = deliver(scene, vote, 2)
    with pytest.raises(FieldRefusal) as refused:
        correct(scene, old, reason=" ")
    assert refused.value.field == "reason"
    correct(scene, old)
    with pytest.raises(Refusal, match="请更正最新的一条"):
        correct(scene, old)
