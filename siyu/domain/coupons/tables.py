"""Coupons, and those that are being issued to many."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from tortoise import fields
from tortoise.indexes import Index

from siyu.domain.coupons import codes
from siyu.domain.kernel import ids
from siyu.domain.kernel.tables import Row
from siyu.privacy.actor import Scope
from siyu.privacy.columns import BlindIndexField, HashField
from siyu.privacy.personal import Category, personal
from siyu.privacy.sealed import PersonalModel, SealedField


class CouponKind(StrEnum):
    AMOUNT = "AMOUNT"
    PERCENT = "PERCENT"
    GIFT = "GIFT"


class CouponState(StrEnum):
    ISSUED = "ISSUED"
    REDEEMED = "REDEEMED"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"


class CouponSource(StrEnum):
    """What a coupon was issued for."""

    ISSUE = "ISSUE"
    REWARD = "REWARD"
    GIFT = "GIFT"


class Coupon(Row, PersonalModel):
    """What one customer may have once, until a day."""

    technical: ClassVar[frozenset[str]] = frozenset({
        "id", "created_at", "customer_id", "batch_id", "issue_key", "redeem_key", "redeem_digest", "minimum_currency", "spend_currency",
    })  # fmt: skip

    customer_id = fields.UUIDField()
    #: The issue to many that it belongs to.
    batch_id = fields.UUIDField(null=True)
    #: What it was issued for and to whom, hashed under a key of the house: it is issued once.
    issue_key = HashField(unique=True)
    source = personal(fields.CharEnumField(CouponSource, max_length=8), Category.LOYALTY, scope=Scope.COUPONS_READ)
    code = SealedField(
        category=Category.LOYALTY, scope=Scope.COUPONS_READ, null=False, description="What is shown to have it: 16 letters in groups."
    )
    #: Whoever is shown a code finds the coupon by it.
    code_index = BlindIndexField(of="code", normal=codes.plain, unique=True)
    kind = personal(
        fields.CharEnumField(CouponKind, max_length=8, description="An amount off, a part off, or a gift."),
        Category.LOYALTY,
        scope=Scope.COUPONS_READ,
    )
    value_e4 = personal(fields.BigIntField(description="How much."), Category.LOYALTY, scope=Scope.COUPONS_READ)
    minimum_e4 = personal(fields.BigIntField(null=True, description="From which spend on."), Category.LOYALTY, scope=Scope.COUPONS_READ)
    minimum_currency = fields.CharField(3, null=True)
    state = personal(
        fields.CharEnumField(CouponState, max_length=8, default=CouponState.ISSUED, description="Where it stands."),
        Category.LOYALTY,
        scope=Scope.COUPONS_READ,
    )
    valid_from = personal(fields.DatetimeField(description="From when it holds."), Category.LOYALTY, scope=Scope.COUPONS_READ)
    valid_until = personal(fields.DatetimeField(description="Until when it holds."), Category.LOYALTY, scope=Scope.COUPONS_READ)
    redeemed_at = personal(
        fields.DatetimeField(null=True, description="When it was redeemed; null while it was not."),
        Category.LOYALTY,
        scope=Scope.COUPONS_READ,
    )
    #: The caller's idempotency key and a digest of what it came with.
    redeem_key = HashField(null=True, unique=True)
    redeem_digest = fields.BinaryField(null=True)
    order_external_id = personal(
        fields.CharField(80, null=True, description="The number of the order that it was redeemed with."),
        Category.PURCHASE,
        scope=Scope.ORDERS_READ,
    )
    spend_e4 = personal(
        fields.BigIntField(null=True, description="The spend that it was redeemed with."), Category.PURCHASE, scope=Scope.ORDERS_READ
    )
    spend_currency = fields.CharField(3, null=True)
    revoked_at = personal(fields.DatetimeField(null=True, description="When it was revoked."), Category.LOYALTY, scope=Scope.COUPONS_READ)
    reason = SealedField(category=Category.FREE_TEXT, scope=Scope.COUPONS_READ, null=True, description="Why it was revoked.")

    class Meta:
        table = "coupons"
        indexes = (
            Index(fields=("customer_id", "created_at", "id")),
            Index(fields=("batch_id", "customer_id")),
            Index(fields=("state", "valid_until")),
        )


class CouponBatch(Row):
    """Coupons that are being issued to many: where it is moves on in the transaction that issues the next of them."""

    #: The caller's idempotency key and a digest of what it came with.
    key = HashField(unique=True)
    digest = fields.BinaryField()
    kind = fields.CharEnumField(CouponKind, max_length=8)
    value_e4 = fields.BigIntField()
    minimum_e4 = fields.BigIntField(null=True)
    minimum_currency = fields.CharField(3, null=True)
    valid_days = fields.IntField()
    #: Whose members; null: the customers of `CouponBatchCustomer`, or those who were given it at once.
    segment_id = fields.UUIDField(null=True)
    by = fields.CharField(200)
    #: Under which purpose members are seen.
    purpose = fields.CharField(64, null=True)
    #: The job that issues them; null: they were issued at once.
    work_id = fields.UUIDField(null=True)
    #: The last customer that is done, by id; how many were looked at, and how many got one.
    last_id = fields.UUIDField(null=True)
    done = fields.IntField(default=0)
    issued = fields.IntField(default=0)
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "coupon_batches"


class CouponBatchCustomer(PersonalModel):
    """One customer of a batch who has no coupon of it yet."""

    technical = frozenset({"id", "batch_id", "customer_id"})

    id = fields.UUIDField(primary_key=True, default=ids.uuid7)
    batch_id = fields.UUIDField()
    customer_id = fields.UUIDField(db_index=True)

    class Meta:
        table = "coupon_batch_customers"
        indexes = (Index(fields=("batch_id", "customer_id")),)
