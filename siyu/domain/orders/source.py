"""What can be read of orders."""

from __future__ import annotations

from siyu.domain.kernel.reading import Many, Moment, One, Part, Source, TimelineKind
from siyu.domain.kernel.reading import Order as By
from siyu.domain.orders.tables import Order, OrderLine
from siyu.privacy.actor import Scope

ORDER = Source(
    "Order",
    table=Order,
    scope=Scope.ORDERS_READ,
    description="A purchase.",
    columns=("external_id", "status", "channel", "placed_at"),
    internal=("total_e4", "refunded_e4", "currency", "customer_id"),
    more=(
        Part("total", {"amount": "total_e4", "currency": "currency"}, "What was to be paid."),
        Part("refunded_total", {"amount": "refunded_e4", "currency": "currency"}, "What was paid back."),
        One("customer", "Customer", via="customer_id", description="Who placed it."),
        Many("lines", "OrderLine", by="order_id", sort="POSITION_ASC", description="The articles, in the order in which they came."),
    ),
    orders=(By("PLACED_AT_DESC", "placed_at"),),
)

ORDER_LINE = Source(
    "OrderLine",
    table=OrderLine,
    scope=Scope.ORDERS_READ,
    description="One article of an order.",
    columns=("sku", "title", "category", "brand", "quantity"),
    internal=("unit_price_e4", "currency", "order_id"),
    more=(Part("unit_price", {"amount": "unit_price_e4", "currency": "currency"}, "Price of one."),),
    orders=(By("POSITION_ASC", "position", descending=False),),
)

_TITLES = {
    "PLACED": "Order placed",
    "PAID": "Order paid",
    "FULFILLED": "Order fulfilled",
    "CANCELLED": "Order cancelled",
    "REFUNDED": "Order refunded",
    "PARTLY_REFUNDED": "Order partly refunded",
}

Moment(
    TimelineKind.ORDER,
    ORDER,
    at="placed_at",
    title=lambda status: _TITLES.get(status, "Order"),
    titled_by=("status",),
    properties={"externalId": "external_id", "total": "total_e4", "currency": "currency", "status": "status", "channel": "channel"},
)
