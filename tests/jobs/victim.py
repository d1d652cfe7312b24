"""A worker process to be killed: `python -m tests.jobs.victim` works on the database that the environment names."""

from __future__ import annotations

import asyncio
from uuid import UUID

from siyu.api import process
from siyu.domain import work
from siyu.domain.kernel.operation import operation
from siyu.domain.kernel.settings import Settings
from siyu.jobs import queue
from siyu.jobs.queue import JobContext
from siyu.privacy.actor import Actor

STEPS = 40


@queue.job
async def count_steps(ctx: JobContext, work_id: str) -> None:
    """Takes up where its last run stopped, and says each step aloud."""
    found = await work.find(Actor.worker("victim"), UUID(work_id))
    assert found is not None
    for step in range(found.done + 1, STEPS + 1):
        await asyncio.sleep(0.02)
        await ctx.progress(step, STEPS)
        print(f"step {step}", flush=True)  # noqa: T201  # what the test listens to


@operation(writes=True)
async def begin(actor: Actor) -> UUID:
    """Have the steps counted."""
    return await work.start(actor, "count_steps", total=STEPS)


async def main() -> None:
    """Work until killed."""
    async with process.opened_with_worker(Settings()):
        await asyncio.Event().wait()


if __name__ == "__main__":
    queue.job(count_steps)
    asyncio.run(main())
