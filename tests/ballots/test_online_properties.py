"""Random courses of papers and online ballots: the services and ``tally.settle`` agree.

What happens is tried through the services, in the order of time; what they refuse did not happen.
What happened is told to the pure rule as events, and both must find the same for every voter.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import votes
from tests.factories.online import ONLINE, all_of, counted, pass_for
from tests.factories.votes import AFTER, CLOSES, DURING
from tracker.ballots import (
    checking_services,
    closing_services,
    collecting_services,
    entering_services,
    online_services,
    printing_services,
)
from tracker.ballots.models import Ballot
from tracker.ballots.paper_models import Paper
from tracker.ballots.rules import COUNTABLE_STATES, BallotState, PaperState, Recipient, RejectReason
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound, Refusal
from tracker.votes.rules import Channel, Choice
from tracker.votes.tally import Event, settle

VOTERS = (1, 2)
CHOICES = (Choice.FOR, Choice.AGAINST, Choice.ABSTAIN)
SPARES = 12


class Course:
    """A vote, what its voters did, and what the pure rule is told of it."""

    def __init__(self, of, vote):
        self.of, self.vote, self.now = of, vote, DURING
        self.secrets = {serial: pass_for(of, vote, serial) for serial in VOTERS}
        self.papers: dict[int, dict[str, Any]] = {}  # by id of the paper: what came back
        self.online: list[Event] = []
        self.withdrawals: list[Event] = []

    def events(self) -> list[Event]:
        papers = [
            Event(
                str(p["voter"]), p["at"], p["choice"], Channel.PAPER, p["second"], p["identity_ok"]
            )
            for p in self.papers.values()
        ]
        return papers + self.online + self.withdrawals

    # ---- what can happen; each raises Refusal when it cannot ----

    def vote_online(self, voter, choice, _second):
        online_services.cast(self.now, self.secrets[voter], all_of(self.vote, choice))
        self.online.append(Event(str(voter), self.now, choice, Channel.ONLINE))

    def hand_out(self, voter, _choice, second):
        spare = db.session.query(Paper).filter_by(vote_id=self.vote.id, state=PaperState.SPARE)
        printing_services.hand_out(
            *(self.of.counter, self.now, self.vote.id),
            spare=str(spare.order_by(Paper.serial).first().serial),
            voter=str(voter),
            recipient=Recipient.CO_OWNER if second else Recipient.OWNER,
            reason="另领一张",
            second_owner=second,
        )

    def bring_paper(self, voter, choice, second):
        paper = self._paper_out(voter, second)
        if paper is None:
            return
        collecting_services.receive(
            *(self.of.counter, self.now, self.vote.id),
            paper=str(paper.serial),
            received_at=min(self.now, CLOSES),
        )
        self.papers[paper.id] = {
            "voter": voter,
            "at": min(self.now, CLOSES),
            "choice": choice,
            "second": second,
            "identity_ok": True,
        }

    def bring_late(self, voter, choice, second):
        paper = self._paper_out(voter, second)
        if paper is None:
            return
        late = CLOSES + timedelta(seconds=1)
        if late > self.now:
            return
        collecting_services.receive(
            *(self.of.counter, self.now, self.vote.id), paper=str(paper.serial), received_at=late
        )
        self.papers[paper.id] = {
            "voter": voter,
            "at": late,
            "choice": choice,
            "second": second,
            "identity_ok": True,
        }

    def accept(self, voter, _choice, second):
        self._check(voter, second, None)

    def reject(self, voter, _choice, second):
        self._check(voter, second, RejectReason.UNSIGNED)

    def correct(self, voter, choice, second):
        for ballot in self._ballots(voter, second):
            if ballot.checked_at is not None:
                refused = ballot.state is not BallotState.REJECTED
                checking_services.correct(
                    *(self.of.counter, self.now, ballot.id),
                    rejected=RejectReason.TENANT if refused else None,
                    reason="核对有误",
                )
                self.papers[ballot.paper_id]["identity_ok"] = not refused
                return

    def withdraw(self, voter, _choice, second):
        for ballot in self._ballots(voter, second):
            collecting_services.withdraw(
                self.of.counter, self.now, ballot.id, reason="本人书面申请"
            )
            event = Event(str(voter), self.now, None, Channel.PAPER, second)
            self.withdrawals.append(event)
            return

    def undo(self, voter, _choice, second):
        for ballot in self._ballots(voter, second):
            collecting_services.undo(self.of.counter, self.now, ballot.id, reason="扫错了")
            del self.papers[ballot.paper_id]
            return

    # ---- finding what it happens to ----

    def _paper_out(self, voter, second):
        for paper in db.session.query(Paper).filter_by(
            vote_id=self.vote.id, state=PaperState.LIVE, second_owner=second
        ):
            if paper.entry.serial == voter and paper.id not in self.papers:
                return paper
        return None

    def _ballots(self, voter, second) -> list[Ballot]:
        """The voter's papers that came back, the latest first."""
        found = db.session.query(Ballot).filter_by(
            vote_id=self.vote.id, channel=Channel.PAPER, second_owner=second
        )
        gone = (BallotState.VOIDED, BallotState.SUPERSEDED)
        return [
            ballot
            for ballot in found.order_by(Ballot.id.desc())
            if ballot.entry.serial == voter and ballot.state not in gone
        ]

    def _check(self, voter, second, rejected):
        for ballot in self._ballots(voter, second):
            if ballot.state is BallotState.RETURNED:
                done = checking_services.check(
                    self.of.counter, self.now, ballot.id, rejected=rejected
                )
                ok = done.state in COUNTABLE_STATES
                self.papers[ballot.paper_id]["identity_ok"] = ok
                return

    # ---- the course ----

    def happen(self, names, voter, choice, second):
        for name in names:
            self.now += timedelta(minutes=1)
            held = db.session.begin_nested()
            try:
                getattr(self, name)(voter, choice, second)
                held.commit()
            except (Refusal, NotFound):
                held.rollback()

    def close(self):
        self.now = AFTER
        closing_services.close(self.of.director, AFTER, self.vote.id)

    def finish(self):
        """Check what waits, and read all papers that count."""
        for voter in VOTERS:
            for second in (False, True):
                self._check(voter, second, None)
        for ballot in db.session.query(Ballot).filter_by(channel=Channel.PAPER):
            if ballot.state in COUNTABLE_STATES:
                marks = all_of(self.vote, self.papers[ballot.paper_id]["choice"])
                for reader in (self.of.worker, self.of.officer):
                    entering_services.enter(
                        reader, AFTER, self.vote.id, ballot_id=ballot.id, marks=marks
                    )


