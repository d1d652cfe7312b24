"""Preferences of customers, kept up to date."""

from __future__ import annotations

from datetime import timedelta

from siyu.domain import preferences
from siyu.jobs.queue import JobContext, scheduled
from siyu.privacy.actor import Purpose


@scheduled(timedelta(hours=1))
async def compute_preferences(ctx: JobContext) -> None:
    """Work out what those like best who bought or did something since the last time."""
    await preferences.compute(ctx.actor("preferences", *preferences.SCOPES, purpose=Purpose.ANALYTICS), progress=ctx.progress)
