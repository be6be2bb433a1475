"""The calendar's pages."""

from __future__ import annotations

from datetime import date

import pytest

from tests.factories import people
from tests.factories.people import NOW
from tracker.accounts.rules import Role
from tracker.kernel.database import db
from tracker.workdays import queries, services


@pytest.fixture
def officer(app, browse):
    with app.app_context():
        services.load_packaged(NOW)
        user = people.user(Role.OFFICER)
        db.session.commit()
        return browse(user)


@pytest.mark.parametrize(
    ("role", "expect"),
    [(r, 200 if r is Role.OFFICER else 403) for r in Role],
)
@pytest.mark.parametrize("url", ["/workdays", "/workdays/day", "/workdays/import"])
def test_only_officers_keep_the_calendar_of_all_committees(app, browse, role, expect, url):
    with app.app_context():
        user = people.user(role)
        db.session.commit()
        browser = browse(user)
    browser.get(url, expect=expect)


def test_a_year_lists_its_exceptions(officer):
    page = officer.get("/workdays?year=2026")
    assert "10月10日" in page
    assert "国庆节调休" in page
    assert "放假安排已导入" in page
    assert "尚未导入" in officer.get("/workdays?year=2031")
    officer.get("/workdays?year=1000", expect=404)


def test_a_day_is_added_changed_and_taken_back(app, officer):
    page = officer.post("/workdays/day", day="2026-11-24", kind="rest", note="社区活动日")
    assert "社区活动日" in page
    page = officer.post("/workdays/day?day=2026-11-24", day="2026-11-24", kind="work", note="改期")
    assert "改期" in page
    assert "社区活动日" not in page
    page = officer.post("/workdays/day/2026-11-24/remove")
    assert "改期" not in page
    officer.post("/workdays/day/2026-11-24/remove", expect=404)
    officer.post("/workdays/day/nonsense/remove", expect=404)
    with app.app_context():
        assert queries.day(date(2026, 11, 24)) is None


def test_a_bad_day_keeps_what_was_typed(officer):
    page = officer.post("/workdays/day", day="1990-01-01", kind="rest", note="太早")
    assert "年份应在 2019 至 2100 之间" in page
    assert 'value="太早"' in page
    page = officer.post("/workdays/day", day="", kind="", note="没有日期")
    assert 'value="没有日期"' in page


def test_a_pasted_arrangement_is_imported(app, officer):
    page = officer.post("/workdays/import", lines="2027-01-01 放假 元旦\n2027-02-06 上班 调休")
    assert "已导入 2 天" in page
    assert "2027 年" in page
    with app.app_context():
        assert queries.calendar().is_announced(date(2027, 5, 1))


def test_a_malformed_import_names_line_and_reason_keeps_the_text_and_changes_nothing(app, officer):
    page = officer.post("/workdays/import", lines="2027-01-01 放假 元旦\n2027-02-30 上班 调休")
    assert "第 2 行：没有 2027-02-30 这一天" in page
    assert "2027-01-01 放假 元旦" in page
    with app.app_context():
        assert not queries.calendar().is_announced(date(2027, 1, 1))
        assert queries.day(date(2027, 1, 1)) is None
