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
from tests.browser.conftest import PHONE, LeapTo
from tests.browser.looks import assert_looks_right
from tests.browser.pages import follow, shot
from tests.browser.small_case import load_library
from tracker.kernel.clock import SHANGHAI

FEW_CLICKS = 6
"""From the library to the project: a search, a case, its button, and three screens."""

PAPERS = (
    ("1-101", "同意", "同意"),
    ("1-102", "同意", "同意"),
    ("1-201", "反对", "同意"),
    ("1-202", "同意", "同意"),
    ("2-101", "同意", "同意"),
    ("2-102", "弃权", "反对"),
    ("2-201", "同意", "同意"),
)
"""Seven of eight came back: 5/7 for the parking rule, 6/7 for the gate."""


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
    people.add_account(director, "居委会社工", "王社工", "worker")
    people.add_account(director, "计票人", "计票人甲", "counter")
    places.add_compound(director, places.roll_file(tmp_path))
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
    vote(director, visitor, leap_to, complaints)
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
    director: Page, visitor: Callable[..., Page], leap_to: LeapTo, complaints: list[str]
) -> None:
    """Fifteen days of notice, a frozen roll, paper ballots, two results."""
    leap_to(date(2021, 10, 18))
    projects.start_stage(director)
    votes.post_notice(director, date(2021, 10, 18), date(2021, 11, 7))
    opens = datetime(2021, 10, 25, 9, tzinfo=SHANGHAI)
    closes = datetime(2021, 11, 8, 12, tzinfo=SHANGHAI)
    votes.prepare_vote(director, opens, closes)
    votes.take_step(director, "冻结名册", "冻结")
    leap_to(date(2021, 10, 25), 9, 5)
    votes.take_step(director, "开始投票", "开始")

    counter = visitor()
    people.sign_in(counter, "counter")
    projects.open_project(counter)
    leap_to(date(2021, 10, 28), 19)
    votes.record_ballots(counter, PAPERS)
    shot(counter, "job-ballots")
    assert_looks_right(counter)
    reasons = projects.be_refused(director, "书面表决", complaints)
    expect(reasons).to_have_text(
        ["公示还差 4 天（已满 11 天，要求 15 天）", "还没有通过的表决结果"]
    )

    leap_to(date(2021, 11, 8), 15)
    projects.open_project(director)
    votes.take_step(director, "截止并计票", "截止")
    votes.announce(director)
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
    projects.complete_stage(director, "书面表决")


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