BEFORE = (
    ("vote_online",),
    ("vote_online", "bring_paper", "accept", "withdraw"),
    ("vote_online", "bring_paper", "accept", "correct"),
    ("bring_paper", "vote_online", "withdraw", "vote_online"),
    ("bring_paper", "reject", "hand_out", "bring_paper", "withdraw"),
    ("bring_paper",),
    ("bring_paper", "accept"),
    ("bring_paper", "reject"),
    ("hand_out",),
    ("hand_out", "bring_paper", "accept"),
    ("accept",),
    ("reject",),
    ("correct",),
    ("withdraw",),
    ("bring_paper", "withdraw"),
    ("undo",),
)
"""What happens together to one voter's ballots."""

LATER = (
    *(("bring_paper",), ("bring_late",), ("bring_paper", "accept"), ("accept",)),
    *(("reject",), ("correct",), ("undo",), ("vote_online",)),
)


def steps(phrases, most):
    return st.lists(
        st.tuples(
            st.sampled_from(phrases),
            st.sampled_from((1, 1, 1, 2)),
            st.sampled_from(CHOICES),
            st.sampled_from((False, False, False, True)),
        ),
        max_size=most,
    )


@pytest.fixture
def scene(arrange):
    of = votes.scene(buildings=1, rooms=3, motions=("车辆管理制度",))
    vote = votes.running(of, **ONLINE)
    printing_services.print_spares(of.worker, DURING, vote.id, SPARES)
    db.session.flush()
    return of, vote


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(before=steps(BEFORE, 8), later=steps(LATER, 3))
def test_the_services_and_the_pure_rule_settle_alike(scene, before, later):
    of, vote = scene
    example = db.session.begin_nested()
    try:
        course = Course(of, vote)
        for step in before:
            course.happen(*step)
        course.close()
        for step in later:
            course.happen(*step)
        course.finish()
        settled = settle(course.events(), CLOSES)
        expected = {
            int(voter): found.choice.value for voter, found in settled.items() if found.choice
        }
        assert counted(vote) == expected
    finally:
        example.rollback()
        db.session.expire_all()
