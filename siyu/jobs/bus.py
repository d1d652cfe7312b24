"""Announcements over Redis to every process: topic and ids."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import uuid4

import orjson
import structlog
from arq.connections import ArqRedis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from siyu.domain.kernel import announcements
from siyu.domain.kernel.announcements import Announcement
from siyu.domain.kernel.boot import House
from siyu.jobs.queue import redis

log = structlog.get_logger(__name__)

CHANNEL = "siyu:announcements"
_AGAIN_SECONDS = 0.5
_ORIGIN = uuid4().hex


async def _publish(client: ArqRedis, told: Sequence[Announcement]) -> None:
    try:
        for each in told:
            await client.publish(CHANNEL, orjson.dumps([_ORIGIN, each.topic, *each.ids]))
    except (RedisError, OSError) as error:
        log.warning("bus_unreachable", error=type(error).__name__, announcements=len(told))


async def _hear(channel: PubSub) -> None:
    async for message in channel.listen():
        if message["type"] == "subscribe":
            announcements.set_connected(True)
        elif message["type"] == "message":
            origin, topic, *ids = orjson.loads(message["data"])
            if origin != _ORIGIN:
                announcements.hear(Announcement(topic, tuple(ids)))


async def _listening(url: str) -> None:
    while True:
        client = redis(url)
        try:
            async with client.pubsub() as channel:
                await channel.subscribe(CHANNEL)
                await _hear(channel)
        except (RedisError, OSError) as error:
            log.warning("bus_unreachable", error=type(error).__name__)
        finally:
            announcements.set_connected(False)
            await client.aclose(close_connection_pool=True)
        await asyncio.sleep(_AGAIN_SECONDS)


@asynccontextmanager
async def connected(house: House, client: ArqRedis, url: str) -> AsyncIterator[None]:
    """Carry announcements between the processes for as long as the block runs."""

    async def publish(told: Sequence[Announcement]) -> None:
        await _publish(client, told)

    announcements.set_publisher(publish)
    listener = house.background(_listening(url), name="bus")
    try:
        yield
    finally:
        announcements.set_publisher(None)
        listener.cancel()
        await asyncio.gather(listener, return_exceptions=True)
