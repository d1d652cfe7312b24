"""What is said to us of rewards. `UNSET` is "left out": it stays as it is; null clears."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from annotated_doc import Doc

from siyu.domain.coupons import CouponTemplate
from siyu.domain.kernel.inputs import UNSET, Ref, Unset
from siyu.domain.rewards.tables import RewardKind


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardSave:
    id: Annotated[UUID | None, Ref("Reward"), Doc("The reward to change; left out: a new one.")] = None
    name: Annotated[str, Doc("Its name for people, at most 80 characters.")]
    description: Annotated[str | Unset | None, Doc("What it is, in words for customers, at most 500 characters.")] = UNSET
    kind: Annotated[RewardKind, Doc("A gift, a coupon or a service.")]
    cost: Annotated[int, Doc("How many points it costs; 0: nothing.")]
    stock: Annotated[int | Unset | None, Doc("How many are left from now on; null: as many as are wanted.")] = UNSET
    per_customer_limit: Annotated[int | Unset | None, Doc("How many one customer may have, from 1; null: as many as they like.")] = UNSET
    segment_id: Annotated[UUID | Unset | None, Ref("Segment"), Doc("Only for whoever is in this segment; null: for all.")] = UNSET
    tier_id: Annotated[UUID | Unset | None, Ref("Tier"), Doc("Only for whoever is at this tier or a higher one; null: for all.")] = UNSET
    active_from: Annotated[datetime | Unset | None, Doc("From when it can be had; null: since ever.")] = UNSET
    active_until: Annotated[datetime | Unset | None, Doc("Until when it can be had; null: for ever.")] = UNSET
    coupon: Annotated[
        CouponTemplate | Unset | None, Doc("The coupon that whoever redeems it gets; needed for the kind `COUPON`; null: none.")
    ] = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardRedeem:
    reward_id: Annotated[UUID, Ref("Reward"), Doc("The reward.")]
    customer_id: Annotated[UUID, Ref("Customer"), Doc("Who redeems it.")]
    idempotency_key: Annotated[
        str, Doc("A text of your own that no other redemption has: sent again with the same input, nothing happens twice.")
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardFilter:
    """Every member that is given must hold."""

    affordable_for: Annotated[UUID | None, Ref("Customer"), Doc("Whose cost this customer's balance covers. Scope `points:read`.")] = None
    kind: Annotated[RewardKind | None, Doc("Of this kind.")] = None
    active_only: Annotated[bool | None, Doc("Only those that can be had now, by their dates and stock.")] = None
