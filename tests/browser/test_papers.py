"""Papers at the door, at the box and in the printer, as browsers do it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, LeapTo
from tests.browser.looks import assert_looks_right
from tests.browser.pages import press
from tests.browser.pages_people import PASSWORD, sign_in
from tests.factories import people, votes
from tests.factories.votes import OPENS
from tracker.accounts.passwords import hashed
from tracker.accounts.rules import Role
from tracker.ballots import printing_services
from tracker.ballots.models import Ballot
from tracker.ballots.paper_models import Paper
from tracker.kernel.database import db
from tracker.places.models import Building, LeaderScope
from tracker.votes.models import RollEntry


@pytest.fixture
def open_vote(app: Flask, leap_to: LeapTo) -> int:
    """An open vote of forty voters with two spares; people sign in by the names of their roles."""
    leap_to(date(2026, 3, 3), 10)
    with app.app_context():
        scene = votes.scene(buildings=2, rooms=20)
        vote = votes.running(scene)
        printing_services.print_spares(scene.worker, OPENS, vote.id, 2)
        leader = people.user(Role.BUILDING_LEADER, scene.director.committee)
        first = db.session.scalar(sa.select(Building).order_by(Building.id))
        assert first is not None
        db.session.add(
            LeaderScope(committee_id=vote.committee_id, user_id=leader.id, building_id=first.id)
        )
        for user in (scene.worker, scene.counter, leader):
            user.login, user.password_hash = user.role.value, hashed(PASSWORD)
        db.session.commit()
        return vote.id


@pytest.fixture
def enter(visitor: Callable[..., Page], open_vote: int) -> Callable[..., Page]:
    """A window signed in as a role, at a page of the vote."""

    def make(role: Role, tail: str, width: int = DESK) -> Page:
        page = visitor(width)
        sign_in(page, role.value)
        page.goto(f"/votes/{open_vote}{tail}")
        return page

    return make


def scan(page: Page, text: str) -> None:
    """What a scanner does: types into whatever has the cursor, and presses Enter."""
    page.keyboard.type(text)
    with page.expect_navigation(wait_until="load"):
        page.keyboard.press("Enter")


def test_a_scanner_goes_on_after_an_error_without_a_hand_on_the_mouse(app, enter):
    page = enter(Role.COUNTER, "/receive")
    with app.app_context():
        code = db.session.scalar(sa.select(Paper.code).where(Paper.serial == 5))
    scan(page, "3")
    expect(page.locator(".flash.success")).to_contain_text("已收回第 3 号")
    scan(page, "99")
    expect(page.locator(".field-error")).to_contain_text("没有这张票")
    scan(page, "3")
    expect(page.locator(".field-error")).to_contain_text("第 3 号已经登记过收回")
    scan(page, code.lower())
    expect(page.locator(".flash.success")).to_contain_text("已收回第 5 号")
    expect(page.locator("#recent tbody tr")).to_have_count(2)
    assert_looks_right(page, keep="receive")
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Ballot)) == 2


def test_two_taps_deliver_a_ballot_at_the_door(app, enter):
    page = enter(Role.BUILDING_LEADER, "/delivery", PHONE)
    door = page.locator("details.door").first
    door.locator("summary").click()
    press(page, "业主本人签收：1号楼101室", within=door)
    expect(page.locator("#done")).to_contain_text("1号楼101室 已登记：上门，已签收（业主本人）")
    expect(page.locator("details.door").first).to_contain_text("1号楼102室")
    assert_looks_right(page, keep="delivery-door")
    with app.app_context():
        delivered = sa.select(RollEntry.serial).where(RollEntry.delivered)
        assert db.session.scalars(delivered).all() == [1]


@pytest.mark.parametrize(("query", "sheets"), [("layout=two&last=7", 4), ("layout=one&last=7", 7)])
def test_ballots_go_on_their_sheets_and_nothing_is_cut(enter, query, sheets):
    page = enter(Role.WORKER, f"/sheets?{query}")
    codes = re.findall("[A-Z]+", " ".join(page.locator(".ballot-code").all_inner_texts()))
    assert_looks_right(page, codes, keep=f"ballots-{sheets}")
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == sheets
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 688, "height": 1047})  # A4 within the margins, in CSS pixels
    over = page.evaluate(
        """() => [...document.querySelectorAll(".ballot")].flatMap((ballot) => {
            const edge = ballot.getBoundingClientRect().right + 1;
            return [...ballot.querySelectorAll("*")]
              .filter((part) => part.getBoundingClientRect().right > edge)
              .map((part) => part.className || part.tagName);
        })"""
    )
    assert over == []
