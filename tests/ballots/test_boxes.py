"""Boxes: sealed, handed over, opened once after the close."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.factories import people, votes
from tests.factories.votes import AFTER, CLOSES, DURING
from tracker.accounts.rules import Role
from tracker.audit.models import AuditEntry
from tracker.ballots import box_services, closing_services, paper_queries
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, NotFound, Refusal


def seal(scene, vote, number=1, seal_number="A001", place="门卫室", at=DURING):
    return box_services.seal(
        scene.counter, at, vote.id, number=number, seal_number=seal_number, place=place
    )


def hand_over(scene, vote, number=1, at=DURING, now=None, **fields):
    given = {"giver": "楼组长", "taker": "监票人", "seal_whole": True, **fields}
    return box_services.hand_over(scene.counter, now or at, vote.id, number=number, at=at, **given)


def open_box(scene, vote, number=1, whole=True, note="", at=AFTER):
    return box_services.open_box(
        scene.counter, at, vote.id, number=number, seal_whole=whole, note=note
    )


@pytest.fixture
def box(scene, vote):
    return seal(scene, vote)


def test_a_box_is_sealed_passed_on_and_opened(scene, vote, box):
    hand_over(scene, vote)
    hand_over(scene, vote, at=CLOSES, giver="监票人", taker="居委会社工")
    closing_services.close(scene.director, AFTER, vote.id)
    open_box(scene, vote, note="监票人、业主代表在场")
    [found] = paper_queries.boxes(vote.id)
    assert (found.seal_number, found.sealed_at, found.sealed_by) == (
        *("A001", DURING, scene.counter.id),
    )
    assert [(h.giver, h.taker, h.seal_whole) for h in found.handovers] == [
        ("楼组长", "监票人", True),
        ("监票人", "居委会社工", True),
    ]
    assert (found.opened_at, found.seal_whole, found.opening_note) == (
        *(AFTER, True, "监票人、业主代表在场"),
    )


@pytest.mark.parametrize("number", [0, -1, 201])
def test_a_box_number_out_of_range_is_refused(scene, vote, number):
    with pytest.raises(FieldRefusal) as refused:
        seal(scene, vote, number)
    assert refused.value.field == "number"


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"number": 1, "seal_number": "A002"}, "number"),
        ({"number": 2, "seal_number": " A001 "}, "seal_number"),
        ({"number": 2, "seal_number": " "}, "seal_number"),
        ({"number": 2, "seal_number": "A002", "place": ""}, "place"),
    ],
)
def test_a_box_has_its_own_number_and_seal_and_a_place(scene, vote, box, fields, wrong):
    with pytest.raises(FieldRefusal) as refused:
        seal(scene, vote, **fields)
    assert refused.value.field == wrong


@pytest.mark.parametrize("moment", [CLOSES, AFTER])
def test_no_box_is_sealed_after_the_planned_close(scene, vote, moment):
    with pytest.raises(Refusal, match="现在不封票箱"):
        seal(scene, vote, at=moment)


def test_no_box_is_sealed_for_a_draft(scene):
    with pytest.raises(Refusal, match="现在不封票箱"):
        seal(scene, votes.draft(scene))


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"giver": " "}, "giver"),
        ({"taker": ""}, "taker"),
        ({"taker": "楼组长"}, "taker"),
        ({"at": DURING - timedelta(minutes=1), "now": DURING}, "at"),
        ({"at": DURING + timedelta(minutes=1), "now": DURING}, "at"),
    ],
)
def test_a_handover_names_two_people_and_a_possible_time(scene, vote, box, fields, wrong):
    with pytest.raises(FieldRefusal) as refused:
        hand_over(scene, vote, **fields)
    assert refused.value.field == wrong


def test_handovers_follow_each_other(scene, vote, box):
    hand_over(scene, vote, at=DURING + timedelta(hours=1))
    with pytest.raises(FieldRefusal, match="早于这个票箱上一次"):
        hand_over(scene, vote, at=DURING, now=DURING + timedelta(hours=2))


def test_a_broken_seal_is_kept_and_told(scene, vote, box):
    assert not hand_over(scene, vote, seal_whole=False).seal_whole
    said = db.session.scalars(
        sa.select(AuditEntry.text).where(AuditEntry.action == "box.handed_over")
    ).all()
    assert said == ["交接票箱第 %(n)d 号，封条已破损"]


@pytest.mark.parametrize("moment", [DURING, CLOSES, AFTER])
def test_a_box_is_not_opened_before_the_close(scene, vote, box, moment):
    with pytest.raises(Refusal, match="截止投票之后才能开箱"):
        open_box(scene, vote, at=moment)


def test_a_box_is_opened_once_and_then_passed_on_no_more(scene, vote, box):
    closing_services.close(scene.director, AFTER, vote.id)
    open_box(scene, vote)
    with pytest.raises(Refusal, match="已经开箱"):
        open_box(scene, vote)
    with pytest.raises(Refusal, match="不再交接"):
        hand_over(scene, vote, at=AFTER)


def test_a_seal_that_was_not_whole_needs_a_word(scene, vote, box):
    closing_services.close(scene.director, AFTER, vote.id)
    with pytest.raises(FieldRefusal) as refused:
        open_box(scene, vote, whole=False)
    assert refused.value.field == "note"
    assert open_box(scene, vote, whole=False, note="封条一角翘起").seal_whole is False


def test_unknown_boxes_and_foreign_votes_are_not_found(scene, vote, box):
    for act in (hand_over, open_box):
        with pytest.raises(NotFound):
            act(scene, vote, 9)
    stranger = people.user(Role.COUNTER, people.committee("国年居委会"))
    with pytest.raises(NotFound):
        box_services.seal(stranger, DURING, vote.id, number=2, seal_number="B1", place="门口")


def test_the_history_names_the_box_and_nobody(scene, vote, box):
    hand_over(scene, vote, giver="张三", taker="李四")
    closing_services.close(scene.director, AFTER, vote.id)
    open_box(scene, vote, note="王五在场")
    entries = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action.startswith("box."))
    ).all()
    assert [(e.action, e.values) for e in entries] == [
        ("box.sealed", {"n": 1}),
        ("box.handed_over", {"n": 1}),
        ("box.opened", {"n": 1}),
    ]
