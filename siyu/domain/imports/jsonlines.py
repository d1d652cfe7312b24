"""JSON lines: one object a line, in UTF-8. What an object leaves out is an empty cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from siyu.domain.imports.refusals import Unreadable
from siyu.domain.imports.rows import CELL_LENGTH_MAX, COLUMNS_MAX, Row

_BOM = b"\xef\xbb\xbf"
_SHOWN_CHARACTERS = 1_000


@dataclass(frozen=True, slots=True)
class JsonLines:
    """A file of JSON lines; see `rows.Table`."""

    path: Path
    headers: tuple[str, ...]
    total: int | None
    description: str = "JSON lines, UTF-8"

    def rows(self) -> Iterator[Row]:
        for number, raw in _lines(self.path):
            if not raw.strip():
                yield Row(number, ())
                continue
            found = _object(raw)
            if isinstance(found, str):
                yield Row(number, (raw.decode("utf-8", "replace").strip()[:_SHOWN_CHARACTERS],), found)
            else:
                yield Row(number, tuple(_text(found.get(title)) for title in self.headers))


def open_jsonlines(path: Path) -> JsonLines:
    """Read the file once for its keys, in the order in which they first appear, and for the number of lines."""
    titles: dict[str, None] = {}
    number = 0
    for number, raw in _lines(path):  # noqa: B007  # the last number is the count
        found = _object(raw) if raw.strip() else {}
        if isinstance(found, dict):
            titles.update(dict.fromkeys(found))
        if len(titles) > COLUMNS_MAX:
            raise Unreadable(f"The file's objects have more than {COLUMNS_MAX} different keys.")
    if not titles:
        raise Unreadable("The file has no line that is a JSON object.")
    return JsonLines(path, tuple(titles), number)


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as file:
        for number, raw in enumerate(file, start=1):
            yield number, raw.removeprefix(_BOM) if number == 1 else raw


def _object(raw: bytes) -> dict[str, object] | str:
    if len(raw) > CELL_LENGTH_MAX * 10:
        return "The line is too long."
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return "The line is not JSON."
    return found if isinstance(found, dict) else "The line is not a JSON object."


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return orjson.dumps(value).decode()
