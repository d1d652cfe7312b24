"""The blind index of birthdays, filled for customers who were written before there was one."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from siyu.domain import customers
from siyu.jobs.queue import JobContext, scheduled
from siyu.privacy.actor import Purpose, Scope


@scheduled(timedelta(hours=1))
async def fill_birthday_index(ctx: JobContext) -> None:
    """Index every birthday that is not yet; nothing to do after the first time, but for merges that were undone."""
    actor = ctx.actor("birthdays", Scope.CUSTOMERS_WRITE, purpose=Purpose.SERVICE)
    after: UUID | None = None
    while (after := await customers.index_birthdays(actor, after=after)) is not None:
        await ctx.progress(0)
