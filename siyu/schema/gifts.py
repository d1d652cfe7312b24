"""Gifts in the SDL."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from siyu.domain import gifts
from siyu.domain.coupons import CouponKind
from siyu.domain.gifts import GiftOccasion
from siyu.schema import coupons as _coupons  # noqa: F401  # the template's input type is made there
from siyu.schema import planned
from siyu.schema.binding import reads
from siyu.schema.context import Info
from siyu.schema.errors import Payload, mutation
from siyu.schema.money import Money
from siyu.schema.planned import RowsOf
from siyu.schema.relay import Node
from siyu.schema.taking import Input, takes

if TYPE_CHECKING:
    from siyu.schema.segments import Segment
    from siyu.schema.tiers import Tier

strawberry.enum(GiftOccasion, description="On which occasion a gift is given: once a year, or once a month.")


@reads(gifts.GIFT)
class CouponGift(Node):
    name: str
    occasion: GiftOccasion
    days_before: int
    day_of_month: int
    segment: Annotated[Segment, strawberry.lazy("siyu.schema.segments")] | None
    tier: Annotated[Tier, strawberry.lazy("siyu.schema.tiers")] | None
    active: bool
    kind: CouponKind
    value: Decimal
    minimum_spend: Money | None
    valid_days: int
    updated_at: datetime


@takes
class CouponGiftSaveInput(Input[gifts.CouponGiftSave]):
    """A gift to make, or to change."""


@strawberry.type(description="The gift that was written.")
class CouponGiftPayload(Payload):
    gift_id: strawberry.Private[UUID | None] = None
    gift: CouponGift | None = planned.written(gifts.GIFT, by="gift_id")


@strawberry.type
class Query:
    @planned.query(list[CouponGift])
    def coupon_gifts(self, info: Info) -> RowsOf:
        """Coupons that come by themselves, by name. Scope `coupons:read`."""
        return RowsOf(gifts.GIFT)


@strawberry.type
class Mutation:
    @mutation
    async def coupon_gift_save(self, info: Info, input: CouponGiftSaveInput) -> CouponGiftPayload:
        """Make a gift, or change one; it is given from today on, to those whom your purpose reaches. Scope `coupons:issue`."""
        return CouponGiftPayload(gift_id=await gifts.save(info.context.actor, input.to_domain()))
