"""Every main page of the demonstration: in Chinese, without complaint, right on PC and phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.looks import assert_looks_right
from tests.browser.pages import fill, follow, press
from tests.browser.pages_places import roll_file
from tracker.demo.cast import SIGN_INS

DIRECTOR = (
    "/desk",
    "/projects/",
    "/projects/?state=all",
    "/cases/",
    "/cases/rende",
    "/projects/1",
    "/projects/1/history",
    "/projects/1/reminders",
    "/projects/1/public",
    "/projects/2",
    "/projects/2/edit",
    "/projects/stages/3",
    "/projects/stages/7",
    "/projects/stages/7/edit",
    "/projects/stages/7/move",
    "/projects/stages/7/block",
    "/projects/stages/7/skip",
    "/projects/stages/7/tasks/new",
    "/projects/stages/1/go-back",
    "/projects/2/pause",
    "/inbox",
    "/me",
    "/people",
    "/people/new",
    "/people/2",
    "/rules",
    "/rules/new?key=rcm",
)
TALKS = (
    "/projects/1/opinions",
    "/projects/1/opinions/coverage",
    "/projects/2/opinions",
    "/projects/2/opinions/new",
    "/projects/2/opinions/poster",
    "/opinions/1",
    "/opinions/1/edit",
    "/opinions/218/merge",
    "/projects/1/meetings",
    "/projects/3/meetings",
    "/projects/3/meetings/new",
    "/meetings/1",
    "/meetings/1/minutes",
    "/meetings/1/correct",
    "/meetings/4",
    "/meetings/4/hold",
    "/meetings/4/cancel",
    "/projects/1/options",
    "/projects/3/options",
    "/projects/3/options/new",
    "/projects/3/motions/new",
    "/options/2",
)
DEEDS = (
    "/projects/1/notices",
    "/notices/1",
    "/notices/1/sheet",
    "/projects/1/votes",
    "/votes/1",
    "/votes/1/check",
    "/votes/1/freeze",
    "/votes/1/roll",
    "/votes/1/result",
    "/votes/1/announcement",
    "/projects/1/works",
    "/projects/1/works/money",
    "/projects/1/works/checks",
    "/projects/1/pictures",
    "/projects/2/works",
    "/projects/2/works/contractors/new",
    "/projects/2/works/money/new",
    "/projects/2/works/checks/new",
    "/projects/2/works/acceptance/new",
    "/projects/2/pictures/new",
    "/projects/1/feedback",
    "/projects/1/feedback/poster",
    "/projects/2/feedback",
    "/projects/2/feedback/report",
)
PLACES = (
    "/places",
    "/places/compounds/new",
    "/places/compounds/1",
    "/places/compounds/1/persons",
    "/places/compounds/1/units",
    "/places/compounds/1/leaders",
    "/places/compounds/1/roll",
    "/places/buildings/1",
    "/places/units/1/edit",
    "/places/persons/1/edit",
)
LEADER = (
    "/desk",
    "/projects/1",
    "/projects/2/opinions",
    "/projects/2/opinions/new",
    "/votes/5",
    "/votes/5/delivery",
    "/votes/6/delivery",
)
COUNTER = (
    "/desk",
    "/votes/1",
    "/votes/1/result",
    "/votes/4",
    "/votes/4/ballots/check",
    "/votes/4/ballots/enter",
    "/votes/4/ballots/batch",
    "/votes/5/receive",
    "/votes/5/boxes",
)
OFFICER = ("/overview", "/desk", "/projects/", "/people", "/committees/new", "/workdays", "/rules")
VISITS = {
    "director": DIRECTOR,
    "worker": (*TALKS, *DEEDS, *PLACES),
    "officer": OFFICER,
    "leader": LEADER,
    "partner": ("/desk", "/projects/2/works", "/projects/2/pictures"),
    "counter": COUNTER,
    "scrutineer": ("/desk", "/votes/4", "/votes/3/sheet"),
}
LOGINS = {login for _role, login, _name in SIGN_INS} | {
    *("officer", "guonian", "lantian"),
    *("fudan", "guodingzhilu", "wuyi"),
}


SHOWN = {
    "/desk": "desk",
    "/overview": "overview",
    "/cases/": "cases",
    "/projects/": "projects",
    "/projects/1": "project",
    "/projects/stages/7": "stage",
    "/projects/6/votes": "votes",
    "/votes/4/ballots/enter": "entry",
    "/votes/1/sheet": "tally",
    "/votes/5": "open-vote",
    "/votes/8/result": "poll",
    "/votes/18/result": "two-thirds",
    "/projects/2/opinions": "opinions",
    "/votes/1/result": "result",
    "/places/compounds/1": "compound",
}
"""Pages of which pictures are kept in test-results/, for a person to look at."""


def visit(page: Page, path: str, who: str = "resident") -> None:
    """Open a page, which must be there, and look at it."""
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 200, f"{path}: {answer.status}"
    keep = f"{SHOWN[path]}-{who}" if path in SHOWN else None
    assert_looks_right(page, LOGINS, keep=keep)


@pytest.mark.parametrize("login", list(VISITS))
def test_the_pages_of_each_role_look_right(demo_user, login):
    page = demo_user(login)
    for path in VISITS[login]:
        visit(page, path, login)


def test_the_three_screens_and_the_preview_of_a_roll_look_right(demo_user, tmp_path):
    page = demo_user("director")
    page.goto("/projects/new/rende")
    assert_looks_right(page)
    fill(page, {"项目名称": "停车", "要解决什么问题": "停车难", "小区": "正文花园一期"})
    press(page, "下一步：阶段和日期")
    assert_looks_right(page)
    press(page, "下一步：谁负责")
    assert_looks_right(page)
    page.goto("/places/compounds/1/roll")
    page.get_by_label("名册文件").set_input_files(roll_file(tmp_path))
    press(page, "上传并预览")
    assert_looks_right(page)


def test_pages_without_an_account_look_right(demo_user, window, demo_site):
    director = demo_user("director")
    director.goto("/projects/1/public")
    summary = director.get_by_role("link", name="打开居民公开页").get_attribute("href")
    director.goto("/projects/2/opinions/poster")
    form = director.locator(".sheet-qr p").inner_text()
    resident = window(demo_site)
    for path in ("/sign-in", "/forgotten", summary, form):
        visit(resident, path)


def test_a_menu_on_a_phone_leads_to_all_parts(demo_user):
    page = demo_user("director", 360)
    page.goto("/projects/1")
    page.locator("details.project-parts > summary").click()
    follow(page, "施工与资金")
    assert_looks_right(page)
