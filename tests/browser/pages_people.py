"""Setting up, signing in, and the people of a committee."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.pages import fill, follow, press

PASSWORD = "a garden for all of us"


def set_up(page: Page) -> None:
    """Be the first visitor: found 仁德居委会 and become its director."""
    page.goto("/")
    expect(page.get_by_role("heading", name="第一次设置")).to_be_visible()
    fill(
        page,
        {
            "街道名称": "五角场街道",
            "居委会名称": "仁德居委会",
            "您的称呼": "李主任",
            "登录名": "director",
            "密码": PASSWORD,
            "再输一遍密码": PASSWORD,
        },
    )
    press(page, "设好并进入")
    expect(page.get_by_text("台账已设好")).to_be_visible()


def sign_in(page: Page, login: str) -> None:
    """Sign in with the password of all accounts here."""
    page.goto("/sign-in")
    fill(page, {"登录名": login, "密码": PASSWORD})
    press(page, "登录")
    expect(page).not_to_have_url(re.compile("/sign-in"))


def add_account(page: Page, role: str, name: str, login: str) -> None:
    """Give somebody an account, as a director."""
    follow(page, "人员")
    follow(page, "新增账号")
    fill(page, {"角色": role, "称呼": name, "登录名": login, "初始密码": PASSWORD})
    press(page, "建立账号")
    expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()
