"""What must be right about every page, whatever it shows."""

from __future__ import annotations

import re
from collections.abc import Iterable

from playwright.sync_api import Page

from tests.browser.pages import assert_fits, shot

WIDTHS = (360, 1440)
"""Pixels: a small phone, and a PC."""

NAMES = frozenset({"English", "Excel", "JPEG", "WebP", "xlsx", "csv"})
"""Words of other languages that stand on Chinese pages: a switch, programs and formats."""

_ADDRESS = re.compile(r"https?://\S+|\S+@\S+")
_FINGERPRINT = re.compile(r"\b[0-9a-f]{16,}\b|\b[0-9A-F]{4}-[0-9A-F]{4}\b")
_WORD = re.compile(r"[A-Za-z]{4,}")


def assert_looks_right(page: Page, names: Iterable[str] = (), keep: str | None = None) -> None:
    """The page has one title, is in Chinese, and fits a phone and a PC.

    ``names``: further words that are names here, such as those people sign in with. ``keep``: name
    under which a picture of each width is kept.
    """
    assert page.locator("h1").count() == 1, f"{page.url}: a page has one <h1>"
    foreign = foreign_words(page.locator("body").inner_text()) - NAMES - set(names)
    assert not foreign, f"{page.url}: not translated: {sorted(foreign)}"
    before = page.viewport_size
    assert before is not None
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": before["height"]})
        assert_fits(page)
        if keep:
            shot(page, f"{keep}-{width}")
    page.set_viewport_size(before)


def foreign_words(text: str) -> set[str]:
    """Words in Latin letters, without addresses and fingerprints."""
    return set(_WORD.findall(_FINGERPRINT.sub(" ", _ADDRESS.sub(" ", text))))
