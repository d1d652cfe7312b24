"""kill -9 in the middle of a job: another worker takes it up where it stopped."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from uuid import UUID

from arq.connections import ArqRedis

from siyu.domain import work
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.settings import Settings
from siyu.domain.work import WorkState
from siyu.jobs import worker
from tests import actors
from tests.jobs import victim

ROOT = Path(__file__).parents[2]


def environment(settings: Settings) -> dict[str, str]:
    """What the process must be told to work on this test's house."""
    told = {
        "SIYU_DATA_DIR": str(settings.data_dir),
        "DATABASE_URL": settings.database_url,
        "KEYSTORE_URL": settings.keystore_url,
        "REDIS_URL": settings.redis_url,
        "SIYU_LEASE_SECONDS": str(settings.lease_seconds),
        "SIYU_SWEEP_SECONDS": str(settings.sweep_seconds),
        "PYTHONPATH": str(ROOT),
    }
    return {**os.environ, **told}


async def done(work_id: UUID) -> tuple[WorkState, int]:
    found = await work.find(actors.holder(), work_id)
    assert found is not None
    return found.state, found.done


async def test_a_killed_workers_job_goes_on(house: House, redis: ArqRedis) -> None:
    work_id = await victim.begin(actors.holder())
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.jobs.victim", env=environment(house.settings), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        while await process.stdout.readline() != b"step 5\n":
            pass
    process.kill()
    await process.wait()
    _, reached = await done(work_id)
    assert 5 <= reached < victim.STEPS
    async with worker.working(house, redis), asyncio.timeout(30):
        while (await done(work_id))[0] is not WorkState.SUCCEEDED:
            await asyncio.sleep(0.05)
    assert await done(work_id) == (WorkState.SUCCEEDED, victim.STEPS)
