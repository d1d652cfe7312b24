"""Looking at imports."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from siyu.domain.imports.tables import Import, ImportKind, ImportProblem
from siyu.domain.kernel.operation import operation
from siyu.privacy.actor import Actor, Scope

ERRORS_DEFAULT: Final = 50
ERRORS_MAX: Final = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportView:
    """An import as it stands. `read` is how far it is in the file; the four counters add up to it."""

    id: UUID
    work_id: UUID
    kind: ImportKind
    filename: str
    dry_run: bool
    read: int
    created: int
    updated: int
    skipped: int
    rejected: int
    problems: int
    finished: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemView:
    """A cell that could not be taken; with no column, a row. `value` is a hint of a few characters at most."""

    row: int
    column: str | None
    value: str | None
    message: str


@operation(Scope.CUSTOMERS_IMPORT)
async def find(actor: Actor, import_id: UUID) -> ImportView | None:
    """One import, or None."""
    row = await Import.get_or_none(id=import_id)
    if row is None:
        return None
    same = {name: getattr(row, name) for name in ("id", "work_id", "kind", "filename", "dry_run", "read", "problems")}
    counters = {name: getattr(row, name) for name in ("created", "updated", "skipped", "rejected")}
    return ImportView(**same, **counters, finished=row.finished_at is not None)


@operation(Scope.CUSTOMERS_IMPORT)
async def errors(actor: Actor, import_id: UUID, *, first: int = ERRORS_DEFAULT) -> list[ProblemView]:
    """The first problems of an import, by row, at most `ERRORS_MAX` of them."""
    rows = await ImportProblem.filter(import_id=import_id).order_by("row", "id").limit(max(0, min(first, ERRORS_MAX)))
    return [ProblemView(row=row.row, column=row.column, value=row.hint, message=row.message) for row in rows]


@operation(Scope.DATA_QUALITY_READ)
async def bad_cells(actor: Actor, *, since: datetime) -> dict[str, dict[str, int]]:
    """Cells that held no such value in the customer files imported since then, by field (`phone`) and source.

    "" stands for rows without a source, "*" for any. A file that was imported twice counts twice; a dry run doesn't count.
    """
    found: dict[str, Counter[str]] = {}
    for counts in await Import.filter(kind=ImportKind.CUSTOMERS, dry_run=False, created_at__gte=since).values_list("bad_cells", flat=True):
        for name, by_source in (cast("dict[str, dict[str, int]] | None", counts) or {}).items():
            found.setdefault(name, Counter()).update(by_source)
    return {name: dict(by_source) for name, by_source in found.items()}
