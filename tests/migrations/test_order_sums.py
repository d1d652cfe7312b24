"""A database of the time before sums were kept: nothing is lost, sums are right, and an older process goes on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

from siyu.domain import orders
from siyu.domain.kernel import boot, database, ids, migrating
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.privacy.actor import Scope
from tests import actors
from tests.migrations.conftest import Empty
from tests.migrations.described import counts

PLACED = datetime(2025, 5, 1, tzinfo=UTC)


async def put(table: str, values: Mapping[str, tuple[Kind, object]]) -> None:
    """A row as an older process writes it: it knows no newer column."""
    statement = Statement(database.dialect())
    row = statement.table("g", {name: kind for name, (kind, _) in values.items()}, [[value for _, value in values.values()]])
    names = ", ".join(values)
    await database.run(f"insert into {table} ({names}) select {names} from {row}", statement.args)


async def customer() -> UUID:
    key = ids.uuid7()
    moments = dict.fromkeys(("created_at", "updated_at", "last_ordered_or_never"), (Kind.DATETIME, PLACED))
    sums = {"orders_count": (Kind.INT, 2), "spent_e4": (Kind.INT, 150_000), "spent_currency": (Kind.TEXT, "CNY")}
    await put("customers", {"id": (Kind.ID, key), **moments, **sums})
    return key


async def order(number: int, whose: UUID, total: int, status: str, currency: str = "CNY", refunded: int = 0) -> None:
    at = (Kind.DATETIME, PLACED + timedelta(days=number))
    numbers = {"total_e4": (Kind.INT, total), "refunded_e4": (Kind.INT, refunded), "items_count": (Kind.INT, 1)}
    said = {"external_id": (Kind.TEXT, f"E{number}"), "status": (Kind.TEXT, status), "currency": (Kind.TEXT, currency)}
    ours = {"id": (Kind.ID, ids.uuid7()), "customer_id": (Kind.ID, whose)}
    await put("orders", {**ours, **said, **numbers, **dict.fromkeys(("created_at", "updated_at", "placed_at"), at)})


async def summed(whose: UUID) -> set[tuple[object, ...]]:
    statement = Statement(database.dialect())
    columns = "currency, orders_count, spent_e4, unconverted_count, worth_e4"
    sql = f"select {columns} from order_sums where customer_id = {statement.bind(whose, Kind.ID)}"
    return {tuple(row) for row in await database.rows(sql, statement.args)}


async def test_old_orders_are_summed_and_no_row_is_lost(empty: Empty) -> None:
    settings = await empty()
    await migrating.migrate(settings, to="0001_initial")
    async with boot.connected(settings):
        whose = await customer()
        await order(1, whose, 100_000, "PAID", refunded=40_000)
        await order(2, whose, 90_000, "FULFILLED")
        await order(3, whose, 70_000, "CANCELLED")
        await order(4, whose, 50_000, "PLACED", "USD")
        before = await counts("default")
    await migrating.migrate(settings)
    async with boot.connected(settings):
        after = await counts("default")
        assert {table: rows for table, rows in before.items() if after[table] != rows} == {}
        assert await summed(whose) == {("CNY", 2, 150_000, 2, 0), ("USD", 1, 50_000, 1, 0)}
        await order(5, whose, 10_000, "PAID")  # by an older process, which runs on

    async with boot.running(settings):
        await orders.convert(actors.worker(Scope.JOBS_RUN))
        assert await summed(whose) == {("CNY", 3, 160_000, 0, 160_000), ("USD", 1, 50_000, 1, 0)}
        statement = Statement(database.dialect())
        mine = f"select orders_count, spent_e4, spent_currency from customers where id = {statement.bind(whose, Kind.ID)}"
        assert [tuple(row) for row in await database.rows(mine, statement.args)] == [(4, 160_000, "CNY")]
