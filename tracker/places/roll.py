"""Reading the cells of a roll (名册): which column is which, and what is wrong with a row.

Pure: tables of cells in, rows with their problems out. Opening files is roll_file's work,
comparing with the ledger roll_plan's.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from tracker.kernel.words import M_, Message
from tracker.places.roll_columns import HEADINGS, REQUIRED, Column, heading_of
from tracker.places.rules import (
    AreaError,
    VoterKind,
    area_of,
    building_number,
    entrance_number,
    half_width,
    person_name,
    phone_number,
    room_number,
)

MAXIMUM_ROWS = 10_000
HEADING_WITHIN = 30
"""The headings are looked for in so many filled rows; titles may stand above them."""
EXAMPLE_MARK = "示例"
"""A row that begins so is the template's example and is passed over."""

_BLANK = {"", "/", "\\", "-", "--", "–", "—", "——", "无"}
_YES = {"是", "有", "共有", "√", "✓", "y", "yes", "true", "1"}
_NO = {"否", "不", "非", "×", "n", "no", "false", "0"}
_KINDS = {k.label: k for k in VoterKind} | {
    "自然人": VoterKind.PERSON,
    "公司": VoterKind.ORGANISATION,
    "企业": VoterKind.ORGANISATION,
    "建设单位": VoterKind.DEVELOPER,
}
_LIMITS = {
    Column.BUILDING: 20,
    Column.ENTRANCE: 20,
    Column.ROOM: 20,
    Column.PERSON: 80,
    Column.CODE: 40,
    Column.SOURCE: 80,
    Column.GRID: 60,
}
_IDENTITY = re.compile(r"(?<![0-9])[1-9][0-9]{16}[0-9Xx](?![0-9])")
_LONG = re.compile(r"[0-9]{16,}|^[0-9](\.[0-9]+)?[Ee]\+[0-9]+$")
_FAULT = re.compile(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!)")

Cell = object
"""Whatever a spreadsheet holds: None, text, a number, a day, or a formula object."""


class RollError(Exception):
    """The file as a whole cannot be used; ``message`` says why."""

    def __init__(self, message: Message) -> None:
        self.message = message
        super().__init__(str(message))


@dataclass(frozen=True)
class Table:
    """The filled rows of one sheet, each with its number as the spreadsheet shows it."""

    name: str
    rows: Sequence[tuple[int, tuple[Cell, ...]]]


@dataclass(frozen=True)
class Problem:
    """Why a row cannot be taken; ``column`` is the heading, ``text`` a message with places."""

    column: str
    text: str
    values: Mapping[str, int | str]

    @property
    def message(self) -> Message:
        return Message(self.text, self.values)


@dataclass(frozen=True)
class RollRow:
    """One row of the roll. Blank cells are empty or None and change nothing in the ledger.

    ``area`` counts in 0.01 m².
    """

    line: int
    building: str = ""
    entrance: str = ""
    room: str = ""
    person: str = ""
    code: str = ""
    kind: VoterKind | None = None
    area: int | None = None
    source: str = ""
    grid: str = ""
    phone: str = ""
    co_owned: bool | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        """Building, entrance and room: what makes it the same unit at the next import."""
        return self.building, self.entrance, self.room


@dataclass(frozen=True)
class Roll:
    """All rows of a file, and the headings that were not understood."""

    rows: list[RollRow]
    ignored: list[str]


def read(tables: Sequence[Table]) -> Roll:
    """Find the one table that is a roll and read it; raises RollError.

    Rows keep every reason why they cannot be taken.
    """
    found = [(table, at) for table in tables if (at := _heading_at(table)) is not None]
    if not found:
        raise RollError(_no_heading(tables))
    if len(found) > 1:
        names = "、".join(table.name for table, _ in found)
        raise RollError(
            M_("文件里有几张表都像名册（%(names)s），请合并成一张再上传。", names=names)
        )
    table, at = found[0]
    columns, ignored = _columns(table.rows[at][1])
    body = [r for r in table.rows[at + 1 :] if not _is_example(r[1])]
    if not body:
        raise RollError(M_("表头下面没有一行数据。"))
    if len(body) > MAXIMUM_ROWS:
        raise RollError(M_("一次最多导入 %(n)d 行，请分几个文件。", n=MAXIMUM_ROWS))
    rows = [_row(line, cells, columns) for line, cells in body]
    return Roll(_cross_checked(rows), ignored)


