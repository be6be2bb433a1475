"""Who reaches which page of a vote, and that no page shows what a ballot says."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from tests.conftest import visible
from tests.factories import votes
from tests.factories.votes import AFTER, DURING
from tests.votes.walk import step
from tracker.accounts.rules import Permission, Role, may
from tracker.kernel.database import db
from tracker.votes.models import BallotChoice
from tracker.votes.rules import Choice

ALL = set(Role)
ACCESS = {
    "/projects/{p}/votes": (votes.draft, ALL),
    "/projects/{p}/votes/new": (None, {Role.DIRECTOR, Role.WORKER}),
    "/votes/{v}": (votes.draft, ALL),
    "/votes/{v}/edit": (votes.draft, {Role.DIRECTOR, Role.WORKER}),
    "/votes/{v}/cancel": (votes.draft, {Role.DIRECTOR, Role.WORKER}),
    "/votes/{v}/freeze": (votes.draft, {Role.DIRECTOR}),
    "/votes/{v}/open": (votes.frozen, {Role.DIRECTOR}),
    "/votes/{v}/close": (votes.running, {Role.DIRECTOR}),
    "/votes/{v}/announce": (votes.closed, {Role.DIRECTOR}),
    "/votes/{v}/ballots/new": (votes.running, {Role.WORKER, Role.COUNTER}),
    "/votes/{v}/roll": (
        votes.running,
        {Role.OFFICER, Role.DIRECTOR, Role.WORKER, Role.COUNTER, Role.SCRUTINEER},
    ),
    "/votes/{v}/result": (votes.closed, ALL),
    "/votes/{v}/announcement": (votes.closed, ALL),
}


@pytest.mark.parametrize("path", ACCESS)
def test_each_role_reaches_its_pages_and_no_other(stage, at, path):
    make, allowed = ACCESS[path]
    s = stage(make)
    at(DURING)
    url = path.format(p=s.project_id, v=s.vote_id)
    for role in Role:
        s[role].get(url, expect=200 if role in allowed else 403)
    s.stranger.get(url, expect=404 if "ballots" not in path else 403)


def test_unknown_ids_are_not_found(stage):
    s = stage()
    for url in ("/votes/999", "/votes/999/result", "/votes/999/freeze", "/projects/999/votes"):
        s[Role.DIRECTOR].get(url, expect=404)
    s[Role.COUNTER].get("/ballots/999/correct", expect=404)


@pytest.mark.parametrize("role", list(Role))
def test_turnout_is_for_those_who_watch(stage, role):
    s = stage(votes.running)
    assert ("0 / 6 人" in s[role].get(s.url())) is may(role, Permission.WATCH_VOTE)


def test_a_worker_cannot_void_a_frozen_vote(stage):
    s = stage(votes.frozen)
    assert "作废这次表决" not in s[Role.WORKER].get(s.url())
    page = s[Role.WORKER].post(s.url("/cancel"), reason="不想办了")
    assert "只有居委会主任" in page
    assert "不想办了" in page
    assert "已作废" in s[Role.DIRECTOR].post(s.url("/cancel"), reason="公示有误")


# ---- confidentiality ----

CHOICE_WORDS = ("同意", "反对", "弃权")


def without_rule_words(page: str) -> str:
    """The words of a page except how the rule is explained, which speaks of 同意 by nature."""
    page = re.sub(r"<dt>规则</dt>[\s\S]*?</dd>", " ", page)
    return visible(page)


@pytest.mark.parametrize("role", list(Role))
def test_before_the_close_no_page_shows_a_choice_to_anybody(app, stage, at, role):
    def with_papers(scene):
        vote = votes.running(scene)
        votes.ballot(scene, vote, 1, Choice.AGAINST)
        votes.ballot(scene, vote, 2, Choice.ABSTAIN)
        return vote

    s = stage(with_papers)
    at(DURING)
    for url in (f"/projects/{s.project_id}/votes", s.url(), s.url("/roll")):
        if role in ACCESS["/votes/{v}/roll"][1] or "roll" not in url:
            page = without_rule_words(s[role].get(url))
            assert not [word for word in CHOICE_WORDS if word in page], (url, page)
    for tail in ("/result", "/announcement"):
        page = visible(s[role].get(s.url(tail), expect=409))
        assert not [word for word in CHOICE_WORDS if word in page]
    if role in (Role.WORKER, Role.COUNTER):
        page = s[role].get(s.url("/ballots/new"))
        recent = page[page.index('id="recent"') :]
        assert not [word for word in CHOICE_WORDS if word in visible(recent)]
        assert not re.search(r'name="choice_\d+"[^>]*checked', page)


def test_after_the_close_only_totals_are_shown(app, stage, at):
    def one_against(scene):
        vote = votes.running(scene)
        for serial in range(1, 7):
            votes.ballot(scene, vote, serial, Choice.AGAINST if serial == 4 else Choice.FOR)
        return vote

    s = stage(one_against)
    at(AFTER)
    step(s[Role.DIRECTOR], s.url("/close"), "截止")
    for role in Role:
        for tail in ("/result", "/announcement"):
            page = visible(s[role].get(s.url(tail)))
            assert "101室" not in page
            assert "有一项少于 3 人" in page
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(BallotChoice)) == 12
