"""The columns of a roll (名册), and under which headings they are recognised."""

from __future__ import annotations

import re

from tracker.kernel.words import N_, Term
from tracker.places.rules import half_width


class Column(Term):
    """A column of the roll; the label is its heading in the template."""

    BUILDING = "building", N_("楼栋")
    ENTRANCE = "entrance", N_("门洞")
    ROOM = "room", N_("室号")
    PERSON = "person", N_("表决权人")
    CODE = "code", N_("表决权人编号")
    KIND = "kind", N_("表决权人类型")
    AREA = "area", N_("专有面积")
    SOURCE = "source", N_("面积来源")
    GRID = "grid", N_("微网格")
    PHONE = "phone", N_("电话")
    CO_OWNED = "co_owned", N_("共有")


REQUIRED = (Column.BUILDING, Column.ROOM, Column.PERSON)

_HEADINGS: dict[Column, str] = {
    Column.BUILDING: "楼栋 楼栋号 楼号 楼幢 楼幢号 栋号 幢号 号楼 楼 栋 幢 座 building",
    Column.ENTRANCE: "门洞 门洞号 门号 单元 单元号 entrance",
    Column.ROOM: "室号 室 房号 房间 房间号 户号 室号/房号 room unit",
    Column.PERSON: "表决权人 表决权人姓名 业主 业主姓名 产权人 产权人姓名 权利人 姓名 owner name",
    # Not the bare 编号: that is often a running number, which would be taken for a person.
    Column.CODE: "表决权人编号 业主编号 人员编号 code",
    Column.KIND: "表决权人类型 业主类型 kind",
    Column.AREA: "专有面积 专有部分面积 专有部分建筑面积 建筑面积 产权面积 房屋面积 面积 area",
    Column.SOURCE: "面积来源 来源 面积依据 source",
    Column.GRID: "微网格 网格 网格名称 所属网格 grid",
    Column.PHONE: "电话 手机 手机号 手机号码 电话号码 联系电话 联系方式 phone",
    Column.CO_OWNED: "共有 是否共有 共有产权 co-owned",
}
HEADINGS = {word: column for column, words in _HEADINGS.items() for word in words.split()}


def heading_of(cell: object) -> str:
    """A cell as a heading: without marks, brackets and spaces; empty for anything but text."""
    text = "".join(half_width(cell).lower().split()) if isinstance(cell, str) else ""
    return re.sub(r"\(.*?\)|\[.*?\]|[*:]|必填|选填", "", text)
