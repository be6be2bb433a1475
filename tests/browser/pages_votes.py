"""The notice, and the vote from its preparation to the announcement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from playwright.sync_api import Locator, Page, expect

from tests.browser.looks import assert_looks_right
from tests.browser.pages import fill, follow, open_tab, pick, press
from tests.browser.pages_meetings import MOTIONS

VOTE = "车辆管理制度和智能门禁协议表决"
CARRIED = (
    ("7 / 8 人 · 87.5%", "5 / 7 人 · 71.4%", "402.50 / 563.50 平方米 · 71.4%"),
    ("7 / 8 人 · 87.5%", "6 / 7 人 · 85.7%", "483.00 / 563.50 平方米 · 85.7%"),
)
"""Turnout, and agreement by persons and area, motion by motion."""


def post_notice(page: Page, first: date, last: date) -> None:
    """Draft the notice from what is known already, and say that it hangs everywhere."""
    open_tab(page, "公示")
    follow(page, "起草公示")
    fill(page, {"第一天": first, "最后一天": last})
    press(page, "保存草稿")
    press(page, "其余全部已张贴")
    expect(page.locator(".stats")).to_contain_text("3 / 3")


def prepare_vote(page: Page, opens: datetime, closes: datetime) -> None:
    """Both motions on one ballot."""
    open_tab(page, "表决")
    follow(page, "准备表决")
    fill(page, {"表决名称": VOTE, "开始投票": opens, "截止投票": closes})
    pick(page, "表决事项", *(title for title, _text in MOTIONS))
    page.locator('input[name="rule_id"][value="ord"]').check()
    fill(page, {"为什么适用这条规则": "管理规约和使用共有部分的一般事项。"})
    pick(page, "无效票怎么算", "无效票计入参与")
    press(page, "保存，去核对名册")
    expect(page.get_by_role("heading", name=VOTE)).to_be_visible()


def take_step(page: Page, step: str, word: str) -> None:
    """Take a step that cannot be undone: read what follows, type the word, confirm."""
    open_tab(page, "表决")
    follow(page, f"打开：{VOTE}")
    follow(page, step)
    assert_looks_right(page)
    fill(page, {"确认": word})
    press(page, step)


def record_ballots(page: Page, papers: Sequence[tuple[str, str, str]]) -> None:
    """Enter papers one after the other: room, and the choice on each motion."""
    open_tab(page, "表决")
    follow(page, f"打开：{VOTE}")
    follow(page, "登记表决票")
    for room, *choices in papers:
        fill(page, {"票号或房号": room})
        for (title, _text), choice in zip(MOTIONS, choices, strict=True):
            pick(page, title, choice)
        press(page, "登记，下一张")
    expect(page.locator("#recent tbody tr")).to_have_count(len(papers))


def announce(page: Page) -> None:
    """Look at the result and publish it."""
    follow(page, "查看结果")
    follow(page, "公告结果")
    fill(page, {"确认": "公告"})
    press(page, "公告结果")


def result_cards(page: Page) -> Locator:
    """The result, one card per motion."""
    open_tab(page, "表决")
    follow(page, f"查看结果：{VOTE}")
    return page.locator("section.panel", has=page.locator(".verdict"))
