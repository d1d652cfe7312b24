"""What customers bought, in counts: for what is worked out from many orders at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from siyu.domain.kernel import database
from siyu.domain.kernel.dialect import Kind, Statement, decoder
from siyu.domain.kernel.operation import operation
from siyu.domain.orders.rules import COUNTED
from siyu.privacy.actor import Actor, Scope

_COUNTED_SQL: Final = ", ".join(f"'{status.value}'" for status in COUNTED)


@dataclass(frozen=True, slots=True)
class Pieces:
    """How many pieces of a category and a brand a customer bought."""

    customer_id: UUID
    category: str | None
    brand: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Placement:
    """Where and when one order was placed."""

    customer_id: UUID
    channel: str | None
    placed_at: datetime


@operation(Scope.ORDERS_READ)
async def ordering_since(actor: Actor, moment: datetime | None) -> list[UUID]:
    """The customers of whom an order was written or changed since then; without a moment, all who ever ordered."""
    statement = Statement(database.dialect())
    where = f" where updated_at >= {statement.bind(moment, Kind.DATETIME)}" if moment else ""
    return [_id(row[0]) for row in await database.rows(f"select distinct customer_id from orders{where}", statement.args)]  # noqa: S608  # bound


@operation(Scope.ORDERS_READ)
async def pieces(actor: Actor, customer_ids: Collection[UUID]) -> list[Pieces]:
    """What these customers bought in orders that count, by category and brand. One statement."""
    statement = Statement(database.dialect())
    rows = await database.rows(
        "select o.customer_id, l.category, l.brand, sum(l.quantity) from orders o join order_lines l on l.order_id = o.id"  # noqa: S608  # bound
        f" where {statement.among('o.customer_id', list(customer_ids), Kind.ID)} and o.status in ({_COUNTED_SQL})"
        " and (l.category is not null or l.brand is not null) group by o.customer_id, l.category, l.brand",
        statement.args,
    )
    return [Pieces(_id(row[0]), row[1], row[2], int(row[3])) for row in rows]


@operation(Scope.ORDERS_READ)
async def placements(actor: Actor, customer_ids: Collection[UUID]) -> list[Placement]:
    """Where and when these customers placed the orders that count. One statement."""
    statement = Statement(database.dialect())
    rows = await database.rows(
        "select customer_id, channel, placed_at from orders"  # noqa: S608  # bound
        f" where {statement.among('customer_id', list(customer_ids), Kind.ID)} and status in ({_COUNTED_SQL})",
        statement.args,
    )
    moment = decoder(statement.dialect, Kind.DATETIME) or (lambda value: value)
    return [Placement(_id(row[0]), row[1], cast(datetime, moment(row[2]))) for row in rows]


def _id(value: object) -> UUID:
    return UUID(str(value))
