"""What the orders of customers come to, kept beside each customer so that lists sort and filter by it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from siyu.domain.customers.tables import NEVER
from siyu.domain.kernel import database, ids
from siyu.domain.kernel.dialect import Kind, Statement, held
from siyu.domain.kernel.operation import operation
from siyu.privacy.actor import Actor

_COLUMNS = {
    "id": Kind.ID, "n": Kind.INT, "spent": Kind.INT, "currency": Kind.TEXT, "first_at": Kind.DATETIME, "last_at": Kind.DATETIME,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedGiven:
    """The sums of one customer's orders. The amount is in whole ten-thousandths of `currency`."""

    customer_id: UUID
    count: int
    spent_e4: int
    currency: str
    first_at: datetime | None
    last_at: datetime | None


@operation(writes=True)
async def reserve(actor: Actor, customer_ids: Collection[UUID]) -> frozenset[UUID]:
    """Which of these customers are there. Until the transaction ends, nobody else reserves them, and none is merged or erased.

    Who was merged into somebody else is not there. One statement, in the order of the ids, so that no two wait for each other.
    """
    if not customer_ids:
        return frozenset()
    statement = Statement(database.dialect())
    among = statement.among("id", sorted(customer_ids), Kind.ID)
    sql = f"select id from customers where {among} and merged_into_id is null order by id{held(statement.dialect)}"  # noqa: S608  # bound values only
    return frozenset(ids.read(row[0]) for row in await database.rows(sql, statement.args))


@operation(writes=True)
async def ordered(actor: Actor, sums: Sequence[OrderedGiven]) -> None:
    """Put new sums in the place of the old ones, in one statement; the calling operation has checked a scope of its own."""
    if not sums:
        return
    statement = Statement(database.dialect())
    given = statement.table(
        "g", _COLUMNS, [(each.customer_id, each.count, each.spent_e4, each.currency, each.first_at, each.last_at or NEVER) for each in sums]
    )
    await database.run(
        "update customers set orders_count = g.n, spent_e4 = g.spent, spent_currency = g.currency,"  # noqa: S608  # bound values only
        f" first_ordered_at = g.first_at, last_ordered_or_never = g.last_at from {given} where customers.id = g.id",
        statement.args,
    )


@operation(writes=True)
async def reckoned(actor: Actor, currency: str) -> None:
    """Say the sums of those who have no orders in this currency too; the calling operation has checked a scope of its own."""
    mark = database.mark(1)
    await database.run(f"update customers set spent_currency = {mark} where orders_count = 0 and spent_currency <> {mark}", [currency])  # noqa: S608  # marks only
