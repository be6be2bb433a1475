"""Who reaches which page in which state, and that no page shows how anybody voted."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from tests.conftest import visible
from tests.factories import votes
from tests.factories.votes import AFTER, DURING
from tracker.accounts.rules import Permission, Role, may
from tracker.ballots.models import BallotChoice
from tracker.counts import objection_services
from tracker.kernel.clock import local_date
from tracker.kernel.database import db
from tracker.votes.models import Vote

ALL = set(Role)
WATCHING = {role for role in Role if may(role, Permission.WATCH_VOTE)}
RUNS = {Role.DIRECTOR}
CERTIFIES = {Role.DIRECTOR, Role.SCRUTINEER}
ANNOUNCES = {Role.DIRECTOR, Role.OFFICER}
PREPARES = {Role.DIRECTOR, Role.WORKER}


def objected(scene: votes.Scene) -> Vote:
    """An announced vote with an objection that waits for its ruling."""
    vote = votes.announced(scene)
    objection_services.record_objection(
        scene.worker,
        AFTER,
        vote.id,
        received_on=local_date(AFTER),
        text="票数不对",
    )
    return vote


ACCESS = {
    "/projects/{p}/votes": (votes.draft, ALL),
    "/votes/{v}": (votes.draft, ALL),
    "/votes/{v}/open": (votes.frozen, RUNS),
    "/votes/{v}/close": (votes.running, RUNS),
    "/votes/{v}/certify": (votes.counting, CERTIFIES),
    "/votes/{v}/announce": (votes.certified, ANNOUNCES),
    "/votes/{v}/recount": (votes.certified, ANNOUNCES),
    "/votes/{v}/sheet": (votes.counting, WATCHING),
    "/votes/{v}/result": (votes.announced, ALL),
    "/votes/{v}/announcement": (votes.announced, ALL),
    "/votes/{v}/result/objections": (votes.announced, WATCHING),
    "/votes/{v}/result/objections/new": (votes.announced, PREPARES),
    "/votes/{v}/result/objections/1": (objected, ANNOUNCES),
}


@pytest.mark.parametrize("path", ACCESS)
def test_each_role_reaches_its_pages_and_no_other(stage, at, path):
    make, allowed = ACCESS[path]
    s = stage(make)
    at(AFTER)
    url = path.format(p=s.project_id, v=s.vote_id)
    for role in Role:
        s[role].get(url, expect=200 if role in allowed else 403)
    s.stranger.get(url, expect=404)


STATES = {
    "draft": votes.draft,
    "frozen": votes.frozen,
    "running": votes.running,
    "counting": votes.counting,
    "certified": votes.certified,
    "announced": votes.announced,
}
RESULT = {"certified": WATCHING, "announced": ALL}
"""Who sees a result in which state; nobody in any other."""


@pytest.mark.parametrize("made", STATES)
@pytest.mark.parametrize("tail", ["/result", "/announcement"])
def test_a_result_is_seen_by_those_who_watch_and_once_announced_by_all(stage, at, made, tail):
    s = stage(STATES[made])
    at(AFTER)
    for role in Role:
        seen = role in RESULT.get(made, set())
        page = s[role].get(s.url(tail), expect=200 if seen else 409)
        assert ("通过" in visible(page)) is seen
        listed = visible(s[role].get(f"/projects/{s.project_id}/votes"))
        assert ("通过" in listed) is seen, role


@pytest.mark.parametrize("role", list(Role))
def test_turnout_is_for_those_who_watch(stage, at, role):
    s = stage(votes.running)
    at(DURING)
    assert ("0 / 6 人" in s[role].get(s.url())) is (role in WATCHING)


@pytest.mark.parametrize("role", list(Role))
def test_papers_lie_where_the_office_knows(stage, at, role):
    s = stage(votes.announced)
    at(AFTER)
    expected = 200 if role is Role.DIRECTOR else 409 if role in WATCHING else 403
    s[role].get(s.url("/archive"), expect=expected)


# ---- confidentiality ----

CHOICE_WORDS = ("同意", "反对", "弃权")


def without_rule_words(page: str) -> str:
    """The words of a page except how the rule is explained, which speaks of 同意 by nature."""
    page = re.sub(r"<dt>规则</dt>[\s\S]*?</dd>", " ", page)
    return visible(page)


def taking(scene: votes.Scene) -> Vote:
    """An open vote with two papers accepted."""
    vote = votes.running(scene)
    for serial in (1, 2):
        votes.accepted(scene, vote, serial)
    return vote


def partly_read(scene: votes.Scene) -> Vote:
    """A count in which some papers are settled, one differs and one is read once."""
    vote = votes.counting(scene, range(1, 5))
    votes.read(scene, vote, 1, "against")
    votes.read(scene, vote, 2, "for", by=[scene.counter])
    votes.read(scene, vote, 2, "abstain", by=[scene.worker])
    votes.read(scene, vote, 3, "for", by=[scene.counter])
    return vote


@pytest.mark.parametrize("make", [taking, partly_read])
@pytest.mark.parametrize("role", list(Role))
def test_before_all_is_read_no_page_shows_a_choice_to_anybody(stage, at, role, make):
    s = stage(make)
    at(AFTER)
    for url in (f"/projects/{s.project_id}/votes", s.url(), f"/projects/{s.project_id}/history"):
        page = without_rule_words(s[role].get(url))
        assert not [word for word in CHOICE_WORDS if word in page], url
    for tail in ("/result", "/announcement"):
        page = visible(s[role].get(s.url(tail), expect=409))
        assert not [word for word in CHOICE_WORDS if word in page]
    if make is partly_read and role in WATCHING:
        page = visible(s[role].get(s.url("/sheet")))
        assert not [word for word in CHOICE_WORDS if word in page]
    if make is partly_read and role in CERTIFIES:
        page = visible(s[role].get(s.url("/certify")))
        assert not [word for word in CHOICE_WORDS if word in page]


def test_afterwards_only_totals_are_shown(app, stage, at):
    s = stage(lambda scene: votes.announced(scene, approving=5, opposing=1))
    at(AFTER)
    for role in Role:
        for tail in ("", "/result", "/announcement"):
            page = visible(s[role].get(s.url(tail)))
            assert "101室" not in page
            assert "业主1" not in page
        assert "有一项少于 3 人" in s[role].get(s.url("/result"))
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(BallotChoice)) == 12
