"""Ten thousand random votes, counted by the program, by the naive oracle and by verify.py.

    script/test tests/votes/test_ten_thousand.py -s        prints how many differed

Rolls with merged persons and missing areas, every policy, withdrawn, late, duplicate and
conflicting ballots; thresholds drawn so that many votes stand exactly on them. Seeded, so that a
difference can be looked at again.
"""

from __future__ import annotations

import random
from typing import Any

from tests.votes import oracle
from tests.votes.oracle import Person, Slip
from tests.votes.test_rules_properties import CLOSE, count, law_of
from tracker.votes import verify
from tracker.votes.figures import pile_to_plain
from tracker.votes.rules import (
    Base,
    InvalidPolicy,
    Measure,
    NonResponsePolicy,
    Outcome,
    Rule,
    Stage,
    Threshold,
)
from tracker.votes.shipped import SHIPPED_RULES
from tracker.votes.verdict import Verdict, decide

VOTES = 10_000
SHARES = [Threshold.parse(text) for text in (">=1/3", ">1/2", ">=2/3", ">2/3", ">=3/4", ">=1/1")]
SHIPPED = [rule for rule in SHIPPED_RULES.values() if not rule.blank and not rule.is_poll]
LETTERS = "FFFFFFAAAXXIMW"


def slips(draw: random.Random) -> list[Slip]:
    """What comes in for one person: mostly one ballot in time, sometimes a mess."""
    if draw.random() < 0.75:
        letter = draw.choice(LETTERS[:-1])
        return [] if draw.random() < 0.25 else [Slip(1, letter, False, False, True)]
    return [
        Slip(
            at=draw.choice([1, 2, 3, CLOSE, CLOSE, CLOSE + 1]),
            letter=draw.choice(LETTERS),
            online=draw.random() < 0.4,
            second=draw.random() < 0.2,
            genuine=draw.random() < 0.9,
        )
        for _ in range(draw.randint(1, 5))
    ]


def roll(draw: random.Random) -> list[Person]:
    """Up to two dozen persons with one to three units; in one roll of four areas are missing."""
    gaps = draw.random() < 0.25
    equal = draw.random() < 0.3

    def area() -> int | None:
        if gaps and draw.random() < 0.15:
            return None
        return 100 if equal else draw.randint(1, 20_000)

    return [
        Person(
            [area() for _ in range(draw.choice([1, 1, 1, 2, 3]))], draw.random() < 0.6, slips(draw)
        )
        for _ in range(draw.randint(1, 24))
    ]


def rule(draw: random.Random) -> Rule:
    """A rule that ships, or thresholds thrown together."""
    if draw.random() < 0.5:
        return draw.choice(SHIPPED)
    maybe = [None, *SHARES]
    return Rule(
        *(["invented"] * 5),
        quorum_persons=draw.choice(maybe),
        quorum_area=draw.choice(maybe),
        approval_persons=draw.choice(SHARES),
        approval_area=draw.choice(maybe),
        base=draw.choice(list(Base)),
    )


def told_by_verify(
    of: Rule, people: list[Person], letters: list[str], invalid: str, silence: str
) -> verify.Judged:
    """The same vote judged by the stand-alone program."""
    names = dict(zip("FAXIMDNR", verify.LETTERS, strict=True))
    areas: dict[str, list[Any]] = {name: [] for name in verify.LETTERS}
    for person, letter in zip(people, letters, strict=True):
        areas[names[letter]].append(oracle.area_of(person))
    counts = {name: verify.pile(mine) for name, mine in areas.items()}
    return verify.Judged(of.to_dict(), counts, invalid, silence)


def differences(people: list[Person], of: Rule, verdict: Verdict, policies: Any) -> list[str]:
    """What the oracle or the stand-alone program says otherwise."""
    invalid, silence = (policy.value for policy in policies)
    letters = [oracle.letter_of(person, CLOSE) for person in people]
    where = oracle.sides(letters, invalid, silence)
    areas = [oracle.area_of(person) for person in people]
    held = of.tests_area and None in areas
    law, found = law_of(of), []
    if held != (verdict.outcome is Outcome.HOLD):
        found.append("hold")
    if not held:
        failed = oracle.failures(law, where, [area or 0 for area in areas])
        if {f"{check.stage} {check.measure}" for check in verdict.failed} != failed:
            found.append("failed tests")
        if verdict.carried is bool(failed):
            found.append("outcome")
    for number, measure in enumerate(Measure):
        weights = [1 if measure is Measure.PERSONS else area or 0 for area in areas]
        yes, part, away = oracle.sums(where, weights)
        quorum = verdict.check(Stage.QUORUM, measure)
        if (quorum.numerator, quorum.denominator) != (yes + part, yes + part + away):
            found.append(f"quorum {number}")
        base = yes + part + (away if of.base is Base.ROLL else 0)
        approval = verdict.check(Stage.APPROVAL, measure)
        if (approval.numerator, approval.denominator) != (yes, base):
            found.append(f"approval {number}")
    alone = told_by_verify(of, people, letters, invalid, silence)
    margin = None if verdict.margin is None else vars(verdict.margin)
    if (alone.held, alone.margin()) != (held, margin):
        found.append("verify.py: margin")
    if not held and alone.carried is not verdict.carried:
        found.append("verify.py: outcome")
    return found


def test_ten_thousand_random_votes_are_counted_alike() -> None:
    draw = random.Random(20260301)
    outcomes: dict[str, int] = {}
    differing = []
    for number in range(VOTES):
        people, of = roll(draw), rule(draw)
        silence = draw.choice(list(NonResponsePolicy))
        if of.milestones:
            silence = NonResponsePolicy.NONE
        policies = draw.choice(list(InvalidPolicy)), silence
        counts = count(people)
        verdict = decide(of, counts, *policies)
        outcomes[verdict.outcome.value] = outcomes.get(verdict.outcome.value, 0) + 1
        assert pile_to_plain(counts.roll)["persons"] == len(people)
        if found := differences(people, of, verdict, policies):
            differing.append((number, found))
    print(f"\n{VOTES} random votes, {outcomes}: {len(differing)} differ")  # noqa: T201 - with -s
    assert differing == []
    assert min(outcomes.values()) > 1_000
