"""Thresholds at their boundaries, and the rules shipped."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from tracker.votes.rules import Base, Measure, Method, Rule, Stage, Threshold, share_of
from tracker.votes.shipped import SHIPPED_RULES

BOUNDARIES = [
    # threshold, denominator, greatest numerator that fails (the next one meets)
    (">1/2", 2, 1),
    (">1/2", 3, 1),
    (">1/2", 6, 3),
    (">1/2", 7, 3),
    (">=2/3", 9, 5),
    (">=2/3", 10, 6),
    (">=2/3", 324, 215),
    (">2/3", 12, 8),
    (">2/3", 13, 8),
    (">=3/4", 12, 8),
    (">=3/4", 13, 9),
    (">=3/4", 14880, 11159),
    (">=95/100", 200, 189),
    (">=95/100", 2110, 2004),
    (">=1/1", 6, 5),
    (">=55/100", 100, 54),
    (">=2/3", 3 * 10**30, 2 * 10**30 - 1),
]


@pytest.mark.parametrize(("text", "denominator", "fails"), BOUNDARIES)
def test_threshold_turns_at_its_exact_boundary(text: str, denominator: int, fails: int) -> None:
    threshold = Threshold.parse(text)
    assert not threshold.met(fails, denominator)
    assert threshold.met(fails + 1, denominator)
    assert threshold.shortfall(fails, denominator) == 1
    assert threshold.shortfall(fails + 1, denominator) == 0
    assert threshold.shortfall(0, denominator) == threshold.least(denominator) == fails + 1


def test_exactly_half_is_not_a_majority() -> None:
    assert not Threshold.parse(">1/2").met(3, 6)


def test_exactly_two_thirds_is_two_thirds_or_more_but_not_more_than_two_thirds() -> None:
    assert Threshold.parse(">=2/3").met(8, 12)
    assert not Threshold.parse(">2/3").met(8, 12)


@pytest.mark.parametrize("text", [">=2/3", ">1/2", ">=1/1", ">=1/100"])
def test_share_of_nothing_is_never_met(text: str) -> None:
    threshold = Threshold.parse(text)
    assert not threshold.met(0, 0)
    assert threshold.shortfall(0, 0) == 1


@pytest.mark.parametrize(
    "text", ["2/3", "=2/3", ">= 2/3", ">=2/0", ">=0.5", ">=-1/2", "", ">=２/3"]
)
def test_what_is_not_a_threshold_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a threshold"):
        Threshold.parse(text)


@pytest.mark.parametrize("text", [">1/1", ">=3/2", ">0/1", ">=0/1"])
def test_threshold_that_decides_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no vote"):
        Threshold.parse(text)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        (">1/2", "过半数"),
        (">=1/2", "半数以上"),
        (">2/3", "超过三分之二"),
        (">=2/3", "三分之二以上"),
        (">=3/4", "四分之三以上"),
        (">3/4", "超过四分之三"),
        (">=1/1", "全体"),
        (">=95/100", "95%以上"),
        (">90/100", "超过90%"),
        (">=1/3", "1/3以上"),
        (">5/7", "超过5/7"),
    ],
)
def test_threshold_is_worded_as_the_statutes_word_it(text: str, label: str) -> None:
    assert str(Threshold.parse(text).label) == label


def test_threshold_is_written_as_it_is_read() -> None:
    for text in (">=2/3", ">1/2", ">=3/4", ">=1/1"):
        assert str(Threshold.parse(text)) == text
    assert Threshold.parse(">=95/100") == Threshold(Fraction(19, 20), strict=False)


SHIPPED = [
    # id, quorum persons and area, approval persons and area, base, advisory
    ("ord", ">=2/3", ">=2/3", ">1/2", ">1/2", Base.PARTICIPANTS, False),
    ("spec", ">=2/3", ">=2/3", ">=3/4", ">=3/4", Base.PARTICIPANTS, False),
    ("sh_part", ">=2/3", ">=2/3", ">1/2", ">1/2", Base.PARTICIPANTS, False),
    ("sh_part_major", ">=2/3", ">=2/3", ">=3/4", ">=3/4", Base.PARTICIPANTS, False),
    ("lift_building", ">=2/3", ">=2/3", ">=3/4", ">=3/4", Base.PARTICIPANTS, False),
    ("lift_compound", ">=2/3", ">=2/3", ">1/2", ">1/2", Base.PARTICIPANTS, False),
    ("gt23", "None", "None", ">2/3", ">2/3", Base.ROLL, True),
    ("simple", ">1/2", "None", ">1/2", "None", Base.PARTICIPANTS, True),
    ("rebuild_sign", "None", "None", ">=19/20", "None", Base.ROLL, False),
    ("all", "None", "None", ">=1/1", "None", Base.ROLL, False),
]


@pytest.mark.parametrize("row", SHIPPED, ids=lambda row: row[0])
def test_shipped_rule_asks_what_the_table_says(row: tuple[object, ...]) -> None:
    rule = SHIPPED_RULES[str(row[0])]
    asked = [str(rule.threshold(stage, measure)) for stage in Stage for measure in Measure]
    assert (rule.id, *asked, rule.base, rule.advisory) == row
    assert not rule.blank


POLLS = {
    "choose_one": Method.CHOOSE_ONE,
    "approval": Method.APPROVAL,
    "ranked": Method.RANKED,
}


@pytest.mark.parametrize("key", POLLS)
def test_a_poll_asks_for_preferences_and_decides_nothing(key: str) -> None:
    rule = SHIPPED_RULES[key]
    assert (rule.method, rule.advisory, rule.is_poll) == (POLLS[key], True, True)
    assert not any(rule.threshold(stage, measure) for stage in Stage for measure in Measure)
    for broken in ({"advisory": False}, {"approval_persons": Threshold.parse(">1/2")}):
        with pytest.raises(ValueError, match="advises and approves nothing"):
            replace(rule, **broken)


def test_no_rule_is_shipped_beside_the_table() -> None:
    assert set(SHIPPED_RULES) == {row[0] for row in SHIPPED} | {"rcm"} | set(POLLS)


def test_residents_meeting_is_blank_until_someone_enters_the_article() -> None:
    assert [r.id for r in SHIPPED_RULES.values() if r.blank] == ["rcm"]


def test_every_rule_says_where_it_comes_from() -> None:
    for rule in SHIPPED_RULES.values():
        assert rule.title
        assert rule.roll
        assert rule.source
        assert rule.confidence in {"V", "V2", "-"}


@pytest.mark.parametrize("rule", SHIPPED_RULES.values(), ids=lambda rule: rule.id)
def test_rule_survives_json_exactly(rule: Rule) -> None:
    assert Rule.from_dict(json.loads(json.dumps(rule.to_dict()))) == rule


def test_stored_rule_with_missing_or_unknown_fields_is_refused() -> None:
    plain = SHIPPED_RULES["ord"].to_dict()
    for broken in (plain | {"extra": 1}, {"id": "ord"}):
        with pytest.raises(ValueError, match="not the fields"):
            Rule.from_dict(broken)
    for name in ("base", "method", "basis"):
        with pytest.raises(ValueError, match=f"not a {name}"):
            Rule.from_dict(plain | {name: "tenants"})


def test_blank_rule_has_no_tests_and_any_other_has_an_approval() -> None:
    with pytest.raises(ValueError, match="blank and has tests"):
        replace(SHIPPED_RULES["ord"], blank=True)
    with pytest.raises(ValueError, match="approves nothing"):
        replace(SHIPPED_RULES["simple"], approval_persons=None)


def test_area_matters_only_to_rules_that_test_it() -> None:
    without = {rule.id for rule in SHIPPED_RULES.values() if not rule.tests_area}
    assert without == {"simple", "rebuild_sign", "rcm", "all", *POLLS}


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("2/3", Fraction(2, 3)),
        (" 2 / 3 ", Fraction(2, 3)),
        ("２／３", Fraction(2, 3)),
        ("95%", Fraction(19, 20)),
        ("66.67％", Fraction(6667, 10_000)),
        ("100%", Fraction(1)),
        ("0/3", Fraction(0)),
    ],
)
def test_a_share_is_read_as_people_write_it(text: str, share: Fraction) -> None:
    assert share_of(text) == share


@pytest.mark.parametrize("text", ["", "2/0", "2", "0.5", "-1/2", "三分之二", "1/2/3", "95", "%"])
def test_what_is_not_a_share_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a share"):
        share_of(text)


@pytest.mark.parametrize(
    ("day", "holds"),
    [
        ("2025-12-31", False),
        ("2026-01-01", True),
        ("2026-06-30", True),
        ("2026-07-01", False),
    ],
)
def test_a_rule_holds_from_its_first_to_its_last_day(day: str, holds: bool) -> None:
    first, last = date(2026, 1, 1), date(2026, 6, 30)
    rule = replace(SHIPPED_RULES["ord"], in_force_from=first, in_force_to=last)
    assert rule.in_force(date.fromisoformat(day)) is holds


def test_unknown_days_bound_nothing() -> None:
    rule = SHIPPED_RULES["simple"]
    assert rule.in_force(date.min)
    assert rule.in_force(date.max)


def test_a_rule_does_not_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="ends before it begins"):
        replace(SHIPPED_RULES["ord"], in_force_to=date(2020, 12, 31))


def test_a_rule_kept_before_there_were_polls_reads_as_what_it_meant() -> None:
    plain = SHIPPED_RULES["all"].to_dict()
    for name in ("method", "basis", "notice_days", "in_force_from", "in_force_to"):
        del plain[name]
    assert Rule.from_dict(plain) == replace(SHIPPED_RULES["all"], in_force_from=None)
