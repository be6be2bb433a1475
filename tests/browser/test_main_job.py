"""The main job by clicking: from a case of the library to the published summary.

The dates are those of case 6 (仁德): the vote was counted on 8 November 2021.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import pages_feedback as feedback
from tests.browser import pages_meetings as meetings
from tests.browser import pages_opinions as opinions
from tests.browser import pages_people as people
from tests.browser import pages_places as places
from tests.browser import pages_projects as projects
from tests.browser import pages_votes as votes
from tests.browser import pages_works as works
from tests.browser.conftest import DESK, PHONE, LeapTo
from tests.browser.looks import assert_looks_right
from tests.browser.pages import follow, press, shot
from tests.browser.small_case import load_library
from tracker.kernel.clock import SHANGHAI

HANDHELD = 390
"""Pixels: the phone of a building leader."""

FEW_CLICKS = 6
"""From the library to the project: a search, a case, its button, and three screens."""

STAFF = (
    ("居委会社工", "王社工", "worker"),
    ("计票人", "计票人甲", "counter"),
    ("计票人", "计票人乙", "counter2"),
    ("监票人", "监票人丙", "scrutineer"),
    ("楼组长", "一网格长", "leader"),
)

BALLOTS = ((1, "11"), (2, "11"), (3, "21"), (4, "11"), (5, "11"), (6, "32"), (7, "11"))
"""Seven of eight came back: 5/7 for the parking rule, 6/7 for the gate.

