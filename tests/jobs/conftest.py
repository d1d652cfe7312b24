"""A doorbell, and a worker, on a real Redis-protocol server."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from arq.connections import ArqRedis

from siyu.domain.kernel.boot import House
from siyu.domain.kernel.settings import Settings
from siyu.jobs import queue


@pytest.fixture
def settings(settings: Settings, redis_server: str) -> Settings:
    """Impatient ones: a worker that sweeps each second and gives a silent one up after two."""
    return settings.model_copy(update={"redis_url": redis_server, "sweep_seconds": 1, "lease_seconds": 2, "stop_seconds": 2})


@pytest.fixture
async def redis(house: House) -> AsyncIterator[ArqRedis]:
    """The queue's client, its doorbell installed, its server empty."""
    async with queue.doorbell(house.settings.redis_url) as client:
        await client.flushall()
        yield client
