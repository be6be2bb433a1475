"""Whatever comes in for a voter and in whatever order: the services count what the rule says.

The rule is ``votes.tally.settle``; here its events are papers received, checked, corrected and
withdrawn through the services and read by two people, and ballots sent online.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.factories import votes
from tests.factories.online import ONLINE, all_of, pass_for
from tests.factories.votes import AFTER, CLOSES, OPENS, Scene
from tracker.ballots import (
    checking_services,
    closing_services,
    collecting_services,
    entering_services,
    entry_queries,
)
from tracker.ballots.codes import new_code
from tracker.ballots.models import Ballot, BallotChoice
from tracker.ballots.online_services import cast
from tracker.ballots.paper_models import Paper
from tracker.ballots.rules import COUNTABLE_STATES, BallotState, PaperState, RejectReason
from tracker.counts.counting import ANSWERED
from tracker.kernel.database import db
from tracker.kernel.errors import Refusal
from tracker.votes.models import RollEntry, Vote
from tracker.votes.rules import Channel, Choice
from tracker.votes.tally import Event, Settled, settle

CHOICES = (Choice.FOR, Choice.AGAINST, Choice.ABSTAIN, Choice.INVALID)
FOR, AGAINST = CHOICES[:2]
UNSIGNED = RejectReason.UNSIGNED
VERDICTS = (None, None, None, UNSIGNED)

signers = st.booleans()
places = st.integers(0, 9)


@dataclass(frozen=True)
class Arrives:
    """A paper of the voter, or of the co-owner, comes back; after the close when ``late``."""

    second: bool
    choice: Choice
    late: bool = False


@dataclass(frozen=True)
class Online:
    """The voter votes online; nobody writes an invalid ballot there."""

    choice: Choice


@dataclass(frozen=True)
class Checked:
    """The identity of a paper is looked at, of whichever is waiting."""

    place: int
    verdict: RejectReason | None


@dataclass(frozen=True)
class Corrected:
    """The check of a paper is corrected, of whichever was checked."""

    place: int
    verdict: RejectReason | None


@dataclass(frozen=True)
class Withdrawn:
    """The voter, or the co-owner, takes back whatever is in."""

    second: bool


arrivals = st.builds(Arrives, signers, st.sampled_from(CHOICES))
checks = st.builds(Checked, places, st.sampled_from(VERDICTS))
corrections = st.builds(Corrected, places, st.sampled_from(VERDICTS))
steps = st.one_of(
    arrivals,
    arrivals,
    checks,
    checks,
    corrections,
    st.builds(Withdrawn, signers),
    st.builds(Online, st.sampled_from(CHOICES[:3])),
)
latecomers = st.builds(Arrives, signers, st.sampled_from(CHOICES), st.just(True))


class Course:
    """One voter's ballots on their way through the services, and what the rule sees of them."""

    def __init__(self, scene: Scene, vote: Vote) -> None:
        self.scene, self.vote = scene, vote
        self.entry = db.session.query(RollEntry).filter_by(vote_id=vote.id, serial=1).one()
        self.now = OPENS
        self.came: dict[int, Arrives] = {}
        self.times: dict[int, datetime] = {}
        self.withdrawals: list[tuple[datetime, bool]] = []
        self.sent: list[tuple[datetime, Choice]] = []
        self.secret = pass_for(scene, vote, 1, OPENS)

    def standing(self) -> list[Ballot]:
        """The newest record of each paper."""
        query = sa.select(Ballot).where(
            Ballot.roll_entry_id == self.entry.id,
            Ballot.paper_id.is_not(None),
            Ballot.state != BallotState.SUPERSEDED,
        )
        return list(db.session.scalars(query.order_by(Ballot.paper_id)))

    def take(self, step: Arrives | Online | Checked | Corrected | Withdrawn) -> None:
        """One step, a minute after the one before."""
        self.now += timedelta(minutes=1)
        if isinstance(step, Arrives):
            self.arrive(step)
        elif isinstance(step, Online):
            self.send(step.choice)
        elif isinstance(step, Withdrawn):
            self.withdraw(step.second)
        elif isinstance(step, Checked):
            waiting = [b for b in self.standing() if b.state is BallotState.RETURNED]
            if waiting:
                checking_services.check(
                    self.scene.counter,
                    self.now,
                    waiting[step.place % len(waiting)].id,
                    rejected=step.verdict,
                )
        else:
            self.correct(step)

    def arrive(self, step: Arrives) -> None:
        paper = another_paper(self.vote, self.entry, second=step.second)
        at = AFTER if step.late else self.now
        collecting_services.receive(
            self.scene.counter,
            max(at, self.now),
            self.vote.id,
            paper=str(paper.serial),
            received_at=at,
        )
        self.came[paper.id], self.times[paper.id] = step, at

    def send(self, choice: Choice) -> None:
        with refused_in_peace():
            cast(self.now, self.secret, all_of(self.vote, choice))
            self.sent.append((self.now, choice))

    def withdraw(self, second: bool) -> None:
        in_hand = [
            ballot
            for ballot in self.standing()
            if ballot.second_owner is second
            and ballot.state in (BallotState.RETURNED, *COUNTABLE_STATES)
        ]
        for ballot in in_hand:
            collecting_services.withdraw(self.scene.counter, self.now, ballot.id, reason="书面申请")
        if in_hand:
            self.withdrawals.append((self.now, second))

    def correct(self, step: Corrected) -> None:
        checked = [
            ballot
            for ballot in self.standing()
            if ballot.checked_at is not None
            and ballot.state in (BallotState.REJECTED, *COUNTABLE_STATES)
            # Who took everything back has not asked for an older paper to be let in.
            and (ballot.second_owner not in [second for _at, second in self.withdrawals])
        ]
        if not checked:
            return
        chosen = checked[step.place % len(checked)]
        with refused_in_peace():
            checking_services.correct(
                self.scene.scrutineer,
                self.now,
                chosen.id,
                rejected=step.verdict,
                reason="核错了",
            )

    def close(self) -> None:
        """End the voting; look at what is still waiting; read all that counts twice."""
        self.now = AFTER
        closing_services.close(self.scene.director, AFTER, self.vote.id)
        for ballot in self.standing():
            if ballot.state is BallotState.RETURNED:
                checking_services.check(self.scene.counter, AFTER, ballot.id)

    def read(self) -> None:
        """Both readings of every paper that counts and is not read yet."""
        for ballot in self.standing():
            read = entry_queries.readings([ballot.id], 1)[ballot.id]
            if ballot.state not in COUNTABLE_STATES or read:
                continue
            said = self.came[ballot.paper_id].choice
            marks = dict.fromkeys(votes.motions_of(self.vote), said.value)
            for reader in (self.scene.counter, self.scene.worker):
                entering_services.enter(
                    reader, AFTER, self.vote.id, ballot_id=ballot.id, marks=marks
                )

    def counted(self) -> str | None:
        """What is counted for the voter on the first motion."""
        return db.session.scalar(
            sa.select(BallotChoice.mark)
            .join(Ballot, Ballot.id == BallotChoice.ballot_id)
            .where(
                Ballot.roll_entry_id == self.entry.id,
                Ballot.state == BallotState.ACCEPTED,
                BallotChoice.vote_motion_id == votes.motions_of(self.vote)[0],
            )
        )

    def by_the_rule(self) -> Settled | None:
        """What ``settle`` makes of the same events."""
        rejected = {b.paper_id for b in self.standing() if b.state is BallotState.REJECTED}
        events = [
            Event(
                "v",
                self.times[paper],
                step.choice,
                second_owner=step.second,
                identity_ok=paper not in rejected,
            )
            for paper, step in self.came.items()
        ]
        events += [Event("v", at, choice, Channel.ONLINE) for at, choice in self.sent]
        events += [Event("v", at, None, second_owner=second) for at, second in self.withdrawals]
        return settle(events, CLOSES).get("v")


