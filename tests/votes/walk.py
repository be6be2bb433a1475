"""Browsers signed in as every role, at a vote in some state, and the clock of the test.

The conftest of each folder that walks through votes imports the fixtures from here.
"""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from tests.factories import people, votes
from tests.factories.people import NOW
from tests.factories.votes import CLOSES, DURING, OPENS
from tracker.accounts.rules import Role
from tracker.kernel import clock
from tracker.kernel.database import db


@pytest.fixture
def at(monkeypatch):
    """Set the clock; it begins at NOW."""

    def set_to(instant: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: instant)

    set_to(NOW)
    return set_to


@pytest.fixture
def stage(app, browse, at):
    """Make a ``Stage``."""

    def make(to=None, **fields):
        return Stage(app, browse, to, **fields)

    return make


def wall(instant: datetime) -> str:
    """An instant as a form field takes it."""
    return instant.astimezone(clock.SHANGHAI).strftime("%Y-%m-%dT%H:%M")


class Stage:
    """A committed scene, with a browser per role and the ids that requests need."""

    def __init__(self, app, browse, make=None, **fields):
        with app.app_context():
            scene = votes.scene(**fields)
            home = scene.director.committee
            vote = make(scene) if make else None
            people_ = {role: people.user(role, home) for role in Role}
            for known in ("director", "worker", "counter", "scrutineer", "officer"):
                people_[Role(known)] = getattr(scene, known)
            stranger = people.user(Role.DIRECTOR, people.committee(f"{home.name}外", "别的街道"))
            db.session.commit()
            self.project_id = scene.project.id
            self.vote_id = vote.id if vote else 0
            self.scope = str(scene.project.compound_id)
            self.notice_id = vote.notice_id if vote else ""
            self.motion_ids = votes.motion_ids(scene.project)
            self.choice_fields = [f"choice_{i}" for i in votes.motions_of(vote)] if vote else []
            self.browsers = {role: browse(user) for role, user in people_.items()}
            self.stranger = browse(stranger)

    def __getitem__(self, role):
        return self.browsers[role]

    def url(self, tail=""):
        return f"/votes/{self.vote_id}{tail}"

    @staticmethod
    def offered(page, name):
        """The values that a select of a page offers."""
        [inside] = re.findall(rf'<select[^>]*name="{name}"[^>]*>([\s\S]*?)</select>', page)
        return re.findall(r'<option[^>]*value="([^"]*)"', inside)

    def paper(self, number, choice="for", **fields):
        return {
            "serial": str(number),
            "check": "accepted",
            "received_at": wall(DURING),
            **dict.fromkeys(self.choice_fields, choice),
            **fields,
        }


def draft_fields(stage: Stage, **fields: object) -> dict[str, object]:
    return {
        "title": "停车与门禁表决",
        "motion_ids": stage.motion_ids,
        "rule_id": "ord",
        "rule_reason": "属于管理规约，按一般事项",
        "scope": stage.scope,
        "notice_id": stage.notice_id,
        "choices": ["for", "against", "abstain"],
        "basis": "",
        "invalid_policy": "part",
        "nonresponse_policy": "none",
        "opens_at": wall(OPENS),
        "closes_at": wall(CLOSES),
        **fields,
    }


def version(page: str) -> str:
    return re.search(r'name="version"[^>]*value="(\d+)"', page).group(1)


def step(browser, url: str, word: str, expect: int = 200, **fields: object) -> str:
    """Open a confirming page and confirm it with a word."""
    page = browser.get(url)
    hidden = re.search(r'name="persons"[^>]*value="(\d*)"', page)
    given = {"version": version(page), "persons": hidden.group(1) if hidden else "", "word": word}
    return browser.post(url, expect=expect, **{**given, **fields})


def propose(browser, url: str, **fields: object) -> str:
    """Be the first of two people: type the word on the page of a step."""
    return step(browser, url, "冻结", **fields)


def approve(browser, url: str, word: str, expect: int = 200) -> str:
    """Be the second: type the word under what was proposed."""
    page = browser.get(url)
    proposal = re.search(r'name="proposal"[^>]*value="(\d+)"', page).group(1)
    return browser.post(url, expect=expect, proposal=proposal, word=word)
