"""Coupons that come by themselves."""

from __future__ import annotations

from datetime import timedelta

from siyu.domain import gifts
from siyu.jobs.queue import JobContext, scheduled


@scheduled(timedelta(hours=1))
async def give_gifts(ctx: JobContext) -> None:
    """Give the coupons of the day, once it has begun in the organisation's time zone."""
    await gifts.give_due(ctx.actor("gifts", *gifts.SCOPES))
