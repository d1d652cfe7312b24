"""What can be read of gifts."""

from __future__ import annotations

from siyu.domain.gifts.tables import CouponGift
from siyu.domain.kernel.dialect import Kind
from siyu.domain.kernel.reading import Column, One, Order, Part, Source
from siyu.privacy.actor import Scope

GIFT = Source(
    "CouponGift",
    table=CouponGift,
    scope=Scope.COUPONS_READ,
    description="A coupon that comes by itself, on birthdays or once a month.",
    columns=("name", "occasion", "days_before", "day_of_month", "active", "kind", "valid_days", "updated_at"),
    internal=("value_e4", "minimum_e4", "minimum_currency", "segment_id", "tier_id"),
    more=(
        Column("value", Kind.MONEY, "{t}.value_e4", nullable=False, description="How much, as of a coupon."),
        Part("minimum_spend", {"amount": "minimum_e4", "currency": "minimum_currency"}, "From which spend on the coupon may be redeemed.",
             null_with="minimum_e4"),
        One("segment", "Segment", via="segment_id", description="Only whoever is in it gets the gift; null: everybody."),
        One("tier", "Tier", via="tier_id", description="Only whoever is at it, or at a higher one, gets the gift; null: everybody."),
    ),
    orders=(Order("NAME_ASC", "name", descending=False),),
)  # fmt: skip
