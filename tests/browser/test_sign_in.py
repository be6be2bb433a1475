"""The first visit: setting up, leaving, coming back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE
from tests.browser.pages import assert_fits, open_menu, press, shot

PASSWORD = "a garden for all of us"


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_the_first_user_sets_up_leaves_and_comes_back(visitor, width):
    page = visitor(width)
    page.goto("/")
    expect(page.get_by_role("heading", name="第一次设置")).to_be_visible()
    assert_fits(page)
    shot(page, f"setup-{width}")
    for label, value in (
        ("街道名称", "五角场街道"),
        ("居委会名称", "仁德居委会"),
        ("您的称呼", "李主任"),
        ("登录名", "director"),
        ("密码", PASSWORD),
        ("再输一遍密码", PASSWORD),
    ):
        page.get_by_label(label, exact=True).fill(value)
    press(page, "设好并进入")

    expect(page.get_by_text("台账已设好")).to_be_visible()
    assert_fits(page)
    shot(page, f"first-desk-{width}")
    open_menu(page)
    assert_fits(page)
    press(page, "退出登录")

    expect(page).to_have_url(re.compile("/sign-in$"))
    assert_fits(page)
    page.get_by_label("登录名", exact=True).fill("director")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    press(page, "登录")
    open_menu(page)
    expect(page.get_by_text("李主任").locator("visible=true").first).to_be_visible()
