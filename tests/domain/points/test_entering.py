"""Points given, taken, and taken back."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from siyu.domain import points
from siyu.domain.kernel import clock, database, ids
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.statements import counting
from siyu.domain.points import NegativeBalancePolicy, PointsProgramUpdate, Posting
from siyu.domain.points.tables import PointsAccount, PointsEntry
from siyu.privacy import consent
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, Forbidden, Refusal
from tests import actors
from tests.domain.points.awarded import adjust, award, fresh_key, left, lines, redeem, reverse, stands, transfer
from tests.domain.tags.tagged import people


async def refused(call: object) -> Code:
    with pytest.raises(Refusal) as refusal:
        await call  # type: ignore[misc]  # a coroutine
    return refusal.value.code


async def test_points_come_and_go(house: House, admin: Actor) -> None:
    ada, eve = await people(admin, 2)
    now = clock.now()
    first = await award(admin, ada, 100, expires_at=now + timedelta(days=9))
    await award(admin, ada, 50, expires_at=now + timedelta(days=3))
    await award(admin, ada, 30, available_at=now + timedelta(days=1))
    assert await stands(ada) == (150, 30, 180)
    spent = await redeem(admin, ada, 70)
    assert await left(ada) == [80, 0, 30]
    assert await refused(redeem(admin, ada, 81)) is Code.INSUFFICIENT_POINTS
    await reverse(admin, spent)
    assert await left(ada) == [100, 50, 30]
    assert await refused(reverse(admin, spent)) is Code.WRONG_STATE
    await transfer(admin, ada, eve, 60)
    assert (await left(ada), await left(eve)) == ([90, 0, 30], [50, 10])
    assert await refused(redeem(admin, eve, 61)) is Code.INSUFFICIENT_POINTS
    await adjust(admin, eve, -70)
    assert await stands(eve) == (-10, 0, 0)
    await award(admin, eve, 25)
    assert (await stands(eve), await left(eve)) == ((15, 0, 25), [0, 0, 15])
    back = await reverse(admin, first)
    assert await stands(ada) == (-10, 30, 80)
    assert await refused(reverse(admin, back)) is Code.WRONG_STATE
    assert await lines(ada) == [
        ("EARN", 100, 100, 100), ("EARN", 50, 50, 150), ("EARN", 30, 0, 150), ("REDEEM", -70, -70, 80), ("REVERSE", 70, 70, 150),
        ("TRANSFER_OUT", -60, -60, 90), ("REVERSE", -100, -100, -10),
    ]  # fmt: skip


async def test_a_key_is_used_once(house: House, admin: Actor) -> None:
    ada, eve = await people(admin, 2)
    key = fresh_key()
    twins = await asyncio.gather(*(award(admin, ada, 10, key=key) for _ in range(5)))
    assert len({each.entry_id for each in twins}) == 1
    assert sorted(each.replayed for each in twins) == [False, True, True, True, True]
    assert await stands(ada) == (10, 0, 10)
    for other in (award(admin, ada, 11, key=key), award(admin, eve, 10, key=key), redeem(admin, ada, 10, key=key)):
        assert await refused(other) is Code.CONFLICT
    spent, again = [await redeem(admin, ada, 4, key="mine") for _ in range(2)]
    assert (again.entry_id, again.replayed, await stands(ada)) == (spent.entry_id, True, (6, 0, 10))
    moved, again = [await transfer(admin, ada, eve, 1, key="yours") for _ in range(2)]
    assert (again.entry_id, again.replayed, await stands(eve)) == (moved.entry_id, True, (1, 0, 0))
    undone, again = [await reverse(admin, spent, key="undo") for _ in range(2)]
    assert (again.entry_id, again.replayed, await stands(ada)) == (undone.entry_id, True, (9, 0, 10))
    assert await PointsEntry.all().count() == 5


async def test_what_is_refused_leaves_nothing(house: House, admin: Actor) -> None:
    (ada,) = await people(admin, 1)
    yesterday = clock.now() - timedelta(days=1)
    for call, code in (
        (award(admin, ada, 0), Code.INVALID),
        (award(admin, ada, 2_000_000_000), Code.LIMIT_EXCEEDED),
        (award(admin, uuid4(), 1), Code.NOT_FOUND),
        (award(admin, ada, 1, key=" "), Code.BLANK),
        (award(admin, ada, 1, expires_at=yesterday), Code.INVALID),
        (redeem(admin, ada, 1), Code.INSUFFICIENT_POINTS),
        (adjust(admin, ada, 0), Code.INVALID),
        (transfer(admin, ada, ada, 1), Code.INVALID),
        (award(actors.holder(Scope.POINTS_REDEEM), ada, 1), Code.FORBIDDEN),
        (redeem(actors.holder(Scope.POINTS_AWARD), ada, 1), Code.FORBIDDEN),
        (adjust(actors.holder(Scope.POINTS_AWARD), ada, 1), Code.FORBIDDEN),
    ):
        assert await refused(call) is code
    await consent.restrict(admin, ada, reason="TEST")
    assert await refused(award(admin, ada, 1)) is Code.RESTRICTED
    with pytest.raises(Forbidden):
        await points.update_program(actors.holder(Scope.POINTS_AWARD), PointsProgramUpdate(name="x"))
    assert await PointsEntry.all().count() == 0


async def test_the_policy_decides_where_points_are_missing(house: House, admin: Actor) -> None:
    (ada,) = await people(admin, 1)
    earned = await award(admin, ada, 100)
    await redeem(admin, ada, 80)
    for policy in (NegativeBalancePolicy.FORBID, NegativeBalancePolicy.CLAMP_TO_ZERO):
        await points.update_program(admin, PointsProgramUpdate(negative_balance=policy))
        if policy is NegativeBalancePolicy.FORBID:
            assert await refused(reverse(admin, earned)) is Code.INSUFFICIENT_POINTS
            assert await refused(adjust(admin, ada, -21)) is Code.INSUFFICIENT_POINTS
    assert earned.entry_id is not None
    await points.claw_back(admin, earned.entry_id, 10, source="refund", key="refund:1")
    assert await stands(ada) == (10, 0, 90)
    again = await points.claw_back(admin, earned.entry_id, 10, source="refund", key="refund:1")
    assert again.replayed
    await reverse(admin, earned)
    assert await stands(ada) == (0, 0, 80)
    assert await refused(reverse(admin, earned)) is Code.WRONG_STATE
    await adjust(admin, ada, -5)
    assert await stands(ada) == (0, 0, 80)


async def test_a_batch_has_a_fixed_number_of_statements(house: House, admin: Actor) -> None:
    everybody = await people(admin, 12)

    def posting(number: int, customer_id: object) -> Posting:
        return Posting(customer_id=customer_id, points=number, source="test", key=f"test:{customer_id}:{number}")  # type: ignore[arg-type]  # a UUID

    await points.credit(admin, [posting(1, each) for each in everybody])
    counts = []
    for size in (2, 12):
        with counting() as count:
            posted = await points.credit(admin, [posting(size, each) for each in everybody[:size]])
        assert not any(each.refusal or each.replayed for each in posted)
        counts.append(len([sql for sql in count.sent if "points" in sql]))
    assert counts[0] == counts[1] <= (3 if database.dialect() == "postgres" else 5)
    again = await points.credit(
        admin, [posting(12, everybody[0]), posting(13, everybody[0]), posting(13, everybody[0]), posting(1, ids.uuid7())]
    )
    assert [(each.replayed, each.refusal and each.refusal.code) for each in again] == [
        (True, None), (False, None), (True, None), (False, Code.NOT_FOUND),
    ]  # fmt: skip
    assert await PointsAccount.all().count() == 12
