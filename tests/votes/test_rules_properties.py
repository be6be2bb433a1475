"""Random votes, counted twice: by the program and by the naive ``oracle``."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.votes import oracle
from tests.votes.oracle import Law, Person, Slip
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
from tracker.votes.tally import (
    Counts,
    Event,
    Pile,
    Voter,
    groups_of,
    merge_units,
    settle,
    tally,
)
from tracker.votes.verdict import decide

CLOSE = 10
CHOICES = {
    "F": Choice.FOR,
    "A": Choice.AGAINST,
    "X": Choice.ABSTAIN,
    "I": Choice.INVALID,
    "M": Choice.FOLLOW,
    "W": None,
}
many = settings(max_examples=100, deadline=None, database=None)

slips = st.builds(
    Slip,
    at=st.sampled_from([1, 2, 3, 9, 10, 11]),
    letter=st.sampled_from("FFFFAAXIMW"),
    online=st.booleans(),
    second=st.sampled_from([False, False, False, True]),
    genuine=st.sampled_from([True] * 7 + [False]),
)
some_slips = st.one_of(
    st.just([]),
    st.lists(slips, min_size=1, max_size=5),
    # Most people vote once, in time.
    st.sampled_from("FFFFFAAXM").map(lambda letter: [Slip(1, letter, False, False, True)]),
)


def rolls(units: st.SearchStrategy[int | None], size: int) -> st.SearchStrategy[list[Person]]:
    """Rolls of persons with one to three units each."""
    owned = st.lists(units, min_size=1, max_size=3)
    return st.lists(st.builds(Person, owned, st.booleans(), some_slips), min_size=1, max_size=size)


known = rolls(st.integers(1, 20), 14)
with_gaps = rolls(st.one_of(st.none(), st.integers(1, 3), st.integers(1, 3)), 6)
shares = st.sampled_from(
    [Threshold.parse(text) for text in (">=1/3", ">1/2", ">=2/3", ">2/3", ">=3/4", ">=1/1")]
)
invented = st.builds(
    Rule,
    *(st.just("invented") for _ in range(5)),
    quorum_persons=st.none() | shares,
    quorum_area=st.none() | shares,
    approval_persons=shares,
    approval_area=st.none() | shares,
    base=st.sampled_from(Base),
)
deciding = [rule for rule in SHIPPED_RULES.values() if not rule.blank and not rule.is_poll]
rules = invented | st.sampled_from(deciding)
policies = st.tuples(st.sampled_from(InvalidPolicy), st.sampled_from(NonResponsePolicy))


def law_of(rule: Rule) -> Law:
    """The rule in the oracle's own words."""

    def pair(stage: Stage, measure: Measure) -> tuple[Fraction, bool] | None:
        threshold = rule.threshold(stage, measure)
        return None if threshold is None else (threshold.value, threshold.strict)

    quorum, approval = ({m.value: pair(stage, m) for m in Measure} for stage in Stage)
    return Law(quorum, approval, of_roll=rule.base is Base.ROLL)


def count(people: list[Person]) -> Counts:
    """Count a roll by the program: units, events, then groups."""
    units = [(str(n), area) for n, person in enumerate(people) for area in person.units]
    voters = [
        Voter(voter.code, voter.area, people[int(voter.code)].delivered)
        for voter in merge_units(reversed(units))
    ]
    events = [
        Event(
            str(n),
            slip.at,
            CHOICES[slip.letter],
            Channel.ONLINE if slip.online else Channel.PAPER,
            slip.second,
            slip.genuine,
        )
        for n, person in enumerate(people)
        for slip in person.slips
    ]
    return tally(groups_of(voters, settle(events, CLOSE)))


def allowed(rule: Rule, silence: NonResponsePolicy) -> NonResponsePolicy:
    """Silence never counts in a sign-up."""
    return NonResponsePolicy.NONE if rule.milestones else silence


@many
@given(known)
def test_every_person_has_the_outcome_of_the_oracle(people: list[Person]) -> None:
    counts = count(people)
    letters = [oracle.letter_of(person, CLOSE) for person in people]
    piles = {
        "F": counts.favour,
        "A": counts.against,
        "X": counts.abstain,
        "I": counts.invalid,
        "M": counts.follow,
        "R": counts.void,
        "D": counts.silent,
        "N": counts.unreached,
    }
    for letter, pile in piles.items():
        mine = [p for p, outcome in zip(people, letters, strict=True) if outcome == letter]
        assert pile.persons == len(mine)
        assert pile.area == sum(oracle.area_of(person) or 0 for person in mine)


@many
@given(known, rules, policies)
def test_verdict_and_failed_tests_are_those_of_the_oracle(
    people: list[Person], rule: Rule, policy: tuple[InvalidPolicy, NonResponsePolicy]
) -> None:
    invalid, silence = policy[0], allowed(rule, policy[1])
    verdict = decide(rule, count(people), invalid, silence)
    letters = [oracle.letter_of(person, CLOSE) for person in people]
    where = oracle.sides(letters, invalid.value, silence.value)
    areas = [oracle.area_of(person) or 0 for person in people]
    failed = oracle.failures(law_of(rule), where, areas)
    assert {f"{check.stage} {check.measure}" for check in verdict.failed} == failed
    assert verdict.outcome is (Outcome.NOT_FORMED if failed else Outcome.CARRIED)


