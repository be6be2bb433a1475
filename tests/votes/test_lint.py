"""What is found wrong with a vote before it is frozen: a table, with the exact boundaries."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tracker.votes.lint import (
    SHORTEST_VOTING,
    Facts,
    MotionText,
    RollFacts,
    Severity,
    Ties,
    Times,
    findings,
    musts,
)
from tracker.votes.rules import Basis, NonResponsePolicy
from tracker.votes.shipped import SHIPPED_RULES

MUST, ADVISE = Severity.MUST, Severity.ADVISE
ORD = SHIPPED_RULES["ord"]
OPENS_ON = date(2026, 3, 16)

SOUND = Facts(
    vote_id=7,
    project_id=5,
    compound_id=3,
    rule=ORD,
    offered=ORD,
    rule_confirmed=True,
    motions=(MotionText("车辆管理制度", "是否通过《车辆管理制度》？"),),
    choices=("for", "against", "abstain"),
    nonresponse=NonResponsePolicy.NONE,
    has_clause_file=False,
    basis=Basis.PERSONS,
    whole_compound=True,
    roll=RollFacts(persons=6),
    times=Times(OPENS_ON, OPENS_ON + timedelta(days=14), notice_days=15),
)


def sound(**fields: object) -> Facts:
    return replace(SOUND, **fields)


def rule(key: str, **fields: object) -> Facts:
    """A sound vote by another rule, by that rule's own basis."""
    chosen = SHIPPED_RULES[key]
    return replace(SOUND, **{"rule": chosen, "offered": chosen, "basis": chosen.basis, **fields})


def roll(**fields: int) -> Facts:
    return sound(roll=replace(SOUND.roll, **fields))


def times(**fields: object) -> Facts:
    return sound(times=replace(SOUND.times, **fields))


def motion(text: str, **fields: object) -> Facts:
    return sound(motions=(MotionText("车辆管理制度", text, **fields),))


def found(facts: Facts) -> list[tuple[str, Severity]]:
    return [(finding.code, finding.severity) for finding in findings(facts)]


TABLE = [
    # what is wrong, the code, how bad
    (sound(rule_confirmed=False), "unconfirmed_rule", MUST),
    (rule("rcm"), "blank_rule", MUST),
    (sound(offered=None), "rule_withdrawn", MUST),
    (sound(offered=replace(ORD, notice_days=20)), "rule_superseded", ADVISE),
    (rule("lift_compound"), "source_unread", ADVISE),
    (sound(whole_compound=False), "roll_narrower", ADVISE),
    (sound(basis=Basis.HOUSEHOLDS), "basis_differs", ADVISE),
    (sound(nonresponse=NonResponsePolicy.DELIVERED_TAKES_PART), "clause_missing", MUST),
    (sound(nonresponse=NonResponsePolicy.FOLLOW_MAJORITY), "clause_missing", MUST),
    (sound(choices=("for", "against", "follow")), "clause_missing", MUST),
    (sound(choices=("for", "abstain")), "no_against", MUST),
    (sound(choices=("against", "abstain")), "no_for", MUST),
    (motion("是否通过《车辆管理制度》？", changed=True), "motion_changed", MUST),
    (roll(units_without_person=1), "units_without_person", MUST),
    (roll(persons=0), "empty_roll", MUST),
    (roll(open_objections=1), "open_objections", MUST),
    (roll(persons_without_area=1), "missing_areas", ADVISE),
    (roll(areas_without_source=1), "areas_without_source", ADVISE),
    (roll(doubled_rooms=1), "doubled_rooms", ADVISE),
    (roll(same_names=1), "duplicate_names", ADVISE),
    (roll(asked_elsewhere=1), "asked_twice", ADVISE),
    (sound(ties=Ties(first_tier_undecided=True)), "first_tier_undecided", ADVISE),
    (sound(ties=Ties(first_round_undecided=True)), "first_round_undecided", MUST),
    (times(close_has_passed=True), "close_passed", MUST),
    (times(open_has_passed=True), "open_passed", ADVISE),
    (times(close_is_workday=False), "close_on_holiday", ADVISE),
    (times(notice_days=None), "no_notice", MUST),
    (times(notice_days=0), "notice_too_short", MUST),
    (times(buildings_without_notice=1), "buildings_without_notice", ADVISE),
    (sound(motions=SOUND.motions * 2), "same_title", ADVISE),
]


def test_a_sound_vote_has_no_findings():
    assert findings(SOUND) == []


@pytest.mark.parametrize(("facts", "code", "severity"), TABLE, ids=[row[1] for row in TABLE])
def test_each_fault_is_found_alone(facts, code, severity):
    assert found(facts) == [(code, severity)]


