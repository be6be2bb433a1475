"""Opening what was uploaded, and making the template that is handed out."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import Any
from xml.etree.ElementTree import ParseError

from lxml.etree import XMLSyntaxError
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from tracker.kernel.words import M_
from tracker.places.roll import EXAMPLE_MARK, MAXIMUM_ROWS, Cell, RollError, Table
from tracker.places.roll_columns import REQUIRED, Column
from tracker.places.rules import AREA_SOURCES, VoterKind

MAXIMUM_BYTES = 16 * 1024 * 1024
MAXIMUM_UNPACKED = 100 * 1024 * 1024
"""A roll of 10,000 rows unpacks to some 10 MB; more is a bomb or no roll."""
MAXIMUM_LINES = 100_000
"""Empty lines count here: a stray cell far below must not keep the server busy."""
MAXIMUM_COLUMNS = 60

_OLE = b"\xd0\xcf\x11\xe0"
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    XMLSyntaxError,
    ParseError,
    # openpyxl lets these out for parts that are missing or make no sense, defusedxml
    # (a ValueError) for entities, zipfile (RuntimeError) for a password.
    KeyError,
    ValueError,
    TypeError,
    IndexError,
    AttributeError,
    EOFError,
    OSError,
    RuntimeError,
)


def tables(file_name: str, data: bytes) -> list[Table]:
    """The sheets of an uploaded .xlsx or CSV file, filled rows only.

    Raises RollError with advice for a file that cannot be read or is too large.
    """
    if not data:
        raise RollError(M_("这个文件是空的。"))
    if len(data) > MAXIMUM_BYTES:
        raise RollError(M_("文件太大，最多 %(n)d MB。", n=MAXIMUM_BYTES // 1024**2))
    ending = file_name.lower().rpartition(".")[2]
    if ending == "xls" or data.startswith(_OLE):
        raise RollError(M_("这是旧版 .xls 或加了密码的文件，请另存为不带密码的 .xlsx 再上传。"))
    if ending == "xlsx":
        return _sheets(data)
    if ending == "csv":
        return [_filled("CSV", _csv_rows(data))]
    raise RollError(M_("只收 .xlsx 或 .csv 文件。"))


def _sheets(data: bytes) -> list[Table]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
        if unpacked <= MAXIMUM_UNPACKED:
            return _read_workbook(data)
    except _UNREADABLE as error:
        message = M_("这个文件打不开，可能已损坏。请用 Excel 或 WPS 打开后另存为 .xlsx 再上传。")
        raise RollError(message) from error
    raise RollError(M_("文件展开后太大，不像一份名册。"))


def _read_workbook(data: bytes) -> list[Table]:
    # Formulas are wanted as such (data_only=False): their stored results may be stale.
    book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
    try:
        found = []
        for sheet in book.worksheets:
            # Some programs write a wrong size, and reading would stop there.
            sheet.reset_dimensions()
            rows = sheet.iter_rows(max_col=MAXIMUM_COLUMNS, values_only=True)
            found.append(_filled(sheet.title, rows))
        return found
    finally:
        book.close()


def _csv_rows(data: bytes) -> Iterator[tuple[Cell, ...]]:
    text = _decoded(data)
    first = text.split("\n", 1)[0]
    delimiter = "\t" if first.count("\t") > first.count(",") else ","
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            yield tuple(row[:MAXIMUM_COLUMNS])
    except csv.Error as error:
        raise RollError(M_("这个 CSV 文件格式不对，请另存为 .xlsx 再上传。")) from error


def _decoded(data: bytes) -> str:
    """UTF-8 when it is, with or without BOM; else GB18030, as Excel saves in China."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise RollError(M_("认不出这个 CSV 文件的编码，请另存为 .xlsx 再上传。"))


def _filled(name: str, rows: Iterable[tuple[Cell, ...]]) -> Table:
    filled: list[tuple[int, tuple[Cell, ...]]] = []
    for line, row in enumerate(rows, start=1):
        if line > MAXIMUM_LINES:
            raise RollError(M_("「%(name)s」的行数太多，请删去数据下面的空行。", name=name))
        # Blank text counts as filled only when something stands beside it.
        if any(row) and any(c is not None and str(c).strip() for c in row):
            # Room for the headings, the titles above and the one row that is too many.
            if len(filled) > MAXIMUM_ROWS + 100:
                raise RollError(M_("一次最多导入 %(n)d 行，请分几个文件。", n=MAXIMUM_ROWS))
            filled.append((line, row))
    return Table(name, filled)


# ---- the template ----

