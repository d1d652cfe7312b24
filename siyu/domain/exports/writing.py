"""Writing rows down as CSV or JSON lines, as they come. Everything here is blocking: give it a thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Final, Protocol

import orjson

from siyu.domain.exports.fields import Field
from siyu.domain.exports.parquet import ParquetRows
from siyu.domain.exports.tables import ExportFormat
from siyu.domain.kernel.defuse import defuse

_BOM: Final = b"\xef\xbb\xbf"
_END: Final = "\r\n"
_BETWEEN: Final = "; "
_QUOTED: Final = frozenset('",\r\n')

Values = Sequence[object]


class Sink(Protocol):
    """Where a file goes: what is written, and how much that was."""

    def write(self, plain: bytes, /) -> int: ...

    def tell(self) -> int: ...


class Rows(Protocol):
    """A file in the making. `end` must come, or it is no whole file."""

    def add(self, rows: Sequence[Values], /) -> None: ...

    def end(self) -> None: ...


class CsvRows:
    """CSV after RFC 4180, in UTF-8: a header, lines that end in CR LF, quotes where they are needed.

    Null is an empty cell and an empty text is `""`. A cell that a spreadsheet would run gets an apostrophe in front.
    """

    def __init__(self, sink: Sink, columns: Sequence[Field], *, bom: bool = False) -> None:
        self._sink = sink
        sink.write((_BOM if bom else b"") + self._line([each.name for each in columns]))

    def add(self, rows: Sequence[Values]) -> None:
        """Append rows."""
        self._sink.write(b"".join(self._line([_text(value) for value in row]) for row in rows))

    def end(self) -> None:
        """Nothing closes a CSV file."""

    @staticmethod
    def _line(cells: Sequence[str | None]) -> bytes:
        if len(cells) == 1 and cells[0] is None:
            return f'""{_END}'.encode()  # a line of nothing is no row to most readers
        return (",".join(map(_cell, cells)) + _END).encode("utf-8", "replace")


def _cell(text: str | None) -> str:
    if text is None:
        return ""
    safe = defuse(text)
    return '"' + safe.replace('"', '""') + '"' if not safe or not _QUOTED.isdisjoint(safe) else safe


def _text(value: object) -> str | None:
    """A value as a cell shows it; lists of values with semicolons, anything deeper as JSON."""
    if value is None or isinstance(value, str):
        return value.value if isinstance(value, Enum) else value
    if isinstance(value, list):
        if any(isinstance(each, dict | list) for each in value):
            return orjson.dumps(_plain(value)).decode()
        return _BETWEEN.join(_text(each) or "" for each in value) if value else None
    shown = _plain(value)
    return shown if isinstance(shown, str) else orjson.dumps(shown).decode()


class JsonRows:
    """One JSON object a line, in UTF-8, each with every column. Amounts are texts, so that they stay exact; moments are UTC."""

    def __init__(self, sink: Sink, columns: Sequence[Field], *, bom: bool = False) -> None:
        del bom  # JSON has none
        self._sink = sink
        self._names = [each.name for each in columns]

    def add(self, rows: Sequence[Values]) -> None:
        """Append rows."""
        lines = (orjson.dumps({name: _plain(value) for name, value in zip(self._names, row, strict=True)}) for row in rows)
        self._sink.write(b"".join(line + b"\n" for line in lines))

    def end(self) -> None:
        """Nothing closes a file of JSON lines."""


def _plain(value: object) -> object:
    """A value as JSON spells it."""
    change = _SPELLINGS.get(type(value))
    if change is not None:
        return change(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def _moment(value: object) -> object:
    assert isinstance(value, datetime)
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


_SPELLINGS: Final[dict[type, Callable[[object], object]]] = {
    datetime: _moment,
    date: lambda value: value.isoformat(),  # type: ignore[attr-defined]  # by its key
    Decimal: lambda value: format(value, "f"),
}

WRITERS: Final[dict[ExportFormat, Callable[..., Rows]]] = {
    ExportFormat.CSV: CsvRows,
    ExportFormat.JSONL: JsonRows,
    ExportFormat.PARQUET: ParquetRows,
}
