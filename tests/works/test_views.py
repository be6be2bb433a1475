"""The pages of works, money and pictures, as their users meet them."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from tests.conftest import Browser, visible
from tests.factories import people, projects
from tests.factories.works import money, picture
from tests.works.pages import MANAGERS, REPORTERS, Site, count, the_only
from tracker.accounts.models import User
from tracker.accounts.rules import Role
from tracker.anthology.rules import StageKind
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.projects.models import Task
from tracker.projects.rules import ProjectState
from tracker.works.models import (
    Acceptance,
    Approval,
    Contractor,
    MoneyEntry,
    Picture,
    SiteCheck,
)
from tracker.works.rules import MoneyDirection, PicturePhase


def routes(site: Site) -> dict[str, str]:
    return {
        "index": site.url,
        "money": f"{site.url}/money",
        "checks": f"{site.url}/checks",
        "pictures": f"/projects/{site.project}/pictures",
        "picture": f"/pictures/{site.picture}",
        "contractor": f"{site.url}/contractors/new",
        "book": f"{site.url}/money/new",
        "reverse": f"/works/money/{site.entry}/reverse",
        "approval": f"/stages/{site.approval_stage}/approval",
        "acceptance": f"{site.url}/acceptance/new",
        "remove": f"/pictures/{site.picture}/remove",
        "check": f"{site.url}/checks/new",
        "add pictures": f"/projects/{site.project}/pictures/new",
    }


ALLOWED = {
    **dict.fromkeys(("index", "money", "checks", "pictures", "picture"), tuple(Role)),
    **dict.fromkeys(
        ("contractor", "book", "reverse", "approval", "acceptance", "remove"), MANAGERS
    ),
    **dict.fromkeys(("check", "add pictures"), REPORTERS),
}


@pytest.mark.parametrize("role", Role)
def test_every_role_opens_its_pages_and_no_others(site, role):
    here = site(role)
    for name, url in routes(here).items():
        answer = here.browser.client.get(url)
        expected = 200 if role in ALLOWED[name] else 403
        assert answer.status_code == expected, (role, name)


@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.WORKER, Role.PARTNER])
def test_what_belongs_to_another_committee_is_not_found(app, site, role):
    here = site(role, foreign=True)
    for name, url in routes(here).items():
        if role in ALLOWED[name]:
            here.browser.get(url, expect=404)
            if name not in ("index", "money", "checks", "pictures", "picture"):
                here.browser.post(url, expect=404)
    assert (count(app, MoneyEntry), count(app, Picture)) == (1, 1)


def test_an_officer_sees_the_works_of_the_subdistrict_and_changes_nothing(site):
    here = site(Role.OFFICER)
    page = here.browser.get(here.url)
    assert "100.00" in page
    assert "记一笔账" not in page
    assert "登记现场检查" not in page


@pytest.mark.parametrize(
    "path",
    ["/works/contractors/99", "/works/money/99/reverse", "/stages/99/approval", "/pictures/99"],
)
def test_unknown_things_are_not_found(site, path):
    site().browser.get(path, expect=404)


def test_a_stage_of_another_kind_has_no_approval(site):
    here = site()
    here.browser.get(f"/stages/{here.approval_stage + 1}/approval", expect=404)


# ---- money ----

BOOKING = {
    "direction": "out",
    "source": "public",
    "amount": "１，２００．５",
    "on": "2026-03-01",
    "party": "养护公司",
    "note": "首付款",
}


def test_money_is_booked_and_stands_in_the_ledger_with_its_balance(app, site):
    here = site()
    page = visible(here.browser.post(f"{here.url}/money/new", **BOOKING))
    assert "1,200.50" in page
    assert "-1,100.50" in page
    overview = visible(here.browser.get(here.url))
    assert "财政资金 100.00 1,200.50 -1,100.50 合计 100.00 1,200.50 -1,100.50" in overview


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"amount": "12,50"}, "请写大于 0 的金额"),
        ({"amount": "0"}, "请写大于 0 的金额"),
        ({"amount": ""}, "请填写这一项"),
        ({"direction": ""}, "请选择收入或支出"),
        ({"source": ""}, "请填写这一项"),
        ({"on": "3月1日"}, "日期写得不对"),
        ({"on": "2999-01-01"}, "日期不能晚于今天"),
        ({"on": "0206-03-01"}, "请核对年份"),
        ({"party": " "}, "请填写这一项"),
        ({"party": "长" * 121}, "最多 120 个字"),
    ],
)
def test_a_wrong_booking_is_shown_at_its_field_and_the_rest_is_kept(app, site, change, error):
    here = site()
    page = here.browser.post(f"{here.url}/money/new", **{**BOOKING, **change})
    field = next(iter(change))
    assert f'id="{field}-error"' in page
    assert error in page
    for kept in ("养护公司", "首付款", "１，２００．５"):
        assert kept in page or kept in (BOOKING[field],)
    typed = change[field].strip()
    assert typed in page
    assert count(app, MoneyEntry) == 1


def test_a_wrong_entry_is_reversed_once_and_stays_readable(app, site):
    here = site()
    url = f"/works/money/{here.entry}/reverse"
    assert "请填写这一项" in here.browser.post(url, reason=" ")
    page = visible(here.browser.post(url, reason="记到别的项目了"))
    assert "红字冲销" in page
    assert "已冲销" in page
    assert "-100.00" in page
    assert "已经冲销过了" in here.browser.post(url, reason="再来一次")
    assert count(app, MoneyEntry) == 2


def test_a_second_press_of_the_button_books_once(app, site):
    here = site()
    for _ in range(2):
        here.browser.post(f"{here.url}/money/new", **BOOKING, submission="one")
    assert count(app, MoneyEntry) == 2


def queries_of(app, browser: Browser, url: str) -> int:
    """How many statements a page takes."""
    seen: list[str] = []

    def note(_conn, _cursor, statement, *_rest) -> None:
        seen.append(statement)

    with app.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        browser.get(url)
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    return len(seen)


def test_lists_take_the_same_number_of_queries_however_long(app, site):
    here = site()
    urls = [routes(here)[name] for name in ("index", "money", "checks", "pictures")]
    before: dict[str, int] = {}
    for url in urls:
        check(here)
        before[url] = queries_of(app, here.browser, url)
    with app.app_context():
        user = db.session.get_one(User, here.user)
        project = db.session.get_one(projects.Project, here.project)
        for number in range(12):
            entry = money(project, people.user(of=user.committee))
            money(project, user, reverses_id=entry.id)
            picture(project, user, PicturePhase.AFTER, f"花坛 {number}")
        db.session.commit()
    for _ in range(3):
        check(here, result="problem", to_do="补平路面", assignee=str(here.user), due_on=soon())
    for url in urls:
        assert queries_of(app, here.browser, url) == before[url], url


def test_the_ledger_is_cut_into_pages_and_the_balance_goes_on(app, site):
    here = site()
    with app.app_context():
        user = db.session.get_one(User, here.user)
        project = db.session.get_one(projects.Project, here.project)
        for _ in range(50):
            money(project, user, 1_00, MoneyDirection.OUT, on=date(2026, 3, 1))
        db.session.commit()
    first = visible(here.browser.get(f"{here.url}/money"))
    assert "共 51 条" in first
    assert "51.00" in first
    assert "街道办事处 财政资金 100.00 100.00" in visible(
        here.browser.get(f"{here.url}/money?page=2")
    )
    assert "page=1" in here.browser.get(f"{here.url}/money?page=3")


# ---- contractors ----

CONTRACT = {
    "name": "五角场市政养护公司",
    "work": "主入口门禁",
    "contract_number": "RD-7",
    "amount": "12.8万",
    "starts_on": "2026-03-09",
    "ends_on": "2026-04-30",
}


def test_a_contractor_is_hired_and_corrected(app, site):
    here = site()
    page = visible(here.browser.post(f"{here.url}/contractors/new", **CONTRACT))
    assert "五角场市政养护公司" in page
    assert "128,000.00 元" in page
    form = here.browser.get("/works/contractors/1")
    assert 'value="128,000.00"' in form
    version = re.search(r'name="version" type="hidden" value="(\d+)"', form).group(1)
    changed = {**CONTRACT, "amount": "129000", "version": version}
    assert "129,000.00 元" in here.browser.post("/works/contractors/1", **changed)
    here.browser.post("/works/contractors/1", expect=409, **changed)
    here.browser.post("/works/contractors/1", expect=409, **{**changed, "version": "x"})
    assert the_only(app, Contractor, "amount") == (12_900_000,)


def test_works_that_end_before_they_begin_are_refused_at_the_field(app, site):
    here = site()
    page = here.browser.post(f"{here.url}/contractors/new", **{**CONTRACT, "ends_on": "2026-03-08"})
    assert 'id="ends_on-error"' in page
    assert "完工日期不能早于开工日期" in page
    assert 'value="12.8万"' in page
    assert count(app, Contractor) == 0


# ---- site checks ----


def soon() -> str:
    return (clock.today() + timedelta(days=3)).isoformat()


def check(site: Site, **fields: object) -> str:
    data = {
        "checked_on": "2026-03-02",
        "present": ["committee", "owners"],
        "finding": "入口路面不平",
        "result": "passed",
        **fields,
    }
    return site.browser.post(f"{site.url}/checks/new", **data)


@pytest.mark.parametrize("role", REPORTERS)
def test_a_check_shows_who_was_there_and_what_was_found(app, site, role):
    page = visible(check(site(role)))
    assert "没有问题 入口路面不平" in page
    assert "居委会 、 业委会" in page.replace("居委会、业委会", "居委会 、 业委会")


def test_a_problem_shows_whether_it_was_mended(app, site):
    here = site()
    page = check(here, result="problem", to_do="补平路面", assignee=str(here.user), due_on=soon())
    assert "整改中" in page
    assert "补平路面" in page
    assert "还有 1 个检查发现的问题" in here.browser.get(f"{here.url}/acceptance/new")
    with app.app_context():
        task = db.session.scalars(sa.select(Task)).one()
        task.done_at, task.done_by = people.NOW, here.user
        db.session.commit()
    assert "已整改" in here.browser.get(f"{here.url}/checks")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"present": []}, "present"),
        ({"finding": ""}, "finding"),
        ({"result": ""}, "result"),
        ({"checked_on": "2999-01-01"}, "checked_on"),
        ({"result": "problem", "assignee": "1", "due_on": "2999-01-01"}, "to_do"),
        ({"result": "problem", "to_do": "补平", "due_on": "2999-01-01"}, "assignee"),
        ({"result": "problem", "to_do": "补平", "assignee": "1"}, "due_on"),
        ({"result": "problem", "to_do": "补平", "assignee": "1", "due_on": "2020-01-01"}, "due_on"),
        ({"result": "problem", "to_do": "补平", "assignee": "77", "due_on": soon()}, "assignee"),
        ({"result": "problem", "to_do": "补平", "assignee": "x", "due_on": soon()}, "assignee"),
    ],
)
def test_a_check_that_lacks_something_says_where_and_keeps_the_rest(app, site, change, field):
    page = check(site(), **change)
    assert re.search(rf'id="{field}-error"', page), visible(page)
    assert field == "finding" or "入口路面不平" in page
    assert (count(app, SiteCheck), count(app, Task)) == (0, 0)


def test_what_was_typed_for_a_problem_is_ignored_when_there_is_none(app, site):
    check(site(), due_on="不清楚", assignee="", to_do="")
    assert the_only(app, SiteCheck, "passed", "task_id") == (True, None)


# ---- approval and acceptance ----

APPROVAL = {
    "authority": "五角场街道办事处",
    "document_number": "五街办〔2026〕3 号",
    "approved_on": "2026-03-02",
    "note": "总额 15 万元以内",
}


def test_an_approval_is_recorded_once_and_corrected_with_its_version(app, site):
    here = site()
    url = f"/stages/{here.approval_stage}/approval"
    assert "五街办〔2026〕3 号" in here.browser.post(url, **APPROVAL)
    here.browser.post(url, expect=409, **APPROVAL)
    here.browser.post(url, expect=409, **APPROVAL, version="")
    changed = {**APPROVAL, "document_number": "五街办〔2026〕30 号", "version": "1"}
    assert "五街办〔2026〕30 号" in here.browser.post(url, **changed)
    assert the_only(app, Approval, "document_number") == ("五街办〔2026〕30 号",)


def test_an_approval_of_tomorrow_is_refused_and_the_rest_kept(app, site):
    here = site()
    page = here.browser.post(
        f"/stages/{here.approval_stage}/approval", **{**APPROVAL, "approved_on": "2999-01-01"}
    )
    assert 'id="approved_on-error"' in page
    assert "总额 15 万元以内" in page
    assert count(app, Approval) == 0


def test_an_acceptance_is_recorded_with_its_result(app, site):
    here = site()
    url = f"{here.url}/acceptance/new"
    data = {"accepted_on": "2026-03-02", "participants": "三方和居民代表", "note": "门禁灵敏"}
    page = here.browser.post(url, **data)
    assert "请选择验收结果" in page
    assert "门禁灵敏" in page
    here.browser.post(url, **data, result="failed")
    assert the_only(app, Acceptance, "passed", "round") == (False, 1)
    assert "未通过" in here.browser.get(here.url)


# ---- the overview ----


def test_an_empty_overview_says_what_to_do_first(app, site):
    here = site()
    with app.app_context():
        db.session.execute(sa.delete(MoneyEntry))
        db.session.commit()
    page = visible(here.browser.get(here.url))
    for words in ("还没有资金记录", "还没有现场检查", "还没有登记施工单位", "还没有登记批准文件"):
        assert words in page


def test_a_project_without_works_offers_no_checks(site):
    here = site(kinds=(StageKind.COLLECT,))
    page = visible(here.browser.get(here.url))
    assert "没有组织实施阶段" in page
    assert "登记现场检查" not in page
    assert "没有组织实施阶段" in check(here)


def test_a_paused_project_is_read_only_and_says_so(app, site):
    here = site(state=ProjectState.PAUSED)
    page = visible(here.browser.get(here.url))
    assert "项目已暂停，这里只能查看" in page
    assert "记一笔账" not in page
    refused = here.browser.post(f"{here.url}/money/new", **BOOKING)
    assert "不能再改动" in refused
    assert "养护公司" in refused
    assert count(app, MoneyEntry) == 1
