"""A chunk of rows made ready to be matched: blank and repeated rows set aside, cells read, problems collected. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from siyu.domain.imports.cells import Facts, content
from siyu.domain.imports.columns import Columns
from siyu.domain.imports.problems import Problem, read_row
from siyu.domain.imports.rows import Row, width_problem

_DIGEST_BYTES = 16
#: Rows that are remembered to find repeated ones; a repeat that is further away is taken as an update, which changes nothing.
REMEMBERED_MAX = 500_000

#: `_row` and `_reason`, which we put before the cells of a rejected row.
_OURS = 2
_SHORT = re.compile(re.escape(width_problem(0, 0)).replace("0", r"(\d+)"))

T = TypeVar("T")


class Repeats:
    """Which rows of a file were there before, cell for cell. Remembers digests, for as long as the file is read."""

    def __init__(self) -> None:
        self._seen: dict[bytes, None] = {}

    def seen(self, row: Row) -> bool:
        """Whether such a row was given before; from now on it was."""
        digest = hashlib.blake2b("\x1f".join(row.cells).encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).digest()
        if digest in self._seen:
            return True
        if len(self._seen) >= REMEMBERED_MAX:
            del self._seen[next(iter(self._seen))]
        self._seen[digest] = None
        return False


@dataclass(slots=True)
class Chunk(Generic[T]):
    """What a number of rows came to."""

    drafts: list[T] = field(default_factory=list)
    #: Rows with something wrong in them, by number, to be shown and written to the file of rejected rows.
    troubled: dict[int, tuple[Row, list[Problem]]] = field(default_factory=dict)
    #: Every row that has a draft, by number: a later step may still refuse it.
    rows: dict[int, Row] = field(default_factory=dict)
    read: int = 0
    skipped: int = 0
    rejected: int = 0
    last_row: int = 0

    def copy(self) -> Chunk[T]:
        """The same chunk, to be stored anew: what a step adds to one is not in the other."""
        troubled = {number: (row, list(problems)) for number, (row, problems) in self.troubled.items()}
        return replace(self, troubled=troubled)

    def reject(self, row: Row, message: str) -> None:
        """Refuse a whole row."""
        self.rejected += 1
        self.trouble(row, Problem(row.number, None, None, message))

    def trouble(self, row: Row, *problems: Problem) -> None:
        """Add to what is wrong with a row."""
        self.troubled.setdefault(row.number, (row, []))[1].extend(problems)


def prepare(
    rows: Iterable[Row], columns: Columns, facts: Facts, repeats: Repeats, draft_of: Callable[[int, Mapping[str, object]], T]
) -> Chunk[T]:
    """Read a chunk of rows into drafts."""
    chunk: Chunk[T] = Chunk()
    for row in rows:
        chunk.read += 1
        chunk.last_row = row.number
        if problem := row.problem or _unmended(row, columns):
            chunk.reject(row, problem)
        elif row.blank or repeats.seen(row):
            chunk.skipped += 1
        else:
            reading = read_row(row.number, row.cells, columns, facts, content)
            if reading.problems:
                chunk.trouble(row, *reading.problems)
            chunk.drafts.append(draft_of(row.number, reading.values))
            chunk.rows[row.number] = row
    return chunk


def _unmended(row: Row, columns: Columns) -> str | None:
    """The reason that a row was rejected for, when it comes back as short as it went: a spreadsheet has filled it up with blanks."""
    if columns.reason is None or columns.reason >= len(row.cells):
        return None
    match = _SHORT.search(row.cells[columns.reason])
    filled = sum(bool(cell.strip()) for cell in row.cells) - _OURS
    return match[0] if match and filled <= int(match[1]) < int(match[2]) else None
