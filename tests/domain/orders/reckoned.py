"""What orders come to, worked out plainly from all of them: what the kept sums must equal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from siyu.domain.customers.tables import NEVER, Customer
from siyu.domain.orders.rules import COUNTED
from siyu.domain.orders.tables import Order, OrderRefund, OrderSum
from siyu.domain.rates.tables import ExchangeRate


@dataclass(frozen=True, slots=True)
class Reckoned:
    """The sums of one customer: in all, and by currency (count, spent, without a rate, worth)."""

    count: int
    worth_e4: int
    first: datetime | None
    last: datetime
    by_currency: dict[str, tuple[int, int, int, int, int]]


async def reference() -> dict[UUID, Reckoned]:
    """By scanning everything."""
    refunded: dict[UUID, int] = {}
    for each in await OrderRefund.all():
        refunded[each.order_id] = refunded.get(each.order_id, 0) + each.amount_e4
    rates = await ExchangeRate.all().order_by("valid_from")
    found = {}
    for customer in await Customer.filter(merged_into_id=None):
        rows = [row for row in await Order.filter(customer_id=customer.id) if row.status in COUNTED]
        sums: dict[str, tuple[int, int, int, int, int]] = {}
        for row in rows:
            left = row.total_e4 - refunded.get(row.id, 0)
            worth = converted(left, row, rates)
            adds = (1, left, 1, left, 0) if worth is None else (1, left, 0, 0, worth)
            now = sums.get(row.currency, (0, 0, 0, 0, 0))
            sums[row.currency] = (now[0] + adds[0], now[1] + adds[1], now[2] + adds[2], now[3] + adds[3], now[4] + adds[4])
        moments = [row.placed_at for row in rows]
        found[customer.id] = Reckoned(
            len(rows), sum(each[4] for each in sums.values()), min(moments, default=None), max(moments, default=NEVER), sums
        )
    return found


def converted(left_e4: int, row: Order, rates: Sequence[ExchangeRate]) -> int | None:
    """At the rate of the order's day, halves to the even neighbour, by decimal arithmetic."""
    if row.currency == "CNY":
        return left_e4
    day = row.placed_at.astimezone(ZoneInfo("Asia/Shanghai")).date()
    known = [each.rate_e12 for each in rates if each.currency == row.currency and each.valid_from <= day]
    exact = Decimal(left_e4) * Decimal(known[-1]).scaleb(-12) if known else None
    return None if exact is None else int(exact.quantize(Decimal(1), ROUND_HALF_EVEN))


async def kept() -> dict[UUID, Reckoned]:
    """As the house keeps them."""
    sums: dict[UUID, dict[str, tuple[int, int, int, int, int]]] = {}
    for row in await OrderSum.all():
        values = (row.orders_count, row.spent_e4, row.unconverted_count, row.unconverted_e4, row.worth_e4)
        sums.setdefault(row.customer_id, {})[row.currency] = values
    return {
        each.id: Reckoned(each.orders_count, each.spent_e4, each.first_ordered_at, each.last_ordered_or_never, sums.get(each.id, {}))
        for each in await Customer.filter(merged_into_id=None)
    }
