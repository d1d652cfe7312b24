"""Orders in the SDL."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from siyu.domain import orders
from siyu.domain.orders import OrderStatus
from siyu.schema.binding import reads
from siyu.schema.money import Money
from siyu.schema.relay import Node

if TYPE_CHECKING:
    from siyu.schema.customers import Customer

strawberry.enum(OrderStatus, description="Where an order stands.")


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
