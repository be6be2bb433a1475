"""The notice, and a vote from its preparation to the announcement, by the people it needs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from playwright.sync_api import Locator, Page, expect

from tests.browser.looks import assert_looks_right
from tests.browser.pages import fill, follow, open_menu, open_tab, pick, press
from tests.browser.pages_meetings import MOTIONS
from tests.browser.pages_projects import TITLE

VOTE = "车辆管理制度和智能门禁协议表决"
CARRIED = (
    ("7 / 8 人 · 87.5%", "5 / 7 人 · 71.4%", "402.50 / 563.50 平方米 · 71.4%"),
    ("7 / 8 人 · 87.5%", "6 / 7 人 · 85.7%", "483.00 / 563.50 平方米 · 85.7%"),
)
"""Turnout, and agreement by persons and area, motion by motion."""

BOX = "居委会门厅"
SIGNERS = {"唱票人": "业委会副主任", "计票人": "计票人甲", "监票人": "监票人丙"}


def post_notice(page: Page, first: date, last: date) -> None:
    """Draft the notice from what is known already, and say that it hangs everywhere."""
    open_tab(page, "公示")
    follow(page, "起草公示")
    fill(page, {"第一天": first, "最后一天": last})
    press(page, "保存草稿")
    press(page, "其余全部已张贴")
    expect(page.locator(".stats")).to_contain_text("3 / 3")


def prepare_vote(page: Page, opens: datetime, closes: datetime) -> None:
    """Both motions on one ballot; the check finds that nobody has confirmed the rule."""
    open_tab(page, "表决")
    follow(page, "准备表决")
    fill(page, {"表决名称": VOTE})
    pick(page, "表决事项", *(title for title, _text in MOTIONS))
    page.locator('input[name="rule_id"][value="ord"]').check()
    fill(page, {"为什么适用这条规则": "管理规约和使用共有部分的一般事项。"})
    page.get_by_label("表决之前的公示").select_option(index=1)
    fill(page, {"开始投票": opens, "截止投票": closes})
    press(page, "保存，去检查")
    expect(page.locator("#findings")).to_contain_text("适用规则还没有经另一个人确认")
    assert_looks_right(page)


def open_vote(page: Page) -> None:
    """Go to the page of the vote."""
    open_tab(page, "表决")
    follow(page, VOTE)
    expect(page.get_by_role("heading", name=VOTE)).to_be_visible()


def take_step(page: Page, label: str) -> None:
    """Go to the vote, and follow the one thing it says is next."""
    open_vote(page)
    follow(page, label, within=page.locator("section.next"))
    assert_looks_right(page)


def confirm(page: Page, button: str, word: str) -> None:
    """Read what follows, type the word, confirm."""
    fill(page, {"确认": word})
    press(page, button)


def freeze(worker: Page, director: Page) -> None:
    """One proposes, the other has read the same figures and agrees."""
    take_step(worker, "去核对")
    expect(worker.locator(".stats")).to_contain_text("8")
    confirm(worker, "提请冻结", "冻结")
    take_step(director, "去核对")
    confirm(director, "同意冻结", "同意")
    expect(director.get_by_role("heading", name="名册已冻结")).to_be_visible()


def print_papers(page: Page, papers: int) -> None:
    """Number the papers, and look at the sheets."""
    take_step(page, "去编号")
    press(page, "编号")
    follow(page, "去打印")
    expect(page.locator(".ballot")).to_have_count(papers)


def walk_to_vote(phone: Page) -> None:
    """On a phone: the menu, the project, its parts, the vote."""
    open_menu(phone)
    follow(phone, "项目", within=phone.locator("header details.menu"))
    follow(phone, TITLE)
    phone.locator("details.project-parts > summary").click()
    follow(phone, "表决")
    follow(phone, VOTE)


def deliver(phone: Page, buildings: int, rooms: Sequence[str]) -> None:
    """Bring the ballots from door to door, two taps each; at the last nobody is at home."""
    walk_to_vote(phone)
    follow(phone, "去送达", within=phone.locator("section.next"))
    for building in range(1, buildings + 1):
        follow(phone, f"{building}号楼")
        homes = [f"{building}号楼{room}室" for room in rooms]
        last = building == buildings
        for place, home in enumerate(homes[:-1] if last else homes):
            _tap(phone, home, "共有人签收" if place == 1 else "业主本人签收")
            expect(phone.locator("#done")).to_contain_text(f"{home} 已登记：上门，已签收")
        if last:
            _tap(phone, homes[-1], "家中无人")
            expect(phone.locator("#done")).to_contain_text("已登记：家中无人（第 1 次）")
            expect(phone.locator("details.door")).to_have_count(1)
        assert_looks_right(phone)
        follow(phone, "全部楼栋")


def _tap(phone: Page, home: str, said: str) -> None:
    door = phone.locator("details.door", has_text=home)
    door.locator("summary").click()
    press(phone, f"{said}：{home}", within=door)


def seal_box(page: Page) -> None:
    """Close an empty box with a numbered seal."""
    open_vote(page)
    follow(page, "表决票编号")
    follow(page, "票箱", within=page.get_by_role("navigation", name="表决票"))
    follow(page, "封一个票箱")
    fill(page, {"封条号": "封0001", "放在哪里": BOX})
    press(page, "登记封箱")
    expect(page.get_by_text("封条号 封0001")).to_be_visible()


def open_box(page: Page) -> None:
    """After the close: from hand to hand, and open before everybody."""
    open_vote(page)
    follow(page, "表决票编号")
    follow(page, "票箱", within=page.get_by_role("navigation", name="表决票"))
    follow(page, f"登记交接：{BOX}")
    fill(page, {"交出人（身份）": "一网格长", "接收人（身份）": "计票人甲"})
    pick(page, "封条", "完好，号码相符")
    press(page, "登记交接")
    follow(page, f"开箱：{BOX}")
    pick(page, "封条", "完好，号码相符")
    fill(page, {"在场的人和情况": "业主代表在场"})
    press(page, "登记开箱")
    expect(page.get_by_text("第 1 号票箱已开箱")).to_be_visible()


def receive(page: Page, papers: Sequence[int]) -> str:
    """Scan the papers one after the other; returns the receipt of the first."""
    take_step(page, "登记收回的票")
    page.get_by_label("票箱").select_option(index=1)
    page.get_by_label("扫码，或输入票号").focus()
    for serial in papers:
        page.keyboard.type(str(serial))
        with page.expect_navigation(wait_until="load"):
            page.keyboard.press("Enter")
        expect(page.locator(".flash.success")).to_contain_text(f"已收回第 {serial} 号")
    expect(page.locator("#recent tbody tr")).to_have_count(len(papers))
    follow(page, f"回执：{papers[0]}")
    code = page.locator(".slip .ballot-code").inner_text()
    expect(page.locator(".slip")).not_to_contain_text("同意")
    return code


def check_identity(page: Page, buildings: int) -> None:
    """Accept every paper, building by building, before anybody reads one."""
    for _building in range(buildings):
        take_step(page, "去核对")
        for box in page.locator('input[name="accept"]').all():
            box.check()
        press(page, "保存核对结果")
        expect(page.get_by_text("待核对 0 张").first).to_be_visible()


def enter(page: Page, papers: Sequence[tuple[int, str]]) -> None:
    """Enter ballots by keyboard alone: serial, Enter, one key per motion, Enter."""
    take_step(page, "开始录入")
    for serial, keys in papers:
        page.keyboard.type(str(serial))
        page.keyboard.press("Enter")
        page.keyboard.type(keys)
        page.keyboard.press("Enter")
        expect(page.get_by_text(f"第 {serial} 号已录入：")).to_be_visible()


def settle(page: Page, serial: int, keys: str) -> None:
    """Decide with the paper in hand what two readings differ on."""
    take_step(page, "去裁定")
    follow(page, f"对照原票裁定：{serial}")
    page.locator("input.mark").first.focus()
    page.keyboard.type(keys)
    fill(page, {"理由": "第二遍看错一格"})
    press(page, "保存裁定")


def certify(page: Page) -> None:
    """Look at both equations, name three people, and lock the count."""
    take_step(page, "去确认")
    fill(page, SIGNERS)
    confirm(page, "确认计票结果", "确认")


def result_cards(page: Page) -> Locator:
    """The result, one card per motion."""
    open_vote(page)
    follow(page, "查看结果")
    return page.locator("section.panel", has=page.locator(".verdict"))


def look_up(resident: Page, serial: int, code: str) -> None:
    """Find one's receipt on the bulletin; it says that the ballot counts, and not how."""
    follow(resident, f"票数和回执：{VOTE}")
    fill(resident, {"票号": serial, "回执码": code})
    press(resident, "查询")
    expect(resident.locator(".verdict")).to_contain_text("计入本次表决")
    expect(resident.locator(".receipt-list")).to_contain_text(code)
    assert_looks_right(resident)
