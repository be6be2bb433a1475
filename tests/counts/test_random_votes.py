"""Random small votes, carried out by the real services, counted as the naive oracle counts them.

Every voter does one of the things that happen; the oracle sees only who did what, when. What the
ledger counts, the stand-alone program finds again in the evidence pack.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import online, packs, votes
from tests.factories.people import NOW
from tests.factories.votes import AFTER, CLOSES, DURING, OPENS, Scene
from tests.votes import oracle
from tests.votes.oracle import Law, Person, Slip
from tracker.ballots import (
    checking_services,
    closing_services,
    collecting_services,
    delivery_services,
    entering_services,
    printing_services,
)
from tracker.ballots.models import Ballot
from tracker.ballots.rules import COUNTABLE_STATES, Recipient, RejectReason
from tracker.counts import counting
from tracker.counts import services as counts
from tracker.kernel.database import db
from tracker.places.models import Unit, VotingPerson
from tracker.votes import check_services, course_services, roll_queries, services, verify
from tracker.votes.models import RollEntry, Vote
from tracker.votes.queries import rule_of
from tracker.votes.rules import (
    Base,
    Channel,
    Choice,
    InvalidPolicy,
    Measure,
    NonResponsePolicy,
    Outcome,
    Stage,
)
from tracker.votes.verdict import decide
from tracker.votes.words import AttachmentKind

pytestmark = pytest.mark.usefixtures("arrange")

CLOSE = 10_000
"""The close on the oracle's clock, in minutes after the voting began."""

MARKS = {"F": "for", "A": "against", "X": "abstain", "I": "invalid", "M": "follow"}
ROOMS = 6


@dataclass
class Voter:
    """A voter of the roll and what the oracle is told of them, motion by motion."""

    serial: int
    units: list[int | None]
    delivered: bool
    slips: tuple[list[Slip], list[Slip]] = field(default_factory=lambda: ([], []))

    def person(self, motion: int) -> Person:
        """The voter as the oracle knows them."""
        return Person(self.units, self.delivered, self.slips[motion])


class Polling:
    """A vote in which voters do things, each told to the ledger and to the oracle."""

    def __init__(self, of: Scene, vote: Vote) -> None:
        self.of, self.vote = of, vote
        self.minutes = count(1)
        self.spares: Iterator[int] = iter(())
        self.letters: dict[int, str] = {}
        """What each paper says to both motions, by serial."""

    def now(self) -> tuple[int, datetime]:
        """The next minute, on both clocks."""
        minute = next(self.minutes)
        return minute, DURING + timedelta(minutes=minute)

    def tell(self, voter: Voter, minute: int, letters: str, **slip: bool) -> None:
        """Tell the oracle of one event; ``letters`` are one for each motion."""
        given = {"online": False, "second": False, "genuine": True, **slip}
        for mine, letter in zip(voter.slips, letters, strict=True):
            mine.append(Slip(minute, letter, **given))

    def paper(self, voter: Voter, letters: str, serial: int | None = None, **slip: bool) -> Ballot:
        """A paper comes back and is accepted."""
        minute, at = self.now()
        serial = serial or voter.serial
        self.letters[serial] = letters
        self.tell(voter, minute, letters, **slip)
        return votes.accepted(self.of, self.vote, serial, at=at)

    def rejected(self, voter: Voter, letters: str) -> None:
        """A paper comes back that nobody signed."""
        minute, at = self.now()
        self.tell(voter, minute, letters, genuine=False)
        ballot = votes.received(self.of, self.vote, voter.serial, at=at)
        checking_services.check(self.of.counter, at, ballot.id, rejected=RejectReason.UNSIGNED)

    def at_the_close(self, voter: Voter, letters: str) -> None:
        """A paper arrives in the very second of the close."""
        self.letters[voter.serial] = letters
        self.tell(voter, CLOSE, letters)
        ballot = votes.received(self.of, self.vote, voter.serial, at=AFTER, received_at=CLOSES)
        checking_services.check(self.of.counter, AFTER, ballot.id)

    def late(self, voter: Voter, letters: str) -> None:
        """A paper arrives a minute late."""
        self.tell(voter, CLOSE + 1, letters)
        votes.received(self.of, self.vote, voter.serial, at=AFTER)

    def withdrawn(self, voter: Voter, ballot: Ballot) -> None:
        """A voter takes a paper back in writing."""
        minute, at = self.now()
        self.tell(voter, minute, "WW")
        collecting_services.withdraw(self.of.counter, at, ballot.id, reason="书面申请")

    def spare(self, voter: Voter, *, second: bool = False) -> int:
        """A spare is handed out, to the voter or to a co-owner."""
        _minute, at = self.now()
        serial = next(self.spares)
        printing_services.hand_out(
            self.of.worker,
            at,
            self.vote.id,
            spare=str(serial),
            voter=str(voter.serial),
            recipient=Recipient.OWNER,
            reason="需要",
            second_owner=second,
        )
        voter.delivered = voter.delivered or not second
        return serial

    def void(self, voter: Voter, letters: str) -> None:
        """The voter's paper is replaced, and the void one is brought all the same."""
        minute, at = self.now()
        printing_services.reprint(
            self.of.worker, at, self.vote.id, paper=str(voter.serial), reason="弄湿了"
        )
        voter.delivered = False
        self.tell(voter, minute, letters, genuine=False)
        votes.received(self.of, self.vote, voter.serial, at=at)

    def by_link(self, voter: Voter, letters: str) -> None:
        """A ballot is cast online."""
        minute, at = self.now()
        self.tell(voter, minute, letters, online=True)
        secret = online.pass_for(self.of, self.vote, voter.serial, at)
        marks = dict(zip(votes.motions_of(self.vote), map(MARKS.__getitem__, letters), strict=True))
        online.cast(at, secret, marks)