The keys are 1 同意, 2 反对, 3 弃权.
"""

SLIP = (3, "11")
"""What the second counter enters of one of them."""


@pytest.fixture
def library(app, tmp_path):
    """All cases, the sixth with small amounts."""
    load_library(app, tmp_path)


def test_a_project_goes_from_a_case_to_its_published_summary(
    library, leap_to, visitor, complaints, tmp_path
):
    leap_to(date(2021, 9, 1), 10)
    director = visitor()
    people.set_up(director)
    for role, name, login in STAFF:
        people.add_account(director, role, name, login)
    places.add_compound(director, places.roll_file(tmp_path))
    places.give_buildings(director, "一网格长", "1号楼", "2号楼")
    projects.count_clicks(director)
    projects.find_case(director)
    projects.log_project(director, collector="王社工（居委会社工）")
    assert projects.clicks(director) <= FEW_CLICKS
    shot(director, "job-logged")

    leap_to(date(2021, 9, 6))
    worker = visitor()
    people.sign_in(worker, "worker")
    collect(director, worker, leap_to, complaints)
    deliberate(director, leap_to)
    receipt = vote(director, worker, visitor, leap_to, complaints)
    implement(director, leap_to, complaints, tmp_path)
    hear_back(director, visitor, leap_to)
    address = keep_up(director, leap_to)

    resident = visitor(PHONE)
    feedback.read_summary(resident, address)
    replies = [reply for _status, reply in opinions.REPLIES]
    figures = [figure for both in votes.CARRIED for figure in both]
    for told in (*figures, *replies, feedback.RESULTS, feedback.LESSONS):
        expect(resident.locator("main")).to_contain_text(told)
    feedback.see_pictures(resident, 2)
    for private in (opinions.OPINIONS[0][2], "示例业主", feedback.COMMENT, "王社工"):
        expect(resident.locator("body")).not_to_contain_text(private)
    shot(resident, "job-summary-360")
    votes.look_up(resident, BALLOTS[0][0], receipt)


def collect(director: Page, worker: Page, leap_to: LeapTo, complaints: list[str]) -> None:
    """Opinions at the doors; the gate names all that is missing, and where."""
    projects.start_stage(director)
    reasons = projects.be_refused(director, "收集意见", complaints)
    expect(reasons).to_have_text(
        [
            "意见还差 3 条（已有 0 条，要求 3 条）",
            "还差 3 户没有听取意见（已听 0，要求 3）",
        ]
    )
    shot(director, "job-refused")
    follow(director, "意见还差 3 条（已有 0 条，要求 3 条）")
    expect(director.get_by_text("还没有意见")).to_be_visible()

    projects.open_project(worker)
    opinions.record_opinions(worker, date(2021, 9, 6))
    leap_to(date(2021, 9, 10))
    reasons = projects.be_refused(worker, "收集意见", complaints)
    expect(reasons).to_have_text(["还有 3 条意见没有答复"])
    projects.open_project(worker)
    opinions.answer_opinions(worker)
    projects.complete_stage(worker, "收集意见")


def deliberate(director: Page, leap_to: LeapTo) -> None:
    """A meeting, two options, two motions."""
    leap_to(date(2021, 9, 27))
    projects.start_stage(director)
    meetings.plan_meeting(director, datetime(2021, 9, 28, 18, 30, tzinfo=SHANGHAI))
    leap_to(date(2021, 9, 28), 21)
    meetings.write_minutes(director, due=date(2021, 10, 8))
    meetings.choose_option(director)
    meetings.word_motions(director)
    shot(director, "job-options")
    projects.complete_stage(director, "商量方案")


def vote(
    director: Page,
    worker: Page,
    visitor: Callable[..., Page],
    leap_to: LeapTo,
    complaints: list[str],
) -> str:
    """The whole procedure on paper by all its people; returns the receipt of the first ballot."""

    def arrive(login: str, width: int = DESK) -> Page:
        page = visitor(width)
        people.sign_in(page, login)
        if width == DESK:
            projects.open_project(page)
        return page

    leap_to(date(2021, 10, 18))
    projects.start_stage(director)
    votes.post_notice(director, date(2021, 10, 18), date(2021, 11, 7))
    opens = datetime(2021, 11, 2, 9, tzinfo=SHANGHAI)
    closes = datetime(2021, 11, 8, 12, tzinfo=SHANGHAI)
    projects.open_project(worker)
    votes.prepare_vote(worker, opens, closes)
    votes.take_step(director, "去确认")
    press(director, "确认适用这条规则")
    votes.freeze(worker, director)
    votes.print_papers(worker, places.UNITS)
    projects.open_project(worker)
    votes.seal_box(worker)

    leap_to(date(2021, 10, 30), 19)
    phone = arrive("leader", HANDHELD)
    votes.deliver(phone, places.BUILDINGS, places.ROOMS)
    shot(phone, "job-delivery")
    leap_to(date(2021, 11, 2), 9, 5)
    votes.take_step(director, "开始投票")
    votes.confirm(director, "开始投票", "开始")

    counter, second = arrive("counter"), arrive("counter2")
    leap_to(date(2021, 11, 4), 19)
    receipt = votes.receive(counter, [serial for serial, _keys in BALLOTS])
    reasons = projects.be_refused(director, "书面表决", complaints)
    expect(reasons).to_have_text(["还没有通过的表决结果", f"请先公告或作废表决「{votes.VOTE}」"])
    count(director, worker, (counter, second), arrive("scrutineer"), leap_to)
    projects.complete_stage(director, "书面表决")
    return receipt


def count(
    director: Page,
    worker: Page,
    counters: tuple[Page, Page],
    scrutineer: Page,
    leap_to: LeapTo,
) -> None:
    """Closed, identities checked, read twice, a slip settled, certified, announced."""
    counter, second = counters
    leap_to(date(2021, 11, 8), 12, 10)
    projects.open_project(director)
    votes.take_step(director, "截止投票")
    votes.confirm(director, "截止投票", "截止")
    projects.open_project(counter)
    votes.open_box(counter)
    votes.check_identity(counter, places.BUILDINGS)
    votes.enter(counter, BALLOTS)
    shot(counter, "job-entry")
    votes.enter(second, [SLIP if ballot[0] == SLIP[0] else ballot for ballot in BALLOTS])
    projects.open_project(worker)
    votes.settle(worker, SLIP[0], "2")
    votes.certify(scrutineer)
    shot(scrutineer, "job-certified")
    votes.take_step(director, "公告结果")
    votes.confirm(director, "公告结果", "公告")
    cards = votes.result_cards(director)
    expect(cards).to_have_count(len(votes.CARRIED))
    for number, figures in enumerate(votes.CARRIED):
        expect(cards.nth(number)).to_contain_text("通过")
        for figure in figures:
            expect(cards.nth(number)).to_contain_text(figure)
    shot(director, "job-result")
    follow(director, "打印公告")
    expect(director.locator(".sheet")).to_contain_text("业主共同决定：一般事项")
    assert_looks_right(director)


def implement(director: Page, leap_to: LeapTo, complaints: list[str], folder: Path) -> None:
    """A contractor, money, a look at the site, pictures, acceptance."""
    leap_to(date(2021, 11, 9))
    projects.start_stage(director)
    works.hire(director, date(2021, 11, 15), date(2021, 12, 10))
    works.add_picture(
        director, works.photo(folder, "before", "#a79a7f"), "改造前", date(2021, 11, 9)
    )
    leap_to(date(2021, 12, 10))
    works.book_money(director, "收入", "12万", date(2021, 11, 12), "业主大会公共收益账户")
    works.book_money(director, "支出", "8.6万", date(2021, 12, 10), "示例智能科技有限公司")
    works.check_site(director, date(2021, 12, 10))
    leap_to(date(2021, 12, 17))
    works.add_picture(
        director, works.photo(folder, "after", "#5d8a52"), "改造后", date(2021, 12, 17)
    )
    works.accept_works(director, date(2021, 12, 17))
    shot(director, "job-works")
    reasons = projects.be_refused(director, "装门禁", complaints)
    expect(reasons).to_have_text(["还有 8 项必做事项没有完成"])
    projects.tick_tasks(director, "装门禁")
    projects.complete_stage(director, "装门禁")


def hear_back(director: Page, visitor: Callable[..., Page], leap_to: LeapTo) -> None:
    """Residents rate without an account, replies are published, the report is written."""
    leap_to(date(2021, 12, 21))
    projects.start_stage(director)
    link = feedback.residents_link(director)
    feedback.rate(visitor(PHONE), link, "很满意")
    feedback.rate(visitor(PHONE), link, "满意")
    feedback.publish_replies(director, len(opinions.REPLIES))
    feedback.write_report(director)
    shot(director, "job-feedback")
    projects.complete_stage(director, "听反馈")


def keep_up(director: Page, leap_to: LeapTo) -> str:
    """The day of the look-back is set; the project closes and is shown to residents."""
    leap_to(date(2022, 1, 7))
    projects.start_stage(director)
    projects.set_review(director, "长效管理", date(2022, 7, 7))
    projects.complete_stage(director, "长效管理")
    projects.close_project(director)
    shot(director, "job-project")
    return feedback.publish(director)
