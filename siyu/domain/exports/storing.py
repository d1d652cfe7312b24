"""Where the files of exports lie, sealed, and how they go."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Final
from uuid import UUID, uuid4

from siyu.domain.exports.fields import Field
from siyu.domain.exports.tables import Export
from siyu.domain.exports.writing import WRITERS, Rows
from siyu.domain.kernel import boot
from siyu.privacy import sealedfile
from siyu.privacy.sealedfile import FileKey

FOLDER: Final = "bulk"


def folder() -> Path:
    """The folder of exports."""
    found = boot.current().settings.data_dir / FOLDER
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    return found


def named(export_id: UUID) -> str:
    """A fresh name for a file of this export: two workers never write one file."""
    return f"{export_id}.{uuid4().hex}"


def owner(file: Path) -> UUID | None:
    """Whose file it is, by its name."""
    try:
        return UUID(file.name.partition(".")[0])
    except ValueError:
        return None


class Draft:
    """A file that is being written, readable by this process's user alone, and by nobody without its key. Blocking."""

    def __init__(self, path: Path, key: FileKey, record: Export, columns: Sequence[Field]) -> None:
        self._file: IO[bytes] = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._sealed = sealedfile.Writing(self._file, key)
        self._reads = [each.read for each in columns]
        self._rows: Rows = WRITERS[record.format](self._sealed, columns, bom=record.bom)

    def add(self, rows: Sequence[dict[str, object]]) -> None:
        """Append rows as a page of them was read."""
        reads: list[Callable[[dict[str, object]], object]] = self._reads
        self._rows.add([[read(row) for read in reads] for row in rows])

    def end(self) -> int:
        """Complete the file, down to the disk; its size as it will be sent."""
        self._rows.end()
        self._sealed.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        return self._sealed.tell()

    def close(self) -> None:
        """Let the file go; without `end` before, it is half a file that opens for nobody."""
        self._file.close()


def blocks(path: Path, key: FileKey) -> Iterator[bytes]:
    """What the file holds, block by block."""
    with path.open("rb") as file:
        yield from sealedfile.blocks(file, key)


def files() -> dict[Path, float]:
    """Every file in the folder, and when it was written to last (seconds since 1970)."""
    found: dict[Path, float] = {}
    for entry in os.scandir(folder()):
        with suppress(FileNotFoundError):  # its worker was faster
            found[Path(entry.path)] = entry.stat().st_mtime
    return found
