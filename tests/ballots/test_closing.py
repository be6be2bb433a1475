"""The close: not before its time, once, and only on the roll that was frozen."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.ballots.reading import enter
from tests.factories import people, votes
from tests.factories.votes import AFTER, CLOSES, DURING
from tracker.accounts.rules import Role
from tracker.audit.models import AuditEntry
from tracker.ballots import closing_services, entry_queries
from tracker.ballots.models import BallotChoice, BallotEntry
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound, Refusal
from tracker.projects.rules import ProjectState
from tracker.votes import course_services
from tracker.votes.models import RollUnit
from tracker.votes.words import VoteState


def close(scene, vote, at=AFTER):
    return closing_services.close(scene.director, at, vote.id)


def test_a_vote_is_closed_at_its_planned_time_and_the_actual_one_is_kept(scene, vote):
    closed = close(scene, vote, CLOSES + timedelta(minutes=7))
    assert (closed.state, closed.closed_at, closed.closed_by) == (
        VoteState.COUNTING,
        CLOSES + timedelta(minutes=7),
        scene.director.id,
    )
    last = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)).all()[-1]
    assert (last.action, last.values) == ("vote.closed", {})


@pytest.mark.parametrize(
    ("at", "refused"),
    [(CLOSES - timedelta(seconds=1), True), (CLOSES, False), (AFTER, False)],
)
def test_while_a_ballot_is_out_nobody_closes_before_the_planned_time(scene, vote, at, refused):
    votes.accepted(scene, vote, 1)
    if refused:
        with pytest.raises(Refusal, match="还没有到截止时间"):
            close(scene, vote, at)
    else:
        assert close(scene, vote, at).state is VoteState.COUNTING


def test_once_every_ballot_is_in_a_vote_may_be_closed_early(scene, vote):
    for serial in range(1, 7):
        votes.received(scene, vote, serial)
    assert close(scene, vote, DURING).closed_at == DURING


def test_an_extended_vote_is_closed_at_its_new_time(scene):
    held = votes.running(scene, extension_condition="参与不足三分之二", extension_days=5)
    course_services.propose_extension(scene.worker, DURING, held.id, reason="只有一半")
    course_services.approve_extension(scene.director, DURING, held.id)
    with pytest.raises(Refusal, match="还没有到截止时间"):
        close(scene, held, AFTER)
    assert close(scene, held, CLOSES + timedelta(days=5)).state is VoteState.COUNTING


@pytest.mark.parametrize("make", [votes.draft, votes.frozen, votes.counting, votes.certified])
def test_only_an_open_vote_is_closed(scene, make):
    held = make(scene)
    with pytest.raises(Refusal, match="只有投票中的表决才能截止"):
        close(scene, held)


def test_a_vote_whose_roll_was_altered_is_not_closed(scene, vote):
    db.session.execute(sa.update(RollUnit).values(area=1))
    with pytest.raises(Refusal, match="指纹不符"):
        close(scene, vote)


def test_a_paused_project_closes_nothing(scene, vote):
    scene.project.state = ProjectState.PAUSED
    db.session.flush()
    with pytest.raises(Refusal, match="不能再改动"):
        close(scene, vote)


def test_another_committees_vote_is_not_found(scene, vote):
    stranger = people.user(Role.DIRECTOR, people.committee("国年居委会"))
    with pytest.raises(NotFound):
        closing_services.close(stranger, AFTER, vote.id)


def test_before_the_close_there_is_nothing_to_read_in_the_database(scene, vote):
    votes.accepted(scene, vote, 1)
    with pytest.raises(Refusal):
        enter(scene.counter, vote, 1)
    for model in (BallotEntry, BallotChoice):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(model)) == 0
    close(scene, vote)
    enter(scene.counter, vote, 1)
    assert entry_queries.has_entered(vote.id, scene.counter.id)
