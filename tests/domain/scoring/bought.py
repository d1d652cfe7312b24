"""Customers and orders, written as rows: what scores and stages are worked out from."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from siyu.domain import orders
from siyu.domain.customers.tables import Customer
from siyu.domain.kernel import clock, ids
from siyu.domain.orders import OrderStatus
from siyu.domain.orders.tables import Order
from siyu.privacy.actor import Scope
from tests import actors

WORKER = actors.worker(Scope.JOBS_RUN)


def days_ago(days: float) -> datetime:
    return clock.now() - timedelta(days=days)


async def person(**columns: Any) -> UUID:
    """A customer without anything sealed."""
    key = ids.uuid7()
    await Customer.bulk_create([Customer(id=key, **columns)])
    return key


def placed(by: UUID, at: datetime, yuan: int | None = 10, status: OrderStatus = OrderStatus.PAID) -> Order:
    """An order; without an amount one that has no exchange rate."""
    worth = None if yuan is None else yuan * 10_000
    return Order(
        customer_id=by, external_id=str(ids.uuid7()), status=status, total_e4=worth or 70_000, currency="USD" if yuan is None else "CNY",
        placed_at=at, worth_e4=worth, worth_currency="CNY",
    )  # fmt: skip


async def bought(*rows: Order) -> None:
    """The orders with the sums of their customers, as recording leaves them."""
    await Order.bulk_create(rows)
    await orders.refresh(WORKER, list({row.customer_id for row in rows}))


async def silent(done: int, total: int | None = None, message: str | None = None) -> None:
    """Progress that nobody watches."""
