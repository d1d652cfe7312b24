"""The file of rows with problems: as they came, with a reason beside, to be mended and imported again.

It holds personal data in the clear, so it lies apart from the database, readable by the process alone, and goes when
it expires.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType

from siyu.domain.imports.columns import REASON_COLUMN, ROW_COLUMN
from siyu.domain.imports.problems import Problem
from siyu.domain.imports.rows import Row
from siyu.domain.kernel.defuse import defuse, defused

_BOM = b"\xef\xbb\xbf"


class RejectedRows:
    """A CSV file (UTF-8 with BOM, as Excel and WPS open it) that is written a chunk at a time.

    `length` after `flush` is what the chunk's transaction remembers; opened again with it after a crash, whatever was
    written since is cut off, so that no row is in it twice.
    """

    def __init__(self, path: Path, headers: Sequence[str], length: int = 0) -> None:
        self._headers = tuple(title for title in headers if title not in {ROW_COLUMN, REASON_COLUMN})
        self._width = len(headers)
        self._kept = [index for index, title in enumerate(headers) if title not in {ROW_COLUMN, REASON_COLUMN}]
        self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
        self.length = length
        self.back_to(length)

    def __enter__(self) -> RejectedRows:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

    def add(self, rows: Iterable[tuple[Row, Sequence[Problem]]]) -> None:
        """Append rows with what is wrong in each; nothing is safe before `flush`."""
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        if self.length == 0:
            self._file.write(_BOM)
            writer.writerow([ROW_COLUMN, REASON_COLUMN, *defused(self._headers)])
        for row, problems in rows:
            writer.writerow([row.number, defuse(_reasons(problems)), *defused(self._cells(row))])
        self._file.write(text.getvalue().encode("utf-8", "replace"))
        self.length = self._file.tell()

    def _cells(self, row: Row) -> Sequence[str]:
        """The row's own cells. One that is too short or too long stays so: filled up with blanks it would look whole."""
        if row.problem is not None:
            return [cell for index, cell in enumerate(row.cells) if index in self._kept or index >= self._width]
        return [row.cells[index] if index < len(row.cells) else "" for index in self._kept]

    def back_to(self, length: int) -> None:
        """Cut off what was written after the first `length` bytes."""
        self._file.seek(length)
        self._file.truncate()
        self.length = length

    def flush(self) -> None:
        """Bring what was added to the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())


def _reasons(problems: Sequence[Problem]) -> str:
    return "; ".join(f"{problem.column}: {problem.message}" if problem.column else problem.message for problem in problems)
