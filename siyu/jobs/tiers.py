"""Tiers: up at once, down when their time is over, and everybody anew when they are changed."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from siyu.domain import tiers
from siyu.jobs.queue import JobContext, job, scheduled
from siyu.privacy.actor import Scope


@job
async def settle_tiers(ctx: JobContext, *customer_ids: str) -> None:
    """Put just these customers at their tiers, who earned or spent something."""
    await tiers.settle(ctx.actor("tiers", Scope.JOBS_RUN), [UUID(each) for each in customer_ids])


@job
async def apply_tiers(ctx: JobContext) -> None:
    """Bring everybody in line with the tiers as they are now."""
    await tiers.apply(ctx.actor("tiers", Scope.JOBS_RUN))


@scheduled(timedelta(minutes=15))
async def tend_tiers(ctx: JobContext) -> None:
    """Settle those whose time at their tier is over, and everybody should the job for a change of the tiers have been lost."""
    actor = ctx.actor("tiers", Scope.JOBS_RUN)
    if await tiers.due(actor):
        await tiers.apply(actor)
    await tiers.lapse(actor)