# ---- what voters do; ``a`` and ``b`` are letters, one for each motion ----


def _withdrawn_and_again(p: Polling, v: Voter, a: str, b: str) -> None:
    p.withdrawn(v, p.paper(v, a))
    p.paper(v, b, p.spare(v))


def _co_owners(p: Polling, v: Voter, a: str, b: str) -> None:
    p.paper(v, b, p.spare(v, second=True), second=True)
    p.paper(v, a)


def _online_and_back(p: Polling, v: Voter, a: str, b: str) -> None:
    p.by_link(v, a.replace("I", "X"))
    p.withdrawn(v, p.paper(v, b))
    p.by_link(v, b.replace("I", "F"))


def _online_beside_a_co_owner(p: Polling, v: Voter, a: str, b: str) -> None:
    p.by_link(v, a.replace("I", "A"))
    p.paper(v, b, p.spare(v, second=True), second=True)


def _online_twice(p: Polling, v: Voter, a: str, b: str) -> None:
    p.by_link(v, a.replace("I", "A"))
    p.by_link(v, b.replace("I", "F"))


def _paper_over_online(p: Polling, v: Voter, a: str, b: str) -> None:
    p.by_link(v, a.replace("I", "A"))
    p.paper(v, b)


Deed = Callable[[Polling, Voter, str, str], Any]

DEEDS: list[Deed] = [
    lambda p, v, a, b: None,
    lambda p, v, a, b: p.paper(v, a),
    lambda p, v, a, b: p.paper(v, b),
    lambda p, v, a, b: p.rejected(v, a),
    lambda p, v, a, b: p.at_the_close(v, a),
    lambda p, v, a, b: p.late(v, a),
    lambda p, v, a, b: p.withdrawn(v, p.paper(v, a)),
    lambda p, v, a, b: p.void(v, a),
    lambda p, v, a, b: p.paper(v, a, p.spare(v, second=True), second=True),
    lambda p, v, a, b: p.by_link(v, a.replace("I", "A")),
    _withdrawn_and_again,
    _co_owners,
    _online_and_back,
    _online_beside_a_co_owner,
    _online_twice,
    _paper_over_online,
]

letters = st.text("FFFAAXIM", min_size=2, max_size=2)
deeds = st.lists(
    st.tuples(st.sampled_from(DEEDS), letters, letters), min_size=ROOMS, max_size=ROOMS
)
areas = st.lists(st.sampled_from([3_000, 8_000, 8_000, 12_345]), min_size=ROOMS, max_size=ROOMS)
owners = st.lists(st.integers(0, ROOMS - 1), min_size=ROOMS, max_size=ROOMS)


def prepare(of: Scene, rule_id: str, policies: tuple[InvalidPolicy, NonResponsePolicy]) -> Vote:
    """An open vote with spares, with 随多数 on the ballot, and the clause it rests on."""
    vote = votes.draft(
        of,
        confirmed=False,
        rule_id=rule_id,
        invalid_policy=policies[0],
        nonresponse_policy=policies[1],
        policy_clause="议事规则第十二条",
        choices=(Choice.FOR, Choice.AGAINST, Choice.ABSTAIN, Choice.FOLLOW),
        **online.ONLINE,
    )
    kind, data = AttachmentKind.CLAUSE, b"%PDF-1.4 rules"
    check_services.attach(of.worker, NOW, vote.id, kind=kind, name="议事规则.pdf", data=data)
    services.confirm_rule(of.director, NOW, vote.id, version=vote.version)
    persons = roll_queries.roll_preview(vote).persons
    course_services.propose_freeze(of.worker, NOW, vote.id, version=vote.version, persons=persons)
    course_services.approve_freeze(of.director, NOW, vote.id)
    printing_services.number_papers(of.worker, NOW, vote.id)
    return counts.open_vote(of.director, OPENS, vote.id)


