"""Recording orders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from siyu.domain import customers
from siyu.domain.kernel import boot, clock, database
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.kernel.operation import operation
from siyu.domain.orders.rules import Sum, purse
from siyu.domain.orders.tables import Order, OrderStatus
from siyu.privacy.actor import Actor, Scope

#: Orders that count in a customer's sums.
COUNTED: Final = (OrderStatus.PLACED, OrderStatus.PAID, OrderStatus.FULFILLED, OrderStatus.PARTLY_REFUNDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderGiven:
    """An order as it comes from elsewhere, its customer known. Amounts are whole ten-thousandths."""

    external_id: str
    customer_id: UUID
    total_e4: int
    currency: str
    status: OrderStatus
    channel: str | None
    placed_at: datetime
    items_count: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a batch."""

    recorded: int
    updated: int
    duplicates: int


@operation(Scope.ORDERS_IMPORT, writes=True)
async def record_batch(actor: Actor, given: Sequence[OrderGiven]) -> Recorded:
    """Write orders, and bring their customers' sums up to date: a few statements whatever the number.

    An order number that is known already is not recorded again: it is updated when anything of it differs. Of one number
    twice in a batch the last counts.
    """
    latest = {order.external_id: order for order in given}
    known = {row.external_id: row for row in await Order.filter(external_id__in=list(latest))}
    fresh = [_row(order) for order in latest.values() if order.external_id not in known]
    changed = [
        _changed(known[order.external_id], order)
        for order in latest.values()
        if order.external_id in known and _differs(known[order.external_id], order)
    ]
    touched = {row.customer_id for row in fresh} | {customer_id for before, row in changed for customer_id in (before, row.customer_id)}
    if fresh:
        await Order.bulk_create(fresh)
    if changed:
        await Order.bulk_create([row for _, row in changed], update_fields=[*_COMPARED, "updated_at"], on_conflict=["id"])
    if touched:
        await customers.ordered(actor, await _sums(touched))
    return Recorded(len(fresh), len(changed), len(given) - len(fresh) - len(changed))


_COMPARED: Final = ("customer_id", "total_e4", "currency", "status", "channel", "placed_at", "items_count")


def _row(order: OrderGiven) -> Order:
    return Order.fresh(external_id=order.external_id, **{name: getattr(order, name) for name in _COMPARED})


def _differs(row: Order, order: OrderGiven) -> bool:
    return any(getattr(row, name) != getattr(order, name) for name in _COMPARED)


def _changed(row: Order, order: OrderGiven) -> tuple[UUID, Order]:
    """The customer that the order was of, and the row as it shall be."""
    before = row.customer_id
    row.update_from_dict({name: getattr(order, name) for name in _COMPARED})
    row.updated_at = clock.now()
    return before, row


async def _sums(customer_ids: Iterable[UUID]) -> list[customers.OrderedGiven]:
    """What all orders of these customers come to, those without any too."""
    wanted = list(customer_ids)
    statement = Statement(database.dialect())
    sql = (
        "select customer_id, currency, count(*) as n, sum(total_e4 - refunded_e4) as spent, min(placed_at) as first, max(placed_at) as last"  # noqa: S608  # bound values only
        f" from orders where {statement.among('customer_id', wanted, Kind.ID)}"
        f" and {statement.among('status', [status.value for status in COUNTED], Kind.TEXT)} group by customer_id, currency"
    )
    sums: dict[UUID, list[Sum]] = {customer_id: [] for customer_id in wanted}
    for row in await database.rows(sql, statement.args):
        customer_id = UUID(str(row["customer_id"]))
        sums[customer_id].append(Sum(row["currency"], int(row["n"]), int(row["spent"]), _moment(row["first"]), _moment(row["last"])))
    usual = boot.current().settings.currency
    return [purse(customer_id, each, usual) for customer_id, each in sums.items()]


def _moment(value: object) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
