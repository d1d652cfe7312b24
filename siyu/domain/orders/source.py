"""What can be read of orders."""

from __future__ import annotations

from siyu.domain.kernel.dialect import Kind
from siyu.domain.kernel.reading import Column, Many, Moment, One, Part, Source, TimelineKind
from siyu.domain.kernel.reading import Order as By
from siyu.domain.orders.tables import Order, OrderLine, OrderRefund, OrderSum
from siyu.privacy.actor import Scope
from siyu.privacy.personal import Category, about

_PURCHASE = about(Category.PURCHASE)

ORDER = Source(
    "Order",
    table=Order,
    scope=Scope.ORDERS_READ,
    description="A purchase.",
    columns=("external_id", "status", "channel", "placed_at", "created_at", "updated_at"),
    internal=("total_e4", "currency", "customer_id", "worth_e4"),
    more=(
        # An order that its source calls refunded was, whoever paid it back.
        Column("refunded_e4", Kind.MONEY, "case when {t}.status = 'REFUNDED' then {t}.total_e4 else {t}.refunded_e4 end",
               nullable=False, about=_PURCHASE),
        Column("converted_currency", Kind.TEXT, "case when {t}.worth_e4 is not null then {t}.worth_currency end"),
        Part("total", {"amount": "total_e4", "currency": "currency"}, "What was to be paid."),
        Part("refunded_total", {"amount": "refunded_e4", "currency": "currency"}, "What was paid back."),
        Part("converted_total", {"amount": "worth_e4", "currency": "converted_currency"},
             "What is left of it after refunds, in the organisation's currency, at the rate valid on its day, halves of a ten-thousandth "
             "rounded to the even neighbour; null while no rate is known.", null_with="worth_e4"),
        One("customer", "Customer", via="customer_id", description="Who placed it."),
        Many("lines", "OrderLine", by="order_id", sort="POSITION_ASC", description="The articles, in the order in which they came."),
        Many("refunds", "OrderRefund", by="order_id", sort="CREATED_AT_ASC",
             description="What was paid back through `orderRefund`, oldest first."),
    ),
    orders=(By("PLACED_AT_DESC", "placed_at"), By("PLACED_AT_ASC", "placed_at", descending=False)),
)  # fmt: skip

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

ORDER_REFUND = Source(
    "OrderRefund",
    table=OrderRefund,
    scope=Scope.ORDERS_READ,
    description="Money of an order that was paid back.",
    columns=("created_at",),
    internal=("amount_e4", "currency", "order_id"),
    more=(Part("amount", {"amount": "amount_e4", "currency": "currency"}, "What was paid back."),),
    orders=(By("CREATED_AT_ASC", "created_at", descending=False),),
)

_AVERAGE = "((2 * {t}.spent_e4 + 100 * {t}.orders_count) / (200 * {t}.orders_count)) * 100"

CURRENCY_SUMMARY = Source(
    "CurrencySummary",
    table=OrderSum,
    scope=Scope.ORDERS_READ,
    description="A customer's orders in one currency, in short: those that count, after refunds.",
    columns=("currency",),
    internal=("customer_id", "spent_e4", "orders_count"),
    more=(
        Column("count", Kind.INT, "{t}.orders_count", nullable=False, description="How many orders count.", about=_PURCHASE),
        Column("average_e4", Kind.MONEY, _AVERAGE, nullable=False, about=_PURCHASE),
        Column("unconverted_e4", Kind.MONEY, "case when {t}.unconverted_count > 0 then {t}.unconverted_e4 end", about=_PURCHASE),
        Part("total_spent", {"amount": "spent_e4", "currency": "currency"}, "What they come to."),
        Part("average_order_value", {"amount": "average_e4", "currency": "currency"}, "Mean value of an order, rounded to hundredths."),
        Part("unconverted", {"amount": "unconverted_e4", "currency": "currency"},
             "What of it has no exchange rate and so is not in `OrderSummary.totalSpent`; null when all of it is.",
             null_with="unconverted_e4"),
    ),
    orders=(By("CURRENCY_ASC", "currency", descending=False),),
)  # fmt: skip
