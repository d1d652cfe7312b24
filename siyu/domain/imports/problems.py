"""Cells and rows that could not be taken: what is said of them, and how much of their value may be shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from siyu.domain.imports.cells import Facts
from siyu.domain.imports.columns import Columns
from siyu.privacy.refusal import Refusal

_SHOWN_WHOLE = frozenset({"无", "没有", "暂无", "未知", "不详", "空", "no", "unknown"})
_SHOWN_CHARACTERS_MAX = 3


@dataclass(frozen=True, slots=True)
class Problem:
    """A cell, or with no column a whole row, that could not be taken.

    `value` is what the file says, whole: personal data that only the file of rejected rows may hold.
    """

    row: int
    column: str | None
    value: str | None
    message: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a row says: values by `Column.key`, and the cells that could not be taken."""

    values: dict[str, object]
    problems: tuple[Problem, ...]


def read_row(number: int, cells: Sequence[str], columns: Columns, facts: Facts, content: Callable[[str], str]) -> Reading:
    """Read each known column's cell by its field's rule; a refused cell becomes a problem, the rest of the row stands."""
    values: dict[str, object] = {}
    problems: list[Problem] = []
    for column in columns.known:
        assert column.field is not None
        text = content(cells[column.index]) if column.index < len(cells) else ""
        if not text:
            continue
        try:
            value = column.field.read(text, facts)
        except Refusal as refusal:
            problems.append(Problem(number, column.title, cells[column.index], refusal.message))
            continue
        if value is not None:
            values[column.key or column.field.name] = value
    return Reading(values, tuple(problems))


def hint(value: str) -> str:
    """Enough of a value to find it in the file, too little to learn it: `138… (16 characters)`.

    Not more than a quarter of it, three characters at most; words that say "none" are shown whole.
    """
    text = value.strip()
    if text.casefold() in _SHOWN_WHOLE:
        return text
    shown = text[: min(_SHOWN_CHARACTERS_MAX, len(text) // 4)].replace("\n", " ")
    return f"{shown}… ({len(text)} characters)"
