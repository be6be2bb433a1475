"""The form of a vote and its check, as a browser shows them: parts that open, links that lead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, LeapTo
from tests.browser.looks import assert_looks_right
from tests.browser.pages import press
from tests.browser.pages_people import PASSWORD, sign_in
from tests.factories import votes
from tracker.accounts.passwords import hashed
from tracker.kernel.database import db
from tracker.votes.rules import Choice


@pytest.fixture
def scene_ids(app: Flask, leap_to: LeapTo) -> dict[str, int]:
    """A draft without a word against; people sign in by the names of their roles."""
    leap_to(date(2026, 3, 2), 9)
    with app.app_context():
        scene = votes.scene(buildings=2, rooms=20)
        vote = votes.draft(scene, choices=[Choice.FOR, Choice.ABSTAIN])
        for user in (scene.worker, scene.director):
            user.login, user.password_hash = user.role.value, hashed(PASSWORD)
        db.session.commit()
        return {"vote": vote.id, "project": scene.project.id}


@pytest.fixture
def worker(visitor: Callable[..., Page], scene_ids: dict[str, int]) -> Callable[..., Page]:
    """A window signed in as the worker, at a page."""

    def make(path: str, width: int = DESK) -> Page:
        page = visitor(width)
        sign_in(page, "worker")
        page.goto(path.format(**scene_ids))
        return page

    return make


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_what_only_a_poll_asks_is_shown_with_a_poll(worker, width):
    page = worker("/projects/{project}/votes/new", width)
    options = page.get_by_label("「车辆管理制度」的候选项")
    expect(options).to_be_hidden()
    page.get_by_text("在几个候选项中选", exact=False).first.click()
    page.locator('input[value="ranked"]').check()
    expect(options).to_be_visible()
    page.get_by_text("票面的选项、一人一票还是一户一票").click()
    expect(page.get_by_label("反对")).to_be_hidden()
    page.locator('input[value="ord"]').check()
    expect(options).to_be_hidden()
    expect(page.get_by_label("反对")).to_be_visible()
    assert_looks_right(page)


def test_a_finding_leads_into_the_part_where_it_is_mended(worker):
    page = worker("/votes/{vote}/check")
    page.get_by_role("link", name="票面上没有“反对”").click()
    against = page.get_by_label("反对")
    expect(against).to_be_visible()
    against.check()
    press(page, "保存，去检查")
    expect(page.get_by_text("票面上没有“反对”")).to_have_count(0)
    assert_looks_right(page)


def test_two_people_freeze_a_roll(worker, visitor, scene_ids):
    page = worker("/votes/{vote}/edit")
    page.get_by_label("反对").check()
    press(page, "保存，去检查")
    director = visitor()
    sign_in(director, "director")
    director.goto(f"/votes/{scene_ids['vote']}/check")
    director.get_by_role("link", name="适用规则还没有经另一个人确认").click()
    press(director, "确认适用这条规则")
    page.reload()
    page.get_by_role("link", name="提请冻结").click()
    page.get_by_label("确认", exact=True).fill("冻结")
    press(page, "提请冻结")
    assert_looks_right(page)
    director.reload()
    director.get_by_role("link", name="去核对").click()
    assert_looks_right(director)
    director.get_by_label("确认", exact=True).fill("同意")
    press(director, "同意冻结")
    expect(director.get_by_role("heading", name="名册已冻结")).to_be_visible()
    assert_looks_right(director)
