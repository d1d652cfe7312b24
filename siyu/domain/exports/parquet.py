"""Writing rows down as Parquet, with typed columns. Everything here is blocking: give it a thread."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any, Final

from siyu.domain.exports.fields import Field
from siyu.domain.kernel.dialect import Kind

#: Rows of one row group. They are kept in memory until there are so many.
GROUP_ROWS: Final = 10_000
#: Amounts are whole ten-thousandths of 63 bits at the most: nineteen digits hold them all.
_AMOUNT: Final = (19, 4)


class ParquetRows:
    """A Parquet file: moments are UTC timestamps, amounts decimal128(19, 4), days dates, lists lists, records structs."""

    def __init__(self, sink: object, columns: Sequence[Field], *, bom: bool = False) -> None:
        del bom  # a mark of texts
        self._arrow: Any = _arrow()
        self._columns = columns
        self._schema = self._arrow.schema([(each.name, self._type(each)) for each in columns])
        self._writer = _writer()(self._arrow.PythonFile(sink, mode="w"), self._schema, compression="zstd")
        self._waiting: list[Sequence[object]] = []

    def add(self, rows: Sequence[Sequence[object]]) -> None:
        """Append rows."""
        self._waiting.extend(rows)
        if len(self._waiting) >= GROUP_ROWS:
            self._write()

    def end(self) -> None:
        """Write what is left, and the index at the end of the file."""
        if self._waiting:
            self._write()
        self._writer.close()

    def _write(self) -> None:
        listed = list(zip(*self._waiting, strict=True))
        arrays = [
            self._arrow.array([_exact(each, value) for value in values], type=field.type)
            for each, values, field in zip(self._columns, listed, self._schema, strict=True)
        ]
        self._writer.write_batch(self._arrow.record_batch(arrays, schema=self._schema))
        self._waiting.clear()

    def _type(self, column: Field) -> Any:  # a type of the library's, which has no stubs
        arrow = self._arrow
        if column.members:
            return arrow.list_(arrow.struct([(each.name, self._type(each)) for each in column.members]))
        one = {
            Kind.INT: arrow.int64(),
            Kind.FLOAT: arrow.float64(),
            Kind.BOOL: arrow.bool_(),
            Kind.DATETIME: arrow.timestamp("us", tz="UTC"),
            Kind.DATE: arrow.date32(),
            Kind.MONEY: arrow.decimal128(*_AMOUNT),
        }.get(column.kind, arrow.string())
        return arrow.list_(one) if column.many else one


def _exact(column: Field, value: object) -> object:
    """The value as the library takes it: whole numbers among fractions become fractions."""
    return float(value) if column.kind is Kind.FLOAT and isinstance(value, int) else value


def _arrow() -> Any:  # as above
    # Loaded for the first such file: 150 MB on the disk and 80 ms that no start of a server should pay (docs/decisions/0010).
    return importlib.import_module("pyarrow")


def _writer() -> Any:  # as above
    return importlib.import_module("pyarrow.parquet").ParquetWriter
