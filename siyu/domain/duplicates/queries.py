"""Counting duplicates."""

from __future__ import annotations

from siyu.domain.duplicates.source import CANDIDATE
from siyu.domain.kernel import database
from siyu.domain.kernel.operation import operation
from siyu.privacy.actor import Actor, Scope


@operation(Scope.DATA_QUALITY_READ)
async def count(actor: Actor) -> int:
    """How many pairs wait for somebody to decide, whoever the purpose reaches."""
    return int((await database.rows(f"select count(*) from {CANDIDATE.table} t where {CANDIDATE.where}"))[0][0])  # noqa: S608  # ours
