"""XLSX workbooks: the first visible sheet, read row by row, formulas as the text they are and never as a result."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula
from openpyxl.worksheet.worksheet import Worksheet

from siyu.domain.imports.refusals import Unreadable
from siyu.domain.imports.rows import COLUMNS_MAX, Row

#: What a workbook may grow to when unpacked: a small ZIP can hold a terabyte of nothing.
UNPACKED_BYTES_MAX = 1 << 30
_PARTS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """The first visible sheet of a workbook; see `rows.Table`."""

    path: Path
    title: str
    headers: tuple[str, ...]
    header_row: int
    total: int | None

    @property
    def description(self) -> str:
        return f"XLSX, sheet {self.title!r}"

    def rows(self) -> Iterator[Row]:
        width = len(self.headers)
        for number, cells in _records(self.path):
            if number > self.header_row:
                padded = (*cells[:width], *("",) * (width - len(cells)))
                problem = "The row has cells beyond the last column." if any(cells[width:]) else None
                yield Row(number, (*cells,) if problem else padded, problem)


def open_sheet(path: Path) -> Sheet:
    """Find the sheet and its header: the first row with anything in it."""
    _refuse_bombs(path)
    for number, cells in _records(path):
        if any(cells):
            headers = tuple(cell.strip() for cell in cells)
            while not headers[-1]:
                headers = headers[:-1]
            if len(headers) > COLUMNS_MAX:
                raise Unreadable(f"The sheet has more than {COLUMNS_MAX} columns.")
            title, last = _title_and_last_row(path)
            return Sheet(path, title, headers, number, last - number if last is not None else None)
    raise Unreadable("The first sheet is empty.")


def _refuse_bombs(path: Path) -> None:
    try:
        with ZipFile(path) as archive:
            parts = archive.infolist()
    except BadZipFile as problem:
        raise Unreadable("The workbook is damaged: open it and save it again as .xlsx.") from problem
    if len(parts) > _PARTS_MAX or sum(part.file_size for part in parts) > UNPACKED_BYTES_MAX:
        raise Unreadable("The workbook is too large when unpacked: save it as CSV.")


def _title_and_last_row(path: Path) -> tuple[str, int | None]:
    with _opened(path) as book:
        sheet = _visible(book)
        return str(sheet.title), sheet.max_row


@contextmanager
def _opened(path: Path) -> Iterator[Workbook]:
    with path.open("rb") as file:  # a path would have to end in .xlsx
        try:
            book = load_workbook(file, read_only=True, data_only=False, keep_links=False)
        except (BadZipFile, InvalidFileException, KeyError, ValueError) as problem:
            raise Unreadable("The workbook is damaged: open it and save it again as .xlsx.") from problem
        yield book


def _visible(book: Workbook) -> Worksheet:
    sheets = book.worksheets  # a read-only workbook's sheets iterate like the usual ones
    if not sheets:
        raise Unreadable("The workbook has no sheet.")
    return next((sheet for sheet in sheets if sheet.sheet_state == "visible"), sheets[0])


def _records(path: Path) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Each row with the number it has in the sheet; rows that the file leaves out come as empty ones."""
    with _opened(path) as book:
        for number, cells in enumerate(_visible(book).iter_rows(min_row=1, values_only=True), start=1):
            yield number, tuple(map(_text, cells))


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, ArrayFormula | DataTableFormula):
        return str(getattr(value, "text", "") or "")
    return str(value)
