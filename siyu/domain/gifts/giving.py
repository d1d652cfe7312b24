"""Giving what is due: each customer gets a gift once an occasion, however often the job is retried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Final
from uuid import UUID

from siyu.domain import coupons, customers, segments, tiers
from siyu.domain.coupons import CouponSource, Template
from siyu.domain.gifts import rules
from siyu.domain.gifts.tables import CouponGift, GiftOccasion
from siyu.domain.kernel import clock, database, days
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.kernel.operation import operation
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.reach import reach

#: What the actor of the job holds.
SCOPES: Final = (Scope.JOBS_RUN, Scope.CUSTOMERS_READ, Scope.SEGMENTS_READ)
#: Customers of one transaction.
_PAGE: Final = 500


@operation(*SCOPES)
async def give_due(actor: Actor) -> int:
    """Give what is due today, and what was due on the last days where nobody gave it; how many customers were looked at."""
    today, count = days.day_of(clock.now(), days.here()), 0
    for gift in await CouponGift.filter(active=True, given_on__lt=today).order_by("id"):
        seeing = replace(actor, purpose=gift.purpose)
        for day in rules.outstanding(gift.given_on, today):
            if gift.occasion is GiftOccasion.BIRTHDAY or day.day == gift.day_of_month:
                after: UUID | None = None
                while (page := await _page(seeing, gift, day, after)) and (after := page[-1]):
                    count += len(page)
            await CouponGift.filter(id=gift.id, given_on__lt=day).update(given_on=day)
    return count


@operation(*SCOPES, writes=True)
async def _page(actor: Actor, gift: CouponGift, day: date, after: UUID | None) -> list[UUID]:
    """Give it to the next customers by id; who was looked at."""
    page = await _next(actor, gift, day, after)
    there = await coupons.receivers(actor, await _fitting(actor, gift, page))
    template = Template(gift.kind, gift.value_e4, gift.minimum_e4, gift.minimum_currency, gift.valid_days)
    occasion = rules.round_of(gift.occasion, day, gift.days_before)
    wanted = {each: f"gift:{gift.id}:{occasion}:{each}" for each in there}
    await coupons.give(actor, wanted, template, source=CouponSource.GIFT)
    return page


async def _next(actor: Actor, gift: CouponGift, day: date, after: UUID | None) -> list[UUID]:
    if gift.occasion is GiftOccasion.BIRTHDAY:
        return await customers.born_on(actor, rules.born(day, gift.days_before), after=after, limit=_PAGE)
    if gift.segment_id is not None:
        return await segments.members(actor, gift.segment_id, after=after, limit=_PAGE)
    assert gift.tier_id is not None, "a gift of each month is somebody's"
    statement = Statement(database.dialect())
    on = f" and a.customer_id > {statement.bind(after, Kind.ID)}" if after is not None else ""
    sql = f"select a.customer_id from points_accounts a where a.tier_id is not null{on} order by a.customer_id limit {_PAGE}"  # noqa: S608  # bound
    return [UUID(str(row[0])) for row in await database.rows(sql, statement.args)]


async def _fitting(actor: Actor, gift: CouponGift, page: Sequence[UUID]) -> list[UUID]:
    """Who of these the purpose reaches, and is in the segment and at the tier."""
    if not page:
        return []
    statement = Statement(database.dialect())
    holds = [statement.among("t.id", list(page), Kind.ID), (await reach(actor.purpose)).condition("t.id", statement.bind)]
    sql = f"select t.id from customers t where {' and '.join(filter(None, holds))} order by t.id"  # noqa: S608  # bound values only
    found = [UUID(str(row[0])) for row in await database.rows(sql, statement.args)]
    if gift.segment_id is not None:
        inside = {each for _, each in await segments.among(actor, [gift.segment_id], found)}
        found = [each for each in found if each in inside]
    if gift.tier_id is not None:
        asked = {rung.id: rung.rank for rung in await tiers.known(actor)}.get(gift.tier_id)
        at = await tiers.held(actor, found)
        found = [each for each in found if asked is not None and each in at and at[each].rank >= asked]
    return found
