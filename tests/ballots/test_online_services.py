"""Passes and online ballots: who may vote when, what stands, what is opened at the close."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.factories import votes
from tests.factories.online import ONLINE, all_of, counted, pass_for, states, voted
from tests.factories.people import NOW
from tests.factories.votes import AFTER, CLOSES, DURING
from tracker.audit.models import AuditEntry
from tracker.ballots import (
    closing_services,
    online_queries,
    queries,
)
from tracker.ballots.models import BallotChoice
from tracker.ballots.online_services import MOST_CASTS, NotNow, cast, end_pass, issue_pass
from tracker.ballots.paper_models import OnlinePass
from tracker.ballots.pass_codes import read_secret
from tracker.ballots.rules import BallotState, PassState
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, NotFound, Refusal
from tracker.projects.rules import ProjectState
from tracker.votes import course_services
from tracker.votes.rules import Channel, Choice

pytestmark = pytest.mark.usefixtures("arrange")


@pytest.fixture
def of():
    return votes.scene()


# ---- passes ----


def test_only_a_hash_of_the_secret_is_kept(of):
    vote = votes.running(of, **ONLINE)
    made, secret = issue_pass(of.worker, DURING, vote.id, voter="1", told="当面核对身份证")
    row = db.session.execute(sa.text("SELECT * FROM online_pass")).mappings().one()
    for form in (secret, read_secret(secret)):
        assert not [value for value in row.values() if form in str(value)]
    assert (made.issued_by, made.told) == (of.worker.id, "当面核对身份证")


def test_a_new_pass_ends_the_old_one(of):
    vote = votes.running(of, **ONLINE)
    first, second = pass_for(of, vote), pass_for(of, vote)
    with pytest.raises(NotNow) as refusal:
        cast(DURING, first, all_of(vote, Choice.FOR))
    assert refusal.value.state is PassState.ENDED
    assert cast(DURING, second, all_of(vote, Choice.FOR)).state is BallotState.ACCEPTED


def test_a_pass_that_was_ended_lets_nobody_vote_and_leaves_what_was_voted(of):
    vote = votes.running(of, **ONLINE)
    made, secret = issue_pass(of.worker, DURING, vote.id, voter="1", told="当面核对身份证")
    cast(DURING, secret, all_of(vote, Choice.FOR))
    end_pass(of.director, DURING, made.id)
    with pytest.raises(NotNow):
        cast(DURING, secret, all_of(vote, Choice.AGAINST))
    assert states(vote) == [BallotState.ACCEPTED]
    with pytest.raises(Refusal, match="已经停用"):
        end_pass(of.director, DURING, made.id)


def test_a_pass_of_another_committee_is_not_found(of):
    vote = votes.running(of, **ONLINE)
    made, _ = issue_pass(of.worker, DURING, vote.id, voter="1", told="当面核对身份证")
    other = votes.scene(committee="航天居委会")
    with pytest.raises(NotFound):
        end_pass(other.director, DURING, made.id)
    with pytest.raises(NotFound):
        issue_pass(other.worker, DURING, vote.id, voter="1", told="当面核对身份证")


def test_a_vote_without_online_ballots_gives_no_passes(of):
    vote = votes.running(of)
    with pytest.raises(Refusal, match="不接受线上投票"):
        pass_for(of, vote)


@pytest.mark.parametrize(
    ("make", "now", "given"),
    [
        (votes.draft, DURING, False),
        (votes.frozen, NOW, True),
        (votes.running, DURING, True),
        (votes.running, CLOSES, True),
        (votes.running, CLOSES + timedelta(seconds=1), False),
        (votes.counting, AFTER, False),
        (votes.announced, AFTER, False),
    ],
)
def test_passes_are_given_from_the_freeze_to_the_close(of, make, now, given):
    vote = make(of, **ONLINE)
    if given:
        assert pass_for(of, vote, now=now)
    else:
        with pytest.raises(Refusal, match="发线上投票凭证"):
            pass_for(of, vote, now=now)


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("voter", "99", "名册上没有"),
        ("voter", "9-101", "名册上没有"),
        ("told", "  ", "怎样核对"),
        ("told", "字" * 201, "最多 200"),
        ("told", "身份证 310110 19500101 1234", "不要登记证件号码"),
        ("told", "31011019500101123X", "不要登记证件号码"),
    ],
)
def test_a_pass_needs_a_voter_and_a_note_without_a_number(of, field, value, complaint):
    vote = votes.running(of, **ONLINE)
    given = {"voter": "1-101", "told": "当面核对房产证", field: value}
    with pytest.raises(FieldRefusal, match=complaint):
        issue_pass(of.worker, DURING, vote.id, **given)


def test_a_voter_is_found_by_room(of):
    vote = votes.running(of, **ONLINE)
    made, _ = issue_pass(of.worker, DURING, vote.id, voter="2号楼101室", told="当面核对身份证")
    assert [unit.label for unit in made.entry.units] == ["2号楼101室"]


# ---- casting ----


@pytest.mark.parametrize("secret", ["", "x", "22222-22222-22222-22222", "ABCDE" * 4, "同意" * 10])
def test_an_unknown_secret_is_not_found(of, secret):
    vote = votes.running(of, **ONLINE)
    with pytest.raises(NotFound):
        cast(DURING, secret, all_of(vote, Choice.FOR))


def test_a_secret_may_be_typed_in_small_letters_and_without_hyphens(of):
    vote = votes.running(of, **ONLINE)
    typed = pass_for(of, vote).lower().replace("-", " ")
    assert cast(DURING, typed, all_of(vote, Choice.FOR)).state is BallotState.ACCEPTED


def test_the_ballot_is_accepted_and_sealed_and_says_nothing_of_its_choice(of):
    vote = votes.running(of, **ONLINE)
    ballot = voted(of, vote, mark=Choice.AGAINST)
    assert (ballot.channel, ballot.state) == (Channel.ONLINE, BallotState.ACCEPTED)
    assert len(ballot.receipt) == 64
    assert "against" not in ballot.sealed
    assert db.session.query(BallotChoice).count() == 0


def test_sealed_ballots_are_equally_long_whatever_they_say(of):
    vote = votes.running(of, **ONLINE)
    marks = (Choice.FOR, Choice.AGAINST, Choice.ABSTAIN)
    lengths = {len(voted(of, vote, n, mark).sealed) for n, mark in enumerate(marks, start=1)}
    assert len(lengths) == 1


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (CLOSES, None),
        (CLOSES + timedelta(microseconds=1), PassState.CLOSED),
    ],
)
def test_arriving_at_the_very_close_is_in_time(of, now, state):
    vote = votes.running(of, **ONLINE)
    secret = pass_for(of, vote)
    if state is None:
        assert cast(now, secret, all_of(vote, Choice.FOR)).received_at == now
        return
    with pytest.raises(NotNow) as refusal:
        cast(now, secret, all_of(vote, Choice.FOR))
    assert refusal.value.state is state
    assert states(vote) == []


def test_an_extension_lets_passes_work_on(of):
    condition = {"extension_condition": "参与未达三分之二", "extension_days": 5}
    vote = votes.running(of, **ONLINE, **condition)
    secret = pass_for(of, vote)
    course_services.propose_extension(of.worker, DURING, vote.id, reason="参与未达三分之二")
    course_services.approve_extension(of.director, DURING, vote.id)
    assert cast(CLOSES + timedelta(days=5), secret, all_of(vote, Choice.FOR))
    with pytest.raises(NotNow):
        cast(CLOSES + timedelta(days=5, seconds=1), secret, all_of(vote, Choice.FOR))


def test_before_the_opening_a_pass_lets_nobody_vote(of):
    vote = votes.frozen(of, **ONLINE)
    secret = pass_for(of, vote, now=NOW)
    with pytest.raises(NotNow) as refusal:
        cast(NOW, secret, all_of(vote, Choice.FOR))
    assert refusal.value.state is PassState.EARLY


def test_a_vote_closed_early_takes_no_more(of):
    vote = votes.running(of, **ONLINE)
    secrets = [pass_for(of, vote, serial) for serial in range(1, 7)]
    for secret in secrets:
        cast(DURING, secret, all_of(vote, Choice.FOR))
    closing_services.close(of.director, DURING, vote.id)
    with pytest.raises(NotNow) as refusal:
        cast(DURING, secrets[0], all_of(vote, Choice.AGAINST))
    assert refusal.value.state is PassState.CLOSED
    assert set(counted(vote).values()) == {"for"}


def test_a_cancelled_vote_and_a_paused_project_take_no_ballots(of):
    vote = votes.running(of, **ONLINE)
    secret = pass_for(of, vote)
    of.project.state = ProjectState.PAUSED
    db.session.flush()
    with pytest.raises(NotNow) as refusal:
        cast(DURING, secret, all_of(vote, Choice.FOR))
    assert refusal.value.state is PassState.PAUSED
    of.project.state = ProjectState.ACTIVE
    course_services.cancel(of.director, DURING, vote.id, reason="公示有误")
    with pytest.raises(NotNow) as refusal:
        cast(DURING, secret, all_of(vote, Choice.FOR))
    assert refusal.value.state is PassState.CANCELLED


def test_only_answers_printed_on_the_ballot_are_taken(of):
    vote = votes.running(of, **ONLINE)
    first, second = votes.motions_of(vote)
    secret = pass_for(of, vote)
    for marks in (
        {},
        {first: "for"},
        {first: "for", second: "invalid"},
        {first: "for", second: "follow"},
        {first: "for", second: ""},
        {first: "for", second: "for", 999: "for"},
    ):
        with pytest.raises(Refusal, match="每一项"):
            cast(DURING, secret, marks)
    assert states(vote) == []


def test_voting_again_replaces_and_keeps_the_receipt(of):
    vote = votes.running(of, **ONLINE)
    secret = pass_for(of, vote)
    first = cast(DURING, secret, all_of(vote, Choice.FOR))
    last = cast(DURING, secret, all_of(vote, Choice.AGAINST))
    assert states(vote) == [BallotState.SUPERSEDED, BallotState.ACCEPTED]
    assert first.receipt == last.receipt
    closing_services.close(of.director, AFTER, vote.id)
    assert counted(vote) == {1: "against"}


def test_a_voter_cannot_fill_the_database(of):
    vote = votes.running(of, **ONLINE)
    secret = pass_for(of, vote)
    for _ in range(MOST_CASTS):
        cast(DURING, secret, all_of(vote, Choice.FOR))
    with pytest.raises(Refusal, match="次数太多"):
        cast(DURING, secret, all_of(vote, Choice.FOR))
    with pytest.raises(Refusal, match="次数太多"):
        voted(of, vote)


def test_two_voters_never_share_a_receipt(of):
    vote = votes.running(of, **ONLINE)
    receipts = {voted(of, vote, serial).receipt for serial in range(1, 7)}
    receipts |= {votes.received(of, vote, serial).receipt for serial in range(1, 7)}
    assert len(receipts) == 12


def test_the_history_tells_that_a_ballot_came_and_nothing_of_it(of):
    vote = votes.running(of, **ONLINE)
    voted(of, vote, mark=Choice.AGAINST)
    entry = db.session.query(AuditEntry).filter_by(action="ballot.cast_online").one()
    assert entry.text % entry.values == "收到线上表决票第 1 号"
    assert entry.actor_id is None


def test_a_voter_takes_part_once_however_often_and_by_whatever_way(of):
    vote = votes.running(of, **ONLINE)
    secret = pass_for(of, vote)
    cast(DURING, secret, all_of(vote, Choice.FOR))
    cast(DURING, secret, all_of(vote, Choice.AGAINST))
    votes.accepted(of, vote, 1)
    votes.accepted(of, vote, 2)
    assert queries.turnout(vote).persons.numerator == 2


def test_passes_are_counted_for_the_page(of):
    vote = votes.running(of, **ONLINE)
    voted(of, vote, 1)
    pass_for(of, vote, 2)
    pass_for(of, vote, 2)
    assert db.session.query(OnlinePass).count() == 3
    found = online_queries.pass_count(vote.id)
    assert (found.issued, found.used) == (2, 1)
