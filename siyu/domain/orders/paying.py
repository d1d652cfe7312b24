"""What customers paid, order by order: for what is given for it, and taken back when it is paid back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from siyu.domain.kernel import database
from siyu.domain.kernel.dialect import Kind, Statement, decoder
from siyu.domain.kernel.operation import operation
from siyu.domain.orders.tables import Order, OrderStatus
from siyu.privacy.actor import Actor, Scope

#: An order of one of these was paid, and not all of it was paid back.
PAID: Final = frozenset({OrderStatus.PAID, OrderStatus.FULFILLED, OrderStatus.PARTLY_REFUNDED})
#: Of one of these nothing is left to be paid for.
_VOID: Final = frozenset({OrderStatus.CANCELLED, OrderStatus.REFUNDED})


@dataclass(frozen=True, slots=True)
class Payment:
    """One order as it stands. Amounts are what is left of it after refunds, in whole ten-thousandths.

    `left_e4` is in the order's own currency, and -1 for one that was cancelled or paid back; `worth_e4` in the organisation's currency,
    None without a rate. `by_category` is what its articles cost by category, "" without one, where that was asked for.
    """

    order_id: UUID
    customer_id: UUID
    placed_at: datetime
    paid: bool
    left_e4: int
    worth_e4: int | None
    by_category: dict[str, int] = field(default_factory=dict)


@operation(Scope.ORDERS_READ)
async def payments(
    actor: Actor, customer_ids: Collection[UUID], *, since: datetime | None, order_ids: Collection[UUID] = (), categories: bool = False
) -> list[Payment]:
    """The orders of these customers that were placed since then, None: none of them, and those of these ids, the oldest first. One
    statement, and one more for categories."""
    statement = Statement(database.dialect())
    among = statement.among("o.customer_id", list(customer_ids), Kind.ID)
    named = statement.among("o.id", list(order_ids), Kind.ID)
    later = f" or o.placed_at >= {statement.bind(since, Kind.DATETIME)}" if since else ""
    rows = await database.rows(
        "select o.id, o.customer_id, o.placed_at, o.status, o.total_e4 - o.refunded_e4, o.worth_e4 from orders o"  # noqa: S608  # bound values only
        f" where {among} and ({named}{later}) order by o.placed_at, o.id",
        statement.args,
    )
    moment = decoder(statement.dialect, Kind.DATETIME) or (lambda value: value)
    costs = await _costs([_id(row[0]) for row in rows]) if categories and rows else {}
    found = []
    for key, owner, placed_at, status, left, worth in rows:
        void = OrderStatus(status) in _VOID
        found.append(
            Payment(
                _id(key), _id(owner), cast(datetime, moment(placed_at)), OrderStatus(status) in PAID, -1 if void else int(left),
                None if worth is None else int(worth), costs.get(_id(key), {}),
            )
        )  # fmt: skip
    return found


@operation(Scope.ORDERS_READ)
async def has_paid(actor: Actor, customer_id: UUID) -> bool:
    """Whether any order of this customer was paid, and not all of it was paid back. One statement."""
    return await Order.filter(customer_id=customer_id, status__in=list(PAID)).exists()


async def _costs(order_ids: Collection[UUID]) -> dict[UUID, dict[str, int]]:
    statement = Statement(database.dialect())
    rows = await database.rows(
        "select l.order_id, coalesce(l.category, ''), sum(l.quantity * l.unit_price_e4) from order_lines l"  # noqa: S608  # bound values only
        f" where {statement.among('l.order_id', list(order_ids), Kind.ID)} group by l.order_id, coalesce(l.category, '')",
        statement.args,
    )
    found: dict[UUID, dict[str, int]] = {}
    for key, category, cost in rows:
        found.setdefault(_id(key), {})[category] = int(cost)
    return found


def _id(value: object) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))
