"""The worked examples of the design, one test each (``vectors.yaml`` explains its notation)."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

from tracker.votes.preferences import (
    approval_poll,
    choose_one,
    elect_seats,
    instant_runoff,
    judge_tiers,
    milestones_reached,
    runoff,
)
from tracker.votes.rules import (
    Base,
    Channel,
    Choice,
    InvalidPolicy,
    Measure,
    NonResponsePolicy,
    Outcome,
    Rule,
    Stage,
    Threshold,
)
from tracker.votes.shipped import SHIPPED_RULES
from tracker.votes.tally import Event, Group, Settled, Voter, groups_of, merge_units, settle, tally
from tracker.votes.verdict import Verdict, decide

DATA = yaml.safe_load((Path(__file__).parent / "vectors.yaml").read_text(encoding="utf-8"))
MOTIONS = {
    vector["id"]: (name, vector)
    for name, vectors in DATA["vectors"].items()
    for vector in vectors
    if name != "other"
}
OTHERS = {vector["id"]: vector for vector in DATA["vectors"]["other"]}

CHOICES = {
    "F": Choice.FOR,
    "A": Choice.AGAINST,
    "X": Choice.ABSTAIN,
    "M": Choice.FOLLOW,
    "I": Choice.INVALID,
    "W": None,
}


def group(letter: str, persons: int, area: int | None) -> Group:
    """Persons of one outcome letter; ``area`` None when theirs is missing."""
    return Group(
        choice=CHOICES.get(letter),
        delivered=letter != "N",
        persons=persons,
        area=area or 0,
        missing_area_persons=persons if area is None else 0,
        answered=letter == "R",
    )


def rule_of(name: str) -> Rule:
    """The rule as the vectors' own table states it."""
    stated = DATA["rules"][name]
    tests = {
        f"{stage}_{measure}": Threshold.parse(text)
        for stage, key in (("quorum", "q"), ("approval", "p"))
        for measure, short in (("persons", "h"), ("area", "a"))
        if (text := stated[key].get(short))
    }
    base = Base.ROLL if stated["base"] == "roll" else Base.PARTICIPANTS
    return Rule(name, name, name, name, "-", base=base, **tests)


def events_of(texts: list[str]) -> list[Event[int]]:
    """Read ``1A@2o``: voter 1, against, at 2, online."""
    events = []
    for text in texts:
        match = re.fullmatch(r"(\d+)([A-Z])@(\d+)(o?)(c2|)(!?)", text)
        assert match is not None, text
        voter, letter, at, online, second, failure = match.groups()
        channel = Channel.ONLINE if online else Channel.PAPER
        choice = CHOICES[letter]
        events.append(Event(voter, int(at), choice, channel, bool(second), not failure))
    return events


def letter_of(settled: Settled | None) -> str:
    """The outcome letter of a voter after settling."""
    if settled is None or (settled.choice is None and settled.refusal is None):
        return "N"
    if settled.choice is None:
        return "R"
    return next(letter for letter, choice in CHOICES.items() if choice is settled.choice)


def groups_for(vector: dict[str, Any]) -> list[Group]:
    """The roll of a vector in any of its three notations."""
    if "c" in vector:
        pairs = [(part[0], int(part[1:])) for part in vector["c"].split()]
        return [group(letter, number, number) for letter, number in pairs]
    if "u" in vector:
        letters = {unit[0]: letter for unit, letter in zip(vector["u"], vector["b"], strict=True)}
        voters = merge_units((person, area) for person, area in vector["u"])
        return [group(letters[voter.code], 1, voter.area) for voter in voters]
    voters = [Voter(str(n), 1) for n in range(1, vector["roll"] + 1)]
    settled = settle(events_of(vector["ev"]), DATA["defaults"]["close"])
    assert "".join(letter_of(settled.get(v.code)) for v in voters) == vector["final"]
    return list(groups_of(voters, settled))


def judge(name: str, vector: dict[str, Any], rule: Rule | None = None) -> Verdict:
    """Decide a vector, by the vectors' own rule unless another is given."""
    groups = groups_for(vector)
    if "roll" in vector:
        assert sum(g.persons for g in groups) == vector["roll"]
    invalid = next(p for p in InvalidPolicy if p == vector.get("inv", "part"))
    silence = next(p for p in NonResponsePolicy if p == vector.get("nr", "none"))
    return decide(rule or rule_of(name), tally(groups), invalid, silence)


