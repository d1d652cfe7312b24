"""Counting duplicates."""

from __future__ import annotations

from siyu.domain.duplicates.tables import CandidateState, DuplicateCandidate
from siyu.domain.kernel.operation import operation
from siyu.privacy.actor import Actor, Scope


@operation(Scope.DATA_QUALITY_READ)
async def count(actor: Actor) -> int:
    """How many pairs wait for somebody to decide, whoever the purpose reaches."""
    return await DuplicateCandidate.filter(state=CandidateState.OPEN).count()