@many
@given(known, rules, policies)
def test_margin_is_what_brute_force_finds(
    people: list[Person], rule: Rule, policy: tuple[InvalidPolicy, NonResponsePolicy]
) -> None:
    invalid, silence = policy[0], allowed(rule, policy[1])
    verdict = decide(rule, count(people), invalid, silence)
    law = law_of(rule)
    letters = [oracle.letter_of(person, CLOSE) for person in people]
    where = oracle.sides(letters, invalid.value, silence.value)
    areas = [oracle.area_of(person) or 0 for person in people]
    margin = verdict.margin
    assert margin is not None
    if verdict.carried:
        assert margin.persons == oracle.least_to_fail(law, letters, invalid.value, silence.value)
        yes, part, away = oracle.sums(where, areas)
        if margin.area is not None:
            less = [oracle.passes(law, "area", yes - m, part + m, away)[1] for m in range(yes + 1)]
            assert margin.area == less.index(False)
        return
    assert margin.persons == oracle.least_to_carry(
        law, "persons", *oracle.sums(where, [1] * len(where))
    )


@many
@given(rolls(st.integers(1, 4), 7), rules, policies)
def test_area_lacking_is_what_brute_force_finds(
    people: list[Person], rule: Rule, policy: tuple[InvalidPolicy, NonResponsePolicy]
) -> None:
    invalid, silence = policy[0], allowed(rule, policy[1])
    margin = decide(rule, count(people), invalid, silence).margin
    assert margin is not None
    if margin.carried:
        return
    letters = [oracle.letter_of(person, CLOSE) for person in people]
    where = oracle.sides(letters, invalid.value, silence.value)
    areas = [oracle.area_of(person) or 0 for person in people]
    sums = oracle.sums(where, areas)
    assert margin.area == oracle.least_to_carry(law_of(rule), "area", *sums)


@many
@given(with_gaps, rules, policies)
def test_missing_areas_leave_open_exactly_what_some_areas_would_give(
    people: list[Person], rule: Rule, policy: tuple[InvalidPolicy, NonResponsePolicy]
) -> None:
    invalid, silence = policy[0], allowed(rule, policy[1])
    verdict = decide(rule, count(people), invalid, silence)
    letters = [oracle.letter_of(person, CLOSE) for person in people]
    where = oracle.sides(letters, invalid.value, silence.value)
    areas = [oracle.area_of(person) for person in people]
    possible = oracle.possible(law_of(rule), where, areas)
    assert (verdict.best is Outcome.CARRIED) == (True in possible)
    assert (verdict.worst is Outcome.NOT_FORMED) == (False in possible)
    holds = rule.tests_area and None in areas
    assert (verdict.outcome is Outcome.HOLD) == holds


areas_of_side = st.lists(st.none() | st.integers(1, 4), max_size=4)


@many
@given(areas_of_side, areas_of_side, areas_of_side, invented)
def test_missing_areas_on_any_side_leave_open_what_they_should(
    yes: list[int | None], part: list[int | None], away: list[int | None], rule: Rule
) -> None:
    sides = {"yes": yes, "part": part, "away": away}
    piles = {
        side: Pile(len(areas), sum(area or 0 for area in areas), areas.count(None))
        for side, areas in sides.items()
    }
    counts = Counts(favour=piles["yes"], against=piles["part"], unreached=piles["away"])
    verdict = decide(rule, counts)
    where = [side for side, areas in sides.items() for _ in areas]
    possible = oracle.possible(law_of(rule), where, [*yes, *part, *away])
    assert (verdict.best is Outcome.CARRIED) == (True in possible)
    assert (verdict.worst is Outcome.NOT_FORMED) == (False in possible)


@many
@given(
    st.fractions(0, 1, max_denominator=40).filter(bool),
    st.booleans(),
    st.integers(0, 60),
    st.integers(0, 60),
)
def test_shortfall_is_the_least_that_meets(
    value: Fraction, strict: bool, numerator: int, denominator: int
) -> None:
    threshold = Threshold(value, strict and value < 1)
    lacking = threshold.shortfall(numerator, denominator)
    if denominator:
        assert threshold.met(numerator + lacking, denominator)
    if lacking:
        assert not threshold.met(numerator + lacking - 1, denominator)
    assert threshold.met(numerator, denominator) == (lacking == 0 and denominator > 0)
    assert Threshold.parse(str(threshold)) == threshold


@many
@given(known)
def test_order_of_the_roll_changes_nothing(people: list[Person]) -> None:
    assert count(people) == count(people[::-1])


@many
@given(known, rules)
def test_turning_from_against_to_for_never_loses_a_motion(people: list[Person], rule: Rule) -> None:
    before = decide(rule, count(people))
    for person in people:
        for slip in person.slips:
            slip.letter = "F" if slip.letter == "A" else slip.letter
    after = decide(rule, count(people))
    # An invalid conflict may become a vote for, and followers may follow; none can be lost.
    assert after.carried or not before.carried
