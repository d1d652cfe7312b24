"""Files are removed when nobody needs them any more."""

from __future__ import annotations

from datetime import timedelta

from siyu.domain import files
from siyu.jobs.queue import JobContext, scheduled
from siyu.privacy.actor import Scope


@scheduled(timedelta(hours=1))
async def purge_files(ctx: JobContext) -> None:
    """Remove forgotten uploads and expired downloads."""
    await files.purge(ctx.actor("files", Scope.JOBS_RUN))
