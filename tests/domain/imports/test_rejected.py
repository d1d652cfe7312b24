from __future__ import annotations

import stat
from pathlib import Path

from siyu.domain.imports.columns import resolve
from siyu.domain.imports.customer_fields import CUSTOMER_FIELDS
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
    assert table.headers == (*HEADERS, "_row", "_reason")
    assert [row.cells[-2:] for row in table.rows()] == [("3", "手机号: Too few digits."), ("9", SHORT.problem)]
    assert resolve(table.headers, CUSTOMER_FIELDS, {}).unknown == ()


def test_its_own_columns_do_not_pile_up(tmp_path: Path) -> None:
    path = tmp_path / "again.csv"
    with RejectedRows(path, (*HEADERS, "_row", "_reason")) as file:
        file.add([_why(Row(2, ("M2", "1", "", "3", "old reason")), "手机号", "Too few digits.")])
    assert open_table(path).headers == (*HEADERS, "_row", "_reason")
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
