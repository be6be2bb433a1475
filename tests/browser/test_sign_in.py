"""The first visit: setting up, leaving, coming back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE
from tests.browser.looks import assert_looks_right
from tests.browser.pages import open_menu, press, shot
from tests.browser.pages_people import set_up, sign_in


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_the_first_user_sets_up_leaves_and_comes_back(visitor, width):
    page = visitor(width)
    page.goto("/")
    assert_looks_right(page)
    shot(page, f"setup-{width}")
    set_up(page)
    assert_looks_right(page)
    shot(page, f"first-desk-{width}")
    open_menu(page)
    assert_looks_right(page)
    press(page, "退出登录")

    expect(page).to_have_url(re.compile("/sign-in$"))
    sign_in(page, "director")
    open_menu(page)
    expect(page.get_by_text("李主任").locator("visible=true").first).to_be_visible()
