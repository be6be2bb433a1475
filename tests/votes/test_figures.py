"""Results as they are stored and said."""

from __future__ import annotations

import json

import pytest

from tracker.votes.figures import (
    bars,
    explained,
    from_figures,
    reasons,
    sentence,
    to_figures,
    turnout_of,
)
from tracker.votes.rules import Outcome
from tracker.votes.shipped import SHIPPED_RULES
from tracker.votes.tally import Counts, Pile
from tracker.votes.verdict import decide

ORD = SHIPPED_RULES["ord"]


def equal_areas(**persons: int) -> Counts:
    return Counts(**{name: Pile(n, n * 8_000) for name, n in persons.items()})


@pytest.mark.parametrize("rule", ["ord", "spec", "gt23", "simple"])
@pytest.mark.parametrize(
    "counts",
    [
        equal_areas(favour=237, against=40, abstain=20, invalid=4, unreached=23),
        equal_areas(favour=1, unreached=9),
        Counts(favour=Pile(5, 30_000, 1), unreached=Pile(1, 8_000)),
        Counts(),
    ],
)
def test_figures_come_back_from_json_as_they_were(rule, counts):
    verdict = decide(SHIPPED_RULES[rule], counts)
    plain = json.loads(json.dumps(to_figures(counts, verdict, policy_matters=True)))
    counted = from_figures(plain)
    assert (counted.counts, counted.verdict, counted.policy_matters) == (counts, verdict, True)


def test_tests_are_told_with_numerator_denominator_and_threshold():
    counts = equal_areas(favour=237, against=40, abstain=24, unreached=23)
    drawn = bars(ORD, decide(ORD, counts).checks)
    assert [
        (str(b.label), str(b.numerator_text), str(b.threshold_label), b.met) for b in drawn
    ] == [
        ("参与人数占名册人数", "301 / 324 人 · 92.9%", "须三分之二以上", True),
        ("参与面积占名册面积", "24,080.00 / 25,920.00 平方米 · 92.9%", "须三分之二以上", True),
        ("同意人数占参与人数", "237 / 301 人 · 78.7%", "须过半数", True),
        ("同意面积占参与面积", "18,960.00 / 24,080.00 平方米 · 78.7%", "须过半数", True),
    ]
    assert drawn[0].fraction == pytest.approx(301 / 324)
    assert drawn[2].threshold == 0.5


def test_two_thirds_are_missed_by_one_and_never_rounded_up():
    counts = equal_areas(favour=215, unreached=109)
    verdict = decide(ORD, counts)
    assert not verdict.carried
    assert str(reasons(ORD, verdict)[0]) == (
        "参与人数占名册人数：215 / 324 人 · 66.3%，未达到「三分之二以上」。"
    )
    assert decide(ORD, equal_areas(favour=216, unreached=108)).carried


def test_a_missing_area_has_no_verdict_on_its_bars():
    counts = Counts(favour=Pile(5, 30_000, 1), unreached=Pile(1, 8_000))
    assert [bar.met for bar in bars(ORD, decide(ORD, counts).checks)] == [True, None, True, None]


def test_a_failed_motion_decides_nothing():
    assert str(sentence("门禁", Outcome.NOT_FORMED)) == "「门禁」未形成决定"


@pytest.mark.parametrize("against", [0, 1, 2, 3])
def test_the_area_of_few_is_not_told_nor_left_to_subtraction(against):
    counts = equal_areas(favour=50, against=against, abstain=5)
    verdict = decide(ORD, counts)
    counted = from_figures(to_figures(counts, verdict, policy_matters=False))
    areas = [row.area for row in counted.rows]
    if against in (1, 2):
        assert areas == [400_000, None, None, 0]
    else:
        assert areas == [400_000, against * 8_000, 40_000, 0]
    assert counted.hides_areas is (against in (1, 2))


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (
            "ord",
            "参与：名册人数三分之二以上，并且面积三分之二以上。"
            "同意：占参与表决者的人数过半数，并且面积过半数。",
        ),
        (
            "gt23",
            "参与：不设门槛。同意：占全部有表决权者的人数超过三分之二，并且面积超过三分之二。",
        ),
        ("simple", "参与：名册人数过半数。同意：占参与表决者的人数过半数。"),
    ],
)
def test_rules_are_explained_in_plain_words(rule, words):
    said = "".join(_said(message) for message in explained(SHIPPED_RULES[rule]))
    assert said == words


def _said(message) -> str:
    return message.text % {k: getattr(v, "label", v) for k, v in message.values.items()}


@pytest.mark.parametrize(
    ("returned", "area", "words"),
    [
        (5, 40_000, "还差 1 人、80.00 平方米。"),
        (6, 40_000, "人数已够，还差 80.00 平方米。"),
        (5, 48_000, "还差 1 人。"),
        (6, 48_000, "参与已达到要求。"),
    ],
)
def test_turnout_says_how_far_the_quorum_is(returned, area, words):
    turnout = turnout_of(ORD, {"1": (Pile(9, 72_000), Pile(returned, area))}, rejected=0, late=0)
    assert str(turnout.lacking) == words


def test_turnout_with_missing_areas_promises_nothing():
    turnout = turnout_of(ORD, {"1": (Pile(9, 64_000, 1), Pile(9, 64_000))}, rejected=0, late=0)
    assert "有 1 人的面积缺失" in str(turnout.lacking)
    assert turnout.all_in


def test_turnout_without_a_quorum_says_so():
    turnout = turnout_of(
        SHIPPED_RULES["gt23"], {"1": (Pile(9, 72_000), Pile())}, rejected=0, late=0
    )
    assert str(turnout.lacking) == "这一规则不设参与门槛。"