def _heading_at(table: Table) -> int | None:
    for at, (_, cells) in enumerate(table.rows[:HEADING_WITHIN]):
        known = {HEADINGS[h] for c in cells if (h := heading_of(c)) in HEADINGS}
        if known.issuperset(REQUIRED):
            return at
    return None


def _no_heading(tables: Sequence[Table]) -> Message:
    """Name what is missing from the row that looks most like headings."""
    best: set[Column] = set()
    for table in tables:
        for _, cells in table.rows[:HEADING_WITHIN]:
            known = {HEADINGS[h] for c in cells if (h := heading_of(c)) in HEADINGS}
            best = max(best, known, key=len)
    missing = "、".join(c.label for c in REQUIRED if c not in best)
    return M_("没有找到完整的表头，缺少：%(columns)s。请用模板的表头。", columns=missing)


def _columns(cells: Sequence[Cell]) -> tuple[dict[int, Column | str], list[str]]:
    """Which place holds what; raises RollError for a doubled or a forbidden heading."""
    columns: dict[int, Column | str] = {}
    ignored = []
    for at, cell in enumerate(cells):
        heading = heading_of(cell)
        if "身份证" in heading or "证件号" in heading:
            raise RollError(
                M_("台账不收身份证号。请先删去「%(name)s」这一列再上传。", name=heading)
            )
        column = HEADINGS.get(heading)
        if column is None:
            columns[at] = heading
            if heading and heading != "序号":
                ignored.append(heading)
        elif column in columns.values():
            raise RollError(M_("表头「%(name)s」出现了两次，请只留一列。", name=column.label))
        else:
            columns[at] = column
    return columns, ignored


def _is_example(cells: Sequence[Cell]) -> bool:
    first = next((c for c in cells if c is not None and c != ""), None)
    return isinstance(first, str) and half_width(first).startswith(EXAMPLE_MARK)


def text_of(cell: Cell) -> str:
    """A cell as text: 101.0 is 101, and numbers keep the 15 figures that Excel keeps."""
    if isinstance(cell, str):
        text = " ".join(half_width(cell).split())
        return "" if text in _BLANK else text
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else f"{cell:.15g}"
    return str(cell) if isinstance(cell, int) else ""


def _forbidden(cell: Cell, text: str, *, named: bool) -> Message | None:
    """Why a cell may not be taken at all; its text is never kept.

    In columns that are not used (``named`` is False) only identity numbers and spoilt
    numbers matter: a running number made by a formula harms nobody.
    """
    if cell is None or isinstance(cell, bool):
        return None
    if isinstance(cell, date | datetime | time | timedelta):
        return M_("被 Excel 变成了日期，请把这一列设为文本后重填。") if named else None
    if named and (text.startswith("=") or not isinstance(cell, str | int | float)):
        return M_("这里是公式，请改成数值。")
    if named and _FAULT.match(text):
        return M_("这里是 Excel 的错误值，请改正。")
    if len(text) < 16 and "+" not in text:
        return None  # the usual case, ten thousand times
    if _IDENTITY.search(text) or _IDENTITY.fullmatch(text.replace(" ", "")):
        return M_("像是身份证号。台账不要填身份证号，请删去。")
    if _LONG.search(text):
        return M_("超过 15 位的数字已被 Excel 改动，请把这一列设为文本后重填。")
    return None


def _row(line: int, cells: Sequence[Cell], columns: Mapping[int, Column | str]) -> RollRow:
    texts: dict[Column, str] = {}
    problems: list[Problem] = []
    for at, cell in enumerate(cells):
        if cell is None or cell == "":
            continue
        column = columns.get(at, "")
        name = column.label if isinstance(column, Column) else column
        text = text_of(cell)
        bad = _forbidden(cell, text, named=isinstance(column, Column))
        if bad is not None:
            problems.append(Problem(name, bad.text, {}))
        elif isinstance(column, Column):
            texts[column] = text
    row = RollRow(line=line, **_values(texts, problems))
    spoken = {p.column for p in problems}
    for column, text in (
        (Column.BUILDING, row.building),
        (Column.ROOM, row.room),
        (Column.PERSON, row.person),
    ):
        if not text and column.label not in spoken:
            problems.append(Problem(column.label, _MISSING[column].text, {}))
    problems.sort(key=lambda p: _ORDER.get(p.column, len(_ORDER)))
    return replace(row, problems=tuple(problems))


