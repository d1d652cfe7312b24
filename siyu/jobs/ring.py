"""Running one job that the doorbell named: claimed by lease, held by heartbeat, forgotten when it has run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import structlog

from siyu.domain import work
from siyu.domain.kernel import outbox
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.outbox import Due
from siyu.jobs.queue import JOBS, JobContext
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Refusal

log = structlog.get_logger(__name__)

_RUNNER = Actor.worker("runner", Scope.JOBS_RUN)
_BEATS_A_LEASE = 3


@asynccontextmanager
async def _held(due: Due, lease: timedelta, house: House) -> AsyncIterator[None]:
    """Prolong the claim while the block runs, so that no other worker takes the job for dead."""

    async def beat() -> None:
        while True:
            await asyncio.sleep(lease.total_seconds() / _BEATS_A_LEASE)
            await outbox.hold(due.id, lease=lease)

    heart = house.background(beat(), name=f"lease {due.id}")
    try:
        yield
    finally:
        heart.cancel()
        await asyncio.gather(heart, return_exceptions=True)


async def run(due_id: UUID, house: House) -> Due | None:
    """Run the job if nobody else has it; the next try when it failed and has one left.

    A refusal is an answer: the job is not tried again, and its message is shown to whoever watches. Anything else is a bug or a
    broken connection: it is tried again after a while, and ends as FAILED, visible in its work and in `siyu doctor`.
    """
    lease = timedelta(seconds=house.settings.lease_seconds)
    due = await outbox.take(due_id, lease=lease)
    if due is None:
        return None
    job = JOBS.get(due.job)
    if job is None:
        log.error("job_unknown", job=due.job, job_id=str(due.id))
        return await _failed(due, house, "UnknownJob", "This job's code is gone.")
    with structlog.contextvars.bound_contextvars(job=due.job, job_id=str(due.id)):
        async with _held(due, lease, house):
            return await _run(due, house)


async def _run(due: Due, house: House) -> Due | None:
    context = JobContext(due.id, due.attempts + 1, house)
    try:
        # A job's bug is a value here: it ends the job, not the worker.
        [error] = await asyncio.gather(_work(context, due), return_exceptions=True)
    except asyncio.CancelledError:
        await asyncio.shield(outbox.release(due.id))
        log.info("job_interrupted")
        raise
    if error is None:
        await outbox.done(due.id)
        return None
    log.error("job_failed", attempt=context.attempt, exc_info=error)
    return await _failed(due, house, type(error).__name__, "This job failed. Its log line has the same id.")


async def _work(context: JobContext, due: Due) -> None:
    if not await work.begin(_RUNNER, due.id):
        return
    try:
        await JOBS[due.job](context, *due.args)
    except Refusal as refusal:
        log.info("job_refused", code=refusal.code)
        await work.fail(_RUNNER, due.id, message=refusal.message)
    else:
        await work.finish(_RUNNER, due.id)


async def _failed(due: Due, house: House, error: str, message: str) -> Due | None:
    again = await outbox.failed(due.id, error=error, attempts_max=house.settings.job_attempts)
    if again is None:
        await work.fail(_RUNNER, due.id, message=message)
    return again
