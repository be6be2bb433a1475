"""The works: who builds, the money, the site, and pictures before and after."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.pages import field, fill, follow, open_tab, pick, press

SPOT = "主入口人行口"


def photo(folder: Path, name: str, colour: str) -> Path:
    """A photo larger than is kept, so that the browser makes it smaller first."""
    path = folder / f"{name}.jpg"
    Image.new("RGB", (2400, 1600), colour).save(path)
    return path


def hire(page: Page, first: date, last: date) -> None:
    """Write down the contract."""
    open_tab(page, "施工与资金")
    follow(page, "登记施工单位")
    fill(page, {"施工单位": "示例智能科技有限公司", "施工内容": "主入口门禁"})
    fill(page, {"合同编号": "ZW-2021-07", "合同金额（元）": "8.6万"})
    fill(page, {"开工日期": first, "完工日期": last})
    press(page, "保存")
    expect(page.get_by_text("86,000").first).to_be_visible()


def book_money(page: Page, direction: str, amount: str, on: date, party: str) -> None:
    """Book what came in or went out."""
    open_tab(page, "施工与资金")
    follow(page, "记一笔账")
    pick(page, "收入还是支出", direction)
    fill(page, {"资金来源": "公共收益", "金额（元）": amount, "日期": on, "对方单位": party})
    press(page, "记账")


def check_site(page: Page, on: date) -> None:
    """Look at the site together; a ramp is to be mended."""
    open_tab(page, "施工与资金")
    follow(page, "登记现场检查")
    fill(page, {"检查日期": on, "检查情况": "门禁通电，人行口坡道不够平。"})
    pick(page, "到场的单位", "居委会", "业委会", "物业")
    pick(page, "结论", "发现问题，要整改")
    fill(page, {"整改要求": "把人行口坡道修平", "整改期限": on})
    field(page, "整改负责人").select_option(label="王社工")
    press(page, "登记")
    open_tab(page, "施工与资金")
    expect(page.get_by_text("整改中")).to_be_visible()


def add_picture(page: Page, picture: Path, phase: str, on: date) -> None:
    """Send one photo of the spot."""
    open_tab(page, "照片")
    follow(page, "上传照片")
    page.get_by_label("照片", exact=True).set_input_files(picture)
    expect(page.get_by_text("已选 1 张")).to_be_visible()
    pick(page, "什么时候拍的", phase)
    fill(page, {"拍摄地点": SPOT, "拍摄日期": on})
    press(page, "上传")


def accept_works(page: Page, on: date) -> None:
    """The works were looked over and are in order."""
    open_tab(page, "施工与资金")
    follow(page, "登记验收")
    fill(page, {"验收日期": on, "参加验收的人": "居委会、业委会、物业、居民代表 2 人"})
    pick(page, "验收结果", "验收通过")
    press(page, "登记")
    open_tab(page, "施工与资金")
    expect(page.get_by_text("居民代表 2 人")).to_be_visible()
