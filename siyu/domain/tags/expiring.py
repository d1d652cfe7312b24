"""Assignments that end by themselves."""

from __future__ import annotations

from typing import Final

from siyu.domain.kernel import clock
from siyu.domain.kernel.operation import operation
from siyu.domain.tags.tables import TagAssignment, TagEnd
from siyu.domain.tags.writing import end
from siyu.privacy.actor import Actor, Scope

_BATCH: Final = 1_000


@operation(Scope.JOBS_RUN)
async def expire(actor: Actor) -> int:
    """End what has come to its end, a thousand a transaction; how many assignments it were."""
    ended = 0
    while some := await _expire(actor):
        ended += some
    return ended


@operation(Scope.JOBS_RUN, writes=True)
async def _expire(actor: Actor) -> int:
    rows = await TagAssignment.filter(expires_at__lte=clock.now()).order_by("expires_at").limit(_BATCH)
    return await end(rows, TagEnd.EXPIRED)
