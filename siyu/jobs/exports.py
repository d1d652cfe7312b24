"""Files that are written for whoever asked, and the clearing up after them."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from siyu.domain import exports
from siyu.jobs.queue import JobContext, job, scheduled
from siyu.privacy.actor import Scope


@job
async def write_export(ctx: JobContext, work_id: str, export_id: str) -> None:
    """Write a file, telling how far it is."""
    await exports.run(ctx.actor("exports", Scope.JOBS_RUN), UUID(export_id), progress=ctx.progress)


@scheduled(timedelta(hours=1))
async def expire_exports(ctx: JobContext) -> None:
    """Remove files that have expired, and what was left of exports that came to no end."""
    await exports.purge(ctx.actor("exports", Scope.JOBS_RUN))
