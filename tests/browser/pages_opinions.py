"""What residents say, and what they are answered."""

from __future__ import annotations

from datetime import date

from playwright.sync_api import Page, expect

from tests.browser.pages import fill, follow, open_tab, pick, press

OPINIONS = (
    ("停车规则", "支持", "晚上回来没地方停，支持先到先停。", "2号楼", "101"),
    ("停车规则", "反对", "车位一直是自己在用，取消固定车位不合理。", "1号楼", "201"),
    ("主入口门禁", "询问", "快递和外卖怎么进来？", "2号楼", "202"),
)
REPLIES = (
    ("已采纳", "写进《车辆管理制度》：先到先停，取消固定车位。"),
    ("已解释", "公共车位归全体业主共有，由业主表决决定。"),
    ("已解释", "访客由住户在手机上确认，也可以在门岗登记。"),
)


def record_opinions(page: Page, heard_on: date) -> None:
    """Write down what was heard at the doors, one after the other."""
    open_tab(page, "意见")
    follow(page, "登记意见")
    for number, (topic, stance, text, building, room) in enumerate(OPINIONS, start=1):
        fill(page, {"听取渠道": "上门走访", "主题": topic, "意见内容": text})
        fill(page, {"楼栋": building, "室号": room, "听取日期": heard_on})
        pick(page, "态度", stance)
        press(page, "保存，再登记一条" if number < len(OPINIONS) else "保存")
    open_tab(page, "意见")
    expect(page.get_by_role("link", name="3 / 8")).to_be_visible()


def answer_opinions(page: Page) -> None:
    """Reply to each."""
    for (_topic, _stance, text, _building, _room), (status, reply) in zip(
        OPINIONS, REPLIES, strict=True
    ):
        open_tab(page, "意见")
        follow(page, text)
        pick(page, "处理结果", status)
        fill(page, {"给居民的答复": reply})
        press(page, "保存答复")
    open_tab(page, "意见")
    expect(page.get_by_role("link", name="0 条待答复")).to_be_visible()
