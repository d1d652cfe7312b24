"""What is said to us of gifts. `UNSET` is "left out": it stays as it is; null clears."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from annotated_doc import Doc

from siyu.domain.coupons import CouponTemplate
from siyu.domain.gifts.tables import GiftOccasion
from siyu.domain.kernel.inputs import UNSET, Ref, Unset


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponGiftSave:
    id: Annotated[UUID | None, Ref("CouponGift"), Doc("The gift to change; left out: a new one.")] = None
    name: Annotated[str, Doc("Its name for people, at most 80 characters; unique.")]
    occasion: Annotated[GiftOccasion, Doc("On which occasion it is given.")]
    days_before: Annotated[int | None, Doc("`BIRTHDAY`: how many days before it comes, 0 to 30; 0 when left out.")] = None
    day_of_month: Annotated[int | None, Doc("`MONTHLY`: on which day of the month it comes, 1 to 28; the first when left out.")] = None
    segment_id: Annotated[UUID | Unset | None, Ref("Segment"), Doc("Only for whoever is in this segment then; null: for all.")] = UNSET
    tier_id: Annotated[UUID | Unset | None, Ref("Tier"), Doc("Only for whoever is at this tier or above it then; null: for all.")] = UNSET
    active: Annotated[bool | None, Doc("Whether it is given; true when left out.")] = None
    coupon: Annotated[CouponTemplate, Doc("The coupon that they get.")]
