"""Rewards, and who redeemed which."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar

from tortoise import fields
from tortoise.indexes import Index

from siyu.domain.coupons import CouponKind
from siyu.domain.kernel import clock
from siyu.domain.kernel.tables import Row
from siyu.privacy.actor import Scope
from siyu.privacy.columns import HashField
from siyu.privacy.personal import Category, personal
from siyu.privacy.sealed import PersonalModel

NAME_MAX = 80
DESCRIPTION_MAX = 500


class RewardKind(StrEnum):
    GIFT = "GIFT"
    COUPON = "COUPON"
    SERVICE = "SERVICE"


class Reward(Row):
    """What points are given for."""

    name = fields.CharField(NAME_MAX, description="Its name for people.")
    description = fields.CharField(DESCRIPTION_MAX, null=True, description="What it is, in words for customers.")
    kind = fields.CharEnumField(RewardKind, max_length=8, description="A gift, a coupon or a service.")
    cost = fields.IntField(description="How many points it costs.")
    stock = fields.IntField(null=True, description="How many are left; null: as many as are wanted.")
    per_customer_limit = fields.IntField(null=True, description="How many one customer may have; null: as many as they like.")
    segment_id = fields.UUIDField(null=True)
    tier_id = fields.UUIDField(null=True)
    active_from = fields.DatetimeField(null=True, description="From when it can be had; null: since ever.")
    active_until = fields.DatetimeField(null=True, description="Until when it can be had; null: for ever.")
    #: What coupon whoever redeems it gets; all of it null: none.
    coupon_kind = fields.CharEnumField(CouponKind, max_length=8, null=True)
    coupon_value_e4 = fields.BigIntField(null=True)
    coupon_minimum_e4 = fields.BigIntField(null=True)
    coupon_minimum_currency = fields.CharField(3, null=True)
    coupon_valid_days = fields.IntField(null=True)
    updated_at = fields.DatetimeField(default=clock.now, description="When it was last changed; its stock apart.")

    class Meta:
        table = "rewards"
        indexes = (Index(fields=("cost", "id")),)


class RewardRedemption(Row, PersonalModel):
    """Somebody redeemed a reward. Only added to."""

    technical = frozenset({"id", "created_at", "customer_id", "entry_id", "coupon_id", "key", "digest"})
    naming: ClassVar[Mapping[str, str]] = {"reward_id": "rewards"}

    customer_id = fields.UUIDField()
    reward_id = personal(fields.UUIDField(db_index=True), Category.LOYALTY, scope=Scope.POINTS_READ)
    points = personal(fields.IntField(description="How many points it cost."), Category.LOYALTY, scope=Scope.POINTS_READ)
    #: The ledger's entry; null where it cost nothing.
    entry_id = fields.UUIDField(null=True)
    #: The coupon that came with it.
    coupon_id = fields.UUIDField(null=True)
    #: The caller's idempotency key and a digest of what it came with.
    key = HashField(unique=True)
    digest = fields.BinaryField()

    class Meta:
        table = "reward_redemptions"
        indexes = (Index(fields=("customer_id", "reward_id")),)
