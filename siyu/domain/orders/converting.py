"""Converting orders again after rates were set, or after the organisation's currency became another one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, time
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from siyu.domain import customers, rates
from siyu.domain.kernel import boot, database
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.kernel.operation import operation
from siyu.domain.orders import sums
from siyu.privacy.actor import Actor, Scope

#: Customers a transaction.
CHUNK: Final = 200
Progress = Callable[[int, int], Awaitable[None]]


@operation(Scope.JOBS_RUN)
async def convert(actor: Actor, progress: Progress | None = None) -> int:
    """Convert what rates of late concern, and what waits for it, customer by customer; sums are right after each. How many customers.

    Stopped anywhere and called again, it goes on where it was. `progress` is told customers done and in all.
    """
    await mark(actor)
    done, total, after = 0, await _left() if progress else 0, UUID(int=0)
    while people := await _next(after):
        await _convert(actor, people)
        done, after = done + len(people), people[-1]
        if progress is not None:
            await progress(done, max(done, total))
    return done


@operation(Scope.JOBS_RUN, writes=True)
async def mark(actor: Actor) -> None:
    """Have the orders that rates of late concern wait for their conversion: a statement a currency."""
    settings = boot.current().settings
    base, zone = settings.currency, ZoneInfo(settings.timezone)
    for side in ("<", ">"):  # two ranges of the index, where "not the same" would be none
        await database.run(f"update orders set worth_currency = null where worth_currency {side} {database.mark(1)}", [base])  # noqa: S608  # marks only
    pending = await rates.unsettled(actor)
    for currency in sorted({each.currency for each in pending}):
        first = min(each.valid_from for each in pending if each.currency == currency)
        statement = Statement(database.dialect())
        own, since = statement.bind(currency), statement.bind(datetime.combine(first, time(), zone), Kind.DATETIME)
        await database.run(f"update orders set worth_currency = null where currency = {own} and placed_at >= {since}", statement.args)  # noqa: S608  # bound values only
    await rates.settle(actor, pending)
    await customers.reckoned(actor, base)


async def _left() -> int:
    return int((await database.rows("select count(distinct customer_id) from orders where worth_currency is null"))[0][0])


async def _next(after: UUID) -> list[UUID]:
    statement = Statement(database.dialect())
    sql = (
        "select distinct customer_id from orders where worth_currency is null"  # noqa: S608  # bound values only
        f" and customer_id > {statement.bind(after, Kind.ID)} order by customer_id limit {CHUNK}"
    )
    return [UUID(str(row[0])) for row in await database.rows(sql, statement.args)]


@operation(Scope.JOBS_RUN, writes=True)
async def _convert(actor: Actor, people: list[UUID]) -> None:
    await sums.refresh(actor, people)
