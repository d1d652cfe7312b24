"""A file being read, chunk by chunk, from wherever the import stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from uuid import UUID

from siyu.domain.imports.cells import Facts
from siyu.domain.imports.columns import Columns, Field, resolve
from siyu.domain.imports.customer_fields import CUSTOMER_FIELDS
from siyu.domain.imports.drafts import draft_of
from siyu.domain.imports.matching import Draft, Key
from siyu.domain.imports.order_fields import ORDER_FIELDS
from siyu.domain.imports.preparing import Chunk, Repeats, prepare
from siyu.domain.imports.reading import open_table
from siyu.domain.imports.rejected import RejectedRows
from siyu.domain.imports.rows import Row, Table
from siyu.domain.imports.tables import ImportKind

#: Rows that one transaction stores: long enough to share its cost, short enough that others who write hardly wait.
CHUNK_ROWS = 500

FIELDS: Mapping[ImportKind, tuple[Field, ...]] = {ImportKind.CUSTOMERS: CUSTOMER_FIELDS, ImportKind.ORDERS: ORDER_FIELDS}


@dataclass(frozen=True, slots=True)
class Opened:
    """A file whose columns are known."""

    table: Table
    columns: Columns


def opened(path: Path, kind: ImportKind, mapping: Mapping[str, str], encoding: str | None) -> Opened:
    """Open a file and resolve its columns. Raises `Unreadable` or `UnknownColumns`; reads the file once, so give it a thread."""
    table = open_table(path, encoding=encoding)
    return Opened(table, resolve(table.headers, FIELDS[kind], mapping))


@dataclass(slots=True)
class Session:
    """What a running import keeps in memory between two chunks."""

    columns: Columns
    total: int | None
    rejected: RejectedRows
    _rows: Iterator[Row]
    _facts: Facts
    _repeats: Repeats
    _draft_of: Callable[[int, Mapping[str, object]], Draft]
    #: Who a dry run would have made, since it stores nobody.
    imagined: dict[Key, UUID] = field(default_factory=dict)

    @classmethod
    def at(cls, source: Opened, *, read: int, rejected: RejectedRows, facts: Facts) -> Session:
        """The session of an import of which `read` rows are done: they are passed over, but remembered for repeats."""
        rows = source.table.rows()
        repeats = Repeats()
        for row in islice(rows, read):
            if row.problem is None and not row.blank:
                repeats.seen(row)
        return cls(source.columns, source.table.total, rejected, rows, facts, repeats, draft_of)

    def next(self) -> Chunk[Draft] | None:
        """The next chunk, read and checked; None at the end of the file. CPU work of some 0.1 s: give it a thread."""
        chunk = prepare(islice(self._rows, CHUNK_ROWS), self.columns, self._facts, self._repeats, self._draft_of)
        return chunk if chunk.read else None
