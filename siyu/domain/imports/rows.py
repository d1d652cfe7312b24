"""A row of a file as it was read, and the table it came from, whatever the format."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

CELL_LENGTH_MAX = 100_000
COLUMNS_MAX = 500


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `number` is the one a person sees beside it in a spreadsheet (the header is usually row 1; of JSON
    lines it is the line).

    `problem` says why the cells cannot be trusted at all (too few of them, broken JSON); they are kept as found so
    that they can be shown to whoever mends the file.
    """

    number: int
    cells: tuple[str, ...]
    problem: str | None = None

    @property
    def blank(self) -> bool:
        """Whether no cell holds anything."""
        return not any(cell.strip() for cell in self.cells)


class Table(Protocol):
    """A file opened as a table: `rows()` may be called again and starts anew each time."""

    @property
    def headers(self) -> tuple[str, ...]:
        """The columns' titles, trimmed, in the file's order."""

    @property
    def total(self) -> int | None:
        """How many rows `rows()` will give, where that is known."""

    @property
    def description(self) -> str:
        """Format and encoding, to show to people: `CSV, GB18030, ','`."""

    def rows(self) -> Iterator[Row]:
        """The rows below the header, blank ones too, one at a time: the file is never held in memory."""


def width_problem(found: int, wanted: int) -> str:
    """What is wrong with a row that has another number of cells than the header."""
    return f"The row has {found} cells, the header has {wanted}."


def fitted(number: int, cells: tuple[str, ...], width: int) -> Row:
    """A row of a format in which each row has as many cells as the header; blank cells beyond the header are cut."""
    if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
        cells = cells[:width]
    if cells and len(cells) != width and any(cell.strip() for cell in cells):
        return Row(number, cells, width_problem(len(cells), width))
    return Row(number, cells)
