"""Which ballot of a voter stands beside papers and co-owners, and what is opened at the close."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.factories import votes
from tests.factories.online import ONLINE, all_of, co_owners_paper, counted, pass_for, states, voted
from tests.factories.votes import AFTER, DURING
from tracker.audit.models import AuditEntry
from tracker.ballots import (
    checking_services,
    closing_services,
    collecting_services,
    entering_services,
    online_services,
    opening_services,
    printing_services,
    standing_services,
)
from tracker.ballots.models import Ballot, BallotChoice
from tracker.ballots.online_services import NotNow, cast
from tracker.ballots.rules import BallotState, PassState, Recipient, RejectReason
from tracker.counts import balance_queries
from tracker.counts import services as counts
from tracker.kernel.database import db
from tracker.kernel.errors import Refusal
from tracker.kernel.vault import Vault
from tracker.votes.rules import Choice
from tracker.votes.words import VoteState

pytestmark = pytest.mark.usefixtures("arrange")


@pytest.fixture
def of():
    return votes.scene()


# ---- paper takes precedence ----


def test_an_accepted_paper_takes_the_place_of_the_online_ballot(of):
    vote = votes.running(of, **ONLINE)
    online = voted(of, vote)
    paper = votes.accepted(of, vote, 1)
    assert (online.state, paper.state) == (BallotState.SUPERSEDED, BallotState.ACCEPTED)


def test_after_an_accepted_paper_nothing_is_taken_online(of):
    vote = votes.running(of, **ONLINE)
    votes.accepted(of, vote, 1)
    with pytest.raises(NotNow) as refusal:
        voted(of, vote)
    assert refusal.value.state is PassState.PAPER


def test_while_a_paper_waits_for_its_check_one_may_vote_online(of):
    vote = votes.running(of, **ONLINE)
    paper = votes.received(of, vote, 1)
    online = voted(of, vote)
    assert online.state is BallotState.ACCEPTED
    checking_services.check(of.counter, DURING, paper.id)
    assert (online.state, paper.state) == (BallotState.SUPERSEDED, BallotState.ACCEPTED)


def test_a_rejected_paper_leaves_the_online_ballot_alone(of):
    vote = votes.running(of, **ONLINE)
    online = voted(of, vote)
    paper = votes.received(of, vote, 1)
    checking_services.check(of.counter, DURING, paper.id, rejected=RejectReason.UNSIGNED)
    assert online.state is BallotState.ACCEPTED


@pytest.mark.parametrize("fallen", [BallotState.VOIDED, BallotState.SUPERSEDED])
def test_when_the_paper_falls_away_the_last_online_ballot_stands_again(of, fallen):
    vote = votes.running(of, **ONLINE)
    secret = pass_for(of, vote)
    first = cast(DURING, secret, all_of(vote, Choice.FOR))
    last = cast(DURING, secret, all_of(vote, Choice.AGAINST))
    paper = votes.accepted(of, vote, 1)
    paper.state = fallen
    standing_services.arrange(vote, paper.roll_entry_id)
    assert (first.state, last.state) == (BallotState.SUPERSEDED, BallotState.ACCEPTED)


def test_it_stands_again_after_the_close_too_and_is_opened_then(of):
    vote = votes.running(of, **ONLINE)
    voted(of, vote, mark=Choice.AGAINST)
    paper = votes.accepted(of, vote, 1)
    closing_services.close(of.director, AFTER, vote.id)
    votes.read(of, vote, 1, Choice.FOR)
    assert counted(vote) == {1: "for"}
    paper.state = BallotState.VOIDED
    standing_services.arrange(vote, paper.roll_entry_id)
    assert counted(vote) == {1: "against"}


def test_a_paper_found_after_the_close_takes_the_place_of_the_opened_ballot(of):
    vote = votes.running(of, **ONLINE)
    voted(of, vote, mark=Choice.AGAINST)
    closing_services.close(of.director, AFTER, vote.id)
    assert counted(vote) == {1: "against"}
    found = votes.received(of, vote, 1, at=AFTER, received_at=DURING)
    checking_services.check(of.counter, AFTER, found.id)
    assert counted(vote) == {}
    assert db.session.query(BallotChoice).count() == 0
    votes.read(of, vote, 1, Choice.FOR)
    assert counted(vote) == {1: "for"}


def test_who_takes_a_paper_back_takes_back_what_was_sent_online_before(of):
    vote = votes.running(of, **ONLINE)
    online = voted(of, vote)
    paper = votes.accepted(of, vote, 1)
    collecting_services.withdraw(of.counter, DURING, paper.id, reason="3月3日书面申请")
    assert (online.state, paper.state) == (BallotState.WITHDRAWN, BallotState.WITHDRAWN)
    assert voted(of, vote).state is BallotState.ACCEPTED


def test_a_paper_from_before_a_withdrawal_is_never_accepted_anew(of):
    vote = votes.running(of, **ONLINE)
    printing_services.print_spares(of.worker, DURING, vote.id, 1)
    first = votes.received(of, vote, 1)
    checking_services.check(of.counter, DURING, first.id, rejected=RejectReason.UNSIGNED)
    printing_services.hand_out(
        *(of.counter, DURING, vote.id),
        spare="7",
        voter="1",
        recipient=Recipient.OWNER,
        reason="原票未签名",
    )
    second = votes.received(of, vote, 7)
    collecting_services.withdraw(of.counter, DURING, second.id, reason="3月3日书面申请")
    with pytest.raises(Refusal, match="本人后来书面撤回过"):
        checking_services.correct(of.counter, DURING, first.id, rejected=None, reason="有签名")


def test_a_late_paper_leaves_the_online_ballot_standing(of):
    vote = votes.running(of, **ONLINE)
    online = voted(of, vote)
    late = votes.received(of, vote, 1, at=AFTER)
    assert (online.state, late.state) == (BallotState.ACCEPTED, BallotState.LATE)


# ---- co-owners ----


@pytest.mark.parametrize("online_first", [True, False])
@pytest.mark.parametrize(
    ("online", "paper", "together"),
    [(Choice.FOR, Choice.FOR, "for"), (Choice.FOR, Choice.AGAINST, "invalid")],
)
def test_a_co_owners_paper_stands_beside_the_online_ballot(
    of, online_first, online, paper, together
):
    vote = votes.running(of, **ONLINE)
    second = co_owners_paper(vote, 1)
    if online_first:
        voted(of, vote, mark=online)
    returned = collecting_services.receive(
        of.counter, DURING, vote.id, paper=str(second.serial), received_at=DURING
    )
    checking_services.check(of.counter, DURING, returned.id)
    if not online_first:
        assert returned.state is BallotState.ACCEPTED
        voted(of, vote, mark=online)
    assert returned.state is BallotState.CO_OWNER
    assert states(vote) == [BallotState.ACCEPTED]
    closing_services.close(of.director, AFTER, vote.id)
    for reader in (of.counter, of.worker):
        entering_services.enter(
            reader, AFTER, vote.id, ballot_id=returned.id, marks=all_of(vote, paper)
        )
    assert counted(vote) == {1: together}


def test_the_named_voters_paper_takes_the_place_of_their_online_ballot_only(of):
    vote = votes.running(of, **ONLINE)
    second = co_owners_paper(vote, 1)
    online = voted(of, vote)
    beside = collecting_services.receive(
        of.counter, DURING, vote.id, paper=str(second.serial), received_at=DURING
    )
    checking_services.check(of.counter, DURING, beside.id)
    named = votes.accepted(of, vote, 1)
    assert [online.state, beside.state, named.state] == [
        BallotState.SUPERSEDED,
        BallotState.CO_OWNER,
        BallotState.ACCEPTED,
    ]


# ---- the close ----


def test_at_the_close_the_machine_opens_what_stands(of):
    vote = votes.running(of, **ONLINE)
    for serial, mark in ((1, Choice.FOR), (2, Choice.AGAINST), (3, Choice.ABSTAIN)):
        voted(of, vote, serial, mark)
    closing_services.close(of.director, AFTER, vote.id)
    assert counted(vote) == {1: "for", 2: "against", 3: "abstain"}
    assert all(ballot.sealed for ballot in db.session.query(Ballot))
    assert balance_queries.balance(vote).online == 3


def test_nobody_reads_an_online_ballot(of):
    vote = votes.running(of, **ONLINE)
    ballot = voted(of, vote)
    closing_services.close(of.director, AFTER, vote.id)
    with pytest.raises(Refusal, match="不用录入"):
        entering_services.enter(
            of.counter, AFTER, vote.id, ballot_id=ballot.id, marks=all_of(vote, Choice.FOR)
        )


def test_a_vote_with_online_ballots_alone_is_certified(of):
    vote = votes.running(of, **ONLINE)
    for serial in range(1, 6):
        voted(of, vote, serial)
    votes.accepted(of, vote, 6)
    closing_services.close(of.director, AFTER, vote.id)
    votes.read(of, vote, 6, Choice.FOR)
    done = counts.certify(of.scrutineer, AFTER, vote.id, signers=votes.SIGNERS)
    assert done.state is VoteState.CERTIFIED
    assert db.session.scalar(sa.text("SELECT count(*) FROM motion_result")) == 2


def test_one_altered_ballot_is_rejected_with_its_reason_and_named_in_the_history(of):
    vote = votes.running(of, **ONLINE)
    bad, good = voted(of, vote, 1), voted(of, vote, 2)
    bad.sealed = good.sealed
    closing_services.close(of.director, AFTER, vote.id)
    assert (bad.state, bad.reject_reason) == (BallotState.REJECTED, RejectReason.UNREADABLE)
    assert counted(vote) == {2: "for"}
    told = [e.text % e.values for e in db.session.query(AuditEntry)]
    assert "第 1 号线上票无法开封，不计票" in told


def test_without_the_online_ballot_the_co_owners_paper_stands_alone(of):
    vote = votes.running(of, **ONLINE)
    online = voted(of, vote)
    second = co_owners_paper(vote, 1)
    beside = collecting_services.receive(
        of.counter, DURING, vote.id, paper=str(second.serial), received_at=DURING
    )
    checking_services.check(of.counter, DURING, beside.id)
    online.sealed = "junk"
    closing_services.close(of.director, AFTER, vote.id)
    assert (online.state, beside.state) == (BallotState.REJECTED, BallotState.ACCEPTED)


def test_with_another_secret_the_vote_does_not_close_and_nothing_is_lost(app, of):
    vote = votes.running(of, **ONLINE)
    voted(of, vote)
    app.config["SECRET_KEY"], kept = "quite another secret", app.config["SECRET_KEY"]
    with pytest.raises(Refusal, match="1 张线上票打不开"):
        closing_services.close(of.director, AFTER, vote.id)
    db.session.refresh(vote)
    app.config["SECRET_KEY"] = kept
    assert states(vote) == [BallotState.ACCEPTED]


def test_a_recount_opens_the_ballots_anew_and_tries_the_broken_ones_again(of):
    vote = votes.running(of, **ONLINE)
    broken, sound = voted(of, vote, 1, Choice.FOR), voted(of, vote, 2, Choice.AGAINST)
    kept, broken.sealed = broken.sealed, "1.junk"
    closing_services.close(of.director, AFTER, vote.id)
    assert counted(vote) == {2: "against"}
    broken.sealed = kept
    vote.count_number = 2
    opening_services.open_online(of.director, AFTER, vote)
    assert counted(vote) == {1: "for", 2: "against"}
    assert (broken.reject_reason, sound.state) == (None, BallotState.ACCEPTED)


def test_a_broken_seal_found_when_a_paper_falls_away_is_rejected(of):
    vote = votes.running(of, **ONLINE)
    online = voted(of, vote)
    paper = votes.accepted(of, vote, 1)
    online.sealed = "junk"
    closing_services.close(of.director, AFTER, vote.id)
    paper.state = BallotState.VOIDED
    standing_services.arrange(vote, paper.roll_entry_id)
    assert (online.state, online.reject_reason) == (BallotState.REJECTED, RejectReason.UNREADABLE)
    assert counted(vote) == {}


def test_answers_that_the_vote_does_not_ask_for_are_no_ballot(of):
    vote = votes.running(of, **ONLINE)
    ballot = voted(of, vote)
    from_elsewhere = online_services.seal_marks(
        Vault("for tests only" * 4),
        online_services.place(vote.id, ballot.roll_entry_id, ballot.id),
        all_of(vote, "yes!"),
    )
    ballot.sealed = from_elsewhere
    closing_services.close(of.director, AFTER, vote.id)
    assert ballot.reject_reason is RejectReason.UNREADABLE