@pytest.mark.parametrize("facts", [row[0] for row in TABLE], ids=[row[1] for row in TABLE])
def test_every_finding_leads_to_where_it_is_mended(facts, app):
    endpoints = set(app.view_functions)
    for finding in findings(facts):
        assert finding.reason.endpoint in endpoints
        wanted = {name for name, _ in finding.reason.params}
        assert any(
            route.arguments == wanted for route in app.url_map.iter_rules(finding.reason.endpoint)
        ), finding.code


@pytest.mark.parametrize(("have", "short"), [(14, True), (15, False), (16, False)])
def test_the_notice_hangs_as_long_as_the_rule_asks(have, short):
    assert (("notice_too_short", MUST) in found(times(notice_days=have))) is short


def test_without_a_notice_that_the_rule_asks_for_the_policies_are_undeclared():
    without = replace(SOUND.times, notice_days=None)
    assert found(rule("simple", times=without)) == [("policies_undeclared", ADVISE)]
    assert found(rule("simple")) == []


@pytest.mark.parametrize(("days", "short"), [(1, True), (2, True), (3, False)])
def test_voting_lasts_a_few_days(days, short):
    closes = OPENS_ON + timedelta(days=days - 1)
    assert (days < SHORTEST_VOTING) is short
    assert (("short_voting", ADVISE) in found(times(closes_on=closes))) is short


@pytest.mark.parametrize(
    ("closes_on", "out"),
    [
        (date(2026, 6, 29), False),
        (date(2026, 6, 30), False),
        (date(2026, 7, 1), True),
    ],
)
def test_the_rule_is_in_force_on_the_day_of_the_close(closes_on, out):
    ending = replace(ORD, in_force_to=date(2026, 6, 30))
    facts = sound(rule=ending, offered=ending, times=replace(SOUND.times, closes_on=closes_on))
    assert (("rule_out_of_force", MUST) in found(facts)) is out


@pytest.mark.parametrize(
    ("text", "code", "severity"),
    [
        ("是否通过《车辆管理制度》？", None, None),
        ("通过《车辆管理制度》", None, None),
        ("是否通过《车辆管理制度》，是否收费？", "two_questions", MUST),
        ("通过《车辆管理制度》？每月收费一百元？", "two_questions", MUST),
        ("是否通过《车辆管理制度》?是否收费?", "two_questions", MUST),
        ("是否通过《车辆管理制度》并且收费？", "joined_questions", ADVISE),
        ("是否通过《车辆管理制度》以及《门禁公约》？", "joined_questions", ADVISE),
    ],
)
def test_a_motion_asks_one_thing(text, code, severity):
    assert found(motion(text)) == ([] if code is None else [(code, severity)])


@pytest.mark.parametrize(
    ("options", "runoff", "code"),
    [
        (0, False, "no_options"),
        (1, False, "no_options"),
        (2, False, None),
        (8, False, None),
        (2, True, None),
        (3, True, "runoff_options"),
    ],
)
def test_a_poll_has_options_and_a_runoff_two(options, runoff, code):
    asked = (MotionText("食堂", "由谁来办？", options),)
    facts = rule("choose_one", motions=asked, choices=(), ties=Ties(is_runoff=runoff))
    assert [finding[0] for finding in found(facts)] == ([] if code is None else [code])


def test_a_poll_asks_for_no_word_against():
    asked = (MotionText("食堂", "由谁来办？", 3),)
    assert found(rule("choose_one", motions=asked, choices=())) == []


def test_areas_do_not_matter_to_a_rule_of_persons():
    lacking = RollFacts(persons=6, persons_without_area=2, areas_without_source=2)
    assert found(rule("simple", roll=lacking)) == []


def test_a_part_of_the_compound_is_right_for_a_rule_of_a_part():
    assert found(rule("sh_part", whole_compound=False)) == []


def test_a_clause_that_was_uploaded_is_enough():
    counted = {"nonresponse": NonResponsePolicy.FOLLOW_MAJORITY, "has_clause_file": True}
    assert found(sound(**counted, choices=("for", "against", "follow"))) == []


def test_what_must_be_mended_comes_first_and_alone_stands_in_the_way():
    facts = sound(
        roll=RollFacts(persons=6, same_names=2, units_without_person=3),
        times=replace(SOUND.times, close_is_workday=False),
        rule_confirmed=False,
    )
    assert [severity for _, severity in found(facts)] == [MUST, MUST, ADVISE, ADVISE]
    assert [str(reason.message) for reason in musts(findings(facts))] == [
        "适用规则还没有经另一个人确认。",
        "还有 3 套房没有表决权人，请先补齐。",
    ]
