"""A compound, and its roll from a file."""

from __future__ import annotations

from pathlib import Path

from openpyxl import Workbook
from playwright.sync_api import Page, expect

from tests.browser.pages import fill, follow, pick, press

COMPOUND = "正文花园一期"
BUILDINGS, ROOMS = 2, ("101", "102", "201", "202")
UNITS = BUILDINGS * len(ROOMS)


def roll_file(folder: Path) -> Path:
    """A roll as a committee keeps it in a spreadsheet; one row has no voting person."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["楼栋", "室号", "业主姓名", "建筑面积", "面积来源", "微网格"])
    for building in range(1, BUILDINGS + 1):
        for room in ROOMS:
            name = f"示例业主{building}-{room}"
            sheet.append([f"{building}号楼", room, name, 80.5, "产证", f"第{building}微网格"])
    sheet.append(["2号楼", "301", "", 80.5, "产证", "第2微网格"])
    path = folder / "名册.xlsx"
    book.save(path)
    return path


def add_compound(page: Page, roll: Path) -> None:
    """Add a compound and import its roll: preview, confirm, and look at what came of it."""
    follow(page, "居民与楼栋")
    follow(page, "新增小区")
    fill(page, {"小区名称": COMPOUND, "地址": "政立路 1588 弄"})
    press(page, "保存")
    follow(page, "导入名册")
    page.get_by_label("名册文件").set_input_files(roll)
    press(page, "上传并预览")
    expect(page.get_by_role("heading", name="核对名册")).to_be_visible()
    expect(page.locator("#bad")).to_contain_text("10")
    page.get_by_label("跳过").check()
    press(page, "确认导入")
    expect(page.get_by_text(f"新增 {UNITS} 户")).to_be_visible()
    follow(page, "查看小区")
    expect(page.get_by_role("heading", name=COMPOUND)).to_be_visible()


def give_buildings(page: Page, leader: str, *buildings: str) -> None:
    """Say which buildings a leader walks, as a director on the page of the compound."""
    follow(page, "居民与楼栋")
    follow(page, COMPOUND)
    follow(page, "楼组长负责的楼")
    follow(page, f"选楼：{leader}")
    pick(page, "负责的楼", *buildings)
    press(page, "保存")
