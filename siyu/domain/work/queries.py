"""Looking at long work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from siyu.domain.kernel.operation import operation
from siyu.domain.work.tables import Work, WorkState
from siyu.privacy.actor import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkView:
    """How far a piece of work is. `done` and `total` count what the kind of work counts: rows, keys, steps."""

    id: UUID
    kind: str
    state: WorkState
    done: int
    total: int | None
    message: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


def _seen(row: Work) -> WorkView:
    return WorkView(
        id=row.id,
        kind=row.kind,
        state=row.state,
        done=row.done,
        total=row.total,
        message=row.message,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


@operation()
async def find(actor: Actor, work_id: UUID) -> WorkView | None:
    """One piece of work. Whoever knows its id may look: it holds nothing of a customer."""
    row = await Work.get_or_none(id=work_id)
    return _seen(row) if row else None


@operation()
async def found(actor: Actor, work_ids: list[UUID]) -> dict[UUID, WorkView]:
    """Several at once, in one statement; unknown ones are missing."""
    return {row.id: _seen(row) for row in await Work.filter(id__in=work_ids)}
