"""What several browser tests do with a page."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

SHOTS = Path("test-results")


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


def press(page: Page, label: str) -> None:
    """Press the button with this word, in the page's main part or an open menu."""
    page.get_by_role("button", name=label, exact=True).locator("visible=true").click()
