"""What is said to us of coupons."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from annotated_doc import Doc

from siyu.domain.coupons.tables import CouponKind
from siyu.domain.kernel.inputs import Personal, Ref
from siyu.domain.kernel.money import MoneyGiven
from siyu.privacy.personal import Category

_KEY = "A text of your own that no other request of this kind has: sent again with the same input, nothing happens twice."
_CODE = "The coupon's code, in any case; O is read as 0, I and L as 1, blanks and hyphens don't count."


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponTemplate:
    kind: Annotated[CouponKind, Doc("An amount off, a part off, or a gift.")]
    value: Annotated[
        Decimal,
        Doc("`AMOUNT`: how much off, in the currency of the minimum spend or, without one, the organisation's. `PERCENT`: how many percent "
            "off, at most 100. `GIFT`: what the gift is worth, or 0."),
    ]  # fmt: skip
    minimum_spend: Annotated[MoneyGiven | None, Doc("From which spend on it may be redeemed.")] = None
    valid_days: Annotated[int, Doc("How many days it holds after the day of issue: until that day's end, 1 to 3,650.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponIssue:
    template: Annotated[CouponTemplate, Doc("What they get.")]
    customer_ids: Annotated[list[UUID] | None, Ref("Customer"), Doc("These customers, at most 10,000; past 250 it is done by a job.")] = (
        None
    )
    segment_id: Annotated[
        UUID | None, Ref("Segment"), Doc("Whoever is in this segment and reached by your purpose; past 250 it is done by a job.")
    ] = None
    idempotency_key: Annotated[str, Doc(_KEY)]


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponRedeem:
    code: Annotated[str, Personal(Category.LOYALTY), Doc(_CODE)]
    order_external_id: Annotated[str | None, Personal(Category.PURCHASE), Doc("The number of the order that it is redeemed with.")] = None
    spend: Annotated[MoneyGiven | None, Doc("What is spent; needed where the coupon has a minimum spend, in its currency.")] = None
    idempotency_key: Annotated[str, Doc(_KEY)]


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponRevoke:
    code: Annotated[str, Personal(Category.LOYALTY), Doc(_CODE)]
    reason: Annotated[str, Personal(Category.FREE_TEXT), Doc("Why, at most 500 characters; it is sealed.")]
