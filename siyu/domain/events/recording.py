"""Writing events: a few statements a batch, whatever its size."""

from __future__ import annotations

from collections.abc import Sequence

from siyu.domain.events.inputs import EventRow, Tracked
from siyu.domain.kernel.operation import operation
from siyu.privacy.actor import Actor


@operation(writes=True)
async def record(actor: Actor, rows: Sequence[EventRow]) -> Tracked:
    """Write events whose customers are known; the caller has checked a scope of its own. A bad one never loses the others."""
    raise NotImplementedError
