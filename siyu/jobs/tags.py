"""Tags on many customers, tags that wait for somebody, and those that come to their end."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from siyu.domain import tags
from siyu.jobs.queue import JobContext, job, scheduled
from siyu.privacy.actor import Scope


@job
async def tag_batch(ctx: JobContext, work_id: str, batch_id: str) -> None:
    """Put tags on many customers, or take them off, telling how far it is."""
    purpose = await tags.purpose_of(ctx.actor("tags", *tags.SCOPES), UUID(batch_id))
    await tags.run(ctx.actor("tags", *tags.SCOPES, purpose=purpose), UUID(batch_id), progress=ctx.progress)


@job
async def attach_tags(ctx: JobContext, *customer_ids: str) -> None:
    """Put on these customers what waited for them."""
    await tags.attach(ctx.actor("tags", Scope.JOBS_RUN), [UUID(each) for each in customer_ids])


@scheduled(timedelta(minutes=1))
async def expire_tags(ctx: JobContext) -> None:
    """End what has come to its end."""
    await tags.expire(ctx.actor("tags", Scope.JOBS_RUN))


@scheduled(timedelta(hours=1))
async def tend_tags(ctx: JobContext) -> None:
    """Put on what waits for somebody who came, should the job for it have been lost, and drop what waited in vain, and old batches."""
    actor = ctx.actor("tags", Scope.JOBS_RUN)
    await tags.purge(actor)
    last = await tags.sweep(actor)
    while last is not None:
        last = await tags.sweep(actor, after=last)
