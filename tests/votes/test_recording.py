"""Recording and correcting papers, and that no choice is ever told."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, InvalidRequestError

from tests.factories import people, votes
from tests.factories.people import NOW
from tests.factories.votes import AFTER, CLOSES, DURING, OPENS
from tracker.accounts.models import User
from tracker.accounts.rules import Role
from tracker.audit.models import AuditEntry
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, NotFound, Refusal
from tracker.projects.rules import ProjectState
from tracker.votes import counting, queries, services
from tracker.votes.models import Ballot, BallotChoice, RollEntry, Vote
from tracker.votes.rules import Choice
from tracker.votes.words import BallotState, RejectReason


def correct(scene: votes.Scene, ballot: Ballot, choice: Choice = Choice.AGAINST, **fields):
    given = {
        "reason": "录错一项",
        "choices": dict.fromkeys(
            votes.motions_of(db.session.get_one(Vote, ballot.vote_id)), choice
        ),
        "received_at": ballot.received_at,
        **fields,
    }
    return services.correct_ballot(scene.counter, DURING, ballot.id, **given)


@pytest.fixture
def scene(arrange):
    return votes.scene()


@pytest.fixture
def vote(scene):
    return votes.running(scene)


def test_a_paper_is_recorded_with_one_choice_per_motion(scene, vote):
    ballot = votes.ballot(scene, vote, 3)
    stored = db.session.scalars(sa.select(BallotChoice)).all()
    assert (ballot.state, ballot.entry.serial) == (BallotState.ACCEPTED, 3)
    assert [c.choice for c in stored] == [Choice.FOR, Choice.FOR]


def test_a_person_has_one_accepted_paper(scene, vote):
    first = votes.ballot(scene, vote, 3)
    with pytest.raises(Refusal, match="已经登记过") as refused:
        votes.ballot(scene, vote, 3, Choice.AGAINST, by=scene.worker)
    [reason] = refused.value.reasons
    assert (reason.endpoint, dict(reason.params)) == ("votes.correct", {"ballot_id": first.id})


def test_the_schema_too_keeps_one_accepted_paper(scene, vote):
    entry = votes.ballot(scene, vote, 3).entry
    again = Ballot(
        committee_id=vote.committee_id,
        vote_id=vote.id,
        roll_entry_id=entry.id,
        state=BallotState.ACCEPTED,
        received_at=DURING,
        recorded_at=DURING,
        recorded_by=scene.counter.id,
    )
    db.session.add(again)
    with pytest.raises(IntegrityError):
        db.session.flush()


@pytest.mark.parametrize("serial", [0, 7, 999_999_999])
def test_an_unknown_serial_is_refused_at_its_field(scene, vote, serial):
    with pytest.raises(FieldRefusal) as refused:
        votes.ballot(scene, vote, serial)
    assert refused.value.field == "serial"


def test_every_motion_needs_an_answer(scene, vote):
    first, second = votes.motions_of(vote)
    for choices in ({}, {first: Choice.FOR}, {first: Choice.FOR, second: Choice.FOLLOW}):
        with pytest.raises(FieldRefusal):
            votes.ballot(scene, vote, 1, choices)
    with pytest.raises(Refusal):
        votes.ballot(scene, vote, 1, {first: Choice.FOR, second: Choice.FOR, 999: Choice.FOR})


@pytest.mark.parametrize(
    ("received_at", "state"),
    [
        (OPENS, BallotState.ACCEPTED),
        (CLOSES, BallotState.ACCEPTED),
        (CLOSES + timedelta(minutes=1), BallotState.LATE),
    ],
)
def test_a_paper_is_late_after_the_very_close(scene, vote, received_at, state):
    made = votes.ballot(scene, vote, 1, at=AFTER, received_at=received_at)
    assert made.state is state
    assert queries.turnout(vote).persons.numerator == (state is BallotState.ACCEPTED)


@pytest.mark.parametrize("received_at", [OPENS - timedelta(minutes=1), AFTER])
def test_impossible_times_are_refused(scene, vote, received_at):
    with pytest.raises(FieldRefusal) as refused:
        votes.ballot(scene, vote, 1, received_at=received_at)
    assert refused.value.field == "received_at"


def test_a_late_or_rejected_paper_is_kept_without_what_it_says(scene, vote):
    votes.ballot(scene, vote, 1, rejected=RejectReason.TENANT)
    votes.ballot(scene, vote, 2, at=AFTER)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(BallotChoice)) == 0
    turnout = queries.turnout(vote)
    assert (turnout.persons.numerator, turnout.rejected, turnout.late) == (0, 1, 1)


def test_the_ballot_of_a_tenant_does_not_stand_in_the_way_of_the_owner_s(scene, vote):
    votes.ballot(scene, vote, 1, rejected=RejectReason.TENANT)
    with pytest.raises(Refusal, match="身份核对未通过"):
        votes.ballot(scene, vote, 1, rejected=RejectReason.TENANT)
    votes.ballot(scene, vote, 1)
    services.close(scene.director, AFTER, vote.id)
    counts = queries.results(vote)[0].counted.counts
    assert (counts.favour.persons, counts.void.persons) == (1, 0)


def test_a_refused_paper_alone_leaves_its_person_without_a_vote(scene, vote):
    votes.ballot(scene, vote, 1, rejected=RejectReason.UNSIGNED)
    services.close(scene.director, AFTER, vote.id)
    counts = queries.results(vote)[0].counted.counts
    assert (counts.accepted.persons, counts.void.persons, counts.unreached.persons) == (0, 1, 5)


def test_papers_are_taken_only_while_the_vote_is_open(scene):
    early = votes.frozen(scene)
    with pytest.raises(Refusal, match="还没有开始"):
        votes.ballot(scene, early, 1)
    services.open_vote(scene.director, OPENS, early.id)
    ballot = votes.ballot(scene, early, 1)
    services.close(scene.director, AFTER, early.id)
    with pytest.raises(Refusal, match="已截止"):
        votes.ballot(scene, early, 2, at=AFTER, received_at=DURING)
    with pytest.raises(Refusal, match="已截止"):
        correct(scene, ballot)


def test_a_paused_project_takes_no_papers(scene, vote):
    scene.project.state = ProjectState.PAUSED
    db.session.flush()
    with pytest.raises(Refusal, match="不能再改动"):
        votes.ballot(scene, vote, 1)


def test_a_foreign_vote_or_ballot_is_not_found(scene, vote):
    ballot = votes.ballot(scene, vote, 1)
    stranger = people.user(Role.COUNTER, people.committee("国年居委会"))
    with pytest.raises(NotFound):
        votes.ballot(scene, vote, 2, by=stranger)
    with pytest.raises(NotFound):
        services.correct_ballot(
            stranger, DURING, ballot.id, reason="试试", choices={}, received_at=DURING
        )


def test_a_correction_supersedes_and_counts_instead(scene, vote):
    old = votes.ballot(scene, vote, 1)
    new = correct(scene, old, Choice.AGAINST)
    assert (old.state, new.state) == (BallotState.SUPERSEDED, BallotState.ACCEPTED)
    assert (new.supersedes_id, new.correction_reason) == (old.id, "录错一项")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(BallotChoice)) == 4
    services.close(scene.director, AFTER, vote.id)
    counts = queries.results(vote)[0].counted.counts
    assert (counts.favour.persons, counts.against.persons) == (0, 1)


def test_a_superseded_record_cannot_be_corrected_again(scene, vote):
    old = votes.ballot(scene, vote, 1)
    new = correct(scene, old)
    with pytest.raises(Refusal, match="已经更正过"):
        correct(scene, old)
    assert correct(scene, new).supersedes_id == new.id


def test_a_correction_needs_its_reason(scene, vote):
    old = votes.ballot(scene, vote, 1)
    with pytest.raises(FieldRefusal) as refused:
        correct(scene, old, reason=" ")
    assert refused.value.field == "reason"


def test_a_rejected_paper_keeps_its_reason_when_corrected(scene, vote):
    old = votes.ballot(scene, vote, 1, rejected=RejectReason.UNSIGNED)
    new = correct(scene, old)
    assert (old.state, old.reject_reason) == (BallotState.SUPERSEDED, RejectReason.UNSIGNED)
    assert (new.state, new.reject_reason) == (BallotState.ACCEPTED, None)


def test_a_rejected_paper_does_not_become_a_second_accepted_one(scene, vote):
    rejected = votes.ballot(scene, vote, 1, rejected=RejectReason.UNSIGNED)
    votes.ballot(scene, vote, 1)
    with pytest.raises(Refusal, match="已经登记过"):
        correct(scene, rejected)


def test_a_paper_recorded_for_the_wrong_person_is_taken_back(scene, vote):
    wrong = votes.ballot(scene, vote, 1)
    gone = correct(scene, wrong, void=True, choices={}, reason="录错了户")
    assert gone.state is BallotState.VOIDED
    assert queries.turnout(vote).persons.numerator == 0
    assert votes.ballot(scene, vote, 1).state is BallotState.ACCEPTED
    services.close(scene.director, AFTER, vote.id)
    assert queries.results(vote)[0].counted.counts.accepted.persons == 1


def test_correcting_counts_as_recording(scene, vote):
    old = votes.ballot(scene, vote, 1)
    services.correct_ballot(
        scene.director,
        DURING,
        old.id,
        reason="录错一项",
        choices=dict.fromkeys(votes.motions_of(vote), Choice.FOR),
        received_at=DURING,
    )
    with pytest.raises(Refusal, match="换一位"):
        services.close(scene.director, AFTER, vote.id)


def test_the_history_tells_the_serial_and_nothing_of_the_paper(scene, vote):
    ballot = votes.ballot(scene, vote, 4, Choice.AGAINST)
    correct(scene, ballot, Choice.ABSTAIN, reason="把反对录成了同意")
    entries = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action.startswith("ballot."))
    ).all()
    assert [(e.text, e.values) for e in entries] == [
        ("登记了 1 张表决票（第 %(serial)d 号）", {"serial": 4}),
        ("更正了 1 张表决票的登记（第 %(serial)d 号）", {"serial": 4}),
    ]


def test_a_ballot_cannot_be_asked_what_it_says(scene, vote):
    number = votes.ballot(scene, vote, 1).id
    db.session.expire_all()
    with pytest.raises(InvalidRequestError):
        _ = db.session.get_one(Ballot, number).choices


def test_choices_are_read_in_one_place_only():
    package = Path(counting.__file__).parent
    reading = {
        path.name
        for path in package.parent.rglob("*.py")
        if re.search(r"\bBallotChoice\b", path.read_text(encoding="utf-8"))
    }
    assert reading == {"models.py", "recording.py", "counting.py"}
    importing = {
        path.name
        for path in package.parent.rglob("*.py")
        if re.search(r"import .*\bcounting\b", path.read_text(encoding="utf-8"))
    }
    assert importing == {"services.py"}


def test_figures_that_do_not_add_up_to_the_roll_are_not_counted(scene, vote):
    ballot = votes.ballot(scene, vote, 1)
    db.session.execute(
        sa.delete(BallotChoice).where(
            BallotChoice.ballot_id == ballot.id,
            BallotChoice.vote_motion_id == votes.motions_of(vote)[0],
        )
    )
    with pytest.raises(Refusal, match="不平"):
        services.close(scene.director, AFTER, vote.id)


def test_two_counters_recording_one_serial_at_once_make_one_ballot(app):
    with app.app_context():
        scene = votes.scene()
        vote = votes.running(scene)
        db.session.commit()
        vote_id, counters = vote.id, (scene.counter.id, scene.worker.id)
        choices = dict.fromkeys(votes.motions_of(vote), Choice.FOR)
    start, outcomes = threading.Barrier(2), []

    def enter(user_id: int) -> None:
        with app.app_context():
            start.wait()
            try:
                services.record_ballot(
                    db.session.get_one(User, user_id),
                    DURING,
                    vote_id,
                    serial=1,
                    choices=choices,
                    received_at=NOW + timedelta(hours=2),
                )
                db.session.commit()
                outcomes.append("recorded")
            except (Refusal, IntegrityError):
                db.session.rollback()
                outcomes.append("refused")

    threads = [threading.Thread(target=enter, args=(user_id,)) for user_id in counters]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["recorded", "refused"]
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Ballot)) == 1
        assert db.session.scalar(sa.select(sa.func.count()).select_from(RollEntry)) == 6
