"""Two independent readings of each ballot by two people."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tests.ballots.reading import ballot_of, choices, enter, key_in, marks, readings
from tests.factories import people, votes
from tests.factories.votes import AFTER, DURING, Scene
from tracker.accounts.rules import Role
from tracker.audit.models import AuditEntry
from tracker.ballots import (
    checking_services,
    entering_services,
    entry_queries,
    printing_services,
)
from tracker.ballots.models import BallotChoice, BallotEntry, EntryMark
from tracker.ballots.reading_services import Unreadable
from tracker.ballots.rules import BallotState, RejectReason
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound, Refusal
from tracker.projects.rules import ProjectState
from tracker.votes import course_services
from tracker.votes.models import Vote
from tracker.votes.rules import Choice


@pytest.fixture
def vote(scene):
    """A vote being counted, with four accepted papers and nothing read."""
    return votes.counting(scene, [1, 2, 3, 4])


# ---- agreeing and differing ----


def test_a_ballot_is_read_once_two_people_entered_the_same(scene, vote):
    enter(scene.counter, vote, 1, "for", "against")
    assert choices(vote, 1) == []
    enter(scene.worker, vote, 1, "for", "against")
    assert choices(vote, 1) == ["for", "against"]
    first, second = readings(vote, 1)
    assert (first.number, first.entered_by, second.number, second.entered_by) == (
        *(1, scene.counter.id),
        *(2, scene.worker.id),
    )


def test_nothing_is_counted_of_a_ballot_whose_readings_differ(scene, vote):
    enter(scene.counter, vote, 1, "for", "against")
    enter(scene.worker, vote, 1, "for", "for")
    assert choices(vote, 1) == []
    assert entry_queries.mismatches(vote.id, 1) == {
        ballot_of(vote, 1).id: [votes.motions_of(vote)[1]]
    }


def test_one_person_reads_a_ballot_once_however_sure(scene, vote):
    enter(scene.counter, vote, 1)
    with pytest.raises(Refusal, match="由另一个人来录"):
        enter(scene.counter, vote, 1, "against")
    assert len(readings(vote, 1)) == 1


@pytest.mark.parametrize("codes", [("for", "for"), ("for", "against")])
def test_there_is_no_third_reading_whether_or_not_the_two_agree(scene, vote, codes):
    enter(scene.counter, vote, 1)
    enter(scene.worker, vote, 1, *codes)
    with pytest.raises(Refusal, match="两遍都录过了"):
        enter(people.user(Role.COUNTER, scene.director.committee), vote, 1)


def test_the_schema_too_keeps_one_reading_per_person_and_number(scene, vote):
    made = enter(scene.counter, vote, 1)
    common = {
        "committee_id": vote.committee_id,
        "vote_id": vote.id,
        "ballot_id": made.ballot_id,
        "count_number": 1,
        "entered_at": AFTER,
    }
    for fields in (
        {"number": 2, "entered_by": scene.counter.id},
        {"number": 1, "entered_by": scene.worker.id},
        {"number": 3, "entered_by": scene.scrutineer.id},
        {"number": 4, "entered_by": scene.scrutineer.id, "reason": "再看一遍"},
    ):
        with pytest.raises(IntegrityError), db.session.begin_nested():
            db.session.add(BallotEntry(**common, **fields))


# ---- who may not be read, and when ----


def test_nobody_reads_a_choice_before_the_close(scene):
    running = votes.running(scene)
    votes.accepted(scene, running, 1)
    with pytest.raises(Refusal, match="截止之前谁也不能读"):
        enter(scene.counter, running, 1)
    with pytest.raises(Refusal, match="截止之前谁也不能读"):
        key_in(scene.counter, running, "1", "1", "1")
    with pytest.raises(Refusal, match="截止之前谁也不能读"):
        entering_services.enter_batch(scene.counter, DURING, running.id, typed={})


def test_a_certified_count_is_not_read_on(scene):
    held = votes.certified(scene, approving=4)
    with pytest.raises(Refusal, match="结果已确认"):
        enter(scene.counter, held, 1)


def test_a_cancelled_vote_is_not_read_on(scene, vote):
    course_services.cancel(scene.officer, AFTER, vote.id, reason="名册有误")
    with pytest.raises(Refusal, match="已作废"):
        enter(scene.counter, vote, 1)


def test_a_paused_project_is_not_read_on(scene, vote):
    scene.project.state = ProjectState.PAUSED
    db.session.flush()
    with pytest.raises(Refusal, match="不能再改动"):
        enter(scene.counter, vote, 1)


def unchecked(scene: Scene, vote: Vote) -> None:
    votes.received(scene, vote, 5, at=AFTER, received_at=DURING)


def rejected(scene: Scene, vote: Vote) -> None:
    ballot = votes.received(scene, vote, 5, at=AFTER, received_at=DURING)
    checking_services.check(scene.counter, AFTER, ballot.id, rejected=RejectReason.TENANT)


def late(scene: Scene, vote: Vote) -> None:
    votes.received(scene, vote, 5, at=AFTER)


NOT_TO_BE_READ = [
    (unchecked, "先核对再录入"),
    (rejected, "身份核对未通过，不录入意见"),
    (late, "逾期收到，不录入意见"),
]


@pytest.mark.parametrize(("arrive", "told"), NOT_TO_BE_READ)
def test_only_a_ballot_that_counts_is_read(
    scene, vote, arrive: Callable[[Scene, Vote], None], told
):
    arrive(scene, vote)
    with pytest.raises(Refusal, match=told):
        enter(scene.counter, vote, 5)
    with pytest.raises(Unreadable, match=told) as refused:
        key_in(scene.counter, vote, "5", "1", "1")
    assert list(refused.value.fields) == ["paper"]


def test_a_ballot_of_another_vote_or_committee_is_not_found(scene, vote):
    stranger = people.user(Role.COUNTER, people.committee("国年居委会"))
    with pytest.raises(NotFound):
        enter(stranger, vote, 1)
    for ballot_id in (0, 999_999):
        with pytest.raises(NotFound):
            entering_services.enter(
                scene.counter, AFTER, vote.id, ballot_id=ballot_id, marks=marks(vote, "for")
            )


# ---- marks and keys ----


def test_every_motion_needs_a_mark_that_the_ballot_offers(scene, vote):
    first, second = votes.motions_of(vote)
    number = ballot_of(vote, 1).id
    for given, wrong in (
        ({}, {f"mark_{first}", f"mark_{second}"}),
        ({first: "for"}, {f"mark_{second}"}),
        ({first: "for", second: Choice.FOLLOW}, {f"mark_{second}"}),
        ({first: "A", second: "for"}, {f"mark_{first}"}),
    ):
        with pytest.raises(Unreadable) as refused:
            entering_services.enter(scene.counter, AFTER, vote.id, ballot_id=number, marks=given)
        assert set(refused.value.fields) == wrong
    with pytest.raises(Refusal, match="没有这一事项"):
        entering_services.enter(
            scene.counter,
            AFTER,
            vote.id,
            ballot_id=number,
            marks={**marks(vote, "for"), 999: "for"},
        )
    assert readings(vote, 1) == []


def test_a_paper_is_read_by_its_serial_or_its_code(scene, vote):
    assert key_in(scene.counter, vote, "1", "1", "2") == ballot_of(vote, 1)
    code = ballot_of(vote, 1).paper.code
    key_in(scene.worker, vote, f" {code[:4].lower()}-{code[4:]} ", "1", "2")
    assert choices(vote, 1) == ["for", "against"]


def test_a_full_width_serial_is_the_same_serial(scene, vote):
    assert key_in(scene.counter, vote, "１", "１", "２") == ballot_of(vote, 1)


@pytest.mark.parametrize("text", ["0", "7", "x", "999999999", "9" * 30, "1-101", "³"])
def test_an_unknown_paper_is_refused_at_its_field(scene, vote, text):
    with pytest.raises(Unreadable, match="没有这张票") as refused:
        key_in(scene.counter, vote, text, "1", "1")
    assert list(refused.value.fields) == ["paper"]


def test_a_spare_that_nobody_was_given_is_refused(scene):
    open_vote = votes.running(scene)
    printing_services.print_spares(scene.worker, DURING, open_vote.id, 1)
    votes.closing_services.close(scene.director, AFTER, open_vote.id)
    with pytest.raises(Unreadable, match="备用票"):
        key_in(scene.counter, open_vote, "7", "1", "1")


def test_a_paper_that_has_not_come_back_is_refused(scene, vote):
    with pytest.raises(Unreadable, match="还没有登记收回"):
        key_in(scene.counter, vote, "6", "1", "1")


def test_everything_that_is_wrong_is_told_at_once(scene, vote):
    first, second = votes.motions_of(vote)
    with pytest.raises(Unreadable) as refused:
        key_in(scene.counter, vote, "99", "9", "")
    assert list(refused.value.fields) == ["paper", f"mark_{first}", f"mark_{second}"]
    assert [str(message) for message in refused.value.fields.values()][1:] == [
        "没有这个键，请按表头所列的键。",
        "请录入票面所填的意见。",
    ]


# ---- a batch ----


def batch(by, vote, rows):
    typed = {
        ballot_of(vote, serial).id: dict(zip(votes.motions_of(vote), keys, strict=True))
        for serial, keys in rows.items()
    }
    return entering_services.enter_batch(by, AFTER, vote.id, typed=typed)


def test_the_right_rows_of_a_batch_are_kept_and_the_wrong_ones_told(scene, vote):
    enter(scene.counter, vote, 3)
    outcome = batch(scene.counter, vote, {1: "12", 2: "1 ", 3: "11", 4: "30"})
    assert [ballot.serial for ballot in outcome.entered] == [1, 4]
    told = {ballot: [str(r.message) for r in why.reasons] for ballot, why in outcome.wrong.items()}
    assert told == {
        ballot_of(vote, 2).id: ["请录入票面所填的意见。"],
        ballot_of(vote, 3).id: ["这张票您已经录过，第二遍要由另一个人来录。"],
    }
    assert [len(readings(vote, serial)) for serial in (1, 2, 3, 4)] == [1, 0, 1, 1]


def test_two_batches_of_two_people_settle_what_agrees(scene, vote):
    batch(scene.counter, vote, {1: "12", 2: "11", 3: "00"})
    batch(scene.worker, vote, {1: "12", 2: "13", 3: "00"})
    assert [choices(vote, serial) for serial in (1, 2, 3)] == [
        ["for", "against"],
        [],
        ["invalid", "invalid"],
    ]


def test_a_batch_takes_no_ballot_of_another_vote(scene, vote):
    with pytest.raises(NotFound):
        entering_services.enter_batch(scene.counter, AFTER, vote.id, typed={999: {}})


def test_the_history_of_a_batch_is_one_line_with_its_serials(scene, vote):
    batch(scene.counter, vote, {1: "12", 3: "00"})
    last = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)).all()[-1]
    assert (last.action, last.values) == ("ballot.entered", {"n": 2, "serials": "1、3"})


# ---- who reads what next ----


def test_the_second_reading_is_offered_to_another_person_alone(scene, vote):
    def left(user):
        query = entry_queries.to_read(vote, user.id)
        return [ballot.serial for ballot in db.session.scalars(query)]

    assert left(scene.counter) == left(scene.worker) == [1, 2, 3, 4]
    enter(scene.counter, vote, 1)
    enter(scene.worker, vote, 2)
    assert (left(scene.counter), left(scene.worker)) == ([2, 3, 4], [1, 3, 4])
    enter(scene.worker, vote, 1, "against")
    third = people.user(Role.COUNTER, scene.director.committee)
    assert (left(scene.counter), left(scene.worker), left(third)) == ([2, 3, 4], [3, 4], [2, 3, 4])


def test_progress_counts_ballots_read_once_twice_and_differently(scene, vote):
    votes.received(scene, vote, 5, at=AFTER, received_at=DURING)
    enter(scene.counter, vote, 1)
    votes.read(scene, vote, 2)
    enter(scene.counter, vote, 3)
    enter(scene.worker, vote, 3, "against")
    found = entry_queries.progress(vote.id, 1)
    assert (found.countable, found.once, found.twice) == (4, 1, 2)
    assert (found.mismatched, found.unchecked, found.complete) == (1, 1, False)


def test_the_reading_of_a_building_is_told_for_each_person(scene, vote):
    enter(scene.counter, vote, 1)
    votes.read(scene, vote, 2)
    first, second = entry_queries.by_building(vote, scene.counter.id)
    assert (first.number, first.countable, first.once, first.twice, first.left) == ("1", 3, 1, 1, 1)
    assert (second.countable, second.once, second.twice, second.left) == (1, 0, 0, 1)
    assert entry_queries.by_building(vote, scene.worker.id)[0].left == 2
    assert entry_queries.share(vote, scene.counter.id) == entry_queries.Share(done=2, left=2)


def test_a_recount_reads_everything_anew(scene, vote):
    votes.read(scene, vote, 1)
    vote.count_number = 2
    db.session.flush()
    assert entry_queries.progress(vote.id, 2).twice == 0
    enter(scene.worker, vote, 1, "against")
    enter(scene.counter, vote, 1, "against")
    assert choices(vote, 1) == ["against", "against"]
    assert len(readings(vote, 1)) == 4


# ---- nothing is told ----


def test_the_history_tells_serial_and_turn_and_nothing_of_the_paper(scene, vote):
    enter(scene.counter, vote, 4, "against")
    enter(scene.worker, vote, 4, "abstain")
    entries = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action == "ballot.entered").order_by(AuditEntry.id)
    )
    assert [(e.text, e.values) for e in entries] == [
        ("录入表决票第 %(n)d 号（第 %(time)d 遍）", {"n": 4, "time": 1}),
        ("录入表决票第 %(n)d 号（第 %(time)d 遍）", {"n": 4, "time": 2}),
    ]


def test_no_page_reads_marks_or_choices():
    package = Path(entering_services.__file__).parents[1]
    reading = {
        path.name
        for path in package.rglob("*.py")
        if re.search(r"\b(EntryMark|BallotChoice)\b", path.read_text(encoding="utf-8"))
    }
    assert "reading_services.py" in reading
    assert not {name for name in reading if re.search(r"(views|forms)\.py$", name)}


def test_a_ballot_is_rejected_before_anybody_has_read_it(scene, vote):
    """The identity check comes first: only then is there anything to read."""
    ballot = votes.received(scene, vote, 5, at=AFTER, received_at=DURING)
    assert ballot.state is BallotState.RETURNED
    with pytest.raises(Refusal):
        enter(scene.counter, vote, 5)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(EntryMark)) == 0
    assert db.session.scalar(sa.select(sa.func.count()).select_from(BallotChoice)) == 0
