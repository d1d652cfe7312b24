"""Looking at exports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from siyu.domain.exports.tables import Export, ExportFormat, ExportKind
from siyu.domain.kernel.operation import operation
from siyu.privacy.actor import Actor, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportView:
    """An export as it stands. `rows` and `size_bytes` are known once the file is complete."""

    id: UUID
    work_id: UUID
    kind: ExportKind
    format: ExportFormat
    fields: tuple[str, ...]
    filename: str
    rows: int | None
    size_bytes: int | None
    finished_at: datetime | None


@operation(Scope.CUSTOMERS_EXPORT)
async def find(actor: Actor, export_id: UUID) -> ExportView | None:
    """One of the caller's own exports, or None."""
    row = await Export.get_or_none(id=export_id, by_id=actor.id)
    if row is None:
        return None
    same = {name: getattr(row, name) for name in ("id", "work_id", "kind", "format", "filename", "rows", "size_bytes", "finished_at")}
    return ExportView(**same, fields=tuple(row.fields_asked))
