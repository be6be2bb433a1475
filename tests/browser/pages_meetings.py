"""Talking it over: a meeting, the options, the motions."""

from __future__ import annotations

from datetime import date, datetime, time

from playwright.sync_api import Page, expect

from tests.browser.pages import field, fill, follow, open_tab, press

CHOSEN, DROPPED = "先到先停，加智能门禁", "维持固定车位"
PARKING, GATE = "《车辆管理制度》", "《社区智能门禁合作协议》"
MOTIONS = (
    (PARKING, "是否同意施行《车辆管理制度》，小区车位按先到先停使用？"),
    (GATE, "是否同意签订《社区智能门禁合作协议》，在主入口安装智能门禁？"),
)


def plan_meeting(page: Page, at: datetime) -> None:
    """Call the council together."""
    open_tab(page, "会议")
    press_link(page, "安排会议")
    fill(page, {"会议类型": "议事堂", "会议名称": "第一次议事堂", "地点": "居委会二楼"})
    fill(page, {"日期": at.date(), "时间": at.time(), "议程": "一、通报走访情况\n二、逐项讨论"})
    press(page, "安排会议")
    expect(page.get_by_role("heading", name="第一次议事堂")).to_be_visible()


def press_link(page: Page, label: str) -> None:
    """Follow the one link with this word in the page's main part."""
    follow(page, label, within=page.locator("main"))


def write_minutes(page: Page, due: date) -> None:
    """Write down a meeting that was held: who by role, what was said, decided and given to do."""
    open_tab(page, "会议")
    press_link(page, "第一次议事堂")
    press_link(page, "记录会议")
    fill(page, {"开始时间": time(18, 30), "居委会": 2, "业委会": 3, "物业": 2, "居民代表": 8})
    fill(page, {"会议纪要": "新老业主各说难处，比较三种办法，多数倾向先到先停。"})
    field(page, "决议内容").first.fill("两项事项提交全体业主书面表决")
    field(page, "结果").first.select_option(label="多数同意")
    field(page, "要做的事").first.fill("把会议意见带回各楼说明")
    field(page, "负责人").first.select_option(label="王社工")
    field(page, "期限").first.fill(due.isoformat())
    press(page, "保存纪要")
    expect(page.get_by_text("两项事项提交全体业主书面表决")).to_be_visible()


def choose_option(page: Page) -> None:
    """Compare two options, choose one, and say why the other is dropped."""
    for title, summary, good, bad in (
        (DROPPED, "68 个长停车位照旧。", "老业主习惯", "其他业主没有车位"),
        (CHOSEN, "取消固定车位，主入口装智能门禁。", "对所有业主一样", "晚归的仍可能没有车位"),
    ):
        open_tab(page, "方案与事项")
        follow(page, "添加方案")
        fill(page, {"方案名称": title, "怎么做": summary, "好处": good, "难处": bad})
        press(page, "添加方案")
    open_tab(page, "方案与事项")
    follow(page, f"选定它：{CHOSEN}")
    fill(page, {"选定的理由": "议事堂上多数赞成", DROPPED: "不能满足其他业主停车"})
    press(page, "选定这个方案")
    expect(page.get_by_text("放弃的理由：")).to_be_visible()


def word_motions(page: Page) -> None:
    """Put the two questions into one sentence each."""
    for title, text in MOTIONS:
        open_tab(page, "方案与事项")
        follow(page, "拟定表决事项")
        fill(page, {"事项名称": title, "表决票上的文字": text, "对应的方案": CHOSEN})
        press(page, "保存事项")
    expect(page.locator("#motions li")).to_have_count(2)
