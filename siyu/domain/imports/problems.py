"""Cells and rows that could not be taken: what is said of them, and how much of their value may be shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from siyu.domain.imports.cells import Facts
from siyu.domain.imports.columns import Columns
from siyu.privacy.refusal import Refusal

#: Sources that bad cells are counted by.
SOURCES_MAX = 500
ANY_SOURCE = "*"

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
    #: The field that the cell should have filled, and where the row says that its customer came from: by these, problems are counted.
    target: str | None = field(default=None, compare=False)
    source: str | None = field(default=None, compare=False)


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
            problems.append(Problem(number, column.title, cells[column.index], refusal.message, column.field.name))
            continue
        if value is not None:
            values[column.key or column.field.name] = value
    source = values.get("source")
    if problems and isinstance(source, str):
        problems = [replace(problem, source=source) for problem in problems]
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


def tallied(before: Mapping[str, Mapping[str, int]] | None, problems: Sequence[Problem]) -> dict[str, dict[str, int]]:
    """How many cells held no such value, by field and source of the row, with those of before; "" where the row names no source.

    Sources beyond `SOURCES_MAX` are counted together, as `ANY_SOURCE`.
    """
    counts = {name: dict(by_source) for name, by_source in (before or {}).items()}
    for problem in problems:
        if problem.target is not None:
            by_source = counts.setdefault(problem.target, {})
            source = problem.source or ""
            if source not in by_source and len(by_source) >= SOURCES_MAX:
                source = ANY_SOURCE
            by_source[source] = by_source.get(source, 0) + 1
    return counts
