"""Orders and their lines. Money is exact: whole ten-thousandths with a currency."""

from __future__ import annotations

from enum import StrEnum

from tortoise import fields
from tortoise.indexes import Index

from siyu.domain.kernel import clock
from siyu.domain.kernel.tables import Row
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

    technical = frozenset({"id", "created_at", "updated_at", "customer_id"})

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
    updated_at = fields.DatetimeField(default=clock.now)

    class Meta:
        table = "orders"
        indexes = (Index(fields=("customer_id", "placed_at", "id")), Index(fields=("placed_at", "id")))


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
