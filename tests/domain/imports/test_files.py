"""Files of every format become the same rows, under the numbers that a person sees."""

from __future__ import annotations

import codecs
from datetime import date, datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import orjson
import pytest
from openpyxl import Workbook

from siyu.domain.imports import sheets
from siyu.domain.imports.reading import open_table
from siyu.domain.imports.refusals import Unreadable
from siyu.domain.imports.rows import Row

TEXT = '会员号,姓名,备注\r\nM1,张三,"第一行\n第二行"\r\n,,\r\n\r\nM2,李四,"说""好"""\r\nM3,王五\r\n'
ROWS = [
    Row(2, ("M1", "张三", "第一行\n第二行")),
    Row(3, ("", "", "")),
    Row(4, ()),
    Row(5, ("M2", "李四", '说"好"')),
    Row(6, ("M3", "王五"), "The row has 2 cells, the header has 3."),
]


@pytest.mark.parametrize(
    ("raw", "description"),
    [
        (TEXT.encode(), "CSV, UTF-8, ','"),
        (codecs.BOM_UTF8 + TEXT.encode(), "CSV, UTF-8 with BOM, ','"),
        (TEXT.encode("gb18030"), "CSV, GB18030, ','"),
        (TEXT.encode("utf-16"), "CSV, UTF-16, ','"),
        (TEXT.replace(",", "\t").encode(), "CSV, UTF-8, '\\t'"),
        (TEXT.replace(",", ";").encode(), "CSV, UTF-8, ';'"),
        (TEXT.replace("\r\n", "\n").encode(), "CSV, UTF-8, ','"),
    ],
)
def test_text_in_any_encoding_and_with_any_delimiter(tmp_path: Path, raw: bytes, description: str) -> None:
    path = tmp_path / "any"
    path.write_bytes(raw)
    table = open_table(path)
    assert table.description == description
    assert table.headers == ("会员号", "姓名", "备注")
    assert list(table.rows()) == ROWS == list(table.rows())
    assert table.total == len(ROWS)
    assert [row.blank for row in table.rows()] == [False, True, True, False, False]


def test_a_header_may_come_late_and_trailing_blanks_are_no_cells(tmp_path: Path) -> None:
    path = tmp_path / "late.csv"
    path.write_text("\n,,\nname,phone,,\nA,1,,\nB,2,,x\n", encoding="utf-8")
    table = open_table(path)
    assert table.headers == ("name", "phone")
    assert list(table.rows()) == [Row(4, ("A", "1")), Row(5, ("B", "2", "", "x"), "The row has 4 cells, the header has 2.")]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "empty"),
        (b"  \r\n ", "empty"),
        (b"\n\n,,\n", "empty"),
        (b"name\n\xff\xfe\xfd", "neither UTF-8 nor GB18030 text (line 2)"),
        ("name,备注\n张三,很多很多的字\n".encode() + b"\xe5\xbc\n", "damaged in line 3"),
        (codecs.BOM_UTF8 + b"name\nok\n\xff", "line 3 is not"),
        (b"[1]", "one JSON object a line"),
        (b"\xd0\xcf\x11\xe0 old", ".xls"),
        (b"PK\x03\x04 not a zip", "damaged"),
        (b'name\nA\n"never closed\nB\n', "row 3 is never closed"),
        (b"name\n" + b'"' + b"x" * 200_000, "never ends"),
        (b"{}\n{}\n", "no line that is a JSON object"),
        (("," * 600).join("ab").encode(), "more than 500 columns"),
    ],
)
def test_what_is_no_table_is_refused_with_what_to_do(tmp_path: Path, raw: bytes, reason: str) -> None:
    path = tmp_path / "bad"
    path.write_bytes(raw)
    with pytest.raises(Unreadable, match=reason.replace("(", r"\(").replace(")", r"\)")):
        list(open_table(path).rows())


def test_a_lone_quotation_mark_in_the_last_row_is_a_character(tmp_path: Path) -> None:
    path = tmp_path / "inch.csv"
    path.write_text('name,note\nA,a 5" pipe\n', encoding="utf-8")
    assert list(open_table(path).rows()) == [Row(2, ("A", 'a 5" pipe'))]


def test_an_encoding_that_is_named_is_used_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "big5.csv"
    path.write_bytes("name\n張\n".encode("big5"))
    assert list(open_table(path, encoding="big5").rows()) == [Row(2, ("張",))]
    for wrong in ("ascii", "no-such-codec"):
        with pytest.raises(Unreadable, match="encoding that was named"):
            open_table(path, encoding=wrong)


def test_json_lines_keep_their_line_numbers_and_late_keys(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    lines = [
        {"会员号": "M1", "姓名": "张三", "age": 41.0, "vip": True, "tags": ["a", 1]},
        {"会员号": "M2", "姓名": None, "phone": 13800001111},
    ]
    path.write_bytes(codecs.BOM_UTF8 + orjson.dumps(lines[0]) + b"\n\n{broken\n[1]\n" + orjson.dumps(lines[1]))
    table = open_table(path)
    assert table.headers == ("会员号", "姓名", "age", "vip", "tags", "phone")
    assert list(table.rows()) == [
        Row(1, ("M1", "张三", "41", "true", '["a",1]', "")),
        Row(2, ()),
        Row(3, ("{broken",), "The line is not JSON."),
        Row(4, ("[1]",), "The line is not a JSON object."),
        Row(5, ("M2", "", "", "", "", "13800001111")),
    ]


def _workbook(path: Path) -> None:
    book = Workbook()
    hidden = book.active
    assert hidden is not None
    hidden.sheet_state = "hidden"
    hidden.append(["not", "this"])
    sheet = book.create_sheet("会员")
    sheet.append([])
    sheet.append(["会员号", "手机号", "生日", "金额", "备注"])
    sheet.append(["M1", 13800001111, date(1987, 12, 29), 12.5, "=1+1"])
    sheet.append([None, None, None, None, None])
    sheet.append(["M2", 13800001112.0, datetime(1987, 12, 29, 8, 30), 3, "第一行\n第二行"])
    sheet.append(["M3", None, None, None, None, "beyond"])
    book.save(path)


def test_workbooks_give_formulas_as_text_and_dates_as_dates(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    _workbook(path)
    table = open_table(path)
    assert (table.description, table.headers, table.total) == ("XLSX, sheet '会员'", ("会员号", "手机号", "生日", "金额", "备注"), 4)
    assert list(table.rows()) == [
        Row(3, ("M1", "13800001111", "1987-12-29", "12.5", "=1+1")),
        Row(4, ("", "", "", "", "")),
        Row(5, ("M2", "13800001112", "1987-12-29 08:30:00", "3", "第一行\n第二行")),
        Row(6, ("M3", "", "", "", "", "beyond"), "The row has cells beyond the last column."),
    ]


def test_a_workbook_that_unpacks_to_too_much_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bomb.xlsx"
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 2_000_000)
    monkeypatch.setattr(sheets, "UNPACKED_BYTES_MAX", 1_000_000)
    with pytest.raises(Unreadable, match="too large"):
        open_table(path)
    monkeypatch.undo()
    with pytest.raises(Unreadable, match="damaged"):
        open_table(path)
