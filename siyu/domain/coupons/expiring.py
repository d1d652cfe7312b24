"""Coupons that come to their end."""

from __future__ import annotations

from typing import Final

from siyu.domain.coupons.tables import Coupon, CouponState
from siyu.domain.kernel import clock
from siyu.domain.kernel.operation import operation
from siyu.privacy.actor import Actor, Scope

_BATCH: Final = 1_000


@operation(Scope.JOBS_RUN)
async def expire(actor: Actor) -> int:
    """Mark what has come to its end, a thousand a transaction; how many coupons it were."""
    ended = 0
    while some := await _expire(actor):
        ended += some
    return ended


@operation(Scope.JOBS_RUN, writes=True)
async def _expire(actor: Actor) -> int:
    over = Coupon.filter(state=CouponState.ISSUED, valid_until__lte=clock.now())
    found = await over.order_by("id").limit(_BATCH).select_for_update(no_key=True).values_list("id", flat=True)
    return await Coupon.filter(id__in=list(found), state=CouponState.ISSUED).update(state=CouponState.EXPIRED) if found else 0
