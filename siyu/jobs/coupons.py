"""Coupons for many customers, and those that come to their end."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from siyu.domain import coupons
from siyu.jobs.queue import JobContext, job, scheduled
from siyu.privacy.actor import Scope


@job
async def issue_coupons(ctx: JobContext, work_id: str, batch_id: str) -> None:
    """Issue coupons to many customers, telling how far it is."""
    purpose = await coupons.purpose_of(ctx.actor("coupons", *coupons.SCOPES), UUID(batch_id))
    await coupons.run(ctx.actor("coupons", *coupons.SCOPES, purpose=purpose), UUID(batch_id), progress=ctx.progress)


@scheduled(timedelta(minutes=1))
async def expire_coupons(ctx: JobContext) -> None:
    """Mark coupons that have come to their end."""
    await coupons.expire(ctx.actor("coupons", Scope.JOBS_RUN))


@scheduled(timedelta(days=1))
async def purge_coupons(ctx: JobContext) -> None:
    """Forget who was listed of issues that were given up."""
    await coupons.purge(ctx.actor("coupons", Scope.JOBS_RUN))