def out_of(verdict: Verdict) -> str:
    """The outcome in the vectors' notation."""
    if verdict.outcome is not Outcome.NOT_FORMED:
        return {Outcome.CARRIED: "pass", Outcome.HOLD: "hold"}[verdict.outcome]
    stage = verdict.failed[0].stage
    measures = [check.measure for check in verdict.failed if check.stage is stage]
    return f"fail_{stage}" + (f":{measures[0].value[0]}" if len(measures) == 1 else "")


def notation(out: str) -> str:
    """``:h`` (heads) is ``:p`` here, from persons."""
    return out.replace(":h", ":p")


@pytest.mark.parametrize("number", MOTIONS)
def test_vector_has_the_outcome_and_the_exact_shares(number: int) -> None:
    name, vector = MOTIONS[number]
    verdict = judge(name, vector)
    assert out_of(verdict) == notation(vector["out"])
    for measure, key in ((Measure.PERSONS, "h"), (Measure.AREA, "a")):
        shares = vector.get(key, vector.get("h"))
        if shares is None:
            continue
        for stage, share in zip(Stage, shares.split(), strict=True):
            check = verdict.check(stage, measure)
            assert Fraction(check.numerator, check.denominator) == Fraction(share)
            assert f"{check.numerator}/{check.denominator}" == share


@pytest.mark.parametrize("number", [n for n, (name, _) in MOTIONS.items() if name != "rcm"])
def test_shipped_rule_decides_the_vector_alike(number: int) -> None:
    name, vector = MOTIONS[number]
    assert out_of(judge(name, vector, SHIPPED_RULES[name])) == notation(vector["out"])


def test_missing_area_vector_would_carry_whatever_the_area_is() -> None:
    verdict = judge(*MOTIONS[12])
    assert (verdict.best, verdict.worst) == (Outcome.CARRIED, Outcome.CARRIED)
    assert verdict.margin is None


@pytest.mark.parametrize("number", [44, 45])
def test_tiers_carry_only_together(number: int) -> None:
    vector = OTHERS[number]
    tiers = judge_tiers([judge(*MOTIONS[tier]).outcome for tier in vector["tiers"]])
    out = "pass" if tiers.outcome is Outcome.CARRIED else f"fail_tier_{tiers.stopped_at}"
    assert out == vector["out"]


def test_runoff_vector() -> None:
    vector = OTHERS[47]
    first = choose_one(vector["choose"])
    assert (first.winner, "".join(first.finalists)) == (None, vector["finalists"])
    second = runoff(first, vector["runoff"])
    assert second.winner == vector["winner"]
    assert f"{second.numerator}/{second.denominator}" == vector["ok"]


def test_approval_vector() -> None:
    vector = OTHERS[49]
    poll = approval_poll(vector["approve"], vector["ballots"])
    assert "".join(poll.over_half) == vector["over_half"]


def test_instant_runoff_vector() -> None:
    vector = OTHERS[50]
    result = instant_runoff({tuple(k.split(">")): n for k, n in vector["irv"].items()})
    rounds = [" ".join(f"{o}{n}" for o, n in sorted(r.items())) for r in result.rounds]
    assert rounds == vector["rounds"]
    assert (result.winner, result.ratifies) == (vector["winner"], vector["ratify"])


@pytest.mark.parametrize("number", [n for n, vector in OTHERS.items() if "sign" in vector])
def test_sign_up_vector_reaches_its_milestones(number: int) -> None:
    vector = OTHERS[number]
    milestones = SHIPPED_RULES["rebuild_sign"].milestones
    rescinded = vector.get("rescinded", 0)
    reached = milestones_reached(vector["sign"], vector["roll"], milestones, rescinded)
    assert list(reached) == vector["reached"]


def test_seats_vector() -> None:
    vector = OTHERS[58]
    seats = elect_seats(vector["elect"], vector["ballots"], vector["seats"])
    assert ("".join(seats.elected), seats.vacant) == (vector["elected"], vector["vacant"])
