"""Cells that a spreadsheet would run, made harmless: every CSV or XLSX file that leaves the house passes through here."""

from __future__ import annotations

from collections.abc import Iterable

#: What makes Excel, WPS, LibreOffice or Google Sheets take a cell for a formula (full-width spellings included).
_TRIGGERS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "|", "%")


def defuse(cell: str) -> str:
    """`cell`, with an apostrophe before it when a spreadsheet would run it as a formula.

    Leading spaces do not hide one: several programs trim them. Plain numbers (`-12.5`) stay what they are.
    """
    if not cell.lstrip(" \u3000\xa0").startswith(_TRIGGERS) or _is_number(cell):
        return cell
    return "'" + cell


def defused(cells: Iterable[str]) -> list[str]:
    """A whole row, each cell defused."""
    return [defuse(cell) for cell in cells]


def restored(cell: str) -> str:
    """The inverse of `defuse`, for a file that comes back mended: the apostrophe we put is taken off again."""
    return cell[1:] if cell.startswith("'") and defuse(cell[1:]) != cell[1:] else cell


def _is_number(cell: str) -> bool:
    text = cell.strip()
    return text[:1] in "+-" and text[1:].replace(".", "", 1).isdecimal() and text.isascii()
