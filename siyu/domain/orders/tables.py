"""Orders, their lines and refunds, and what they come to. Money is exact: whole ten-thousandths with a currency."""

from __future__ import annotations

from enum import StrEnum

from tortoise import fields
from tortoise.indexes import Index

from siyu.domain.kernel import clock
from siyu.domain.kernel.tables import Row
from siyu.privacy.columns import HashField
from siyu.privacy.personal import Category, personal
from siyu.privacy.sealed import PersonalModel


class OrderStatus(StrEnum):
    PLACED = "PLACED"
    PAID = "PAID"
    FULFILLED = "FULFILLED"
    CANCELLED = "CANCELLED"
    REFUNDED = "REFUNDED"
    PARTLY_REFUNDED = "PARTLY_REFUNDED"


class Order(Row, PersonalModel):
    """One purchase. Clear, since rules are computed on it; the customer's all the same."""

    technical = frozenset({"id", "created_at", "updated_at", "customer_id", "said_at", "lines_digest", "worth_currency"})

    customer_id = fields.UUIDField()
    external_id = personal(
        fields.CharField(80, unique=True, description="The order's number in the system that it comes from."), Category.PURCHASE
    )
    status = personal(fields.CharEnumField(OrderStatus, description="Where the order stands."), Category.PURCHASE)
    channel = personal(fields.CharField(40, null=True, description="Where it was placed: a shop, an app, a site."), Category.PURCHASE)
    total_e4 = personal(fields.BigIntField(description="What was to be paid."), Category.PURCHASE)
    refunded_e4 = personal(fields.BigIntField(default=0, description="What was paid back."), Category.PURCHASE)
    currency = personal(fields.CharField(3, description="ISO 4217 code."), Category.PURCHASE)
    items_count = personal(fields.IntField(default=0, description="How many pieces."), Category.PURCHASE)
    placed_at = personal(fields.DatetimeField(description="When it was placed."), Category.PURCHASE)
    #: The moment of which the source spoke when it said this, where it told: an older word does not overwrite a newer one.
    said_at = fields.DatetimeField(null=True)
    #: SHA-256 of the lines as they were given, by which the same lines are known again.
    lines_digest = fields.BinaryField(null=True)
    worth_e4 = personal(
        fields.BigIntField(
            null=True,
            description="What it comes to after refunds in the organisation's currency, at the rate valid on its day; null without a rate.",
        ),
        Category.PURCHASE,
    )
    #: The organisation's currency as the order was last converted and summed; null where that is to be done (again).
    worth_currency = fields.CharField(3, null=True)
    updated_at = fields.DatetimeField(default=clock.now, description="When anything of it last changed.")

    class Meta:
        table = "orders"
        indexes = (
            Index(fields=("customer_id", "placed_at", "id")),
            Index(fields=("placed_at", "id")),
            Index(fields=("status", "placed_at", "id")),
            #: Whose preferences are to be worked out anew.
            Index(fields=("updated_at", "customer_id")),
            #: What is to be converted, customer by customer.
            Index(fields=("worth_currency", "customer_id")),
        )


class OrderLine(Row, PersonalModel):
    """One article of an order."""

    technical = frozenset({"id", "created_at", "customer_id", "order_id", "position"})

    customer_id = fields.UUIDField()
    order_id = fields.UUIDField()
    position = fields.IntField()
    sku = personal(fields.CharField(80, null=True, description="The article's number."), Category.PURCHASE)
    title = personal(fields.CharField(200, description="The article's name."), Category.PURCHASE)
    category = personal(fields.CharField(80, null=True, description="The article's category."), Category.PURCHASE)
    brand = personal(fields.CharField(80, null=True, description="The article's brand."), Category.PURCHASE)
    quantity = personal(fields.IntField(description="How many."), Category.PURCHASE)
    unit_price_e4 = personal(fields.BigIntField(description="Price of one."), Category.PURCHASE)
    currency = personal(fields.CharField(3, description="ISO 4217 code."), Category.PURCHASE)

    class Meta:
        table = "order_lines"
        unique_together = (("order_id", "position"),)
        indexes = (Index(fields=("customer_id",)),)


class OrderRefund(Row, PersonalModel):
    """Money of one order that was paid back. Only added to: what an order's refunds come to is kept beside the order."""

    technical = frozenset({"id", "created_at", "customer_id", "order_id", "key"})

    customer_id = fields.UUIDField(db_index=True)
    order_id = fields.UUIDField(db_index=True)
    #: SHA-256 of the caller's idempotency key: the same key is one refund, however often it is sent.
    key = HashField(unique=True)
    amount_e4 = personal(fields.BigIntField(description="What was paid back."), Category.PURCHASE)
    currency = personal(fields.CharField(3, description="ISO 4217 code."), Category.PURCHASE)

    class Meta:
        table = "order_refunds"


class OrderSum(Row, PersonalModel):
    """What one customer's orders in one currency come to: those that count, after refunds. Changed with each order, by differences."""

    technical = frozenset({"id", "created_at", "customer_id", "unconverted_count"})

    customer_id = fields.UUIDField()
    currency = personal(fields.CharField(3, description="ISO 4217 code."), Category.PURCHASE)
    orders_count = personal(fields.IntField(description="How many orders count."), Category.PURCHASE)
    spent_e4 = personal(fields.BigIntField(description="What they come to after refunds."), Category.PURCHASE)
    #: Of these, the orders that had no rate.
    unconverted_count = fields.IntField()
    unconverted_e4 = personal(fields.BigIntField(description="What the orders without a rate come to."), Category.PURCHASE)
    worth_e4 = personal(
        fields.BigIntField(description="What the orders with a rate come to in the organisation's currency."), Category.PURCHASE
    )

    class Meta:
        table = "order_sums"
        unique_together = (("customer_id", "currency"),)
