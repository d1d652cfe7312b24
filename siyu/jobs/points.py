"""Points that become spendable, and points that expire."""

from __future__ import annotations

from datetime import timedelta

from siyu.domain import points
from siyu.jobs.queue import JobContext, scheduled
from siyu.privacy.actor import Scope


@scheduled(timedelta(minutes=1))
async def settle_points(ctx: JobContext) -> None:
    """Activate and expire what is due."""
    await points.settle(ctx.actor("points", Scope.JOBS_RUN))
