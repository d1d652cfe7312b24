"""Rewards in the SDL."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from siyu.domain import coupons, points, rewards
from siyu.domain.kernel.paging import Slice
from siyu.domain.rewards import RewardKind
from siyu.schema import coupons as _coupons
from siyu.schema import planned
from siyu.schema.binding import reads
from siyu.schema.connections import Connection
from siyu.schema.context import Info
from siyu.schema.errors import Payload, mutation
from siyu.schema.planned import PageOf
from siyu.schema.relay import Node
from siyu.schema.taking import Input, takes

if TYPE_CHECKING:
    from siyu.schema.points import PointsAccount, PointsEntry
    from siyu.schema.segments import Segment
    from siyu.schema.tiers import Tier

strawberry.enum(RewardKind, description="A gift, a coupon or a service.")


@reads(rewards.REWARD)
class Reward(Node):
    name: str
    description: str | None
    kind: RewardKind
    cost: int
    stock: int | None
    per_customer_limit: int | None
    segment: Annotated[Segment, strawberry.lazy("siyu.schema.segments")] | None
    tier: Annotated[Tier, strawberry.lazy("siyu.schema.tiers")] | None
    active_from: datetime | None
    active_until: datetime | None


@takes
class RewardFilter(Input[rewards.RewardFilter]):
    """Every member that is given must hold."""


@takes
class RewardSaveInput(Input[rewards.RewardSave]):
    """A reward to make, or to change: what is left out stays, null clears."""


@takes
class RewardRedeemInput(Input[rewards.RewardRedeem]):
    """Which reward for whom."""


@strawberry.type(description="The reward that was written.")
class RewardPayload(Payload):
    reward_id: strawberry.Private[UUID | None] = None
    reward: Reward | None = planned.written(rewards.REWARD, by="reward_id")


@strawberry.type(description="What a reward took and gave.")
class RewardRedeemPayload(Payload):
    account_id: strawberry.Private[UUID | None] = None
    entry_id: strawberry.Private[UUID | None] = None
    coupon_id: strawberry.Private[UUID | None] = None
    account: Annotated[PointsAccount, strawberry.lazy("siyu.schema.points")] | None = planned.written(
        points.POINTS_ACCOUNT, by="account_id"
    )
    entry: Annotated[PointsEntry, strawberry.lazy("siyu.schema.points")] | None = planned.written(points.POINTS_ENTRY, by="entry_id")
    coupon: _coupons.Coupon | None = planned.written(coupons.COUPON, by="coupon_id")
    replayed: bool = strawberry.field(default=False, description="Whether this is an earlier request's answer: nothing happened again.")


@strawberry.type
class Query:
    @planned.query(Connection[Reward])
    async def rewards(self, info: Info, first: int | None = None, after: str | None = None, filter: RewardFilter | None = None) -> PageOf:
        """Rewards, the cheapest first. Scope `rewards:read`."""
        asked = filter.to_domain(("filter",)) if filter else None
        return PageOf(rewards.REWARD, await rewards.wanted(info.context.actor, asked), None, Slice(first, after))


@strawberry.type
class Mutation:
    @mutation
    async def reward_save(self, info: Info, input: RewardSaveInput) -> RewardPayload:
        """Make a reward, or change one: what is left out stays, null clears. Scope `rewards:write`."""
        return RewardPayload(reward_id=await rewards.save(info.context.actor, input.to_domain()))

    @mutation
    async def reward_redeem(self, info: Info, input: RewardRedeemInput) -> RewardRedeemPayload:
        """Give a customer a reward for their points, with the coupon that comes with it. Refused as `OUT_OF_STOCK` when none is left, as
        `INSUFFICIENT_POINTS` when they have too few. Scope `points:redeem`."""
        done = await rewards.redeem(info.context.actor, input.to_domain())
        return RewardRedeemPayload(account_id=done.customer_id, entry_id=done.entry_id, coupon_id=done.coupon_id, replayed=done.replayed)
