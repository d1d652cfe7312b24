"""Orders in the SDL."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from siyu.domain import orders
from siyu.domain.orders import OrderSort, OrderStatus
from siyu.schema.binding import reads
from siyu.schema.money import Money
from siyu.schema.relay import Node

if TYPE_CHECKING:
    from siyu.schema.customers import Customer

strawberry.enum(OrderStatus, description="Where an order stands.")
strawberry.enum(OrderSort, description="Orders of the list of orders; ties are broken by id.")


@reads(orders.CURRENCY_SUMMARY)
class CurrencySummary:
    currency: str
    count: int
    total_spent: Money
    average_order_value: Money
    unconverted: Money | None


@reads(orders.ORDER_REFUND)
class OrderRefund(Node):
    amount: Money
    created_at: datetime


@reads(orders.ORDER_LINE)
class OrderLine:
    sku: str | None
    title: str
    category: str | None
    brand: str | None
    quantity: int
    unit_price: Money


@reads(orders.ORDER)
class Order(Node):
    external_id: str
    customer: Annotated[Customer, strawberry.lazy("siyu.schema.customers")]
    total: Money
    status: OrderStatus
    channel: str | None
    placed_at: datetime
    lines: list[OrderLine]
    refunded_total: Money
    refunds: list[OrderRefund]
    converted_total: Money | None
    created_at: datetime
    updated_at: datetime
