"""Any vote carried through the paper course, by the people and on the days given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

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
from tracker.counts import archive_services
from tracker.counts import services as counts
from tracker.counts.archive_services import Deposit
from tracker.counts.services import Signers
from tracker.demo import bringing
from tracker.demo.bringing import Boxes
from tracker.demo.slips import Slip
from tracker.kernel import clock
from tracker.projects.models import Project
from tracker.votes import course_services as course
from tracker.votes import roll_queries
from tracker.votes import services as votes
from tracker.votes.models import Vote
from tracker.votes.services import Draft

SPARES = 10
"""Papers printed beside those of the roll."""

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
    vote = votes.prepare(hands.worker, days.prepared, project, draft)
    freeze(hands, days, vote)
    return vote_on(hands, days, vote, slips, signers)


def freeze(hands: Hands, days: Days, vote: Vote) -> None:
    """Have the rule confirmed and the roll frozen, and number the papers."""
    confirmed = days.prepared + timedelta(hours=5)
    votes.confirm_rule(hands.director, confirmed, vote.id, version=vote.version)
    persons = roll_queries.roll_preview(vote).persons
    course.propose_freeze(hands.worker, days.frozen, vote.id, version=vote.version, persons=persons)
    course.approve_freeze(hands.director, days.frozen + timedelta(hours=5), vote.id)
    printed = days.frozen + timedelta(hours=6)
    printing_services.number_papers(hands.worker, printed, vote.id)
    printing_services.print_spares(hands.worker, printed, vote.id, SPARES)


def vote_on(hands: Hands, days: Days, vote: Vote, slips: Slips, signers: Signers) -> Vote:
    """A frozen vote to the announcement."""
    silent = bring(hands, days, vote, slips)
    boxes = open_vote(hands, vote)
    ballots = collect(hands, vote, slips, boxes)
    bringing.remind(hands.leaders, vote, silent, vote.closes_at - timedelta(days=1))
    close(hands, vote, slips, boxes, ballots)
    read(hands, vote, ballots, slips)
    return certify(hands, vote, signers)


def bring(hands: Hands, days: Days, vote: Vote, slips: Slips) -> set[int]:
    """Deliver to every voter; returns the serials of those from whom nothing comes back."""
    silent = set(bringing.voters(vote)) - set(slips)
    bringing.deliver(hands.leaders, vote, bringing.evening_after(days.frozen), silent)
    return silent


def open_vote(hands: Hands, vote: Vote) -> Boxes:
    """Seal the boxes and begin at the published time."""
    boxes = bringing.seal_boxes(hands.worker, hands.leaders, vote)
    counts.open_vote(hands.director, vote.opens_at, vote.id)
    return boxes


def collect(
    hands: Hands, vote: Vote, slips: Slips, boxes: Boxes, evenings: int = 0
) -> dict[int, Ballot]:
    """Receive papers over the evenings of the voting, or the first of them; no choice is read."""
    evenings = evenings or max((vote.closes_at - vote.opens_at).days, 1)
    houses, papers = bringing.voters(vote), bringing.papers(vote)
    return {
        serial: _receive(
            hands.counters[place % 2],
            vote,
            papers[serial],
            vote.opens_at + timedelta(days=place % evenings, hours=9, minutes=place % 120),
            boxes[houses[serial]][0],
        )
        for place, (serial, slip) in enumerate(slips.items())
        if not slip.late
    }


def close(
    hands: Hands, vote: Vote, slips: Slips, boxes: Boxes, ballots: Mapping[int, Ballot]
) -> None:
    """Close, open the boxes, keep the late papers, and look at the identity of every other."""
    closing_services.close(hands.director, vote.closes_at, vote.id)
    for serial in (serial for serial, slip in slips.items() if slip.late):
        _receive(hands.counters[0], vote, serial, vote.closes_at + timedelta(minutes=20))
    bringing.open_boxes(hands.counters[0], vote, boxes)
    checked = vote.closes_at + timedelta(hours=1)
    for pile in _piles(ballots):
        decisions = {ballot.id: slips[serial].rejected for serial, ballot in pile.items()}
        done = checking_services.check_all(hands.counters[0], checked, vote.id, decisions=decisions)
        assert not done.refused, done.refused


def read(hands: Hands, vote: Vote, ballots: Mapping[int, Ballot], slips: Slips) -> None:
    """Two counters read every paper; the worker settles where the second slipped."""
    read_at = vote.closes_at + timedelta(hours=2)
    counted = {serial: ballot for serial, ballot in ballots.items() if slips[serial].counts}
    for counter, second in zip(hands.counters, (False, True), strict=True):
        enter(counter, read_at, vote, counted, slips, second=second)
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


def enter(
    counter: User,
    now: datetime,
    vote: Vote,
    ballots: Mapping[int, Ballot],
    slips: Slips,
    *,
    second: bool,
) -> None:
    """Enter papers as the first or second counter, a building in one go."""
    for pile in _piles(ballots):
        typed = {b.id: _keys(vote, slips[serial].read_as(second)) for serial, b in pile.items()}
        done = entering_services.enter_batch(counter, now, vote.id, typed=typed)
        assert not done.wrong, done.wrong


def _piles(ballots: Mapping[int, Ballot]) -> Iterable[dict[int, Ballot]]:
    """The ballots building by building."""
    piles: dict[int, dict[int, Ballot]] = {}
    for serial, ballot in ballots.items():
        piles.setdefault(ballot.entry.building_id, {})[serial] = ballot
    return piles.values()


def archive(hands: Hands, vote: Vote, day: date) -> None:
    """Put the sealed papers away, after the objection period."""
    deposit = Deposit(
        custodian="居委会档案员",
        place="居委会档案室，三号柜",
        contents="回收的表决票、存根、备用票和作废票、送达签收表、计票统计表原件，已封箱",
        keep_until=day.replace(year=day.year + 4),
    )
    archive_services.archive(hands.director, clock.at_local(day, time(10)), vote.id, deposit)


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


def _receive(
    counter: User, vote: Vote, paper: int, came: datetime, box: int | None = None
) -> Ballot:
    return collecting_services.receive(
        counter,
        came + timedelta(minutes=5),
        vote.id,
        paper=str(paper),
        received_at=came,
        box_number=box,
    )
