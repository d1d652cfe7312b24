"""Events that are counted, and properties that are sealed once they are called personal."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from siyu.domain import events
from siyu.jobs.queue import JobContext, job, scheduled
from siyu.privacy.actor import Purpose, Scope


@job
async def seal_event_properties(ctx: JobContext, work_id: str, definition_id: str) -> None:
    """Seal what came before, telling how far it is."""
    actor = ctx.actor("events", Scope.JOBS_RUN, purpose=Purpose.COMPLIANCE)
    await events.seal_stored(actor, UUID(definition_id), progress=ctx.progress)


@scheduled(timedelta(minutes=1))
async def count_events(ctx: JobContext) -> None:
    """Bring the register's counts up to date."""
    await events.count(ctx.actor("events", Scope.JOBS_RUN))
