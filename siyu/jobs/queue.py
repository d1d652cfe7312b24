"""Jobs by name, and the doorbell that tells workers of them.

A job is a resolver without HTTP: a thin coroutine in a module of this room that calls operations as a named actor.
It gets ids, never rows or personal data, and running it twice is the same as once.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import orjson
import structlog
from arq.connections import ArqRedis
from redis.asyncio import BlockingConnectionPool
from redis.exceptions import RedisError

from siyu.domain import work
from siyu.domain.kernel import outbox
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.outbox import Due
from siyu.privacy.actor import Actor, Scope

log = structlog.get_logger(__name__)

#: The client of the queue's server, for annotations outside this room.
Client = ArqRedis

QUEUE = "siyu:jobs"
_ANSWER_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class JobContext:
    """What a running job has: its own id, which try it is (from 1), and the open house."""

    id: UUID
    attempt: int
    house: House

    def actor(self, name: str, *scopes: Scope, purpose: str | None = None) -> Actor:
        """The named actor that the job's operations are called as; its lines in the audit trail carry the job's id."""
        return Actor.worker(name, *scopes, purpose=purpose, request=str(self.id))

    async def progress(self, done: int, total: int | None = None, message: str | None = None) -> None:
        """Say how far it is, to whoever watches. Raises `work.WorkStopped` when somebody cancelled it: let it through."""
        await work.advance(self.actor("work", Scope.JOBS_RUN), self.id, done=done, total=total, message=message)


Job = Callable[..., Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Every:
    """How often a scheduled job runs, counted from midnight UTC; it must divide a day."""

    period: timedelta

    def __post_init__(self) -> None:
        assert timedelta(days=1) % self.period == timedelta(0), "A schedule's period divides a day."


JOBS: dict[str, Job] = {}
SCHEDULE: dict[str, Every] = {}


def job(function: Job) -> Job:
    """Register a coroutine function `(ctx: JobContext, *ids: str)` under its own name, for `after_commit` to name."""
    name = function.__name__
    assert name not in JOBS or JOBS[name].__module__ == function.__module__, f"Two jobs are called {name}."
    JOBS[name] = function
    return function


def scheduled(every: timedelta) -> Callable[[Job], Job]:
    """Register a job that also runs by itself, once in each period in the whole house. It gets no ids."""

    def register(function: Job) -> Job:
        SCHEDULE[function.__name__] = Every(every)
        return job(function)

    return register


def discover() -> None:
    """Import every module of this room, so that its jobs are known."""
    package = importlib.import_module("siyu.jobs")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"siyu.jobs.{module.name}")


def redis(url: str) -> ArqRedis:
    """A client that connects when it is used first, and again after each loss."""
    pool = (
        BlockingConnectionPool.from_url(
            url, max_connections=20, timeout=_ANSWER_SECONDS, socket_connect_timeout=_ANSWER_SECONDS, socket_keepalive=True
        )
        if not url.startswith("unix:")
        else BlockingConnectionPool.from_url(url, max_connections=20, timeout=_ANSWER_SECONDS)
    )
    return ArqRedis(pool, job_serializer=orjson.dumps, job_deserializer=orjson.loads, default_queue_name=QUEUE)


async def enqueue(client: ArqRedis, due: Due) -> None:
    """Ring for one job. Ringing twice for the same moment is once; only the outbox row's id goes to Redis."""
    ring_id = f"{due.id}:{int(due.due_at.timestamp() * 1000)}"
    await client.enqueue_job("ring", str(due.id), _job_id=ring_id, _defer_until=due.due_at)


@asynccontextmanager
async def doorbell(url: str) -> AsyncIterator[ArqRedis]:
    """Have the outbox ring over Redis for as long as the block runs. A Redis that is away is logged; the sweeper rings later."""
    client = redis(url)

    async def ring(jobs: Sequence[Due]) -> None:
        try:
            for due in jobs:
                await enqueue(client, due)
        except (RedisError, OSError) as error:
            log.warning("queue_unreachable", error=type(error).__name__, jobs=len(jobs))

    outbox.set_doorbell(ring)
    try:
        yield client
    finally:
        outbox.set_doorbell(None)
        await client.aclose(close_connection_pool=True)
