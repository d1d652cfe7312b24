"""Orders whose amounts are converted again."""

from __future__ import annotations

from datetime import timedelta

from siyu.domain import orders
from siyu.jobs.queue import JobContext, job, scheduled
from siyu.privacy.actor import Scope


@job
async def convert_orders(ctx: JobContext, work_id: str) -> None:
    """Convert the orders that newly set rates concern, telling how far it is."""
    await orders.convert(ctx.actor("orders", Scope.JOBS_RUN), progress=ctx.progress)


@scheduled(timedelta(hours=1))
async def tend_orders(ctx: JobContext) -> None:
    """Convert and sum up what waits for it: after an upgrade, or after the organisation's currency became another one."""
    await orders.convert(ctx.actor("orders", Scope.JOBS_RUN))