_HINTS: dict[Column, tuple[str, str, int]] = {
    Column.BUILDING: ("3 或 3号楼、3栋、3幢", f"{EXAMPLE_MARK}：3号楼", 16),
    Column.ENTRANCE: ("没有门洞的不填", "2", 10),
    Column.ROOM: ("例如 101", "101", 10),
    Column.PERSON: ("产权人姓名；共有的填推选的一位", "张三", 16),
    Column.CODE: ("一人有几套房的，每套填相同编号；只有一套的可不填", "A012", 18),
    Column.KIND: ("个人、单位或开发商；不填算个人", "个人", 18),
    Column.AREA: ("平方米，最多两位小数；没有证明的先空着", "88.50", 16),
    Column.SOURCE: ("面积从哪里来，可从下拉中选", AREA_SOURCES[0], 20),
    Column.GRID: ("所属微网格，没有的不填", "第一微网格", 16),
    Column.PHONE: ("只在表决期间使用，可不填", "13800000000", 18),
    Column.CO_OWNED: ("几人共有的填是", "否", 10),
}
"""Hint, example and width in characters. The paper is Chinese, as its readers are."""

_RULES = (
    "一户一行，从「名册」表的第 3 行填起，不要改表头；第 2 行灰字是示例，导入时会跳过。",
    "不要填身份证号。任何一格里有身份证号，那一行就不会导入。",
    "楼栋、门洞、室号相同就是同一户：再次导入时会更新它，空白的格子不会抹掉已有内容。",
    "同名又没有编号、电话的，按两个人计；如果是同一人，请填相同的编号。",
    "不要合并单元格，不要用公式；没有的内容空着，或写「/」。",
    f"一次最多 {MAXIMUM_ROWS:,} 行，文件不超过 {MAXIMUM_BYTES // 1024**2} MB。",
    "上传后先预览，核对后再确认；确认之前什么都不会写入。",
)


def template() -> bytes:
    """The .xlsx file to fill in: instructions and an empty roll with one greyed example."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = "填写说明"
    _instructions(sheet)
    _empty_roll(book.create_sheet("名册"))
    book.active = 1
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _instructions(sheet: Worksheet) -> None:
    sheet["A1"] = "表决权人名册填写说明"
    sheet["A1"].font = Font(bold=True, size=16)
    for at, rule in enumerate(_RULES, start=1):
        sheet.cell(at + 2, 1, f"{at}. {rule}")
    start = len(_RULES) + 4
    for at, words in enumerate(("表头", "是否必填", "怎么填"), start=1):
        sheet.cell(start, at, words).font = Font(bold=True)
    for at, column in enumerate(Column, start=start + 1):
        sheet.cell(at, 1, column.label)
        sheet.cell(at, 2, "必填" if column in REQUIRED else "选填")
        sheet.cell(at, 3, _HINTS[column][0])
    sheet.column_dimensions["A"].width = 18
    sheet.column_dimensions["B"].width = 12
    sheet.column_dimensions["C"].width = 60


def _empty_roll(sheet: Worksheet) -> None:
    for at, column in enumerate(Column, start=1):
        letter = get_column_letter(at)
        _, example, width = _HINTS[column]
        sheet.column_dimensions[letter].width = width
        sheet.column_dimensions[letter].number_format = "@"
        unit = "（㎡）" if column is Column.AREA else ""
        heading = sheet.cell(1, at, f"{column.label}{unit}{'*' if column in REQUIRED else ''}")
        heading.font = Font(bold=True)
        heading.fill = PatternFill("solid", fgColor="DCE9E2")
        heading.alignment = Alignment(wrap_text=True, vertical="center")
        shown = sheet.cell(2, at, example)
        shown.font = Font(color="808080", italic=True)
        shown.number_format = "@"
    sheet.freeze_panes = "A2"
    _drop_down(sheet, Column.KIND, [k.label for k in VoterKind], strict=True)
    _drop_down(sheet, Column.SOURCE, AREA_SOURCES, strict=False)
    _drop_down(sheet, Column.CO_OWNED, ["是", "否"], strict=True)


def _drop_down(sheet: Worksheet, column: Column, words: Iterable[str], *, strict: bool) -> None:
    letter = get_column_letter(list(Column).index(column) + 1)
    offer = DataValidation(type="list", formula1=f'"{",".join(words)}"', allow_blank=True)
    offer.showErrorMessage = strict
    sheet.add_data_validation(offer)
    offer.add(f"{letter}2:{letter}{MAXIMUM_ROWS + 2}")