@contextmanager
def refused_in_peace() -> Iterator[None]:
    """A step that the services refuse leaves nothing behind."""
    try:
        with db.session.begin_nested():
            yield
    except Refusal:
        db.session.expire_all()


def another_paper(vote: Vote, entry: RollEntry, *, second: bool) -> Paper:
    """A valid paper of a voter or the co-owner, beside those they have: only races make it."""
    last = db.session.scalars(
        sa.select(Paper).where(Paper.vote_id == vote.id).order_by(Paper.serial.desc())
    ).first()
    assert last is not None
    paper = Paper(
        committee_id=vote.committee_id,
        vote_id=vote.id,
        run_id=last.run_id,
        serial=last.serial + 1,
        code=new_code(),
        roll_entry_id=entry.id,
        second_owner=second,
        state=PaperState.LIVE,
    )
    db.session.add(paper)
    db.session.flush()
    return paper


@pytest.mark.usefixtures("arrange")
def test_the_services_settle_a_voters_papers_as_the_rule_does():
    scene = votes.scene(buildings=1, rooms=1)
    vote_id = votes.running(scene, **ONLINE).id
    db.session.flush()
    seen: set[str | None] = set()

    @example([Online(FOR), Arrives(False, AGAINST), Withdrawn(False)], [], [])
    @example([Online(FOR), Arrives(False, AGAINST), Checked(0, UNSIGNED)], [], [])
    @example([Online(FOR), Arrives(False, AGAINST)], [], [Corrected(0, UNSIGNED)])
    @example([Arrives(False, FOR), Arrives(True, AGAINST)], [], [Corrected(0, UNSIGNED)])
    @example([Arrives(True, FOR), Arrives(False, AGAINST), Checked(0, None)], [], [])
    @example([Arrives(False, FOR), Checked(0, None), Arrives(False, AGAINST)], [], [])
    @example([Arrives(False, FOR), Withdrawn(False)], [Arrives(False, AGAINST, True)], [])
    @settings(
        max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
    )
    @given(
        st.lists(steps, min_size=1, max_size=9),
        st.lists(latecomers, max_size=2),
        st.lists(corrections, max_size=2),
    )
    def same(course_steps, late_ones, corrected_late):
        undone = db.session.begin_nested()
        try:
            course = Course(scene, db.session.get_one(Vote, vote_id))
            for step in course_steps:
                course.take(step)
            course.close()
            for step in late_ones:
                course.arrive(step)
            course.read()
            for correction in corrected_late:
                course.take(correction)
            course.read()
            rule = course.by_the_rule()
            assert course.counted() == (rule.choice if rule else None)
            answered = any(ballot.state in ANSWERED for ballot in course.standing())
            if rule is not None and rule.choice is None:
                assert answered
            seen.add(course.counted())
        finally:
            undone.rollback()
            db.session.expire_all()

    same()
    assert {*(choice.value for choice in CHOICES), None} <= seen
