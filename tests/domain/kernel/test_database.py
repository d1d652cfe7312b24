"""Transactions survive cancellation, readers don't wait, and nothing is lost between two writers."""

from __future__ import annotations

import asyncio
import logging
import random
from contextlib import suppress

import pytest
from tortoise.exceptions import TransactionManagementError

from siyu.domain.kernel import boot, clock, database, outbox
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.outbox import Due
from siyu.domain.kernel.settings import Settings
from siyu.domain.kernel.tables import Outbox


async def number(sql: str) -> int:
    return int((await database.rows(sql))[0][0])


async def put(job: str) -> Due:
    due = outbox.due(job)
    await outbox.write([due])
    return due


async def test_a_statement_has_one_spelling_for_both(house: House) -> None:
    await put("a")
    found = await database.rows(
        f"select job, attempts from outbox where job = {database.mark(1)} and attempts = {database.mark(2)}", ["a", 0]
    )
    assert [(row[0], row["attempts"], len(row)) for row in found] == [("a", 0, 2)]


async def test_a_read_sees_all_that_was_committed_before_it(house: House) -> None:
    for count in range(1, 30):
        async with database.transaction():
            await put("a")
        assert await number("select count(*) from outbox") == count


async def test_a_read_outside_doesnt_see_or_await_an_open_transaction(house: House) -> None:
    begun, end = asyncio.Event(), asyncio.Event()

    async def write() -> None:
        async with database.transaction():
            await put("a")
            assert await number("select count(*) from outbox") == 1
            begun.set()
            await end.wait()

    writer = asyncio.create_task(write())
    await begun.wait()
    async with asyncio.timeout(5):
        assert await number("select count(*) from outbox") == 0
        assert await Outbox.all().count() == 0
    end.set()
    await writer
    assert await number("select count(*) from outbox") == 1


async def test_reading_refuses_to_write(house: House) -> None:
    if database.dialect() == "sqlite":
        with pytest.raises(Exception, match="readonly"):
            await database.rows("delete from outbox")


@pytest.mark.parametrize("seed", range(4))
async def test_cancelled_anywhere_a_transaction_leaves_nothing_held(house: House, seed: int) -> None:
    chance = random.Random(seed)

    async def write(job: str) -> None:
        async with database.transaction():
            await put(job)
            await asyncio.sleep(0)
            await put(job)

    tasks = [asyncio.create_task(write(str(each))) for each in range(60)]
    for task in tasks:
        await asyncio.sleep(chance.random() * 0.002)
        if chance.random() < 0.6:
            task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert {type(result) for result in results} <= {type(None), asyncio.CancelledError}
    async with asyncio.timeout(10):
        await write("after")
    halves = await database.rows("select job, count(*) from outbox group by job having count(*) <> 2")
    assert list(map(tuple, halves)) == [], "half of a transaction stayed"
    finished = sum(result is None for result in results)
    assert await number("select count(*) from outbox") >= 2 * (finished + 1)


async def test_a_task_that_outlives_its_transaction_is_told(house: House) -> None:
    gate = asyncio.Event()

    async def late() -> None:
        await gate.wait()
        await put("late")

    async with database.transaction():
        stray = asyncio.create_task(late())
        await put("in time")
    gate.set()
    with pytest.raises(AssertionError, match="outlived"):
        await stray
    assert await number("select count(*) from outbox") == 1


async def test_a_savepoint_undoes_its_own_part(house: House) -> None:
    async with database.transaction():
        await put("outer")
        with suppress(KeyError):
            async with database.transaction():
                await put("inner")
                raise KeyError("x")
    assert [row[0] for row in await database.rows("select job from outbox")] == ["outer"]


async def test_many_statements_are_all_or_nothing(house: House) -> None:
    first, second = outbox.due("a"), outbox.due("b")
    sql = f"insert into outbox (id, created_at, job, args, due_at, attempts) values ({database.marks(1, 6)})"
    rows = [[each.id, clock.now(), each.job, "[]", clock.now(), 0] for each in (first, second, first)]
    with pytest.raises(Exception, match=r"(?i)unique"):
        await database.run_many(sql, rows)
    assert await number("select count(*) from outbox") == 0
    await database.run_many(sql, rows[:2])
    assert await number("select count(*) from outbox") == 2


async def test_statements_are_counted_and_values_are_logged_nowhere(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with database.counting() as count:
        await put("a-value-to-look-for")
        await Outbox.filter(job="a-value-to-look-for").count()
        await database.rows(f"select 1 where {database.mark(1)} = {database.mark(1)}", ["a-value-to-look-for"])
    assert len(count) == 3
    assert "a-value-to-look-for" not in caplog.text + " ".join(count.statements)


@pytest.mark.on("sqlite")
async def test_a_deleted_value_is_in_no_file_after_a_scrub(house: House) -> None:
    due = await put("a-value-to-look-for")
    async with database.transaction():
        await put("x")
    await outbox.done(due.id)
    assert await database.scrub()
    held = b"".join(path.read_bytes() for path in house.settings.data_dir.glob("siyu.db*"))
    assert b"a-value-to-look-for" not in held
    assert b"CREATE TABLE" in held


@pytest.mark.on("sqlite")
async def test_a_second_process_that_writes_is_waited_for(house: House) -> None:
    """A deferred BEGIN would fail here on its first write; IMMEDIATE waits at its beginning."""
    url = str(house.settings.data_dir / "siyu.db")
    program = (
        "import sqlite3,sys,time;c=sqlite3.connect(sys.argv[1],isolation_level=None);c.execute('begin immediate');"
        "c.execute(\"delete from outbox where job='x'\");print('held',flush=True);time.sleep(0.5);c.execute('commit')"
    )
    other = await asyncio.create_subprocess_exec("python3", "-c", program, url, stdout=asyncio.subprocess.PIPE)
    assert other.stdout is not None
    assert await other.stdout.readline() == b"held\n"
    async with database.transaction():
        assert await number("select count(*) from outbox") == 0
        await put("a")
    await other.wait()
    assert await number("select count(*) from outbox") == 1


async def test_the_house_opens_again_and_again(settings: Settings, clean: None) -> None:
    for _ in range(3):
        async with boot.running(settings) as house, boot.running(settings) as same:
            assert same is house
            assert await asyncio.create_task(number("select 1")) == 1
    assert not boot.is_open()


async def test_an_unreachable_database_is_said_without_its_address(tmp_path: object) -> None:
    nowhere = Settings(database_url="postgresql://user:hunter2@127.0.0.1:1/x", keystore_url="postgresql://user:hunter2@127.0.0.1:1/y")
    with pytest.raises(boot.Unreachable) as told:
        async with boot.running(nowhere):
            pass
    assert "DATABASE_URL" in str(told.value)
    assert "hunter2" not in repr(told.value) + repr(nowhere)
    assert not boot.is_open()


async def test_a_finished_transaction_is_not_used_again(house: House) -> None:
    async with database.transaction() as held:
        pass
    with pytest.raises((AssertionError, TransactionManagementError)):
        await held.execute_query("SELECT 1")


async def test_readers_who_leave_take_no_connection_along(house: House) -> None:
    for left in range(8):
        reading = [asyncio.create_task(number("select 1")) for _ in range(20)]
        for _ in range(left):
            await asyncio.sleep(0)
        for task in reading[::2]:
            task.cancel()
        assert (await asyncio.gather(*reading, return_exceptions=True))[1::2] == [1] * 10
    async with asyncio.timeout(5):
        assert await asyncio.gather(*(number("select 1") for _ in range(20))) == [1] * 20