_ORDER = {column.label: at for at, column in enumerate(Column)}

_MISSING = {
    Column.BUILDING: M_("没有填。合并的单元格请先拆开，每行都填上楼栋。"),
    Column.ROOM: M_("没有填。"),
    Column.PERSON: M_("没有填。共有的房屋请填推选的一位。"),
}


def _values(texts: Mapping[Column, str], problems: list[Problem]) -> dict[str, Any]:
    """The fields of a row from its texts; what cannot be read is added to ``problems``."""

    def wrong(column: Column, message: Message) -> None:
        problems.append(Problem(column.label, message.text, dict(message.values)))

    def text(column: Column) -> str:
        return texts.get(column, "")

    values: dict[str, Any] = {
        "building": building_number(text(Column.BUILDING)) if text(Column.BUILDING) else "",
        "entrance": entrance_number(text(Column.ENTRANCE)),
        "room": room_number(text(Column.ROOM)),
        "person": person_name(text(Column.PERSON)),
        "code": text(Column.CODE).replace(" ", ""),
        "source": text(Column.SOURCE),
        "grid": text(Column.GRID).replace(" ", ""),
    }
    for column, limit in _LIMITS.items():
        if len(values[column.value]) > limit:
            wrong(column, M_("最多 %(n)d 个字。", n=limit))
            values[column.value] = values[column.value][:limit]
    if text(Column.AREA):
        try:
            values["area"] = area_of(text(Column.AREA))
        except AreaError as error:
            wrong(Column.AREA, error.message)
    if text(Column.KIND):
        values["kind"] = _KINDS.get(text(Column.KIND))
        if values["kind"] is None:
            wrong(Column.KIND, M_("只填个人、单位或开发商。"))
    if text(Column.PHONE):
        values["phone"] = phone_number(text(Column.PHONE)) or ""
        if not values["phone"]:
            wrong(Column.PHONE, M_("只填一个电话号码，不要别的字。"))
    if text(Column.CO_OWNED):
        word = text(Column.CO_OWNED).lower()
        values["co_owned"] = True if word in _YES else False if word in _NO else None
        if values["co_owned"] is None:
            wrong(Column.CO_OWNED, M_("只填是或否。"))
    return values


def _cross_checked(rows: list[RollRow]) -> list[RollRow]:
    """Add what only shows when rows are compared: doubles and contradictions.

    All rows of a contradiction are refused: which one is right is not for the software.
    """
    by_key: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    names: dict[str, set[str]] = defaultdict(set)
    grids: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.building and row.room:
            by_key[row.key].append(row.line)
        if row.code and row.person:
            names[row.code].add(row.person)
        if row.building and row.grid:
            grids[row.building].add(row.grid)

    def found(row: RollRow) -> Iterable[Problem]:
        twins = [n for n in by_key.get(row.key, ()) if n != row.line]
        if twins:
            text = M_("与第 %(lines)s 行是同一户。共有的房屋只留推选的一位。").text
            shown = "、".join(map(str, twins[:5]))
            yield Problem(Column.ROOM.label, text, {"lines": shown})
        if len(names.get(row.code, ())) > 1:
            text = M_("同一编号在文件里有不同的姓名。").text
            yield Problem(Column.CODE.label, text, {})
        if row.grid and len(grids.get(row.building, ())) > 1:
            text = M_("同一楼栋在文件里有不同的微网格。").text
            yield Problem(Column.GRID.label, text, {})

    checked = []
    for row in rows:
        more = tuple(found(row))
        checked.append(replace(row, problems=row.problems + more) if more else row)
    return checked


_FIELDS = tuple(f.name for f in fields(RollRow) if f.name != "problems")


def to_json(row: RollRow) -> dict[str, Any]:
    """A row for the database, without what is empty."""
    values = {f: v for f in _FIELDS if (v := getattr(row, f)) not in ("", None)}
    if row.problems:
        values["problems"] = [asdict(p) for p in row.problems]
    return values


def from_json(value: Mapping[str, Any]) -> RollRow:
    """A row as ``to_json`` wrote it."""
    given = dict(value)
    problems = tuple(Problem(**p) for p in given.pop("problems", ()))
    kind = given.pop("kind", None)
    return RollRow(**given, problems=problems, kind=VoterKind(kind) if kind else None)
