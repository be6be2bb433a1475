"""Outcomes, how close they were, and what missing areas leave open."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from tracker.votes.rules import (
    InvalidPolicy,
    Measure,
    NonResponsePolicy,
    Outcome,
    Stage,
    Threshold,
)
from tracker.votes.shipped import SHIPPED_RULES
from tracker.votes.tally import Counts, Pile
from tracker.votes.verdict import (
    Margin,
    Verdict,
    decide,
    invalid_policy_matters,
    percent,
    square_metres,
)

ORD, SPEC, SIMPLE = (SHIPPED_RULES[name] for name in ("ord", "spec", "simple"))
CARRIED, NOT_FORMED, HOLD = Outcome
FOLLOW = NonResponsePolicy.FOLLOW_MAJORITY


def even(**persons: int) -> Counts:
    """Counts in which everybody owns the same 0.01 m²."""
    return Counts(**{place: Pile(number, number) for place, number in persons.items()})


def failures(verdict: Verdict) -> list[tuple[Stage, Measure]]:
    return [(check.stage, check.measure) for check in verdict.failed]


def test_motion_carries_when_all_four_tests_hold() -> None:
    verdict = decide(ORD, even(favour=4, against=2, unreached=3))
    assert verdict.carried
    assert verdict.failed == ()
    assert [c.percent for c in verdict.checks] == ["66.6", "66.6", "66.6", "66.6"]


def test_each_failed_test_is_named() -> None:
    counts = Counts(favour=Pile(4, 40), against=Pile(2, 400), unreached=Pile(4, 1))
    verdict = decide(ORD, counts)
    assert verdict.outcome is NOT_FORMED
    assert failures(verdict) == [(Stage.QUORUM, Measure.PERSONS), (Stage.APPROVAL, Measure.AREA)]


def test_nobody_taking_part_forms_no_decision() -> None:
    verdict = decide(SHIPPED_RULES["simple"], even(unreached=3))
    assert verdict.outcome is NOT_FORMED
    assert verdict.margin == Margin(carried=False, persons=2, area=0)


def test_empty_roll_forms_no_decision_and_has_no_margin() -> None:
    verdict = decide(ORD, Counts())
    assert (verdict.outcome, verdict.margin) == (NOT_FORMED, None)


def test_blank_rule_decides_nothing() -> None:
    with pytest.raises(ValueError, match="blank"):
        decide(SHIPPED_RULES["rcm"], even(favour=3))


@pytest.mark.parametrize("policy", [NonResponsePolicy.DELIVERED_TAKES_PART, FOLLOW])
def test_silence_never_counts_in_a_sign_up(policy: NonResponsePolicy) -> None:
    with pytest.raises(ValueError, match="sign-up"):
        decide(SHIPPED_RULES["rebuild_sign"], even(favour=3), nonresponse_policy=policy)


@pytest.mark.parametrize(("signed", "outcome"), [(189, NOT_FORMED), (190, CARRIED)])
def test_sign_up_carries_at_exactly_95_percent(signed: int, outcome: Outcome) -> None:
    counts = even(favour=signed, unreached=200 - signed)
    assert decide(SHIPPED_RULES["rebuild_sign"], counts).outcome is outcome


def test_rule_without_area_ignores_missing_areas() -> None:
    assert decide(SIMPLE, Counts(favour=Pile(3, 0, 3))).outcome is CARRIED


MARGINS = [
    # rule, counts, persons and area of the margin
    ("ord", {"favour": 4, "against": 2, "unreached": 3}, 1),
    ("ord", {"favour": 255, "against": 40, "abstain": 15, "silent": 14}, 100),
    ("ord", {"favour": 3, "against": 3, "unreached": 3}, 1),
    ("ord", {"favour": 1, "unreached": 2}, 1),
    ("ord", {"favour": 2, "against": 3, "unreached": 4}, 2),
    ("ord", {"unreached": 3}, 2),
    ("spec", {"favour": 6, "against": 2, "unreached": 4}, 1),
    ("spec", {"against": 8, "unreached": 4}, 6),
    ("gt23", {"favour": 8, "against": 4}, 1),
    ("all", {"favour": 5, "unreached": 1}, 1),
]


@pytest.mark.parametrize(("name", "persons", "margin"), MARGINS)
def test_margin_is_the_least_number_that_flips(
    name: str, persons: dict[str, int], margin: int
) -> None:
    verdict = decide(SHIPPED_RULES[name], even(**persons))
    assert verdict.margin is not None
    assert verdict.margin.carried is verdict.carried
    assert verdict.margin.persons == margin
    if SHIPPED_RULES[name].tests_area:
        assert verdict.margin.area == margin


def test_margin_counts_the_followers_that_change_with_the_majority() -> None:
    # 5:3 with 20 followers: when one turns it is 4:4, nobody follows and 4 of 28 approve.
    counts = even(favour=5, against=3, silent=20)
    verdict = decide(ORD, counts, nonresponse_policy=FOLLOW)
    assert verdict.margin is not None
    assert verdict.margin.persons == 1


def test_margin_of_a_huge_vote_is_found_at_once() -> None:
    verdict = decide(ORD, even(favour=10**15, against=10))
    assert verdict.margin is not None
    assert verdict.margin.persons == (10**15 - 10) // 2


@pytest.mark.parametrize(
    ("margin", "sentence"),
    [
        (Margin(True, 3, None), "若有 3 人由同意改为反对，结果即改变"),
        (Margin(True, 3, 1234), "若有 3 人或 12.34 平方米由同意改为反对，结果即改变"),
        (Margin(True, None, 1234), "若有 12.34 平方米由同意改为反对，结果即改变"),
        (Margin(False, 3, 1205), "再有 3 人、12.05 平方米同意即可通过"),
        (Margin(False, 3, 0), "再有 3 人同意即可通过"),
        (Margin(False, 0, 5), "再有 0.05 平方米同意即可通过"),
        (Margin(False, 0, 0), "None"),
    ],
)
def test_margin_is_said_in_a_sentence(margin: Margin, sentence: str) -> None:
    assert str(margin.sentence) == sentence


HOLDS = [
    # counts, best, worst
    (Counts(favour=Pile(3, 200, 1)), CARRIED, CARRIED),
    (Counts(favour=Pile(3, 200, 1), against=Pile(2, 300)), CARRIED, NOT_FORMED),
    (Counts(favour=Pile(3, 200), against=Pile(3, 300, 1)), NOT_FORMED, NOT_FORMED),
    (Counts(favour=Pile(4, 200), against=Pile(2, 100, 1)), CARRIED, NOT_FORMED),
    (Counts(favour=Pile(4, 200), unreached=Pile(1, 0, 1)), CARRIED, NOT_FORMED),
    # Other area enough for the quorum, 100 of 200 of the roll, is too much for the approval.
    (
        Counts(favour=Pile(4, 100), against=Pile(2, 50, 1), unreached=Pile(2, 100)),
        NOT_FORMED,
        NOT_FORMED,
    ),
    (
        Counts(favour=Pile(4, 100), against=Pile(2, 50, 1), unreached=Pile(2, 99)),
        CARRIED,
        NOT_FORMED,
    ),
]


@pytest.mark.parametrize(("counts", "best", "worst"), HOLDS)
def test_missing_area_holds_and_shows_best_and_worst(
    counts: Counts, best: Outcome, worst: Outcome
) -> None:
    verdict = decide(ORD, counts)
    assert (verdict.outcome, verdict.best, verdict.worst) == (HOLD, best, worst)
    assert verdict.margin is None
    assert not verdict.carried
    assert {check.measure for check in verdict.failed} <= {Measure.PERSONS}


@pytest.mark.parametrize(("absent", "best"), [(60, CARRIED), (61, NOT_FORMED)])
def test_best_outcome_gives_others_exactly_what_the_quorum_lacks(
    absent: int, best: Outcome
) -> None:
    # 90 + 30 of 180 is two thirds, and 90 of 120 three quarters: nothing to spare.
    counts = Counts(favour=Pile(6, 90), against=Pile(2, 5, 1), unreached=Pile(1, absent))
    assert decide(SPEC, counts).best is best


@pytest.mark.parametrize(("absent", "best"), [(20, CARRIED), (21, NOT_FORMED)])
def test_best_outcome_exceeds_a_strict_quorum_of_area(absent: int, best: Outcome) -> None:
    # Above half of 20 + 21 is 21: 11 of other area, and 10 of 21 is just enough approval.
    approval = Threshold(Fraction(10, 21), strict=False)
    rule = replace(ORD, quorum_area=Threshold.parse(">1/2"), approval_area=approval)
    counts = Counts(favour=Pile(6, 10), against=Pile(2, 0, 1), unreached=Pile(1, absent))
    assert decide(rule, counts).best is best


def test_worst_outcome_keeps_other_area_small_when_only_the_quorum_tests_area() -> None:
    rule = replace(ORD, quorum_area=Threshold.parse(">=1/3"), approval_area=None)
    counts = Counts(favour=Pile(6, 10), against=Pile(2, 0, 1), unreached=Pile(1, 0, 1))
    verdict = decide(rule, counts)
    assert (verdict.best, verdict.worst) == (CARRIED, NOT_FORMED)


def test_known_area_without_a_missing_one_is_judged() -> None:
    verdict = decide(ORD, Counts(favour=Pile(3, 200)))
    assert (verdict.best, verdict.worst) == (CARRIED, CARRIED)


def test_invalid_ballots_that_decide_the_result_are_warned_of() -> None:
    assert invalid_policy_matters(ORD, even(favour=4, against=1, invalid=1, unreached=3))
    assert not invalid_policy_matters(ORD, even(favour=5, against=1, invalid=1, unreached=2))


def test_policy_on_invalid_ballots_can_help_or_harm() -> None:
    counts = even(favour=6, against=2, invalid=1, unreached=3)
    assert decide(SPEC, counts, InvalidPolicy.TAKES_PART).outcome is NOT_FORMED
    assert decide(SPEC, counts, InvalidPolicy.LEFT_OUT).outcome is CARRIED


@pytest.mark.parametrize(
    ("numerator", "denominator", "shown"),
    [
        (255, 324, "78.7"),
        (295, 324, "91.0"),
        (2, 3, "66.6"),
        (1999, 2000, "99.9"),
        (1, 1, "100.0"),
        (0, 7, "0.0"),
        (1, 3000, "0.0"),
        (0, 0, "–"),
    ],
)
def test_percentage_is_cut_off_never_rounded_up(
    numerator: int, denominator: int, shown: str
) -> None:
    assert percent(numerator, denominator) == shown


def test_area_is_shown_in_square_metres() -> None:
    assert [square_metres(area) for area in (0, 5, 100, 123456)] == [
        "0.00",
        "0.05",
        "1.00",
        "1,234.56",
    ]
