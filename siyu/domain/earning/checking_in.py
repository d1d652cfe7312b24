"""Checking in: once a day of the organisation's time zone, with days in a row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from siyu.domain import customers
from siyu.domain.earning import rules
from siyu.domain.earning.giving import give
from siyu.domain.earning.inputs import CheckInGiven, Occasion
from siyu.domain.earning.tables import CheckIn, Earning, EarningTrigger
from siyu.domain.kernel import clock, days, ids
from siyu.domain.kernel.operation import operation
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import NotFound


@dataclass(frozen=True, slots=True)
class CheckedIn:
    """A day's check-in: how many days in a row it makes, and what they brought. `replayed`: it had been there already."""

    customer_id: UUID
    day: date
    streak: int
    points: int
    replayed: bool


@operation(Scope.POINTS_AWARD, writes=True)
async def check_in(actor: Actor, wish: CheckInGiven) -> CheckedIn:
    """Note that a customer was here today. The first of a day counts; the next ones are answered like it, and bring nothing more.

    Refuses a customer who is not there (`NOT_FOUND`).
    """
    path = ("input", "customer_id")
    stands = (await customers.hold(actor, [wish.customer_id])).get(wish.customer_id)
    if stands is None or stands not in await customers.reserve(actor, [stands]):
        raise NotFound("There is no such customer.", path=path)
    now = clock.now()
    today = days.day_of(now, days.here())
    rows = await CheckIn.filter(customer_id=stands, day__gt=today - timedelta(days=rules.STREAK_MAX)).only("id", "day")
    there = {row.day for row in rows}
    streak = rules.streak({*there, today}, today)
    key = f"check-in:{today.isoformat()}"
    if today in there:
        had = await Earning.filter(customer_id=stands, key=key).only("id", "points")
        return CheckedIn(stands, today, streak, sum(row.points for row in had), replayed=True)
    await CheckIn(id=ids.uuid7(), customer_id=stands, day=today, created_at=now).save(force_create=True)
    given = await give(
        actor, [Occasion(customer_id=stands, trigger=EarningTrigger.CHECK_IN, key=key, at=now, streak=streak)]
    )  # fmt: skip
    return CheckedIn(stands, today, streak, sum(points for _, points in given), replayed=False)
