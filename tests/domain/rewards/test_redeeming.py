"""Redeeming rewards: points, coupon and stock together, or nothing."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from siyu.domain import points, rewards, segments, tiers
from siyu.domain.coupons import CouponState
from siyu.domain.coupons.tables import Coupon
from siyu.domain.kernel import clock, database, ids
from siyu.domain.kernel.boot import House
from siyu.domain.points import PointsAward
from siyu.domain.points.tables import PointsAccount, PointsEntry
from siyu.domain.rewards import Redeemed, RewardKind, RewardRedeem, RewardSave
from siyu.domain.rewards.tables import Reward, RewardRedemption
from siyu.domain.segments import SegmentCreate
from siyu.domain.tiers import TierQualification, TierSave
from siyu.privacy import consent
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, Forbidden, Refusal
from tests import actors
from tests.domain.coupons.issued import people, template


async def rich(actor: Actor, count: int, *, balance: int = 1_000) -> list[UUID]:
    """Customers with so many points each."""
    whom = await people(actor, count)
    for each in whom:
        await points.award(actor, PointsAward(customer_id=each, points=balance, reason="test", idempotency_key=f"rich {each}"))
    return whom


async def reward(actor: Actor, **more: Any) -> UUID:
    return await rewards.save(actor, RewardSave(**{"name": "Mug", "kind": RewardKind.GIFT, "cost": 300, **more}))


async def redeem(actor: Actor, reward_id: UUID, customer_id: UUID, key: str = "till 1") -> Redeemed:
    return await rewards.redeem(actor, RewardRedeem(reward_id=reward_id, customer_id=customer_id, idempotency_key=key))


async def refused(*args: Any) -> Code:
    with pytest.raises(Refusal) as no:
        await redeem(*args)
    return no.value.code


async def balance(customer_id: UUID) -> int:
    return int((await PointsAccount.get(customer_id=customer_id)).balance)


async def test_points_coupon_and_stock_go_together(house: House, admin: Actor) -> None:
    (ada,) = await rich(admin, 1)
    mug = await reward(admin, kind=RewardKind.COUPON, coupon=template(), stock=2)
    with database.counting() as count:
        done = await redeem(admin, mug, ada)
    assert len(count) <= 30, count.sent
    coupon = await Coupon.get(id=done.coupon_id)
    entry = await PointsEntry.get(id=done.entry_id)
    assert (coupon.customer_id, coupon.state, entry.change, entry.about_id) == (ada, CouponState.ISSUED, -300, mug)
    assert await redeem(admin, mug, ada) == Redeemed(ada, done.entry_id, done.coupon_id, replayed=True)
    assert (await balance(ada), (await Reward.get(id=mug)).stock, await Coupon.all().count()) == (700, 1, 1)
    other = await reward(admin, name="Cup", cost=0)
    assert await refused(admin, other, ada) is Code.CONFLICT
    assert await redeem(admin, other, ada, "free") == Redeemed(ada, None, None)
    with pytest.raises(Forbidden):
        await redeem(actors.holder(Scope.POINTS_AWARD, Scope.REWARDS_WRITE), mug, ada, "till 2")


async def test_nothing_is_done_of_what_is_refused(house: House, admin: Actor) -> None:
    ada, eve = await rich(admin, 2)
    inside = await segments.create(admin, SegmentCreate(code="in", name="In", customer_ids=[ada]))
    now = clock.now()
    for code, more in (
        (Code.INSUFFICIENT_POINTS, {"cost": 1_001, "coupon": template(), "stock": 5}),
        (Code.OUT_OF_STOCK, {"stock": 0}),
        (Code.WRONG_STATE, {"active_from": now + timedelta(hours=1)}),
        (Code.EXPIRED, {"active_until": now - timedelta(hours=1)}),
        (Code.WRONG_STATE, {"segment_id": inside}),
    ):
        assert await refused(admin, await reward(admin, **more), eve) is code, more
    assert await refused(admin, ids.uuid7(), eve) is Code.NOT_FOUND
    mug = await reward(admin, segment_id=inside, per_customer_limit=1)
    assert await refused(admin, mug, ids.uuid7()) is Code.NOT_FOUND
    await redeem(admin, mug, ada)
    assert await refused(admin, mug, ada, "till 2") is Code.LIMIT_EXCEEDED
    await consent.restrict(admin, eve, reason="ASKED")
    assert await refused(admin, await reward(admin), eve, "till 3") is Code.RESTRICTED
    assert (await balance(eve), await Coupon.all().count(), await RewardRedemption.all().count()) == (1_000, 0, 1)
    assert {row.stock for row in await Reward.all()} == {None, 0, 5}


async def test_a_tier_and_those_above_it_have_it(house: House, admin: Actor) -> None:
    low, high = (await rich(admin, 1))[0], (await rich(admin, 1, balance=3_000))[0]
    made = [
        await tiers.save(admin, TierSave(
            code=code, name=code, rank=rank, threshold=least, qualification=TierQualification.LIFETIME_POINTS, benefits=[],
        ))
        for rank, (code, least) in enumerate((("basic", 0), ("silver", 2_000), ("gold", 2_500)), 1)
    ]  # fmt: skip
    await tiers.refresh(actors.worker(Scope.JOBS_RUN), [low, high])
    mug = await reward(admin, tier_id=made[1])
    assert await refused(admin, mug, low) is Code.WRONG_STATE
    assert (await redeem(admin, mug, high, "till 2")).entry_id is not None
    with pytest.raises(Refusal) as no:
        await reward(admin, tier_id=ids.uuid7())
    assert no.value.path == ("input", "tier_id")


async def test_stock_and_limits_hold_under_a_crowd(house: House, admin: Actor) -> None:
    whom = await rich(admin, 5)
    mug = await reward(admin, stock=3, per_customer_limit=1, coupon=template())
    asked = [(each, f"{each} {number % 2}") for each in whom for number in range(3)]
    answers = await asyncio.gather(*(redeem(admin, mug, each, key) for each, key in asked), return_exceptions=True)
    done = [each for each in answers if isinstance(each, Redeemed)]
    assert {each.code for each in answers if isinstance(each, Refusal)} <= {Code.OUT_OF_STOCK, Code.LIMIT_EXCEEDED}
    assert [each for each in answers if not isinstance(each, Redeemed | Refusal)] == []
    assert len({each.entry_id for each in done}) == len({each.customer_id for each in done}) == 3
    assert ((await Reward.get(id=mug)).stock, await Coupon.all().count()) == (0, 3)
    assert sorted([await balance(each) for each in whom]) == [700, 700, 700, 1_000, 1_000]


async def test_a_reward_is_changed_in_parts(house: House, admin: Actor) -> None:
    mug = await reward(admin, stock=3, description="White", per_customer_limit=2)
    await rewards.save(admin, RewardSave(id=mug, name="Cup", kind=RewardKind.GIFT, cost=5, per_customer_limit=None))
    row = await Reward.get(id=mug)
    assert (row.name, row.cost, row.stock, row.description, row.per_customer_limit) == ("Cup", 5, 3, "White", None)
    now = clock.now()
    for member, more in (
        ("name", {"name": " "}),
        ("cost", {"cost": -1}),
        ("stock", {"stock": -1}),
        ("per_customer_limit", {"per_customer_limit": 0}),
        ("coupon", {"kind": RewardKind.COUPON}),
        ("active_until", {"active_from": now, "active_until": now}),
        ("segment_id", {"segment_id": ids.uuid7()}),
        ("id", {"id": ids.uuid7()}),
    ):
        with pytest.raises(Refusal) as no:
            await reward(admin, **more)
        assert no.value.path == ("input", member)
    with pytest.raises(Forbidden):
        await reward(actors.holder(Scope.REWARDS_READ))
    assert await Reward.all().count() == 1
