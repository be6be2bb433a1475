"""Opening what was uploaded; the template that is handed out."""

from __future__ import annotations

import io
import zipfile

import pytest
from openpyxl import Workbook, load_workbook

from tests.factories.places import ROLL_HEADINGS, roll_file
from tracker.places import roll
from tracker.places import roll_file as files
from tracker.places.roll import RollError
from tracker.places.roll_columns import Column

ROW = ("3号楼", None, 101, "张三", None, 88.5, None, None, None, None)
CSV = "楼栋,室号,业主,面积\r\n3号楼,101,张三,88.5\r\n"


def test_a_workbook_is_read_with_its_row_numbers():
    (table,) = files.tables("名册.XLSX", roll_file([ROW, (None,) * 10, ROW]))
    assert [line for line, _ in table.rows] == [1, 2, 4]
    assert table.rows[1][1][:4] == ("3号楼", None, 101, "张三")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_is_read_in_the_three_encodings_in_use(encoding):
    read = roll.read(files.tables("名册.csv", CSV.encode(encoding)))
    assert (read.rows[0].key, read.rows[0].person, read.rows[0].line) == (
        ("3", "", "101"),
        "张三",
        2,
    )


def test_a_formula_is_seen_as_one():
    read = roll.read(files.tables("a.xlsx", roll_file([(*ROW[:5], "=1+1", *ROW[6:])])))
    assert "公式" in str(read.rows[0].problems[0].message)


def test_a_wrong_size_in_the_file_hides_no_rows():
    data = roll_file([ROW, ROW])
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            content = old.read(part)
            if part.filename.endswith("sheet1.xml"):
                assert b'ref="A1:J3"' in content
                content = content.replace(b'ref="A1:J3"', b'ref="A1"')
            new.writestr(part, content)
    assert len(files.tables("a.xlsx", out.getvalue())[0].rows) == 3


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", b"0" * (files.MAXIMUM_UNPACKED + 1))
    return out.getvalue()


def entities() -> bytes:
    """A workbook whose sheet unfolds itself."""
    data = roll_file([ROW])
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            content = old.read(part)
            if part.filename.endswith("sheet1.xml"):
                content = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaa">]>' + content
            new.writestr(part, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.xlsx", b"", "空的"),
        ("a.xlsx", b"not a workbook", "打不开"),
        ("a.xlsx", roll_file([ROW])[:-400], "打不开"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0rest", "加了密码"),
        ("a.xls", b"anything", "旧版 .xls"),
        ("a.pdf", b"%PDF", "只收"),
        ("名册", CSV.encode(), "只收"),
        ("a.csv", b"\xff\xfea\x00b\x00", "认不出"),
        ("a.xlsx", bomb(), "展开后太大"),
        ("a.xlsx", entities(), "打不开"),
        ("a.csv", b"0" * (files.MAXIMUM_BYTES + 1), "最多 16 MB"),
    ],
    ids=lambda v: None if isinstance(v, bytes) else v,
)
def test_a_file_that_cannot_be_read_says_what_to_do(name, data, why):
    with pytest.raises(RollError, match=why):
        files.tables(name, data)


def test_a_zip_of_something_else_is_no_workbook():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("hello.txt", "hello")
    with pytest.raises(RollError, match="打不开"):
        files.tables("a.xlsx", out.getvalue())


def test_a_stray_cell_far_below_is_refused_quickly():
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(ROLL_HEADINGS)
    sheet["A1048576"] = "x"
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(RollError, match="空行"):
        files.tables("a.xlsx", out.getvalue())


def test_the_template_can_be_filled_in_and_read_back():
    book = load_workbook(io.BytesIO(files.template()))
    sheet = book["名册"]
    assert sheet.freeze_panes == "A2"
    assert all(sheet.column_dimensions[c].number_format == "@" for c in "ABCDEFGHIJK")
    assert len(sheet.data_validations.dataValidation) == 3
    assert [c.value.rstrip("*").split("（")[0] for c in sheet[1]] == [c.label for c in Column]
    sheet["A3"], sheet["C3"], sheet["D3"] = "3", "101", "张三"
    out = io.BytesIO()
    book.save(out)
    read = roll.read(files.tables("名册.xlsx", out.getvalue()))
    assert [(r.line, r.key, r.problems) for r in read.rows] == [(3, ("3", "", "101"), ())]
    assert read.ignored == []
