"""CSV and its cousins: any of four delimiters, any of the encodings of `text`, quotes as Excel and WPS write them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from siyu.domain.imports.refusals import Unreadable
from siyu.domain.imports.rows import CELL_LENGTH_MAX, COLUMNS_MAX, Row, fitted
from siyu.domain.imports.text import encoding_of

_DELIMITERS = ",\t;|"
_HEADER_CHARACTERS = 65_536


@dataclass(frozen=True, slots=True)
class Delimited:
    """A CSV file; see `rows.Table`."""

    path: Path
    encoding: str
    delimiter: str
    headers: tuple[str, ...]
    header_row: int
    total: int | None

    @property
    def description(self) -> str:
        title = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8 with BOM"}.get(self.encoding, self.encoding.upper())
        return f"CSV, {title}, {self.delimiter!r}"

    def rows(self) -> Iterator[Row]:
        for number, cells in _records(self.path, self.encoding, self.delimiter):
            if number > self.header_row:
                yield fitted(number, tuple(cells), len(self.headers))


def open_delimited(path: Path, encoding: str | None = None) -> Delimited:
    """Find encoding, delimiter and header, and count the rows; the first row with anything in it is the header."""
    codec = encoding or encoding_of(path)
    delimiter = _delimiter_of(path, codec)
    headers: tuple[str, ...] = ()
    header_row = number = 0
    for number, cells in _records(path, codec, delimiter):  # the last number is the count
        if not headers and any(cell.strip() for cell in cells):
            headers, header_row = _trimmed(cells), number
    if not headers:
        raise Unreadable("The file is empty.")
    if len(headers) > COLUMNS_MAX:
        raise Unreadable(f"The file has more than {COLUMNS_MAX} columns.")
    return Delimited(path, codec, delimiter, headers, header_row, number - header_row)


def _trimmed(cells: list[str]) -> tuple[str, ...]:
    titles = [cell.strip().lstrip("\ufeff") for cell in cells]
    while titles and not titles[-1]:
        titles.pop()
    return tuple(titles)


def _delimiter_of(path: Path, encoding: str) -> str:
    """The one that the first line with anything in it has most of, outside quotes; a comma when it has none."""
    try:
        with path.open(encoding=encoding, newline="") as file:
            first = next((line for line in iter(lambda: file.readline(_HEADER_CHARACTERS), "") if line.strip()), "")
    except (UnicodeDecodeError, LookupError) as problem:
        raise Unreadable("The file is not in the encoding that was named.") from problem
    if "\x00" in first:
        raise Unreadable("This is not a text file.")
    outside = "".join(first.split('"')[::2])
    return max(_DELIMITERS, key=outside.count)


class _Lines:
    """The file's lines, remembering whether a quote is open: the csv module ends an open cell silently at the end."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._quotes = self._count = 0

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self._quotes += line.count('"')
            self._count += 1
            yield line

    def end_record(self) -> bool:
        """Start counting anew; whether the record that ended spans lines and has an odd number of quotation marks."""
        open_ended = self._count > 1 and self._quotes % 2 == 1
        self._quotes = self._count = 0
        return open_ended


def _records(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(CELL_LENGTH_MAX)
    number = 0
    open_ended = False
    try:
        with path.open(encoding=encoding, newline="") as file:
            lines = _Lines(iter(file))
            for cells in csv.reader(iter(lines), delimiter=delimiter):
                number += 1
                open_ended = lines.end_record()
                yield number, cells
            if open_ended:
                raise Unreadable(f"A quotation mark that opens in row {number} is never closed.")
    except csv.Error as problem:
        raise Unreadable(f"Row {number + 1} has a cell that never ends: look for a quotation mark that is not closed.") from problem
    except (UnicodeDecodeError, LookupError) as problem:
        raise Unreadable("The file is not in the encoding that was named.") from problem
