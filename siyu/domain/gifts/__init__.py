"""Gifts: coupons that come by themselves, on birthdays or once a month."""

from siyu.domain.gifts.giving import SCOPES, give_due
from siyu.domain.gifts.inputs import CouponGiftSave
from siyu.domain.gifts.saving import save
from siyu.domain.gifts.source import GIFT
from siyu.domain.gifts.tables import GiftOccasion

__all__ = ["GIFT", "SCOPES", "CouponGiftSave", "GiftOccasion", "give_due", "save"]
