"""Files published with a vote, and objections to its roll."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from tests.factories import votes
from tests.factories.people import NOW
from tracker.audit.models import AuditEntry
from tracker.kernel.clock import local_date
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, NotFound, Refusal
from tracker.kernel.storage import storage
from tracker.votes import check_services, queries, roll_queries
from tracker.votes.words import AttachmentKind

pytestmark = pytest.mark.usefixtures("arrange")

PDF = b"%PDF-1.4 the full text"
TODAY = local_date(NOW)


def attach(scene, vote, data=PDF, kind=AttachmentKind.TEXT, name="全文"):
    return check_services.attach(scene.worker, NOW, vote.id, kind=kind, name=name, data=data)


def object_(scene, vote, text="3号楼101室面积不对", on=TODAY):
    return check_services.object_to_roll(scene.worker, NOW, vote.id, received_on=on, text=text)


def answer(scene, vote, number=1, *, upheld=True, text="已按产证改正"):
    return check_services.answer_roll_objection(
        scene.director, NOW, vote.id, number, upheld=upheld, answer=text
    )


# ---- files ----


def test_a_file_is_kept_with_its_hash_and_becomes_part_of_what_is_frozen():
    scene = votes.scene()
    vote = votes.draft(scene)
    before = vote.version
    made = attach(scene, vote)
    assert (made.sha256, made.size) == (hashlib.sha256(PDF).hexdigest(), len(PDF))
    assert storage().get(made.path) == PDF
    assert roll_queries.terms(vote).attachments == (("全文", made.sha256),)
    assert vote.version > before


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"<html>", b" %PDF-1.4"])
def test_anything_but_a_pdf_is_refused(data):
    scene = votes.scene()
    vote = votes.draft(scene)
    with pytest.raises(FieldRefusal) as refused:
        attach(scene, vote, data)
    assert refused.value.field == "file"


def test_a_file_can_be_taken_off_once():
    scene = votes.scene()
    vote = votes.draft(scene)
    made = attach(scene, vote)
    check_services.detach(scene.worker, NOW, vote.id, made.id)
    assert vote.attachments == []
    with pytest.raises(Refusal, match="已经移除"):
        check_services.detach(scene.worker, NOW, vote.id, made.id)


# ---- objections ----


def test_objections_are_numbered_and_answered():
    scene = votes.scene()
    vote = votes.draft(scene)
    assert [object_(scene, vote).number for _ in range(2)] == [1, 2]
    answered = answer(scene, vote, 2, upheld=False, text=" 与产证一致 ")
    assert (answered.upheld, answered.answer) == (False, "与产证一致")
    assert (answered.answered_on, answered.answered_by) == (TODAY, scene.director.id)
    assert [o.answered_on for o in queries.roll_objections(vote.id)] == [None, TODAY]


@pytest.mark.parametrize(
    ("text", "on", "field"),
    [
        ("请打 13812345678", TODAY, "text"),
        ("请打 138 1234 5678", TODAY, "text"),
        ("面积不对", TODAY + timedelta(days=1), "received_on"),
    ],
)
def test_an_objection_holds_no_telephone_number_and_no_day_to_come(text, on, field):
    scene = votes.scene()
    vote = votes.draft(scene)
    with pytest.raises(FieldRefusal) as refused:
        object_(scene, vote, text, on)
    assert refused.value.field == field


def test_an_objection_is_answered_once_with_words():
    scene = votes.scene()
    vote = votes.draft(scene)
    object_(scene, vote)
    for text in (" ", "打 13812345678"):
        with pytest.raises(FieldRefusal) as refused:
            answer(scene, vote, text=text)
        assert refused.value.field == "answer"
    answer(scene, vote)
    with pytest.raises(Refusal, match="已经答复过"):
        answer(scene, vote)
    with pytest.raises(NotFound):
        answer(scene, vote, 7)


def test_after_freezing_the_roll_takes_no_objection_and_no_answer():
    scene = votes.scene()
    vote = votes.frozen(scene)
    for act in (lambda: object_(scene, vote), lambda: answer(scene, vote)):
        with pytest.raises(Refusal, match="都不能再改"):
            act()


def test_the_history_does_not_repeat_what_was_said():
    scene = votes.scene()
    vote = votes.draft(scene)
    object_(scene, vote, "3号楼101室面积不对", date(2026, 3, 1))
    answer(scene, vote)
    attach(scene, vote)
    rows = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc()).limit(3)).all()
    assert [row.action for row in rows] == ["vote.attached", "roll.answered", "roll.objected"]
    assert "101" not in " ".join(f"{row.text} {row.values}" for row in rows)
