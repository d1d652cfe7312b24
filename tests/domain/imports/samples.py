"""The real files, and slices of them in other formats."""

from __future__ import annotations

import csv
from itertools import islice
from pathlib import Path

import orjson
import pytest
from openpyxl import Workbook

DATA = Path(__file__).parents[4] / "shared" / "data"
CUSTOMERS = DATA / "customers.csv"
CUSTOMERS_GB18030 = DATA / "customers_gb18030.csv"
ORDERS = DATA / "orders.csv"

if not CUSTOMERS.exists():
    pytest.skip(f"{DATA} is not there: the real files are not part of the repository", allow_module_level=True)

FACTS: dict[str, int] = orjson.loads((DATA / "facts.json").read_bytes())


def first_rows(to: Path, count: int, *, source: Path = CUSTOMERS) -> Path:
    """The header and the first rows of a file, as CSV."""
    with source.open(encoding="utf-8-sig", newline="") as file, to.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(islice(csv.reader(file), count + 1))
    return to


def orders_before(to: Path, member: str) -> tuple[Path, set[str]]:
    """The orders of the members whose numbers come before this one, and those members."""
    with ORDERS.open(encoding="utf-8", newline="") as file, to.open("w", encoding="utf-8", newline="") as out:
        headers, *rows = csv.reader(file)
        kept = [row for row in rows if row[1] < member]
        csv.writer(out).writerows([headers, *kept])
    return to, {row[1] for row in kept}


def _records(path: Path) -> tuple[list[str], list[list[str]]]:
    with path.open(encoding="utf-8", newline="") as file:
        headers, *rows = csv.reader(file)
    return headers, [row for row in rows if len(row) == len(headers)]


def as_jsonlines(path: Path, to: Path) -> None:
    """A CSV file's rows as JSON lines; rows that are short have no counterpart there."""
    headers, rows = _records(path)
    to.write_bytes(b"\n".join(orjson.dumps(dict(zip(headers, row, strict=True))) for row in rows))


def as_workbook(path: Path, to: Path) -> None:
    """A CSV file's rows as a workbook."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    headers, rows = _records(path)
    sheet.append(headers)
    for row in rows:
        sheet.append(row)
    book.save(to)
