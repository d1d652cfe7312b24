"""The worker: takes what the doorbell names, and looks by itself for what the queue has lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import orjson
import structlog
from arq.connections import ArqRedis
from arq.typing import WorkerCoroutine
from arq.worker import Worker, func
from redis.exceptions import RedisError

from siyu.domain.kernel import outbox
from siyu.domain.kernel.boot import House
from siyu.jobs import queue, ring, schedule

log = structlog.get_logger(__name__)

_POLL_SECONDS = 0.2
#: The lease in the database decides when a job has died; the queue's own limit only has to be longer than any job.
_JOB_SECONDS = 24 * 3600
_AGAIN_SECONDS = 1.0
_SWEEP_SLACK = timedelta(seconds=1)


class _Worker(Worker):
    """arq's worker inside our process: signals and the pool are ours."""

    async def drain(self, seconds: float) -> None:
        """Take nothing more, give what runs `seconds` to end, then cancel it; it comes due again at once."""
        self.allow_pick_jobs = False
        running = [task for task in self.tasks.values() if not task.done()]
        if running and seconds:
            await asyncio.wait(running, timeout=seconds)
        for task in self.job_tasks.values():
            task.cancel()
        ending = [*self.tasks.values()]
        if self.main_task is not None:
            self.main_task.cancel()
            ending.append(self.main_task)
        # Awaited here, since a second cancellation would catch the main task while it gives its connection back.
        await asyncio.gather(*ending, return_exceptions=True)


def _worker(house: House, client: ArqRedis) -> _Worker:
    async def answer(_: dict[Any, Any], *args: Any) -> None:
        again = await ring.run(UUID(args[0]), house)
        if again is not None:
            await outbox.ring([again])

    return _Worker(
        functions=[func(cast(WorkerCoroutine, answer), name="ring", keep_result=0, timeout=_JOB_SECONDS, max_tries=1)],
        queue_name=queue.QUEUE,
        redis_pool=client,
        handle_signals=False,
        max_jobs=house.settings.worker_jobs,
        poll_delay=_POLL_SECONDS,
        job_serializer=orjson.dumps,
        job_deserializer=orjson.loads,
        log_results=False,
    )


async def sweep() -> int:
    """Ring again for what is due and was not taken; how many."""
    lost = await outbox.waiting(late_by=_SWEEP_SLACK)
    await outbox.ring(lost)
    return len(lost)


async def _sweeping(house: House) -> None:
    while True:
        await schedule.write_due()
        await sweep()
        await asyncio.sleep(house.settings.sweep_seconds)


class _Running:
    """arq's worker, started again whenever Redis went away."""

    def __init__(self, house: House, client: ArqRedis) -> None:
        self._house, self._client = house, client
        self._worker: _Worker | None = None

    async def run(self) -> None:
        while True:
            self._worker = _worker(self._house, self._client)
            try:
                await self._worker.async_run()
            except (RedisError, OSError) as error:
                log.warning("queue_unreachable", error=type(error).__name__)
            await asyncio.sleep(_AGAIN_SECONDS)

    async def drain(self) -> None:
        if self._worker is not None:
            await self._worker.drain(self._house.settings.stop_seconds)


@asynccontextmanager
async def working(house: House, client: ArqRedis) -> AsyncIterator[None]:
    """A worker for as long as the block runs; at its end running jobs get the settings' `stop_seconds`."""
    queue.discover()
    running = _Running(house, client)
    tasks = [house.background(running.run(), name="worker"), house.background(_sweeping(house), name="sweeper")]
    try:
        yield
    finally:
        await running.drain()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
