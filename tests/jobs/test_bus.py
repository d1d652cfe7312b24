"""Announcements reach the other processes, and a lost connection is known."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from arq.connections import ArqRedis

from siyu.api.embedded import embedded_redis
from siyu.domain.kernel import announcements
from siyu.domain.kernel.announcements import LOST, Announcement
from siyu.domain.kernel.boot import House
from siyu.jobs import bus, queue

pytestmark = pytest.mark.on("sqlite")


@pytest.fixture
def heard() -> Iterator[list[tuple[str, ...]]]:
    ears: list[tuple[str, ...]] = []
    announcements.listen("test-topic", ears.append)
    announcements.listen(LOST, ears.append)
    yield ears
    announcements._listeners["test-topic"].remove(ears.append)
    announcements._listeners[LOST].remove(ears.append)


async def until_connected(wanted: bool) -> None:
    async with asyncio.timeout(5):
        while announcements.is_connected() is not wanted:
            await asyncio.sleep(0.01)


async def test_another_process_is_heard_once_and_this_one_too(house: House, redis: ArqRedis, heard: list[tuple[str, ...]]) -> None:
    async with bus.connected(house, redis, house.settings.redis_url):
        await until_connected(True)
        await announcements.publish([Announcement("test-topic", ("mine",))])
        await redis.publish(bus.CHANNEL, orjson.dumps(["somebody else", "test-topic", "theirs", "too"]))
        async with asyncio.timeout(5):
            while len(heard) < 2:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
    assert heard[:2] == [("mine",), ("theirs", "too")]


async def test_a_lost_connection_is_heard_of(house: House, heard: list[tuple[str, ...]], tmp_path: Path) -> None:
    with embedded_redis() as url:
        async with queue.doorbell(url) as client, bus.connected(house, client, url):
            await until_connected(True)
            await client.client_kill_filter(_type="pubsub")
            await until_connected(False)
            assert heard == [()]
            await until_connected(True)
