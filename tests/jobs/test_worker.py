"""What the queue may lose, and what it may not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import pytest
from arq.connections import ArqRedis

from siyu.domain import work
from siyu.domain.kernel import clock, outbox
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.operation import after_commit, operation
from siyu.domain.work import WorkState
from siyu.jobs import queue, ring, schedule, worker
from siyu.jobs.queue import JobContext
from siyu.privacy.actor import Actor
from siyu.privacy.refusal import Refusal
from tests import actors

RUNS: list[tuple[str, ...]] = []


@queue.job
async def note_it(ctx: JobContext, *ids: str) -> None:
    RUNS.append(ids)


@queue.job
async def break_down(ctx: JobContext, *ids: str) -> None:
    RUNS.append(ids)
    raise OSError("a text that may hold a value")


@queue.job
async def refuse(ctx: JobContext, work_id: str) -> None:
    RUNS.append((work_id,))
    raise Refusal("There is nothing to import.")


@queue.job
async def take_long(ctx: JobContext, work_id: str) -> None:
    for step in range(600):
        await ctx.progress(step, 600)
        await asyncio.sleep(0.05)


@operation(writes=True)
async def have_run(actor: Actor, job: str, *ids: str) -> None:
    after_commit(job, *ids)


@operation(writes=True)
async def watched(actor: Actor, job: str) -> UUID:
    return await work.start(actor, job)


ANYBODY = actors.holder()


@pytest.fixture(autouse=True)
def _forget() -> None:
    RUNS.clear()


async def until(is_so: Callable[[], Awaitable[bool]], seconds: float = 10) -> None:
    """Wait until it is so, or fail."""
    async with asyncio.timeout(seconds):
        while not await is_so():
            await asyncio.sleep(0.02)


async def ran(times: int) -> None:
    async def enough() -> bool:
        return len(RUNS) >= times

    await until(enough)


async def state(work_id: UUID) -> WorkState:
    found = await work.find(ANYBODY, work_id)
    assert found is not None
    return found.state


async def is_empty() -> bool:
    return (await outbox.backlog()).waiting == 0


@pytest.fixture
async def working(house: House, redis: ArqRedis) -> AsyncIterator[None]:
    async with worker.working(house, redis):
        yield


async def test_a_job_runs_after_the_commit_and_leaves_nothing(house: House, redis: ArqRedis, working: None) -> None:
    await have_run(ANYBODY, "note_it", "a", "b")
    await ran(1)
    assert RUNS == [("a", "b")]
    await until(is_empty)


async def test_only_the_outbox_id_is_in_redis(house: House, redis: ArqRedis) -> None:
    await have_run(ANYBODY, "note_it", "3f9c-customer")
    keys = await redis.keys("*")
    values = [await redis.get(key) for key in keys if await redis.type(key) == b"string"]
    assert len(values) == 1
    assert not any(b"3f9c" in value or b"note_it" in value for value in (*values, *keys))


async def test_a_flushed_redis_loses_no_job(house: House, redis: ArqRedis) -> None:
    await have_run(ANYBODY, "note_it", "a")
    await redis.flushall()
    async with worker.working(house, redis):
        await ran(1)
        await until(is_empty)
    assert RUNS == [("a",)]


async def test_a_redis_that_is_away_doesnt_hinder_the_operation(house: House, tmp_path: object) -> None:
    async with queue.doorbell(f"unix://{tmp_path}/nobody"):
        await have_run(ANYBODY, "note_it", "a")
    assert [due.args for due in await outbox.waiting()] == [("a",)]


async def test_twice_is_once(house: House, redis: ArqRedis) -> None:
    await have_run(ANYBODY, "note_it", "a")
    due = (await outbox.waiting())[0]
    results = await asyncio.gather(*[ring.run(due.id, house) for _ in range(5)])
    assert RUNS == [("a",)]
    assert results == [None] * 5
    assert await is_empty()


async def test_a_claimed_job_is_not_due_until_its_lease_ends(house: House, redis: ArqRedis) -> None:
    await have_run(ANYBODY, "note_it", "a")
    due = (await outbox.waiting())[0]
    assert await outbox.take(due.id, lease=timedelta(seconds=60)) is not None
    assert await outbox.take(due.id, lease=timedelta(seconds=60)) is None
    assert await outbox.waiting() == []
    await outbox.release(due.id)
    assert await outbox.take(due.id, lease=timedelta(seconds=60)) is not None


async def test_a_failing_job_is_tried_again_later_and_ends_failed_and_visible(house: House, redis: ArqRedis) -> None:
    work_id = await watched(ANYBODY, "break_down")
    waits = []
    for _ in range(house.settings.job_attempts - 1):
        again = await ring.run(work_id, house)
        assert again is not None
        waits.append(round((again.due_at - clock.now()).total_seconds()))
        assert await ring.run(work_id, house) is None  # not before its time
        await outbox.release(work_id)
    assert waits == [2, 10, 60, 300]
    assert await state(work_id) is WorkState.RUNNING
    assert await ring.run(work_id, house) is None
    assert len(RUNS) == house.settings.job_attempts
    found = await work.find(ANYBODY, work_id)
    assert found is not None
    assert found.state is WorkState.FAILED
    assert "value" not in (found.message or "")
    backlog = await outbox.backlog()
    assert (backlog.waiting, backlog.failed) == (0, 1)


async def test_a_refusal_is_an_answer_and_not_tried_again(house: House, redis: ArqRedis) -> None:
    work_id = await watched(ANYBODY, "refuse")
    assert await ring.run(work_id, house) is None
    assert len(RUNS) == 1
    found = await work.find(ANYBODY, work_id)
    assert found is not None
    assert (found.state, found.message) == (WorkState.FAILED, "There is nothing to import.")
    assert (await outbox.backlog()).failed == 0


async def test_progress_is_seen_and_a_cancelled_work_stops(house: House, redis: ArqRedis, working: None) -> None:
    work_id = await watched(ANYBODY, "take_long")

    async def moves() -> bool:
        found = await work.find(ANYBODY, work_id)
        return found is not None and found.done > 1 and found.total == 600

    await until(moves)
    await work.cancel(actors.staff(), work_id)
    await until(is_empty)
    assert await state(work_id) is WorkState.CANCELLED


async def test_a_stopping_worker_gives_its_job_back_at_once(house: House, redis: ArqRedis) -> None:
    async with worker.working(house, redis):
        work_id = await watched(ANYBODY, "take_long")

        async def runs() -> bool:
            return await state(work_id) is WorkState.RUNNING

        await until(runs)
    assert work_id in [due.id for due in await outbox.waiting()]
    assert await state(work_id) is WorkState.RUNNING


async def test_a_job_whose_code_is_gone_ends_failed(house: House, redis: ArqRedis) -> None:
    work_id = await watched(ANYBODY, "long_gone")
    for _ in range(house.settings.job_attempts):
        await ring.run(work_id, house)
        with suppress(Refusal):
            await outbox.release(work_id)
    assert await state(work_id) is WorkState.FAILED


async def test_a_scheduled_job_is_written_once_a_period(house: House, redis: ArqRedis) -> None:
    for _ in range(3):
        await outbox.write_once("note_it", at=schedule.latest(clock.now(), timedelta(hours=1)))
    assert len(await outbox.waiting()) == 1
    await outbox.write_once("note_it", at=schedule.latest(clock.now() + timedelta(hours=1), timedelta(hours=1)))
    assert len(await outbox.waiting()) == 2
