"""What several browser tests do with a page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path

from playwright.sync_api import Locator, Page

SHOTS = Path("test-results")

Typed = str | int | date | time


def shot(page: Page, name: str) -> Path:
    """Keep a picture of the whole page in test-results/, for a person to look at."""
    SHOTS.mkdir(exist_ok=True)
    path = SHOTS / f"{name}.png"
    page.screenshot(path=path, full_page=True)
    return path


def assert_fits(page: Page) -> None:
    """The page needs no scrolling sideways."""
    wide, room = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert wide <= room, f"{page.url}: {wide} px wide in a window of {room} px"


def open_menu(page: Page) -> None:
    """Open the menu of one's account; on a phone it is the only menu."""
    page.locator("header details.menu > summary").locator("visible=true").click()


def press(page: Page, label: str, *, within: Locator | None = None) -> None:
    """Press the button with this word and wait for the page that it leads to."""
    button = (within or page).get_by_role("button", name=_named(label))
    # Without its styles, which come later than its words, a page shows both menus.
    with page.expect_navigation(wait_until="load"):
        button.locator("visible=true").click()


def follow(page: Page, label: str, *, within: Locator | None = None) -> None:
    """Follow the link with this word and wait for the page that it leads to."""
    link = (within or page).get_by_role("link", name=_named(label))
    with page.expect_navigation(wait_until="load"):
        link.locator("visible=true").first.click()


def open_tab(page: Page, label: str) -> None:
    """Go to another part of the project."""
    follow(page, label, within=page.get_by_role("navigation", name="项目的各部分"))


def field(page: Page, label: str) -> Locator:
    """The field with this label, whether it must be filled or not."""
    return page.get_by_label(_labelled(label))


def fill(page: Page, answers: Mapping[str, Typed]) -> None:
    """Fill fields by their labels; of a list, choose the entry with this word."""
    for label, answer in answers.items():
        found = field(page, label)
        if found.evaluate("element => element.tagName") == "SELECT":
            found.select_option(label=str(answer))
        else:
            found.fill(_as_typed(answer))


def pick(page: Page, question: str, *answers: str) -> None:
    """Tick answers below a question."""
    below = page.get_by_role("group", name=_labelled(question))
    for answer in answers:
        below.get_by_label(answer, exact=True).check()


def _named(label: str) -> re.Pattern[str]:
    # Words for screen readers only, such as ：title, are a box of their own: a space goes before.
    return re.compile(rf"^\s*{re.escape(label).replace('：', ' ?：')}\s*$")


def _labelled(label: str) -> re.Pattern[str]:
    return re.compile(rf"^\s*{re.escape(label)}\s*(（选填）)?\s*$")


def _as_typed(answer: Typed) -> str:
    if isinstance(answer, datetime):
        return f"{answer:%Y-%m-%dT%H:%M}"
    if isinstance(answer, time):
        return f"{answer:%H:%M}"
    return answer.isoformat() if isinstance(answer, date) else str(answer)
