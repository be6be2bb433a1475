"""Any vote carried through the paper course, by the people and on the days given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker.accounts.models import User
from tracker.ballots import (
    checking_services,
    closing_services,
    collecting_services,
    entering_services,
    printing_services,
)
from tracker.ballots.marks import DIGITS
from tracker.ballots.models import Ballot
from tracker.counts import services as counts
from tracker.counts.services import Signers
from tracker.demo.slips import Slip
from tracker.projects.models import Project
from tracker.votes import course_services as course
from tracker.votes import roll_queries
from tracker.votes import services as votes
from tracker.votes.models import Vote
from tracker.votes.services import Draft

Slips = Mapping[int, Slip]
"""By serial, what came back."""


@dataclass(frozen=True)
class Hands:
    """Who does what in a vote. ``leaders``: who delivers, by building."""

    director: User
    worker: User
    counters: tuple[User, User]
    scrutineer: User
    leaders: Mapping[int, User]


@dataclass(frozen=True)
class Days:
    """When a vote is prepared and frozen; the other steps follow from these and its close."""

    prepared: datetime
    frozen: datetime


def carry(
    hands: Hands, days: Days, project: Project, draft: Draft, slips: Slips, signers: Signers
) -> Vote:
    """A vote from its draft to the announcement."""
    vote = freeze(hands, days, project, draft)
    counts.open_vote(hands.director, vote.opens_at, vote.id)
    ballots = collect(hands, vote, slips)
    close(hands, vote, ballots, slips)
    read(hands, vote, ballots, slips)
    return certify(hands, vote, signers)


def freeze(hands: Hands, days: Days, project: Project, draft: Draft) -> Vote:
    """Draft the vote, have its rule confirmed and its roll frozen, and number the papers."""
    vote = votes.prepare(hands.worker, days.prepared, project, draft)
    confirmed = days.prepared + timedelta(hours=5)
    votes.confirm_rule(hands.director, confirmed, vote.id, version=vote.version)
    persons = roll_queries.roll_preview(vote).persons
    course.propose_freeze(hands.worker, days.frozen, vote.id, version=vote.version, persons=persons)
    course.approve_freeze(hands.director, days.frozen + timedelta(hours=5), vote.id)
    printing_services.number_papers(hands.worker, days.frozen + timedelta(hours=6), vote.id)
    return vote


def collect(hands: Hands, vote: Vote, slips: Slips) -> dict[int, Ballot]:
    """Receive papers over the evenings of the voting; no choice is read."""
    evenings = max((vote.closes_at - vote.opens_at).days, 1)
    return {
        serial: _receive(
            hands.counters[place % 2],
            vote,
            serial,
            vote.opens_at + timedelta(days=place % evenings, hours=9, minutes=place % 120),
        )
        for place, (serial, slip) in enumerate(slips.items())
        if not slip.late
    }


def close(hands: Hands, vote: Vote, ballots: Mapping[int, Ballot], slips: Slips) -> None:
    """Close, keep the late papers, and look at the identity of every other one."""
    closing_services.close(hands.director, vote.closes_at, vote.id)
    for serial in (serial for serial, slip in slips.items() if slip.late):
        _receive(hands.counters[0], vote, serial, vote.closes_at + timedelta(minutes=20))
    checked = vote.closes_at + timedelta(hours=1)
    for serial, ballot in ballots.items():
        refused = slips[serial].rejected
        checking_services.check(hands.counters[0], checked, ballot.id, rejected=refused)


def read(hands: Hands, vote: Vote, ballots: Mapping[int, Ballot], slips: Slips) -> None:
    """Two counters read every paper, a building in one go; the worker settles their slips."""
    read_at = vote.closes_at + timedelta(hours=2)
    counted = {serial: ballot for serial, ballot in ballots.items() if slips[serial].counts}
    piles: dict[int, list[int]] = {}
    for serial, ballot in counted.items():
        piles.setdefault(ballot.entry.building_id, []).append(serial)
    for pile in piles.values():
        for counter, second in zip(hands.counters, (False, True), strict=True):
            typed = {counted[s].id: _keys(vote, slips[s].read_as(second)) for s in pile}
            done = entering_services.enter_batch(counter, read_at, vote.id, typed=typed)
            assert not done.wrong, done.wrong
    for serial, ballot in counted.items():
        if slips[serial].misread:
            entering_services.settle(
                hands.worker,
                read_at + timedelta(hours=1),
                vote.id,
                ballot_id=ballot.id,
                marks=_by_motion(vote, slips[serial].marks),
                reason="对照原票，第二遍看错一格",
            )


def _by_motion(vote: Vote, said: tuple[str, ...]) -> dict[int, str]:
    return {motion.id: mark for motion, mark in zip(vote.motions, said, strict=True)}


def _keys(vote: Vote, said: tuple[str, ...]) -> dict[int, str]:
    """The keys that a counter presses, by motion."""
    digits = {choice.value: key for choice, key in DIGITS.items()}
    return {motion: digits.get(mark, mark) for motion, mark in _by_motion(vote, said).items()}


def certify(hands: Hands, vote: Vote, signers: Signers) -> Vote:
    """The scrutineer certifies, the director announces."""
    certified = vote.closes_at + timedelta(hours=4)
    counts.certify(hands.scrutineer, certified, vote.id, signers=signers)
    return counts.announce(hands.director, certified + timedelta(hours=1), vote.id)


def _receive(counter: User, vote: Vote, serial: int, came: datetime) -> Ballot:
    return collecting_services.receive(
        counter, came + timedelta(minutes=5), vote.id, paper=str(serial), received_at=came
    )