def own(of: Scene, owned: list[int], sizes: list[int], missing: int | None) -> dict[str, list[Any]]:
    """Give units to persons and areas to units; areas by the name of the person."""
    units = db.session.query(Unit).order_by(Unit.id).all()
    persons = db.session.query(VotingPerson).order_by(VotingPerson.id).all()
    found: dict[str, list[Any]] = {}
    for place, unit in enumerate(units):
        unit.voting_person_id = persons[owned[place]].id
        unit.area = None if place == missing else sizes[place]
        found.setdefault(persons[owned[place]].name, []).append(unit.area)
    db.session.flush()
    return found


def read(p: Polling) -> None:
    """Two people read every paper that counts."""
    for ballot in db.session.query(Ballot).filter_by(vote_id=p.vote.id, channel=Channel.PAPER):
        if ballot.state in COUNTABLE_STATES:
            said = map(MARKS.__getitem__, p.letters[ballot.serial])
            marks = dict(zip(votes.motions_of(p.vote), said, strict=True))
            for reader in (p.of.counter, p.of.worker):
                entering_services.enter(reader, AFTER, p.vote.id, ballot_id=ballot.id, marks=marks)


def law_of(vote: Vote) -> Law:
    """The vote's rule in the oracle's words."""
    rule = rule_of(vote)

    def pair(stage: Stage, measure: Measure) -> tuple[Fraction, bool] | None:
        threshold = rule.threshold(stage, measure)
        return None if threshold is None else (threshold.value, threshold.strict)

    quorum, approval = ({m.value: pair(stage, m) for m in Measure} for stage in Stage)
    return Law(quorum, approval, of_roll=rule.base is Base.ROLL)


@settings(
    max_examples=25,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    done=deeds,
    owned=owners,
    sizes=areas,
    missing=st.none() | st.none() | st.integers(0, ROOMS - 1),
    delivered=st.lists(st.booleans(), min_size=ROOMS, max_size=ROOMS),
    rule_id=st.sampled_from(["ord", "spec", "simple", "all"]),
    policies=st.tuples(st.sampled_from(InvalidPolicy), st.sampled_from(NonResponsePolicy)),
)
def test_ledger_counts_what_the_oracle_counts(
    done, owned, sizes, missing, delivered, rule_id, policies
):
    of = votes.scene(buildings=1, rooms=ROOMS)
    names = own(of, owned, sizes, missing)
    vote = prepare(of, rule_id, policies)
    polling = Polling(of, vote)
    entries = db.session.query(RollEntry).filter_by(vote_id=vote.id).order_by(RollEntry.serial)
    voters = [Voter(entry.serial, names[entry.name], False) for entry in entries]
    for voter, brought in zip(voters, delivered, strict=False):
        if brought:
            delivery_services.deliver(
                of.worker, DURING, vote.id, serial=voter.serial, brought=packs.SIGNED
            )
            voter.delivered = True
    run = printing_services.print_spares(of.worker, DURING, vote.id, 2 * ROOMS)
    polling.spares = iter(range(run.first, run.last + 1))
    for voter, (deed, one, two) in zip(voters, done, strict=False):
        deed(polling, voter, one, two)
    closing_services.close(of.director, AFTER, vote.id)
    read(polling)
    held = check_against_oracle(polling, voters, policies)
    if not held:
        certified = packs.pack_of(of.director, packs.certify_by(of.scrutineer, vote))
        assert [
            c.problems
            for c in verify.verify(json.loads(json.dumps(certified))).checks
            if c.problems
        ] == []
    db.session.rollback()


def check_against_oracle(
    polling: Polling, voters: list[Voter], policies: tuple[InvalidPolicy, NonResponsePolicy]
) -> bool:
    """Compare every figure and verdict; whether missing areas hold the result."""
    vote, rule = polling.vote, rule_of(polling.vote)
    counted, held = counting.count(vote), False
    for place, motion in enumerate(vote.motions):
        verdict = decide(rule, counted[motion.id], *policies)
        people = [voter.person(place) for voter in voters]
        said = [oracle.letter_of(person, CLOSE) for person in people]
        where = oracle.sides(said, *(policy.value for policy in policies))
        known = [oracle.area_of(person) for person in people]
        held = rule.tests_area and None in known
        assert (verdict.outcome is Outcome.HOLD) is held
        for measure in Measure:
            weights = [1 if measure is Measure.PERSONS else area or 0 for area in known]
            yes, part, away = oracle.sums(where, weights)
            quorum = verdict.check(Stage.QUORUM, measure)
            approval = verdict.check(Stage.APPROVAL, measure)
            base = yes + part + (away if rule.base is Base.ROLL else 0)
            assert (quorum.numerator, quorum.denominator) == (yes + part, yes + part + away)
            assert (approval.numerator, approval.denominator) == (yes, base)
        if not held:
            failed = oracle.failures(law_of(vote), where, [area or 0 for area in known])
            assert {f"{check.stage} {check.measure}" for check in verdict.failed} == failed
    return held
