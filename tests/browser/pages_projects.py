"""The library of cases, a new project in three screens, and its stages."""

from __future__ import annotations

import re
from datetime import date

from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import fill, follow, open_tab, press
from tests.browser.pages_places import COMPOUND

TITLE = "正文花园一期停车与门禁"
PROBLEM = "208 个车位里有 68 个长期被固定占用；主入口没有门禁，家中被盗时有发生。"


def find_case(page: Page) -> None:
    """Find case 6 in the library, by a word and by filters."""
    follow(page, "案例库")
    expect(page.get_by_text("找到 14 个，共 14 个")).to_be_visible()
    fill(page, {"找案例": "停车", "问题类型": "停车", "用过的做法": "业主书面表决"})
    press(page, "查看")
    expect(page.locator(".tiles.cases li").first).to_contain_text("停车")
    with page.expect_navigation(wait_until="load"):
        page.locator(".tiles.cases a", has_text=re.compile(r"^\s*06")).click()
    expect(page.locator(".over")).to_contain_text("案例 6")


def log_project(page: Page, *, collector: str) -> None:
    """From the page of the case through three screens to a project."""
    follow(page, "照这个案例登记项目")
    fill(page, {"项目名称": TITLE, "要解决什么问题": PROBLEM, "具体位置": "全小区"})
    expect(page.get_by_label("小区", exact=True).locator("option:checked")).to_have_text(COMPOUND)
    press(page, "下一步：阶段和日期")
    expect(page.locator(".plan li")).to_have_count(6)
    press(page, "下一步：谁负责")
    fill(page, {"网格走访，收集意见": collector})
    press(page, "登记项目")
    expect(page.get_by_role("heading", name="项目已登记")).to_be_visible()


def count_clicks(page: Page) -> None:
    """From the next page on count the presses of mouse or finger in this window."""
    page.add_init_script(
        """addEventListener("click", (event) => {
             if (!event.detail) return;
             sessionStorage.clicks = Number(sessionStorage.clicks ?? 0) + 1;
           }, true)"""
    )


def clicks(page: Page) -> int:
    """Presses since ``count_clicks``; typing and choosing from a list by keyboard are none."""
    return int(page.evaluate("Number(sessionStorage.clicks ?? 0)"))


def open_project(page: Page) -> None:
    """Go to the project page through the list."""
    follow(page, "项目", within=page.locator("nav.main-nav"))
    follow(page, TITLE)


def open_stage(page: Page, kind: str) -> None:
    """Go to the page of the stage whose title holds this word."""
    if page.get_by_role("navigation", name="项目的各部分").count():
        open_tab(page, "概况")
    else:
        open_project(page)
    with page.expect_navigation(wait_until="load"):
        page.locator("ol.path a", has_text=kind).click()


def start_stage(page: Page) -> None:
    """Begin the next stage, from the project page."""
    open_project(page)
    press(page, "开始这个阶段")
    expect(page.get_by_text("阶段已开始。")).to_be_visible()


def complete_stage(page: Page, kind: str) -> None:
    """End a stage whose gate is met."""
    open_stage(page, kind)
    press(page, "完成这个阶段")
    expect(page.get_by_text("阶段已完成。")).to_be_visible()


def be_refused(page: Page, kind: str, complaints: list[str]) -> Locator:
    """Try to end a stage too early; returns the reasons, each of which is a link."""
    open_stage(page, kind)
    press(page, "完成这个阶段")
    expect(page.get_by_role("heading", name="现在还不能这样做")).to_be_visible()
    # Chromium notes every answer that is not a success; this one was provoked.
    provoked = [line for line in complaints if "409" in line]
    assert len(provoked) == 1, complaints
    complaints.remove(provoked[0])
    return page.locator("main li a")


def tick_tasks(page: Page, kind: str) -> None:
    """Tick everything on the checklist of a stage."""
    open_stage(page, kind)
    tasks = page.locator("#tasks")
    left = tasks.get_by_role("button", name=re.compile("^完成 ?："))
    while left.count():
        with page.expect_navigation(wait_until="load"):
            left.first.click()
    expect(tasks.locator("svg.tick.done").first).to_be_visible()


def set_review(page: Page, kind: str, on: date) -> None:
    """Say on which day somebody looks again."""
    open_stage(page, kind)
    follow(page, "修改负责人或复查日期")
    fill(page, {"复查日期": on})
    press(page, "保存")


def close_project(page: Page) -> None:
    """Finish the whole project."""
    open_project(page)
    press(page, "办结项目")
    expect(page.get_by_text("项目已办结。")).to_be_visible()
