"""Working preferences out: for whom something was bought or done since the last time, a few statements a batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from siyu.domain import customers, events, orders
from siyu.domain.kernel import boot, clock
from siyu.domain.kernel.joining import refreshes
from siyu.domain.kernel.operation import operation
from siyu.domain.preferences import rules
from siyu.domain.preferences.tables import Preference, PreferenceMark
from siyu.privacy import consent
from siyu.privacy.actor import Actor, Purpose, Scope

#: What the actor of these operations holds; its purpose is analytics, so whoever objected or is restricted is left out.
SCOPES: Final = (Scope.JOBS_RUN, Scope.ORDERS_READ, Scope.EVENTS_READ)
#: Customers of one transaction.
BATCH: Final = 500
#: What was written by transactions that were open at the last time is looked at again. Twice is the same as once.
_OVERLAP: Final = timedelta(minutes=10)
#: Behaviour older than this tells little, and need not be read.
_LOOKED_BACK: Final = timedelta(days=365)
_ONLY: Final = 1
_KINDS: Final = ("categories", "brands", "channels", "hours", "weekdays", "viewed_categories", "viewed_brands", "searches")

Progress = Callable[[int, int], Awaitable[None]]


@operation(*SCOPES)
async def compute(actor: Actor, *, progress: Progress | None = None) -> int:
    """Work out the preferences of everybody whose orders or events changed since the last time; how many customers were looked at.

    Broken off, the next run begins where this one did.
    """
    begun = clock.now()
    mark = await PreferenceMark.get_or_none(id=_ONLY)
    since = mark.looked_until - _OVERLAP if mark else None
    changed = {*await orders.ordering_since(actor, since), *await events.acting_since(actor, since)}
    waiting = sorted(changed)
    for start in range(0, len(waiting), BATCH):
        await _compute(actor, waiting[start : start + BATCH])
        if progress is not None:
            await progress(min(start + BATCH, len(waiting)), len(waiting))
    await _looked(actor, begun)
    return len(waiting)


@refreshes
@operation(writes=True)
async def refresh(actor: Actor, customer_ids: Sequence[UUID]) -> None:
    """Work out the preferences of just these customers anew, after rows have gone from one to another."""
    await _compute(Actor.worker("preferences", *SCOPES, purpose=Purpose.ANALYTICS, request=actor.request), customer_ids)


@operation(Scope.JOBS_RUN, writes=True)
async def _looked(actor: Actor, until: datetime) -> None:
    await PreferenceMark.bulk_create([PreferenceMark(id=_ONLY, looked_until=until)], on_conflict=["id"], update_fields=["looked_until"])


@operation(*SCOPES, writes=True)
async def _compute(actor: Actor, customer_ids: Collection[UUID]) -> None:
    """One batch. Nobody of it is erased or merged meanwhile; whoever was, and whoever has nothing left to like, has no row after it."""
    stands = await customers.hold(actor, customer_ids)
    there = [each for each in customer_ids if stands.get(each) == each]
    under = await consent.grant(actor, there, fields=[f"CustomerPreferences.{kind}" for kind in _KINDS], sealed=False)
    found = await _counted(actor, [each for each in there if each in under.subject_ids])
    liked = {each: counts for each, counts in found.items() if any(counts.values())}
    gone = [each for each in customer_ids if each not in liked and (each in under.subject_ids or stands.get(each) != each)]
    now = clock.now()
    rows = [
        Preference(customer_id=each, computed_at=now, **{kind: rules.first(counts[kind]) for kind in _KINDS})
        for each, counts in liked.items()
    ]
    if rows:
        await Preference.bulk_create(rows, on_conflict=["customer_id"], update_fields=[*_KINDS, "computed_at"])
    if gone:
        await Preference.filter(customer_id__in=gone).delete()


async def _counted(actor: Actor, customer_ids: Sequence[UUID]) -> Mapping[UUID, Mapping[str, Counter[str]]]:
    """Of each customer and kind, how often each value was counted."""
    found: dict[UUID, dict[str, Counter[str]]] = {each: {kind: Counter() for kind in _KINDS} for each in customer_ids}
    if not found:
        return found
    zone = ZoneInfo(boot.current().settings.timezone)
    for line in await orders.pieces(actor, customer_ids):
        _add(found[line.customer_id], line.count, categories=line.category, brands=line.brand)
    for order in await orders.placements(actor, customer_ids):
        of, placed = found[order.customer_id], [order.placed_at]
        _add(of, 1, channels=order.channel)
        of["hours"] += rules.hours(placed, zone)
        of["weekdays"] += rules.weekdays(placed, zone)
    for looked in await events.looks(actor, customer_ids, since=clock.now() - _LOOKED_BACK):
        of = found[looked.customer_id]
        _add(of, looked.count, viewed_categories=looked.category, viewed_brands=looked.brand, searches=looked.query)
    return found


def _add(counts: Mapping[str, Counter[str]], count: int, **values: str | None) -> None:
    for kind, value in values.items():
        if value:
            counts[kind][value] += count
