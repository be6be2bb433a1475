"""The main pages of the demonstration, as each width shows them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE
from tests.browser.pages import assert_fits, shot

PAGES = {
    "director": ("/", "/projects", "/cases", "/places", "/people", "/inbox", "/me"),
    "officer": ("/", "/overview", "/workdays"),
}


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("login", list(PAGES))
def test_the_main_pages_fit_and_make_no_complaint(demo_user, login, width):
    page = demo_user(login, width)
    for path in PAGES[login]:
        answer = page.goto(path)
        assert answer.status == 200, f"{path}: {answer.status}"
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert_fits(page)
        shot(page, f"demo-{login}{path.replace('/', '-')}-{width}")
