"""Files that are imported, and the clearing up after them."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from siyu.domain import imports
from siyu.jobs.queue import JobContext, job, scheduled
from siyu.privacy.actor import Scope


@job
async def import_file(ctx: JobContext, work_id: str, import_id: str) -> None:
    """Import what is left of a file, telling how far it is."""
    actor = ctx.actor("imports", Scope.JOBS_RUN, Scope.CUSTOMERS_IMPORT, Scope.ORDERS_IMPORT)
    await imports.run(actor, UUID(import_id), progress=ctx.progress)


@scheduled(timedelta(hours=1))
async def purge_imports(ctx: JobContext) -> None:
    """Remove rejected rows that nobody fetched in a week."""
    await imports.purge(ctx.actor("imports", Scope.JOBS_RUN, Scope.CUSTOMERS_IMPORT))
