"""Reading the cells of a roll."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.factories.places import ROLL_HEADINGS
from tracker.places import roll
from tracker.places.roll import MAXIMUM_ROWS, Roll, RollError, Table
from tracker.places.roll_columns import Column
from tracker.places.rules import VoterKind

NO_DATE = datetime(2026, 3, 2)  # noqa: DTZ001 - as openpyxl gives it


def read(*rows: tuple[object, ...], headings: tuple[object, ...] = ROLL_HEADINGS) -> Roll:
    return roll.read([Table("名册", list(enumerate((headings, *rows), start=1)))])


def row(building="1", entrance=None, room="101", person="张三", code=None, area=88.5, source=None,
        grid=None, phone=None, co_owned=None):  # fmt: skip
    return (building, entrance, room, person, code, area, source, grid, phone, co_owned)


def problems(*rows: tuple[object, ...]) -> list[list[str]]:
    return [[f"{p.column}:{p.message}" for p in r.problems] for r in read(*rows).rows]


def test_a_full_row_is_read():
    found = read(
        row("３号楼", "2单元", 101.0, "张 三", "A1", 88.5, "产权证", "一网格", 13812345678, "是")
    )
    one = found.rows[0]
    assert one.key == ("3", "2", "101")
    assert (one.line, one.person, one.code, one.area, one.source) == (
        2,
        "张三",
        "A1",
        8850,
        "产权证",
    )
    assert (one.grid, one.phone, one.co_owned, one.problems) == ("一网格", "13812345678", True, ())


@pytest.mark.parametrize("blank", [None, "", " ", "/", "／", "—", "无"])
def test_blank_cells_say_nothing(blank):
    one = read(row(entrance=blank, area=blank, phone=blank, co_owned=blank)).rows[0]
    assert (one.entrance, one.area, one.phone, one.co_owned) == ("", None, "", None)
    assert one.problems == ()


def test_titles_above_synonyms_and_any_order_are_understood():
    table = [
        (1, ("正文花园表决权人名册", None, None, None)),
        (3, ("2026 年 3 月", None, None, None)),
        (4, ("业主 姓名 *", "建筑面积（平方米）", "房号", "幢号")),
        (5, ("张三", "88.5", "101", "3幢")),
    ]
    one = roll.read([Table("Sheet1", table)]).rows[0]
    assert (one.line, one.key, one.person, one.area) == (5, ("3", "", "101"), "张三", 8850)


def test_a_missing_heading_is_named():
    with pytest.raises(RollError, match="缺少：室号"):
        read(headings=("楼栋", "业主"))


def test_a_doubled_heading_is_refused():
    with pytest.raises(RollError, match="「表决权人」出现了两次"):
        read(row(), headings=("楼栋", "业主", "室号", "姓名"))


def test_a_column_of_identity_numbers_is_refused_whole():
    with pytest.raises(RollError, match="不收身份证号"):
        read(row(), headings=("楼栋", "室号", "姓名", "身份证号码"))


def test_two_sheets_that_look_like_rolls_are_not_guessed_between():
    table = [(1, ROLL_HEADINGS), (2, row())]
    with pytest.raises(RollError, match="东区、西区"):
        roll.read([Table("东区", table), Table("西区", table)])


def test_unknown_columns_are_named_and_a_running_number_is_not():
    found = read(("1", "101", "张三", 1, "南"), headings=("楼栋", "室号", "姓名", "序号", "朝向"))
    assert found.ignored == ["朝向"]


def test_a_bare_number_column_is_no_person_code():
    found = read(("1", "101", "张三", 7), headings=("楼栋", "室号", "姓名", "编号"))
    assert (found.rows[0].code, found.ignored) == ("", ["编号"])


@pytest.mark.parametrize(
    ("fields", "column", "why"),
    [
        ({"building": None}, Column.BUILDING, "没有填"),
        ({"room": "/"}, Column.ROOM, "没有填"),
        ({"person": " "}, Column.PERSON, "没有填"),
        ({"area": 0}, Column.AREA, "大于 0"),
        ({"area": -3.5}, Column.AREA, "大于 0"),
        ({"area": 88.505}, Column.AREA, "两位小数"),
        ({"area": "=B2*2"}, Column.AREA, "公式"),
        ({"area": object()}, Column.AREA, "公式"),
        ({"area": "#N/A"}, Column.AREA, "错误值"),
        ({"room": NO_DATE}, Column.ROOM, "日期"),
        ({"person": "310110199003071234"}, Column.PERSON, "身份证"),
        ({"person": "张三31011019900307123X"}, Column.PERSON, "身份证"),
        ({"phone": "310110 19900307 123x"}, Column.PHONE, "身份证"),
        ({"code": 310110199003071234}, Column.CODE, "身份证"),
        ({"code": 1234567890123456}, Column.CODE, "15 位"),
        ({"code": 1.2345678901234567e19}, Column.CODE, "15 位"),
        ({"code": "3.10111E+17"}, Column.CODE, "15 位"),
        ({"phone": "138、139"}, Column.PHONE, "只填一个电话"),
        ({"co_owned": "也许"}, Column.CO_OWNED, "是或否"),
        ({"room": "1" * 15 + "ABCDEF"}, Column.ROOM, "最多 20"),
    ],
)
def test_a_bad_cell_says_why_at_its_column(fields, column, why):
    (found,) = read(row(**fields)).rows[0].problems
    assert found.column == column.label
    assert why in str(found.message)


def test_fifteen_figures_are_still_whole():
    assert read(row(code=123456789012345)).rows[0].code == "123456789012345"


def test_excels_last_figures_are_not_decimals():
    assert read(row(area=83.840000000000018)).rows[0].area == 8384


def test_a_row_tells_all_its_faults_at_once():
    assert len(problems(row(building=None, area=0, co_owned="x"))[0]) == 3


def test_an_identity_number_is_nowhere_in_what_is_kept():
    found = read(
        ("1", "101", "张三", "310110199003071234"), headings=("楼栋", "室号", "姓名", "备注")
    )
    assert "身份证" in str(found.rows[0].problems[0].message)
    assert "310110199003071234" not in str(roll.to_json(found.rows[0]))


def test_a_formula_beside_the_roll_harms_nobody():
    found = read(("1", "101", "张三", "=ROW()"), headings=("楼栋", "室号", "姓名", "序号"))
    assert found.rows[0].problems == ()


def test_doubles_are_all_refused_and_point_at_each_other():
    found = problems(row(), row(room="102"), row(building="1幢"))
    assert found[1] == []
    assert "第 4 行" in found[0][0]
    assert "第 2 行" in found[2][0]


def test_one_code_with_two_names_is_refused_on_both_rows():
    found = problems(row(code="A"), row(room="102", person="李四", code="A"))
    assert all("不同的姓名" in p[0] for p in found)


def test_one_building_in_two_grids_is_refused():
    found = problems(row(grid="一"), row(room="102", grid="二"))
    assert all("不同的微网格" in p[0] for p in found)


def test_the_example_row_is_passed_over():
    assert [r.line for r in read(row(building="示例：3号楼"), row()).rows] == [3]


def test_headings_without_rows_are_refused():
    with pytest.raises(RollError, match="没有一行数据"):
        read()


def test_no_more_than_ten_thousand_rows():
    table = [(1, ROLL_HEADINGS), *((n, row()) for n in range(2, MAXIMUM_ROWS + 3))]
    with pytest.raises(RollError, match="最多导入 10000 行"):
        roll.read([Table("名册", table)])
    assert len(roll.read([Table("名册", table[:-1])]).rows) == MAXIMUM_ROWS


def test_a_row_survives_the_database():
    headings = (*ROLL_HEADINGS, "表决权人类型")
    found = read((*row(area=0, co_owned="否"), "开发商"), headings=headings).rows[0]
    assert found.kind is VoterKind.DEVELOPER
    assert roll.from_json(roll.to_json(found)) == found
