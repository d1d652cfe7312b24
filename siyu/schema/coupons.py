"""Coupons in the SDL."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from siyu.domain import coupons, work
from siyu.domain.coupons import CouponKind, CouponState
from siyu.schema import planned
from siyu.schema.binding import reads
from siyu.schema.context import Info
from siyu.schema.errors import Payload, mutation
from siyu.schema.money import Money
from siyu.schema.planned import RowOf
from siyu.schema.relay import Node
from siyu.schema.taking import Input, takes
from siyu.schema.work import Job

if TYPE_CHECKING:
    from siyu.schema.customers import Customer

strawberry.enum(CouponKind, description="An amount off, a part off, or a gift.")
strawberry.enum(CouponState, description="Where a coupon stands.")


@reads(coupons.COUPON)
class Coupon(Node):
    code: str
    kind: CouponKind
    value: Decimal
    minimum_spend: Money | None
    state: CouponState
    customer: Annotated[Customer, strawberry.lazy("siyu.schema.customers")] | None
    valid_from: datetime
    valid_until: datetime
    redeemed_at: datetime | None


@takes
class CouponTemplateInput(Input[coupons.CouponTemplate]):
    """What each coupon of an issue is."""


@takes
class CouponIssueInput(Input[coupons.CouponIssue]):
    """Which coupon for whom: one a person."""


@takes
class CouponRedeemInput(Input[coupons.CouponRedeem]):
    """Which coupon is redeemed, with what."""


@takes
class CouponRevokeInput(Input[coupons.CouponRevoke]):
    """Which coupon is taken back, and why."""


@strawberry.type(description="The coupons that were issued, redeemed or revoked, or the job that issues them.")
class CouponPayload(Payload):
    coupon_ids: strawberry.Private[tuple[UUID, ...]] = ()
    work_id: strawberry.Private[UUID | None] = None
    coupons: list[Coupon] = planned.written_all(coupons.COUPON, by="coupon_ids")
    job: Job | None = planned.written(work.JOB, by="work_id")
    replayed: bool = strawberry.field(default=False, description="Whether this is an earlier request's answer: nothing happened again.")


@strawberry.type
class Query:
    @planned.query(Coupon | None)
    async def coupon(
        self, info: Info, code: Annotated[str, strawberry.argument(description="The coupon's code, in any spelling of it.")]
    ) -> RowOf:
        """One coupon, by its code; null when there is none. Scope `coupons:read`."""
        return RowOf(coupons.COUPON, await coupons.find(info.context.actor, code))


@strawberry.type
class Mutation:
    @mutation
    async def coupon_issue(self, info: Info, input: CouponIssueInput) -> CouponPayload:
        """Issue a coupon to each of these customers or to a segment's members, one a person however often it is sent. Past 250 customers
        a job does it. Scope `coupons:issue`; for a segment `segments:read` too."""
        done = await coupons.issue(info.context.actor, input.to_domain())
        return CouponPayload(coupon_ids=done.coupon_ids, work_id=done.work_id, replayed=done.replayed)

    @mutation
    async def coupon_redeem(self, info: Info, input: CouponRedeemInput) -> CouponPayload:
        """Redeem a coupon, once. Refused as `WRONG_STATE` when it was redeemed or revoked, as `EXPIRED` when it is over. Scope
        `coupons:redeem`."""
        return _done(await coupons.redeem(info.context.actor, input.to_domain()))

    @mutation
    async def coupon_revoke(self, info: Info, input: CouponRevokeInput) -> CouponPayload:
        """Take a coupon back that was not redeemed. Scope `coupons:issue`."""
        return _done(await coupons.revoke(info.context.actor, input.to_domain()))


def _done(done: coupons.Done) -> CouponPayload:
    return CouponPayload(coupon_ids=(done.coupon_id,), replayed=done.replayed)
