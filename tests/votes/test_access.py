"""Who reaches which page of preparing a vote, in which state; and what none of them shows."""

from __future__ import annotations

from dataclasses import fields

import pytest

from tests.conftest import visible
from tests.factories import votes
from tests.factories.votes import AFTER, DURING
from tests.votes.walk import Stage, version
from tracker.accounts.rules import Role
from tracker.kernel.database import db
from tracker.votes.rules import Choice

WATCHERS = {Role.OFFICER, Role.DIRECTOR, Role.WORKER, Role.COUNTER, Role.SCRUTINEER}
PREPARERS = {Role.DIRECTOR, Role.WORKER}
APPROVERS = {Role.DIRECTOR, Role.OFFICER}


def extendable(make):
    def made(scene):
        return make(scene, extension_condition="参与不到三分之二", extension_days=7)

    made.__name__ = make.__name__
    return made


STATES = [
    votes.draft,
    extendable(votes.frozen),
    extendable(votes.running),
    votes.counting,
    votes.certified,
    votes.announced,
]

ACCESS = {
    # page: who gets past the door, and the states in which there is something behind it
    "/edit": (PREPARERS, {"draft"}),
    "/check": (WATCHERS, {"draft", "frozen", "running", "counting", "certified", "announced"}),
    "/rule": (APPROVERS, {"draft", "frozen", "running", "counting", "certified", "announced"}),
    "/freeze": (WATCHERS, {"draft", "frozen", "running", "counting", "certified", "announced"}),
    "/areas": (WATCHERS, {"frozen", "running", "counting"}),
    "/extend": (WATCHERS, {"running"}),
    "/files/new": (PREPARERS, {"draft"}),
    "/objections/new": (PREPARERS, {"draft"}),
}


@pytest.mark.parametrize("make", STATES, ids=lambda make: make.__name__)
def test_each_role_reaches_its_pages_in_each_state_and_no_other(stage, at, make):
    s = stage(make)
    at(DURING)
    for tail, (allowed, states) in ACCESS.items():
        there = 200 if make.__name__ in states else 409
        for role in Role:
            s[role].get(s.url(tail), expect=there if role in allowed else 403)
        s.stranger.get(s.url(tail), expect=404)


VOIDING = {
    "draft": PREPARERS,
    "frozen": {Role.DIRECTOR},
    "running": {Role.DIRECTOR},
    "counting": {Role.OFFICER},
    "certified": set(),
    "announced": set(),
}


@pytest.mark.parametrize("make", STATES, ids=lambda make: make.__name__)
def test_a_vote_is_voided_by_whom_its_state_allows(stage, at, make):
    s = stage(make)
    at(DURING)
    for role in Role:
        past_the_door = 200 if role in VOIDING[make.__name__] else 409
        expected = past_the_door if role in WATCHERS else 403
        s[role].get(s.url("/cancel"), expect=expected)
        if expected != 200:
            s[role].post(s.url("/cancel"), expect=expected, reason="x")


@pytest.mark.parametrize("role", list(Role))
def test_who_prepares_a_vote(stage, role):
    s = stage()
    allowed = role in PREPARERS
    s[role].get(f"/projects/{s.project_id}/votes/new", expect=200 if allowed else 403)
    s[role].post(f"/projects/{s.project_id}/votes/new", expect=200 if allowed else 403)


@pytest.mark.parametrize("role", list(Role))
def test_who_keeps_the_rule_book(stage, role):
    s = stage()
    allowed = role in APPROVERS
    s[role].get("/rules")
    s[role].get("/rules/rcm/versions")
    s[role].get("/rules/new?key=rcm", expect=200 if allowed else 403)
    for step in ("confirm", "withdraw"):
        s[role].post(f"/rules/entries/1/{step}", expect=404 if allowed else 403)


@pytest.mark.parametrize("role", list(Role))
def test_buttons_are_shown_to_those_who_may_press_them(stage, role):
    s = stage(votes.draft)
    if role not in WATCHERS:
        return
    page = s[role].get(s.url("/check"))
    for tail in ("/edit", "/files/new", "/objections/new"):
        assert (f'href="{s.url(tail)}"' in page) is (role in PREPARERS)
    page = s[role].get(s.url("/freeze"))
    assert ('name="word"' in page) is (role in PREPARERS)


@pytest.mark.parametrize("role", [Role.COUNTER, Role.SCRUTINEER, Role.OFFICER])
def test_a_proposal_sent_past_the_page_is_refused(app, stage, role):
    s = stage(votes.draft)
    shown = s[Role.WORKER].get(s.url("/freeze"))
    sent = {"version": version(shown), "persons": "6", "word": "冻结"}
    assert "由准备表决的社工或主任" in s[role].post(s.url("/freeze"), **sent)


def test_unknown_ids_are_not_found(stage):
    s = stage()
    for tail in ("edit", "check", "rule", "freeze", "areas", "extend", "cancel", "files/1"):
        s[Role.DIRECTOR].get(f"/votes/999/{tail}", expect=404)
    s[Role.DIRECTOR].get("/projects/999/votes/new", expect=404)


def test_nobody_unknown_gets_in(browse, stage):
    s = stage(votes.draft)
    visitor = browse()
    for url in (s.url("/check"), s.url("/freeze"), "/rules"):
        assert visitor.client.get(url).status_code == 302


# ---- confidentiality ----


@pytest.mark.parametrize("role", sorted(WATCHERS))
def test_no_page_here_tells_what_was_read_from_the_ballots(app, browse, at, role):
    made = {}

    def counted(scene):
        made["scene"], made["vote"] = scene, votes.counting(scene, (1, 2, 3))
        return made["vote"]

    s = Stage(app, browse, counted)
    at(AFTER)
    pages = [s.url(tail) for tail in ("/check", "/freeze", "/areas", "/rule")]
    if role not in APPROVERS:
        pages.pop()
    before = [visible(s[role].get(url)) for url in pages]
    with app.app_context():
        scene = merged(made["scene"])
        vote = db.session.merge(made["vote"])
        for serial, choice in enumerate((Choice.AGAINST, Choice.ABSTAIN, Choice.INVALID), start=1):
            votes.read(scene, vote, serial, choice)
        db.session.commit()
    assert [visible(s[role].get(url)) for url in pages] == before
    assert not [page for page in before if "业主1" in page]


def merged(scene: votes.Scene) -> votes.Scene:
    """The scene in the session of another context."""
    rows = {field.name: db.session.merge(getattr(scene, field.name)) for field in fields(scene)}
    return votes.Scene(**rows)
