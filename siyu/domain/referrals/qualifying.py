"""Referrals that qualify by the friend's order, are rewarded on both sides, are rejected when it is paid back, or expire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from siyu.domain import customers, earning, orders
from siyu.domain.earning import EarningTrigger, Occasion, ReferralSide
from siyu.domain.kernel import clock
from siyu.domain.kernel.joining import refreshes
from siyu.domain.kernel.operation import operation
from siyu.domain.orders import Payment
from siyu.domain.referrals import binding, codes, rules
from siyu.domain.referrals.tables import Referral, ReferralFriend, ReferralState
from siyu.privacy.actor import Actor, Scope

_BATCH: Final = 500
#: For so long rewards are given that could not be at once: a side was restricted, or no rule was there.
_RETRIED: Final = timedelta(days=30)
_WON: Final = (ReferralState.QUALIFIED, ReferralState.REWARDED)


@operation(Scope.JOBS_RUN, Scope.ORDERS_READ)
async def qualify(actor: Actor, friend_ids: Sequence[UUID]) -> None:
    """Look at the orders of these friends: the first that is enough qualifies and rewards, one that is paid back rejects.

    Twice is the same as once.
    """
    for start in range(0, len(friend_ids), _BATCH):
        await _qualify(actor, friend_ids[start : start + _BATCH])


@operation(Scope.JOBS_RUN, writes=True)
async def _qualify(actor: Actor, friend_ids: Sequence[UUID]) -> None:
    friends = {row.referral_id: row.customer_id for row in await ReferralFriend.filter(customer_id__in=list(friend_ids))}
    rows = await _held(list(friends))
    if not rows:
        return
    await customers.reserve(actor, {*friends.values(), *(row.customer_id for row in rows)})
    found = await orders.payments(actor, set(friends.values()), since=min(row.created_at for row in rows))
    by_friend: dict[UUID, list[Payment]] = {}
    for payment in found:
        by_friend.setdefault(payment.customer_id, []).append(payment)
    minimum = (await binding.read()).minimum_e4
    for row in rows:
        await _judge(actor, row, friends[row.id], by_friend.get(friends[row.id], []), minimum)
    await _reward(actor, [row for row in rows if row.state in _WON], friends)


async def _held(referral_ids: Sequence[UUID]) -> list[Referral]:
    """Those of them whose fate can still change, held until the transaction ends."""
    states = [ReferralState.PENDING, *_WON]
    return await Referral.filter(id__in=list(referral_ids), state__in=states).order_by("id").select_for_update()


async def _judge(actor: Actor, row: Referral, friend: UUID, payments: Sequence[Payment], minimum_e4: int) -> None:
    now = clock.now()
    if row.state is ReferralState.PENDING:
        won = rules.qualifying(payments, minimum_e4=minimum_e4, since=row.created_at, until=row.expires_at)
        if won is not None:
            row.state, row.qualified_at, row.order_id = ReferralState.QUALIFIED, now, won.order_id
            await _keep(row, now)
    elif not any(each.order_id == row.order_id and each.left_e4 > 0 for each in payments):
        other = rules.qualifying(payments, minimum_e4=minimum_e4, since=row.created_at, until=row.expires_at)
        if other is not None:  # another order is enough, too: it stays won
            row.order_id = other.order_id
        else:
            row.state = ReferralState.REJECTED
            await earning.revoke(actor, [row.customer_id, friend], _key(row), source="referral_rejected")
        await _keep(row, now)


async def _keep(row: Referral, now: datetime) -> None:
    row.updated_at = now
    await row.save(update_fields=["state", "qualified_at", "order_id", "updated_at"])


async def _reward(actor: Actor, rows: Sequence[Referral], friends: Mapping[UUID, UUID]) -> None:
    """Give both sides what rules give for it; what was given is not given again."""
    if not rows:
        return
    occasions = [each for row in rows for each in _occasions(row, friends.get(row.id))]
    given = {occasion.key for occasion, _ in await earning.give(actor, occasions)}
    for row in rows:
        if row.state is ReferralState.QUALIFIED and _key(row) in given:
            row.state = ReferralState.REWARDED
            await _keep(row, clock.now())


def _key(row: Referral) -> str:
    return f"referral:{row.id}"


def _occasions(row: Referral, friend: UUID | None) -> list[Occasion]:
    assert row.qualified_at is not None, "it has qualified"
    sides = [(row.customer_id, ReferralSide.ADVOCATE), *([(friend, ReferralSide.FRIEND)] if friend is not None else [])]
    return [
        Occasion(customer_id=key, trigger=EarningTrigger.REFERRAL_QUALIFIED, key=_key(row), at=row.qualified_at, about_id=row.id, side=side)
        for key, side in sides
    ]


@operation(Scope.JOBS_RUN)
async def tend(actor: Actor) -> int:
    """Expire what was not qualified in time, and give what could not be given at once; how many expired. Twice is the same as once."""
    expired = 0
    while some := await _expire(actor):
        expired += some
    after: UUID | None = None
    while (after := await _retry(actor, after)) is not None:
        pass
    return expired


@operation(Scope.JOBS_RUN, writes=True)
async def _expire(actor: Actor) -> int:
    now = clock.now()
    rows = await Referral.filter(state=ReferralState.PENDING, expires_at__lte=now).order_by("id").limit(_BATCH).select_for_update()
    late = [row.id for row in rows]
    if late:
        await Referral.filter(id__in=late).update(state=ReferralState.EXPIRED, updated_at=now)
    return len(late)


@operation(Scope.JOBS_RUN, writes=True)
async def _retry(actor: Actor, after: UUID | None) -> UUID | None:
    since = clock.now() - _RETRIED
    found = Referral.filter(state__in=list(_WON), qualified_at__gte=since, updated_at__gte=since)
    rows = await (found.filter(id__gt=after) if after else found).order_by("id").limit(_BATCH).select_for_update()
    if not rows:
        return None
    friends = {row.referral_id: row.customer_id for row in await ReferralFriend.filter(referral_id__in=[row.id for row in rows])}
    await _reward(actor, rows, friends)
    return rows[-1].id


@refreshes
@operation(writes=True)
async def refresh(actor: Actor, customer_ids: Sequence[UUID]) -> None:
    """After a merge nobody has referred themselves: such a referral that is expected is rejected. Each code leads where it did."""
    await codes.restore(customer_ids)
    friends = {row.referral_id: row.customer_id for row in await ReferralFriend.filter(customer_id__in=list(customer_ids))}
    if not friends:
        return
    rows = await Referral.filter(id__in=list(friends), state=ReferralState.PENDING, customer_id__in=list(customer_ids))
    stands = await customers.hold(actor, customer_ids) if rows else {}
    own = [row.id for row in rows if stands.get(row.customer_id) == stands.get(friends[row.id])]
    if own:
        await Referral.filter(id__in=own).update(state=ReferralState.REJECTED, updated_at=clock.now())
