"""What one process of the house holds open: databases, keys, the queue's doorbell and the bus."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from siyu.domain.kernel import boot, migrating
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.settings import Settings
from siyu.jobs import bus, queue, worker

#: Objects that live as long as the process are many here; looking through them for cycles each few hundred allocations is waste.
_GC_THRESHOLD = (50_000, 20, 50)


class NotReady(RuntimeError):
    """Something must be done before the house can open; the message says what."""


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[House]:
    """The open house of this process, its jobs rung for over `redis_url`. Inside another `opened` it is the same house.

    Without a Redis URL jobs wait in the outbox for a worker to sweep, and announcements stay in this process.
    """
    if boot.is_open():
        yield boot.current()
    elif not settings.redis_url:
        async with boot.running(settings) as house:
            yield house
    else:
        async with _connected(settings) as (house, _):
            yield house


@asynccontextmanager
async def opened_with_worker(settings: Settings) -> AsyncIterator[House]:
    """The same, with a worker in this process."""
    async with _connected(settings) as (house, client), worker.working(house, client):
        yield house


@asynccontextmanager
async def _connected(settings: Settings) -> AsyncIterator[tuple[House, queue.Client]]:
    async with (
        boot.running(settings) as house,
        queue.doorbell(settings.redis_url) as client,
        bus.connected(house, client, settings.redis_url),
    ):
        settle()
        yield house, client


async def made_current(settings: Settings, progress: migrating.Progress | None = None) -> None:
    """Ready the databases: SQLite's, which are this house's own, are migrated; others must have been, or it raises `NotReady`."""
    if not settings.main_database.startswith("sqlite"):
        await require_migrated(settings)
    elif not migrating.is_current(settings):
        await migrating.migrate(settings, progress)


async def require_migrated(settings: Settings) -> None:
    """Raise `NotReady` when a database is older than this code."""
    waiting = await migrating.pending(settings)
    if waiting:
        raise NotReady(f"{len(waiting)} migrations are pending: run `siyu migrate` first.")


def settle() -> None:
    """Once all is loaded: keep the collector away from what stays."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLD)
