"""Looking for customers who may be one person."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from siyu.domain import duplicates
from siyu.jobs.queue import JobContext, job, scheduled
from siyu.privacy.actor import Actor, Purpose, Scope


def _actor(ctx: JobContext) -> Actor:
    return ctx.actor("duplicates", Scope.JOBS_RUN, *duplicates.SCOPES, purpose=Purpose.SERVICE)


@job
async def search_duplicates(ctx: JobContext, work_id: str, search_id: str) -> None:
    """Compare who changed, telling how far it is."""
    await duplicates.run(_actor(ctx), UUID(search_id), progress=ctx.progress)


@scheduled(timedelta(days=1))
async def search_duplicates_daily(ctx: JobContext) -> None:
    """Start a search, where none runs."""
    await duplicates.search(_actor(ctx))
