"""The third person: settles what two readings differ on, and has a ballot read anew."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.ballots.reading import (
    ballot_of,
    choices,
    enter,
    key_in,
    marks,
    readings,
    reopen,
    settle,
)
from tests.factories import votes
from tests.factories.votes import AFTER, SIGNERS
from tracker.audit.models import AuditEntry
from tracker.ballots import entering_services, entry_queries
from tracker.ballots.reading_services import Unreadable
from tracker.counts import services as counts
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, NotFound, Refusal


@pytest.fixture
def vote(scene):
    """A vote being counted: the first ballot read differently, the second alike."""
    made = votes.counting(scene, [1, 2])
    enter(scene.counter, made, 1, "for", "against")
    enter(scene.worker, made, 1, "for", "abstain")
    votes.read(scene, made, 2)
    return made


def test_a_third_person_settles_the_motions_that_differ(scene, vote):
    made = settle(scene.scrutineer, vote, 1, "", "abstain", reason=" 第二遍对 ")
    assert (made.number, readings(vote, 1)[-1].reason) == (3, "第二遍对")
    assert choices(vote, 1) == ["for", "abstain"]
    assert entry_queries.mismatches(vote.id, 1) == {}


def test_what_the_third_finds_counts_even_if_neither_saw_it(scene, vote):
    settle(scene.scrutineer, vote, 1, "for", "invalid")
    assert choices(vote, 1) == ["for", "invalid"]


def test_what_both_read_alike_is_not_settled_but_read_anew(scene, vote):
    with pytest.raises(Unreadable, match="请退回重录") as refused:
        settle(scene.scrutineer, vote, 1, "against", "abstain")
    assert list(refused.value.fields) == [f"mark_{votes.motions_of(vote)[0]}"]


@pytest.mark.parametrize("reader", ["counter", "worker"])
def test_neither_reader_settles_their_own_difference(scene, vote, reader):
    with pytest.raises(Refusal, match="第三个人"):
        settle(getattr(scene, reader), vote, 1, "", "against")


def test_readings_that_agree_need_no_third(scene, vote):
    with pytest.raises(Refusal, match="两遍录入一致"):
        settle(scene.scrutineer, vote, 2, "for", "for")


def test_a_ballot_read_once_or_settled_is_not_settled(scene, vote):
    settle(scene.scrutineer, vote, 1, "", "against")
    with pytest.raises(Refusal, match="没有两遍不一致"):
        settle(scene.director, vote, 1, "", "against")
    votes.accepted(scene, vote, 3)
    enter(scene.counter, vote, 3)
    with pytest.raises(Refusal, match="没有两遍不一致"):
        settle(scene.scrutineer, vote, 3, "for", "for")


def test_settling_needs_a_reason_and_the_marks_that_differ(scene, vote):
    with pytest.raises(FieldRefusal) as refused:
        settle(scene.scrutineer, vote, 1, "", "against", reason=" ")
    assert refused.value.field == "reason"
    with pytest.raises(Unreadable) as refused:
        settle(scene.scrutineer, vote, 1, "for", "")
    assert list(refused.value.fields) == [f"mark_{votes.motions_of(vote)[1]}"]


def test_the_third_types_only_what_differs(scene, vote):
    first, second = votes.motions_of(vote)
    number = ballot_of(vote, 1).id

    def key(typed):
        return entering_services.settle_keys(
            scene.scrutineer, AFTER, vote.id, ballot_id=number, typed=typed, reason="看错了行"
        )

    with pytest.raises(Unreadable) as refused:
        key({first: "2", second: "9"})
    assert list(refused.value.fields) == [f"mark_{second}"]
    key({first: "2", second: "2"})
    assert choices(vote, 1) == ["for", "against"]


# ---- read alike, and wrongly ----


def test_a_ballot_read_wrongly_by_both_is_read_anew(scene, vote):
    reopen(scene.scrutineer, vote, 2)
    assert choices(vote, 2) == []
    assert readings(vote, 2) == []
    old = readings(vote, 2, standing=False)
    assert [(entry.number, entry.reason) for entry in old] == [(1, "两遍都看错了行")] * 1 + [
        (2, "两遍都看错了行")
    ]
    votes.read(scene, vote, 2, "against")
    assert choices(vote, 2) == ["against", "against"]


def test_a_settled_ballot_is_read_anew_and_the_third_keeps_the_reason_given(scene, vote):
    settle(scene.scrutineer, vote, 1, "", "against", reason="第一遍对")
    reopen(scene.director, vote, 1, reason="换错了票")
    old = readings(vote, 1, standing=False)
    assert [(entry.number, entry.reason) for entry in old] == [
        (1, "换错了票"),
        (2, "换错了票"),
        (3, "第一遍对"),
    ]


@pytest.mark.parametrize("reader", ["counter", "worker"])
def test_neither_reader_has_their_own_ballot_read_anew(scene, vote, reader):
    with pytest.raises(Refusal, match="第三个人"):
        reopen(getattr(scene, reader), vote, 2)


def test_a_ballot_read_once_is_not_read_anew(scene, vote):
    votes.accepted(scene, vote, 3)
    enter(scene.counter, vote, 3)
    with pytest.raises(Refusal, match="还没有录满两遍"):
        reopen(scene.scrutineer, vote, 3)


def test_reading_anew_needs_a_reason(scene, vote):
    with pytest.raises(FieldRefusal) as refused:
        reopen(scene.scrutineer, vote, 2, reason=" ")
    assert refused.value.field == "reason"


def test_a_paper_is_reopened_by_its_serial(scene, vote):
    def by_serial(text, reason="看错了行"):
        return entering_services.reopen_paper(
            scene.scrutineer, AFTER, vote.id, paper=text, reason=reason
        )

    for text, told in (("99", "没有这张票"), ("6", "还没有登记收回")):
        with pytest.raises(FieldRefusal, match=told) as refused:
            by_serial(text)
        assert refused.value.field == "paper"
    assert by_serial("2").serial == 2
    assert readings(vote, 2) == []


def test_whoever_read_a_ballot_that_was_reopened_still_read_one(scene, vote):
    """Superseded readings count as reading: such a person does not certify."""
    reopen(scene.scrutineer, vote, 2)
    assert entry_queries.has_entered(vote.id, scene.worker.id)


def test_a_difference_keeps_the_count_from_being_certified(scene, vote):
    def certify():
        counts.certify(scene.director, AFTER, vote.id, signers=SIGNERS)

    with pytest.raises(Refusal) as refused:
        certify()
    assert [reason.endpoint for reason in refused.value.reasons] == ["ballots.mismatches"]
    settle(scene.scrutineer, vote, 1, "", "against")
    reopen(scene.scrutineer, vote, 2)
    with pytest.raises(Refusal) as refused:
        certify()
    assert [reason.endpoint for reason in refused.value.reasons] == ["ballots.enter"]
    votes.read(scene, vote, 2)
    certify()


def test_whoever_settled_has_read_a_ballot_and_does_not_certify(scene, vote):
    settle(scene.scrutineer, vote, 1, "", "against")
    with pytest.raises(Refusal, match="您录入过"):
        counts.certify(scene.scrutineer, AFTER, vote.id, signers=SIGNERS)


def test_a_foreign_ballot_is_not_found(scene, vote):
    for service in (entering_services.settle, entering_services.reopen):
        given = {"marks": marks(vote, "for")} if service is entering_services.settle else {}
        with pytest.raises(NotFound):
            service(scene.scrutineer, AFTER, vote.id, ballot_id=999, reason="看错", **given)


def test_the_history_tells_the_serial_and_neither_choice_nor_reason(scene, vote):
    settle(scene.scrutineer, vote, 1, "", "against", reason="把反对录成了弃权")
    reopen(scene.scrutineer, vote, 2, reason="其实是反对")
    entries = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)).all()[-2:]
    assert [(entry.action, entry.values) for entry in entries] == [
        ("ballot.settled", {"n": 1}),
        ("ballot.reopened", {"n": 2}),
    ]


def test_after_certifying_nothing_is_settled_or_reopened(scene):
    held = votes.certified(scene, approving=4)
    with pytest.raises(Refusal, match="结果已确认"):
        reopen(scene.scrutineer, held, 1)
    with pytest.raises(Refusal, match="结果已确认"):
        settle(scene.scrutineer, held, 1, "for", "for")


def test_a_reopened_ballot_may_be_read_by_the_same_two_again(scene, vote):
    """A small committee has no four counters; the third person has looked at the paper."""
    reopen(scene.scrutineer, vote, 2)
    key_in(scene.worker, vote, "2", "2", "2")
    key_in(scene.counter, vote, "2", "2", "2")
    assert choices(vote, 2) == ["against", "against"]
