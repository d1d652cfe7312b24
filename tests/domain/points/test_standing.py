"""What time and merges do to points, and that the ledger proves it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import time_machine

from siyu.domain import points
from siyu.domain.kernel import boot, clock
from siyu.domain.kernel.boot import House
from siyu.domain.points import PointsProgramUpdate, Program
from siyu.domain.points.tables import PointsAccount, PointsLot
from siyu.privacy import consent
from siyu.privacy.actor import Actor, Scope
from tests import actors
from tests.domain.points.awarded import adjust, award, left, lines, redeem, reverse, stands, transfer
from tests.domain.tags.tagged import people
from tests.domain.tags.test_uniting import part, unite

WORKER = actors.worker(Scope.JOBS_RUN, Scope.POINTS_READ)


async def whole(actor: Actor) -> None:
    """The ledger agrees with every account, and with what is told of it."""
    found = await points.verify(actor)
    assert found.faults == ()
    assert found.balances == found.entries
    owed = await points.liability(actor)
    assert owed.outstanding + owed.pending == owed.issued - owed.redeemed - owed.expired
    assert owed.outstanding == found.balances


async def test_points_wait_and_expire_at_their_moment(house: House, admin: Actor) -> None:
    ada, eve = await people(admin, 2)
    await points.update_program(admin, PointsProgramUpdate(expire_after_days=30, pending_days=7))
    await award(admin, ada, 100)
    await award(admin, ada, 40, available_at=clock.now())
    await adjust(admin, eve, -5)
    await award(admin, eve, 20)
    assert (await stands(ada), await stands(eve)) == ((40, 100, 140), (-5, 20, 20))
    assert await points.settle(WORKER) == 0
    await consent.restrict(admin, ada, reason="TEST")
    with time_machine.travel(clock.now() + timedelta(days=8), tick=True):
        assert await points.settle(WORKER) == 2
        assert await points.settle(WORKER) == 0
        assert (await stands(ada), await stands(eve), await left(eve)) == ((140, 0, 140), (15, 0, 20), [15])
        await redeem(admin, eve, 6)
    with time_machine.travel(clock.now() + timedelta(days=32), tick=True):
        assert await points.settle(WORKER) == 1
        assert (await stands(ada), await left(ada)) == ((100, 0, 140), [100, 0])
        await whole(admin)
    with time_machine.travel(clock.now() + timedelta(days=60), tick=True):
        assert await points.settle(WORKER) == 2
        assert (await stands(ada), await stands(eve)) == ((0, 0, 140), (0, 0, 20))
        await whole(admin)


async def test_what_is_due_is_settled_before_a_debit(house: House, admin: Actor) -> None:
    (ada,) = await people(admin, 1)
    now = clock.now()
    await award(admin, ada, 10, expires_at=now + timedelta(days=1))
    await award(admin, ada, 30, available_at=now + timedelta(days=1))
    with time_machine.travel(now + timedelta(days=2), tick=True):
        spent = await redeem(admin, ada, 25)
        assert [kind for kind, *_ in await lines(ada)] == ["EARN", "EARN", "ACTIVATE", "EXPIRE", "REDEEM"]
        assert await stands(ada) == (5, 0, 40)
        await reverse(admin, spent)
        assert await left(ada) == [0, 30]
        await whole(admin)


async def test_what_comes_back_of_a_lot_that_expired_expires(house: House, admin: Actor) -> None:
    (ada,) = await people(admin, 1)
    await award(admin, ada, 10, expires_at=clock.now() + timedelta(days=1))
    spent = await redeem(admin, ada, 10)
    with time_machine.travel(clock.now() + timedelta(days=2), tick=True):
        await reverse(admin, spent)
        assert await stands(ada) == (10, 0, 10)
        assert await points.settle(WORKER) == 1
        assert await stands(ada) == (0, 0, 10)
        await whole(admin)


async def test_days_of_the_program_end_at_midnight(house: House, admin: Actor) -> None:
    zone = ZoneInfo(boot.current().settings.timezone)
    program = Program(expire_after_days=10, pending_days=3)
    since = datetime(2026, 3, 25, 15, 0, tzinfo=zone)
    assert program.available_at(since) == datetime(2026, 3, 28, tzinfo=zone)
    assert program.expires_at(program.available_at(since)) == datetime(2026, 4, 8, tzinfo=zone)


async def test_a_planted_error_is_found(house: House, admin: Actor) -> None:
    ada, eve, bob = await people(admin, 3)
    for each in (ada, eve, bob):
        await award(admin, each, 10)
    await whole(admin)
    await PointsAccount.filter(customer_id=ada).update(balance=11)
    await PointsLot.filter(customer_id=eve).update(remaining=9)
    await PointsAccount.filter(customer_id=bob).delete()
    found = await points.verify(admin)
    assert {each.customer_id: each.what for each in found.faults} == {ada: ("balance", "lots"), eve: ("lots",), bob: ("account",)}
    assert found.balances != found.entries


async def test_merging_keeps_the_ledger_whole_and_parting_gives_both_back(house: House, admin: Actor) -> None:
    ada, eve, bob = await people(admin, 3)
    await award(admin, ada, 100)
    await award(admin, ada, 9, available_at=clock.now() + timedelta(days=1))
    await award(admin, eve, 10)
    await adjust(admin, eve, -40)
    before = [(await stands(each), await left(each)) for each in (ada, eve)]
    for kept, merged in ((ada, eve), (eve, ada)):
        await unite(admin, kept, merged)
        assert (await stands(kept), await stands(merged)) == ((70, 9, 119), (0, 0, 0))
        await whole(admin)
        await part(admin, merged)
        assert [(await stands(each), await left(each)) for each in (ada, eve)] == before
        await whole(admin)
    await unite(admin, bob, ada)
    assert await stands(bob) == (100, 9, 109)
    spent = await redeem(admin, bob, 60)
    assert (await award(admin, ada, 5)).customer_id == bob, "whoever was merged is whom they were merged into"
    await part(admin, ada)
    assert (await stands(ada), await stands(bob)) == ((100, 9, 109), (-55, 0, 5))
    await whole(admin)
    await reverse(admin, spent)
    assert (await stands(ada), await stands(bob), await left(bob)) == ((100, 9, 109), (5, 0, 5), [0, 5])
    await transfer(admin, ada, bob, 1)
    await whole(admin)


async def test_liability_by_month(house: House, admin: Actor) -> None:
    (ada,) = await people(admin, 1)
    start = datetime(2026, 1, 31, 12, tzinfo=UTC)
    with time_machine.travel(start, tick=True):
        await award(admin, ada, 100, expires_at=start + timedelta(days=40))
        await redeem(admin, ada, 30)
    with time_machine.travel(start + timedelta(days=41), tick=True):
        await points.settle(WORKER)
        await award(admin, ada, 7)
        months = await points.months(admin, date(2026, 1, 1))
        assert [(each.month, each.issued, each.redeemed, each.expired, each.owed) for each in months] == [
            (date(2026, 1, 1), 100, 30, 0, 70), (date(2026, 2, 1), 0, 0, 0, 70), (date(2026, 3, 1), 7, 0, 70, 7),
        ]  # fmt: skip
        owed = await points.liability(admin)
        assert (owed.outstanding, owed.issued, owed.redeemed, owed.expired) == (7, 107, 30, 70)
        hidden = await points.liability(actors.holder(Scope.POINTS_READ))
        assert hidden.issued == 0
