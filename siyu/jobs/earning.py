"""Points for what customers buy and do, and on their birthdays."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from siyu.domain import earning, orders
from siyu.jobs.queue import JobContext, job, scheduled
from siyu.privacy.actor import Purpose, Scope


@job
async def earn_orders(ctx: JobContext, *customer_ids: str) -> None:
    """Give for the orders of these customers, and take back for what was paid back."""
    await earning.buy(ctx.actor("earning", Scope.JOBS_RUN, Scope.ORDERS_READ), [UUID(each) for each in customer_ids])


@job
async def earn_events(ctx: JobContext, *customer_ids: str) -> None:
    """Give for what these customers did lately."""
    await earning.act(ctx.actor("earning", Scope.JOBS_RUN, Scope.EVENTS_READ), [UUID(each) for each in customer_ids])


@job
async def earn_sign_ups(ctx: JobContext, *customer_ids: str) -> None:
    """Give to these customers for signing up."""
    actor = ctx.actor("earning", Scope.JOBS_RUN, Scope.CUSTOMERS_READ, purpose=Purpose.SERVICE)
    await earning.sign_up(actor, [UUID(each) for each in customer_ids])


@job
async def earn_since(ctx: JobContext, rule_id: str) -> None:
    """Give for the orders since a rule began that are there already."""
    actor = ctx.actor("earning", Scope.JOBS_RUN, Scope.ORDERS_READ)
    since = await earning.begun(actor, UUID(rule_id))
    if since is not None:
        await earning.buy(actor, await orders.ordering_since(actor, since))


@scheduled(timedelta(hours=1))
async def earn_birthdays(ctx: JobContext) -> None:
    """Give for the birthdays of the day, once it has begun in the organisation's time zone."""
    await earning.celebrate(ctx.actor("earning", Scope.JOBS_RUN, Scope.CUSTOMERS_READ, purpose=Purpose.SERVICE))
