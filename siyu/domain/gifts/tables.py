"""Gifts: coupons that come by themselves, on birthdays or once a month."""

from __future__ import annotations

from enum import StrEnum

from tortoise import fields

from siyu.domain.coupons import CouponKind
from siyu.domain.kernel import clock
from siyu.domain.kernel.tables import Row

NAME_MAX = 80


class GiftOccasion(StrEnum):
    BIRTHDAY = "BIRTHDAY"
    MONTHLY = "MONTHLY"


class CouponGift(Row):
    """A coupon for whoever is in a segment or at a tier, on an occasion."""

    name = fields.CharField(NAME_MAX, unique=True, description="Its name for people.")
    occasion = fields.CharEnumField(GiftOccasion, max_length=8, description="On which occasion it is given.")
    days_before = fields.IntField(default=0, description="`BIRTHDAY`: how many days before it comes.")
    day_of_month = fields.IntField(default=1, description="`MONTHLY`: on which day of the month it comes.")
    segment_id = fields.UUIDField(null=True)
    tier_id = fields.UUIDField(null=True)
    active = fields.BooleanField(default=True, description="Whether it is given; false: it rests.")
    kind = fields.CharEnumField(CouponKind, max_length=8, description="What the coupon is: an amount off, a part off, or a gift.")
    value_e4 = fields.BigIntField()
    minimum_e4 = fields.BigIntField(null=True)
    minimum_currency = fields.CharField(3, null=True)
    valid_days = fields.IntField(description="How many days the coupon holds after the day on which it comes.")
    #: Under which purpose those who get it are seen: that of whoever saved it.
    purpose = fields.CharField(64, null=True)
    #: The last local day that is done.
    given_on = fields.DateField()
    updated_at = fields.DatetimeField(default=clock.now, description="When it was last changed.")

    class Meta:
        table = "coupon_gifts"
