"""The archive of an export: JSON and CSV of each table and a description of both, in a ZIP file under AES-256.

It is written as it comes, never whole in memory and never in the clear on the disk. Everything here is blocking: give it a thread.
"""

from __future__ import annotations

import csv
import hashlib
import importlib
import io
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import IO, Final
from uuid import UUID

import orjson

from siyu.domain.kernel.defuse import defused
from siyu.domain.kernel.dialect import money_from_e4

_KEY_BITS: Final = 256
#: The second version of the format keeps no checksum of the plain text beside the ciphertext.
_FORMAT_VERSION: Final = 2
_BOM: Final = b"\xef\xbb\xbf"
_BLOCK_BYTES: Final = 1024**2
_E4: Final = "_e4"

Row = Mapping[str, object]


class Archive:
    """A ZIP file that is being written, readable by this process's user alone."""

    def __init__(self, path: Path, passphrase: str) -> None:
        self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")
        # Loaded for the first export: it takes as long to load as a tenth of a start.
        pyzipper = importlib.import_module("pyzipper")
        self._zip = pyzipper.AESZipFile(self._file, "w", compression=pyzipper.ZIP_DEFLATED)
        self._zip.setpassword(passphrase.encode())
        self._zip.setencryption(pyzipper.WZ_AES, nbits=_KEY_BITS, force_wz_aes_version=_FORMAT_VERSION)

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            self._zip.close()
        finally:
            self._file.close()

    @contextmanager
    def member(self, name: str) -> Iterator[IO[bytes]]:
        """One file of the archive, open for writing until the block ends."""
        with self._zip.open(name, "w") as member:
            yield member


class JsonRows:
    """Rows as a JSON array, a row a line."""

    def __init__(self, member: IO[bytes], columns: Sequence[str]) -> None:
        self._member = member
        self._begun = False

    def add(self, rows: Sequence[Row]) -> None:
        """Append rows."""
        for row in rows:
            self._member.write(b",\n" if self._begun else b"[\n")
            self._member.write(orjson.dumps(shown(row), default=str))
            self._begun = True

    def end(self) -> None:
        """Close the array."""
        self._member.write(b"\n]\n" if self._begun else b"[]\n")


class CsvRows:
    """Rows as CSV, in UTF-8 with a mark as spreadsheets want it; cells that one would run are defused."""

    def __init__(self, member: IO[bytes], columns: Sequence[str]) -> None:
        self._member = member
        self._columns = columns
        member.write(_BOM)
        self._write([list(columns)])

    def add(self, rows: Sequence[Row]) -> None:
        """Append rows."""
        self._write([defused(_cell(plain[name]) for name in self._columns) for plain in map(shown, rows)])

    def end(self) -> None:
        """Nothing closes a CSV file."""

    def _write(self, lines: Sequence[Sequence[str]]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text).writerows(lines)
        self._member.write(text.getvalue().encode("utf-8", "replace"))


Writer = JsonRows | CsvRows
WRITERS: Final[dict[str, type[JsonRows] | type[CsvRows]]] = {"json": JsonRows, "csv": CsvRows}


def shown_name(column: str) -> str:
    """A column's name in the archive: amounts lose the mark of how they are stored."""
    return column.removesuffix(_E4)


def shown(row: Row) -> dict[str, object]:
    """A row as people read it: amounts as decimals, the rest as it is."""
    return {
        shown_name(name): str(money_from_e4(value)) if name.endswith(_E4) and isinstance(value, int) else value
        for name, value in row.items()
    }


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, str | int | float | UUID) and not isinstance(value, bool):
        return str(value)
    return orjson.dumps(value, default=str).decode()


def measured(path: Path) -> tuple[int, str]:
    """Size in bytes and checksum (SHA-256) of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
        return file.tell(), digest.hexdigest()
