"""Opening whatever was uploaded as a table: the content decides what it is, not the file's name."""

from __future__ import annotations

import importlib
from pathlib import Path

from siyu.domain.imports.delimited import open_delimited
from siyu.domain.imports.jsonlines import open_jsonlines
from siyu.domain.imports.refusals import Unreadable
from siyu.domain.imports.rows import Table

_ZIP = b"PK\x03\x04"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"


def open_table(path: Path, *, encoding: str | None = None) -> Table:
    """The file as a table: XLSX, JSON lines, or text with delimiters (CSV).

    `encoding` overrides what is found for CSV. Raises `Unreadable`, saying what to do, when it is none of these.
    """
    with path.open("rb") as file:
        start = file.read(4096)
    if not start.strip():
        raise Unreadable("The file is empty.")
    if start.startswith(_ZIP):
        # Loaded for the first workbook: its library takes as long to load as a tenth of a start.
        opened: Table = importlib.import_module("siyu.domain.imports.sheets").open_sheet(path)
        return opened
    if start.startswith(_OLD_OFFICE):
        raise Unreadable("This is an old .xls workbook or one with a password: save it as .xlsx or CSV.")
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"{"):
        return open_jsonlines(path)
    if text.startswith(b"["):
        raise Unreadable("This is a JSON list: write one JSON object a line instead.")
    return open_delimited(path, encoding)
