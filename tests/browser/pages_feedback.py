"""What residents think of it, what they are shown, and what is learnt."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.looks import assert_looks_right
from tests.browser.pages import fill, follow, open_tab, pick, press
from tests.browser.pages_projects import TITLE

RESULTS = "停车改为先到先停，主入口装了智能门禁。"
COMMENT = "晚上回来有地方停了。"
LESSONS = "先走访，再把新老业主请到一张桌上。"


def residents_link(page: Page) -> str:
    """The address that is handed to residents."""
    open_tab(page, "反馈")
    address = page.locator('a[href*="/p/"]').first.get_attribute("href")
    assert address is not None
    return address


def rate(resident: Page, address: str, score: str) -> None:
    """Say how satisfied one is, without an account."""
    resident.goto(address)
    assert_looks_right(resident)
    pick(resident, "您对这件事办得满意吗？", score)
    fill(resident, {"还想说的话": COMMENT})
    press(resident, "提交")
    expect(resident.get_by_role("heading", name="已收到，谢谢您")).to_be_visible()
    assert_looks_right(resident)


def publish_replies(page: Page, count: int) -> None:
    """Let residents read the replies."""
    open_tab(page, "反馈")
    press(page, f"公开 {count} 条答复")
    expect(page.get_by_text("所有答复都已公开。")).to_be_visible()


def write_report(page: Page) -> None:
    """Sum up."""
    open_tab(page, "反馈")
    follow(page, "写总结")
    fill(page, {"做成了什么": RESULTS, "经验和教训": LESSONS})
    press(page, "保存")


def publish(page: Page) -> str:
    """Open the summary to residents; returns its address."""
    follow(page, "向居民公开")
    press(page, "向居民公开")
    address = page.get_by_role("link", name="打开居民公开页").get_attribute("href")
    assert address is not None
    return address


def read_summary(resident: Page, address: str) -> None:
    """Open the summary without an account."""
    resident.goto(address)
    expect(resident.get_by_role("heading", name=TITLE, exact=True)).to_be_visible()
    assert_looks_right(resident)


def see_pictures(resident: Page, count: int) -> None:
    """Scroll down to the pictures before and after, which are fetched only then."""
    pictures = resident.locator(".before-after img")
    expect(pictures).to_have_count(count)
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
        expect(picture).not_to_have_js_property("naturalWidth", 0)
