"""Referrals: friends' orders, codes of new customers, and what comes to its end."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from siyu.domain import referrals
from siyu.jobs.queue import JobContext, job, scheduled
from siyu.privacy.actor import Scope


@job
async def qualify_referrals(ctx: JobContext, *friend_ids: str) -> None:
    """Look whether the orders of these friends qualify their referrals, or no longer do."""
    await referrals.qualify(ctx.actor("referrals", Scope.JOBS_RUN, Scope.ORDERS_READ), [UUID(each) for each in friend_ids])


@scheduled(timedelta(minutes=15))
async def keep_referral_codes(ctx: JobContext) -> None:
    """Keep the codes of customers who came since."""
    await referrals.fill(ctx.actor("referrals", Scope.JOBS_RUN))


@scheduled(timedelta(hours=1))
async def tend_referrals(ctx: JobContext) -> None:
    """Expire referrals whose time is over, and reward what could not be rewarded at once."""
    await referrals.tend(ctx.actor("referrals", Scope.JOBS_RUN))
