"""What a vote's page offers next, to everybody in every state."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.factories.people import NOW
from tracker.accounts.rules import Role, may
from tracker.counts.course import Facts, Next, next_step
from tracker.votes.words import VoteState

ME, OTHER = 1, 2
OPENS, CLOSES = NOW, NOW + timedelta(days=3)
WHEN = {
    VoteState.DRAFT: NOW - timedelta(days=1),
    VoteState.FROZEN: OPENS,
    VoteState.OPEN: NOW + timedelta(days=1),
}


def facts(state: VoteState, **more: object) -> Facts:
    """A vote at a state with nothing special about it."""
    given = {
        "vote_id": 7,
        "state": state,
        "now": WHEN.get(state, CLOSES + timedelta(days=1)),
        "me": ME,
        "opens_at": OPENS,
        "ends_at": CLOSES,
        "rule_chosen_by": OTHER,
        "rule_confirmed": True,
        "papers": 6,
        "certified_by": OTHER,
        **more,
    }
    return Facts(**given)  # type: ignore[arg-type]


def offered(role: Role, state: VoteState, **more: object) -> Next:
    step = next_step(facts(state, **more), lambda permission: may(role, permission))
    assert step is not None
    return step


ROLES = dict(zip("ODWBPCS", Role, strict=True))
EVERYBODY = "ODWBPCS"
BEFORE = {"now": OPENS - timedelta(seconds=1)}
IN_TIME = {"today": date(2026, 3, 20), "objections_until": date(2026, 3, 20)}
AFTERWARDS = {"today": date(2026, 3, 21), "objections_until": date(2026, 3, 20)}
OBJECTED = {**IN_TIME, "open_objections": 1}
UNCONFIRMED = {"musts": 2, "rule_confirmed": False}
HALF_READ = {"unread": 3, "readable": 3, "mismatched": 1}
B_AND_CLERKS = {"ballots.receive": "WC", "ballots.delivery": "B"}
RECEIVE = {"ballots.receive": "WC", "ballots.delivery": "DB"}

TABLE = [
    # state, facts, who is led to which page; everybody else is told what is waited for
    ("draft", UNCONFIRMED, {"votes.confirm_rule": "OD", "votes.check": "W"}),
    ("draft", {"musts": 2}, {"votes.check": "DW"}),
    ("draft", {"rule_confirmed": False, "rule_chosen_by": ME}, {}),
    ("draft", {}, {"votes.freeze": "DW"}),
    ("draft", {"freeze_proposed_by": OTHER}, {"votes.freeze": "OD"}),
    ("draft", {"freeze_proposed_by": ME}, {}),
    ("frozen", {"papers": 0}, {"ballots.papers": "DW"}),
    ("frozen", {**BEFORE, "undelivered": 2}, {"ballots.delivery": "DWBC"}),
    ("frozen", BEFORE, {}),
    ("frozen", {}, {"counts.open_vote": "D"}),
    ("frozen", {"blocked_by": (3, "小区表决")}, {"counts.show": EVERYBODY}),
    ("frozen", {"now": CLOSES}, {"votes.cancel": "D"}),
    ("open", {}, RECEIVE),
    ("open", {"extension_proposed_by": OTHER}, {"votes.extend": "OD", **B_AND_CLERKS}),
    ("open", {"all_in": True}, {"counts.close": "D", "ballots.receive": "WC"}),
    ("open", {"now": CLOSES - timedelta(seconds=1)}, RECEIVE),
    ("open", {"now": CLOSES}, {"counts.close": "D", "ballots.receive": "WC"}),
    ("counting", {"unchecked": 1, "unread": 3, "readable": 3}, {"ballots.check": "WC"}),
    ("counting", HALF_READ, {"ballots.enter": "WC", "ballots.mismatches": "S"}),
    ("counting", {"unread": 3}, {}),
    ("counting", {"mismatched": 1}, {"ballots.mismatches": "WCS"}),
    ("counting", {"waiting_areas_by": OTHER}, {"votes.areas": "OD", "counts.certify": "S"}),
    ("counting", {}, {"counts.certify": "DS"}),
    ("counting", {"has_entered": True}, {}),
    ("certified", {}, {"counts.announce": "OD", "counts.result": "WCS"}),
    ("certified", {"certified_by": ME}, {"counts.result": "ODWCS"}),
    ("announced", IN_TIME, {"counts.result": EVERYBODY}),
    ("announced", AFTERWARDS, {"counts.archive": "D", "counts.result": "OWBPCS"}),
    ("announced", {**AFTERWARDS, "open_objections": 1}, {"counts.objections": EVERYBODY}),
    ("announced", OBJECTED, {"counts.objections": "OD", "counts.result": "WBPCS"}),
    ("archived", {}, {"counts.result": EVERYBODY}),
]  # fmt: skip


@pytest.mark.parametrize("row", range(len(TABLE)), ids=lambda n: f"{TABLE[n][0]} {TABLE[n][1]}")
def test_everybody_is_led_to_their_own_next_page(row):
    state, more, pages = TABLE[row]
    found = {role: offered(role, VoteState(state), **more).endpoint for role in Role}
    led = {ROLES[letter]: page for page, letters in pages.items() for letter in letters}
    assert {role: page for role, page in found.items() if page} == led


def test_a_cancelled_vote_offers_nothing():
    assert next_step(facts(VoteState.CANCELLED), lambda _permission: True) is None


def test_a_second_tier_leads_to_the_vote_it_waits_for():
    step = offered(Role.DIRECTOR, VoteState.FROZEN, blocked_by=(3, "小区表决"))
    assert step.vote_id == 3
    assert str(step.title) == "「小区表决」通过之后才能开始"


def test_whoever_certified_is_told_that_another_announces():
    step = offered(Role.DIRECTOR, VoteState.CERTIFIED, certified_by=ME)
    assert "另一位" in str(step.title)
