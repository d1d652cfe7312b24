"""Tiers follow points and orders: up by a job right after, down by the clock; who does not move costs no write."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
import time_machine

from siyu.domain import points, tiers
from siyu.domain.kernel import clock, database, days
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.tables import Outbox
from siyu.domain.points import Posting
from siyu.domain.points.tables import PointsAccount
from siyu.domain.tiers import TierQualification, TierSave
from siyu.domain.tiers.tables import TierChange, TierLadder
from siyu.privacy.actor import Actor, Role, Scope
from siyu.privacy.refusal import Code, Forbidden, Refusal
from siyu.privacy.tables import Restriction
from tests import actors
from tests.domain.scoring.bought import WORKER, bought, person, placed

FEED = actors.worker(Scope.JOBS_RUN, Scope.POINTS_READ)


def wish(rank: int, threshold: int, by: TierQualification = TierQualification.BALANCE, **more: object) -> TierSave:
    return TierSave(code=f"t{rank}", name=f"T{rank}", rank=rank, threshold=threshold, qualification=by, **more)  # type: ignore[arg-type]  # its own


async def earn(who: UUID, number: int, key: str) -> None:
    [posted] = await points.credit(WORKER, [Posting(customer_id=who, points=number, source="test", key=f"test:{key}")])
    assert posted.refusal is None


async def spend(who: UUID, number: int, key: str) -> None:
    await points.debit(WORKER, Posting(customer_id=who, points=number, source="test", key=f"test:{key}"))


async def settled() -> int:
    """Run the jobs that are due for single people; how many there were."""
    jobs = await Outbox.filter(job="settle_tiers")
    for job in jobs:
        await tiers.settle(WORKER, [UUID(each) for each in job.args])
        await job.delete()
    return len(jobs)


async def account(who: UUID) -> tuple[UUID | None, datetime | None]:
    row = await PointsAccount.get_or_none(customer_id=who)
    return (None, None) if row is None else (row.tier_id, row.tier_until)


async def moves(who: UUID) -> list[tuple[UUID | None, UUID | None]]:
    return [(row.was_id, row.became_id) for row in await TierChange.filter(customer_id=who).order_by("id")]


async def test_up_at_once_and_down_after_grace_at_the_days_end(house: House, admin: Actor) -> None:
    who, other = await person(), await person()
    with database.counting() as statements:
        await earn(who, 50, "early")
    before = len(statements)
    low = await tiers.save(admin, wish(1, 100, grace_days=1, earning_multiplier=Decimal("1.5")))
    high = await tiers.save(admin, wish(2, 500))
    await tiers.apply(WORKER)
    await tiers.known(WORKER)
    with database.counting() as statements:
        await earn(who, 40, "a")
    assert len(statements) <= before + 1  # one look at the tiers, and no job where nobody moves
    assert await settled() == 0
    await earn(who, 10, "b")
    assert await settled() == 1
    assert await account(who) == (low, None)
    with database.counting() as statements:
        assert await tiers.settle(WORKER, [who, other]) == 0
    assert len(statements) <= 2
    assert await tiers.multipliers(WORKER, [who, other]) == {who: Decimal("1.5"), other: Decimal(1)}
    ahead = await tiers.ahead(admin, [who, other])
    assert {key: (each.tier_id, each.remaining) for key, each in ahead.items()} == {who: (high, 400), other: (low, 100)}
    await earn(who, 400, "c")
    await settled()
    await spend(who, 450, "d")
    await settled()
    until = days.begins(days.day_of(clock.now(), days.here()) + timedelta(days=1), days.here())
    assert await account(who) == (high, until)
    with time_machine.travel(until - timedelta(seconds=1), tick=False):
        assert await tiers.lapse(WORKER) == 0
    with time_machine.travel(until, tick=False):
        assert await tiers.lapse(WORKER) == 1
        assert await tiers.lapse(WORKER) == 0
    assert await account(who) == (None, None)
    assert await moves(who) == [(None, low), (low, high), (high, None)]
    assert await account(other) == (None, None)
    with time_machine.travel(until + timedelta(minutes=1), tick=False):
        feed = await tiers.changes(FEED)
        assert [(each.customer_id, each.became_id) for each in feed] == [(who, low), (who, high), (who, None)]
        assert await tiers.changes(FEED, after=feed[-1].id) == []


async def test_points_in_a_window_less_what_was_taken_back_and_spend_in_one(house: House, admin: Actor) -> None:
    earner, buyer, shy = await person(), await person(), await person()
    earned = await tiers.save(admin, wish(1, 100, TierQualification.POINTS_IN_WINDOW, window_days=10, grace_days=2))
    spent = await tiers.save(admin, wish(2, 500, TierQualification.SPEND_IN_WINDOW, window_days=30))
    await Restriction.create(customer_id=shy, reason="TEST")
    [posted] = await points.credit(WORKER, [Posting(customer_id=earner, points=100, source="test", key="test:w")])
    assert posted.entry_id is not None
    await points.claw_back(WORKER, posted.entry_id, 1, source="test", key="test:x")
    assert await settled() <= 1
    assert await account(earner) == (None, None)
    await earn(earner, 1, "y")
    await bought(placed(buyer, clock.now(), 300), placed(buyer, clock.now() - timedelta(days=29), 200), placed(shy, clock.now(), 900))
    await settled()
    here, today = days.here(), days.day_of(clock.now(), days.here())
    assert await account(earner) == (earned, days.begins(today + timedelta(days=13), here))
    assert await account(buyer) == (spent, days.begins(today + timedelta(days=31), here))
    assert await account(shy) == (None, None)
    with time_machine.travel(days.begins(today + timedelta(days=13), here), tick=False):
        assert await tiers.lapse(WORKER) == 1
        assert (await account(earner), await account(buyer)) == ((None, None), (spent, days.begins(today + timedelta(days=31), here)))


async def test_another_tier_moves_everybody_who_reaches_it_and_nobody_twice(house: House, admin: Actor) -> None:
    people = [await person() for _ in range(4)]
    for number, who in enumerate(people):
        await earn(who, 100 * (number + 1), f"e{number}")
    low = await tiers.save(admin, wish(1, 300))
    assert await Outbox.filter(job="apply_tiers").count() == 1
    assert await tiers.due(WORKER)
    assert await tiers.apply(WORKER) == 2
    assert not await tiers.due(WORKER)
    assert await tiers.apply(WORKER) == 0
    await tiers.save(admin, TierSave(id=low, code="t1", name="Renamed", rank=1, threshold=300, qualification=TierQualification.BALANCE))
    assert not await tiers.due(WORKER)
    await tiers.save(admin, wish(2, 400))
    assert await tiers.apply(WORKER) == 1
    assert await tiers.counts(admin, [low]) == {low: 1}
    assert await tiers.counts(actors.holder(Scope.POINTS_READ), [low]) == {low: 0}
    assert await TierChange.all().count() == 3


async def test_what_does_not_fit_is_refused(house: House, admin: Actor) -> None:
    low = await tiers.save(admin, wish(1, 300))
    window = TierQualification.POINTS_IN_WINDOW
    for bad, found in (
        (wish(1, 5, grace_days=-1), {"grace_days": Code.INVALID}),
        (wish(0, -1, window), {"rank": Code.INVALID, "threshold": Code.INVALID, "window_days": Code.BLANK}),
        (wish(2, 5, window_days=4), {"window_days": Code.INVALID}),
        (wish(2, 5, earning_multiplier=Decimal("1.00001")), {"earning_multiplier": Code.INVALID}),
        (wish(2, 5, benefits=["a", " "]), {"benefits.1": Code.BLANK}),
        (wish(1, 5), {"code": Code.TAKEN}),
        (TierSave(code="x", name="X", rank=1, threshold=5, qualification=TierQualification.BALANCE), {"rank": Code.TAKEN}),
        (TierSave(id=low, code="x", name="X", rank=1, threshold=5, qualification=TierQualification.BALANCE), {"code": Code.WRONG_STATE}),
        (
            TierSave(id=UUID(int=5), code="x", name="X", rank=3, threshold=5, qualification=TierQualification.BALANCE),
            {"id": Code.NOT_FOUND},
        ),
    ):
        with pytest.raises(Refusal) as refused:
            await tiers.save(admin, bad)
        assert {".".join(each.path[1:]): each.code for each in refused.value.each()} == found
    with pytest.raises(Forbidden):
        await tiers.save(actors.staff(Role.ANALYST), wish(3, 1))
    assert [rung.code for rung in await tiers.known(WORKER)] == ["t1"]
    assert (await TierLadder.get(id=1)).version == 1
