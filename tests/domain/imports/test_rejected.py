from __future__ import annotations

import stat
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from siyu.domain.imports.cells import Facts
from siyu.domain.imports.columns import resolve
from siyu.domain.imports.customer_fields import CUSTOMER_FIELDS
from siyu.domain.imports.drafts import draft_of
from siyu.domain.imports.preparing import Repeats, prepare
from siyu.domain.imports.problems import Problem
from siyu.domain.imports.reading import open_table
from siyu.domain.imports.rejected import RejectedRows
from siyu.domain.imports.rows import Row

HEADERS = ("会员号", "手机号", "备注")
BAD = Row(3, ("M2", "+86-12345", '=HYPERLINK("x")'))
SHORT = Row(9, ("M3",), "The row has 1 cells, the header has 3.")


def _why(row: Row, column: str | None, message: str) -> tuple[Row, list[Problem]]:
    return row, [Problem(row.number, column, "secret", message)]


def test_the_file_can_be_mended_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "rejected.csv"
    with RejectedRows(path, HEADERS) as file:
        file.add([_why(BAD, "手机号", "Too few digits."), _why(SHORT, None, SHORT.problem or "")])
        file.flush()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    raw = path.read_text(encoding="utf-8-sig")
    assert ["'=HYPERLINK" in raw, "'+86-12345" in raw, "secret" in raw] == [True, True, False]
    table = open_table(path)
    assert table.headers == ("_row", "_reason", *HEADERS)
    assert [row.cells[:2] for row in table.rows()] == [("3", "手机号: Too few digits."), ("9", SHORT.problem)]
    assert [row.problem is None for row in table.rows()] == [True, False]
    assert resolve(table.headers, CUSTOMER_FIELDS, {}).unknown == ()


def test_its_own_columns_do_not_pile_up(tmp_path: Path) -> None:
    path = tmp_path / "again.csv"
    with RejectedRows(path, ("_row", "_reason", *HEADERS)) as file:
        file.add([_why(Row(2, ("3", "old reason", "M2", "1", "")), "手机号", "Too few digits.")])
    assert open_table(path).headers == ("_row", "_reason", *HEADERS)
    assert "old reason" not in path.read_text(encoding="utf-8-sig")


def test_what_was_written_after_the_last_commit_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "rejected.csv"
    with RejectedRows(path, HEADERS) as file:
        file.add([_why(BAD, "手机号", "first")])
        file.flush()
        committed = file.length
        file.add([_why(BAD, "手机号", "lost")])
    with RejectedRows(path, HEADERS, committed) as file:
        file.add([_why(SHORT, None, "second")])
    text = path.read_text(encoding="utf-8-sig")
    assert ("lost" in text, text.count("_reason"), text.count("first"), text.count("second")) == (False, 1, 1, 1)


@pytest.mark.parametrize(("cells", "rejected"), [(("M3", "", ""), 1), (("M3", "13800001111", ""), 0)])
def test_a_short_row_that_a_spreadsheet_filled_up_is_still_short(cells: tuple[str, ...], rejected: int) -> None:
    columns = resolve(("_row", "_reason", *HEADERS), CUSTOMER_FIELDS, {})
    facts = Facts("CN", date(2026, 5, 1), ZoneInfo("Asia/Shanghai"), "CNY")
    assert prepare([Row(2, ("9", SHORT.problem or "", *cells))], columns, facts, Repeats(), draft_of).rejected == rejected
