"""Statements that requests share."""

from __future__ import annotations

import asyncio

import pytest

from siyu.domain.customers.tables import Customer
from siyu.domain.kernel import database, ids
from siyu.domain.kernel.boot import House
from siyu.schema.plans.together import Together

TEXT = "select count(*) from customers"


async def test_those_who_ask_the_same_share_and_nobody_gets_an_older_answer(house: House) -> None:
    together = Together()
    with database.counting() as count:
        first = asyncio.create_task(together.same(TEXT, ()))
        await asyncio.sleep(0)
        rest = [asyncio.create_task(together.same(TEXT, ())) for _ in range(20)]
        await asyncio.gather(first, *rest)
    assert len(count.statements) <= 2
    await Customer(id=ids.uuid7()).save(force_create=True)
    assert (await together.same(TEXT, ()))[0][0] == 1


async def test_one_who_asks_while_a_statement_is_under_way_sees_what_was_committed_since(house: House) -> None:
    together = Together()
    under_way = asyncio.create_task(together.same(TEXT, ()))
    await asyncio.sleep(0.01)
    await Customer(id=ids.uuid7()).save(force_create=True)
    assert (await together.same(TEXT, ()))[0][0] == 1
    await under_way


async def test_ids_are_gathered_and_each_gets_its_own(house: House) -> None:
    made = [ids.uuid7() for _ in range(30)]
    for each in made:
        await Customer(id=each).save(force_create=True)
    among = "t.id = any($1::uuid[])" if database.dialect() == "postgres" else "t.id in (select value from json_each(?1))"
    together = Together()
    with database.counting() as count:
        got = await asyncio.gather(
            *(together.rows(f"select t.id from customers t where {among}", [each, ids.uuid7()], database.dialect(), 0) for each in made)
        )
    assert [[str(row[0]) for row in rows] for rows in got] == [[str(each)] for each in made]
    assert len(count.statements) <= 2


async def test_a_failed_statement_fails_those_who_wait_and_no_later_one(house: House) -> None:
    together = Together()
    waiting = [asyncio.create_task(together.same("select nonsense from customers", ())) for _ in range(3)]
    for task in waiting:
        with pytest.raises(Exception, match="nonsense"):
            await task
    assert (await together.same(TEXT, ()))[0][0] == 0


async def test_whoever_leaves_does_not_take_the_statement_along(house: House) -> None:
    together = Together()
    leaving = asyncio.create_task(together.same(TEXT, ()))
    staying = asyncio.create_task(together.same(TEXT, ()))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying)[0][0] == 0
