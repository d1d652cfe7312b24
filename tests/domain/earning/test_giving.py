"""Points for orders, events, check-ins, birthdays and sign-ups: once each, within limits, and their share back."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from siyu.domain import earning, events, orders, points, segments
from siyu.domain.customers import IdentityGiven, IdentityKind
from siyu.domain.earning import CheckInGiven, EarningRuleSave, EarningTrigger
from siyu.domain.earning.tables import CheckIn, Earning, EarningRule, EarningRuleVersion
from siyu.domain.events import EventGiven, EventsTrack
from siyu.domain.kernel import clock, database, ids
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.money import MoneyGiven
from siyu.domain.kernel.tables import Outbox
from siyu.domain.orders import OrderStatus, RefundGiven
from siyu.domain.orders.tables import Order
from siyu.domain.points import NegativeBalancePolicy, PointsProgramUpdate
from siyu.domain.points.tables import PointsEntry
from siyu.domain.segments import SegmentCreate, SegmentDelete
from siyu.privacy.actor import Actor, Role
from siyu.privacy.refusal import Code, Forbidden, NotFound, Refusal
from tests import actors
from tests.domain.earning.earned import WORKER, balance, entries, kept, ordered, per_yuan, person, rule
from tests.domain.points.awarded import redeem

SHANGHAI_MORNING = datetime(2026, 3, 1, 0, 30, tzinfo=UTC)


async def test_a_paid_order_brings_points_once_and_says_by_which_rule(house: House, admin: Actor) -> None:
    one, other = await person(admin), await person(admin)
    made = await per_yuan(admin, "1.5")
    assert await Outbox.filter(job="earn_since").count() == 1
    order = await ordered(one, 33)
    await ordered(other, 10, status=OrderStatus.PLACED)
    await ordered(other, 10, at=clock.now() - timedelta(days=31))
    assert {tuple(row.args) for row in await Outbox.filter(job="earn_orders")} == {(str(one),), (str(other),)}
    for _ in range(2):
        await earning.buy(WORKER, [one, other])
    assert await entries(one) == [("EARN", 49, "order_paid")], "1.5 × 33 = 49.5"
    assert await entries(other) == [], "not paid, and before the rule"
    entry = await PointsEntry.get(customer_id=one)
    assert (entry.rule_id, entry.rule_version, entry.about_id) == (made, 1, order.id)


async def test_a_refund_takes_back_its_share_and_a_cancellation_the_rest(house: House, admin: Actor) -> None:
    one = await person(admin)
    await per_yuan(admin)
    order = await ordered(one, 10)
    await earning.buy(WORKER, [one])
    await orders.refund(
        admin, RefundGiven(order_id=order.id, amount=MoneyGiven(amount=Decimal("2.50"), currency="CNY"), idempotency_key="a")
    )
    for _ in range(2):
        await earning.buy(WORKER, [one])
    assert (await balance(one), await kept(one)) == (7, [7])
    await Order.filter(id=order.id).update(status=OrderStatus.CANCELLED)
    for _ in range(2):
        await earning.buy(WORKER, [one])
    assert (await balance(one), await kept(one)) == (0, [0])
    assert [points for _, points, _ in await entries(one)] == [10, -3, -7]
    await Order.filter(id=order.id).update(status=OrderStatus.PAID)
    await earning.buy(WORKER, [one])
    assert await balance(one) == 0, "what was taken back is not given again"


async def test_a_days_limit_holds_over_all_orders_of_a_batch_and_after_it(house: House, admin: Actor) -> None:
    one = await person(admin)
    await per_yuan(admin, maximum_per_day=25)
    for _ in range(2):
        await ordered(one, 10)
    await earning.buy(WORKER, [one])
    await ordered(one, 10)
    await earning.buy(WORKER, [one])
    await earning.buy(WORKER, [one])
    assert [points for _, points, _ in await entries(one)] == [10, 10, 5]


async def test_a_rule_for_a_segment_is_for_its_members_and_a_category_for_its_articles(house: House, admin: Actor) -> None:
    member, other = await person(admin), await person(admin)
    segment = await segments.create(admin, SegmentCreate(code="vip", name="VIP", customer_ids=[member]))
    await per_yuan(admin, segment_id=segment)
    await per_yuan(admin, category="tea")
    for each in (member, other):
        await ordered(each, 10)
    await earning.buy(WORKER, [member, other])
    assert (await balance(member), await balance(other)) == (10, 0), "no article is tea"
    with pytest.raises(Refusal, match="the earning rule for ORDER_PAID") as caught:
        await segments.delete(admin, SegmentDelete(id=segment))
    assert caught.value.code is Code.IN_USE


async def test_a_batch_costs_as_many_statements_as_one_person(house: House, admin: Actor) -> None:
    people = [await person(admin) for _ in range(12)]
    await per_yuan(admin, maximum_per_day=500)
    for each in people:
        await ordered(each, 10)
    with database.counting() as few:
        await earning.buy(WORKER, people[:3])
    with database.counting() as many:
        await earning.buy(WORKER, people[3:])
    assert len(few) == len(many)
    assert [await balance(each) for each in people] == [10] * 12


async def test_events_bring_points_and_those_that_nobody_asked_for_cost_nothing(house: House, admin: Actor) -> None:
    one = await person(admin, phone="13800001111")
    await rule(admin, EarningTrigger.EVENT, event_name="review_written", fixed=5, maximum_per_day=8)
    who = IdentityGiven(kind=IdentityKind.PHONE, value="13800001111")
    given = [
        EventGiven(customer=who, name=name, occurred_at=clock.now() - timedelta(minutes=number), idempotency_key=f"{name}{number}")
        for name in ("review_written", "viewed")
        for number in range(3)
    ]
    await events.track(admin, EventsTrack(events=given[3:]))
    assert not await Outbox.filter(job="earn_events").exists()
    await events.track(admin, EventsTrack(events=given[:3]))
    assert await Outbox.filter(job="earn_events").count() == 1
    for _ in range(2):
        await earning.act(WORKER, [one])
    assert await entries(one) == [("EARN", 5, "event"), ("EARN", 3, "event")]


async def test_checking_in_counts_once_a_day_of_the_house_and_each_third_in_a_row_brings_more(house: House, admin: Actor) -> None:
    one = await person(admin)
    with time_machine.travel(SHANGHAI_MORNING, tick=False):
        await rule(admin, EarningTrigger.CHECK_IN, fixed=2, streak_days=3, streak_bonus=10)
    found = []
    for hours in (0, 1, 16, 24 + 15, 72, 96):  # Shanghai's days are 8 hours ahead: 16 hours on, it is the next day there
        with time_machine.travel(SHANGHAI_MORNING + timedelta(hours=hours), tick=False):
            done = await earning.check_in(admin, CheckInGiven(customer_id=one))
        found.append((done.day.day, done.streak, done.points, done.replayed))
    assert found == [(1, 1, 2, False), (1, 1, 2, True), (2, 2, 2, False), (2, 2, 2, True), (4, 1, 2, False), (5, 2, 2, False)]
    with time_machine.travel(SHANGHAI_MORNING + timedelta(hours=120), tick=False):
        assert (await earning.check_in(admin, CheckInGiven(customer_id=one))).points == 12
    assert await balance(one) == 2 * 5 + 10
    with pytest.raises(NotFound):
        await earning.check_in(admin, CheckInGiven(customer_id=ids.uuid7()))
    with pytest.raises(Forbidden):
        await earning.check_in(actors.staff(Role.ANALYST), CheckInGiven(customer_id=one))
    assert await CheckIn.all().count() == 5


async def test_birthdays_bring_points_once_a_year_leap_days_too(house: House, admin: Actor) -> None:
    born = date(2000, 2, 29)
    leap, other = await person(admin, birthday=born), await person(admin, birthday=date(2000, 3, 1))
    with time_machine.travel(datetime(2027, 2, 26, 20, tzinfo=UTC), tick=False):  # 27 February in Shanghai
        await rule(admin, EarningTrigger.BIRTHDAY, fixed=100)
        assert await earning.celebrate(WORKER) == 0
    with time_machine.travel(datetime(2027, 2, 27, 16, 30, tzinfo=UTC), tick=False):
        assert await earning.celebrate(WORKER) == 1
        assert await earning.celebrate(WORKER) == 0, "done for the day"
    assert (await balance(leap), await balance(other)) == (100, 0)
    with time_machine.travel(datetime(2027, 3, 4, tzinfo=UTC), tick=False):
        assert await earning.celebrate(WORKER) == 1, "days that nobody ran it are made up for"
    assert await entries(other) == [("EARN", 100, "birthday")]


async def test_signing_up_brings_points_to_whoever_says_who_they_are(house: House, admin: Actor) -> None:
    before = await person(admin)
    await rule(admin, EarningTrigger.SIGN_UP, fixed=50, active_from=clock.now())
    one = await person(admin, phone="13800001111")
    assert [row.args for row in await Outbox.filter(job="earn_sign_ups")] == [[str(one)]]
    for _ in range(2):
        await earning.sign_up(WORKER, [before, one])
    assert (await balance(before), await balance(one)) == (0, 50)


async def test_each_change_of_a_rule_is_a_version_that_is_kept(house: House, admin: Actor) -> None:
    made = await per_yuan(admin)
    same = EarningRuleSave(id=made, name="for ORDER_PAID", trigger=EarningTrigger.ORDER_PAID)
    assert await earning.save(admin, same) == made
    assert (await EarningRule.get(id=made)).version == 1, "nothing has changed"
    await earning.save(admin, EarningRuleSave(id=made, name="Double", trigger=EarningTrigger.ORDER_PAID, rate=Decimal(2)))
    assert (await EarningRule.get(id=made)).version == 2
    assert [row.terms["rate_e4"] for row in await EarningRuleVersion.filter(rule_id=made).order_by("version")] == [10_000, 20_000]
    refused: list[tuple[EarningRuleSave, Code]] = [
        (EarningRuleSave(id=made, name="x", trigger=EarningTrigger.SIGN_UP, fixed=1), Code.WRONG_STATE),
        (EarningRuleSave(id=ids.uuid7(), name="x", trigger=EarningTrigger.SIGN_UP, fixed=1), Code.NOT_FOUND),
        (EarningRuleSave(name="x", trigger=EarningTrigger.SIGN_UP, fixed=1, segment_id=ids.uuid7()), Code.NOT_FOUND),
        (EarningRuleSave(name="x", trigger=EarningTrigger.ORDER_PAID, rate=Decimal("0.00001")), Code.INVALID),
        (EarningRuleSave(name=" ", trigger=EarningTrigger.SIGN_UP, fixed=1), Code.BLANK),
    ]
    for wish, code in refused:
        with pytest.raises(Refusal) as caught:
            await earning.save(admin, wish)
        assert caught.value.code is code
    with pytest.raises(Forbidden):
        await earning.save(actors.staff(Role.ANALYST), same)
    assert await EarningRule.all().count() == 1
    assert await Earning.all().count() == 0


async def test_twins_of_a_job_are_one(house: House, admin: Actor) -> None:
    one = await person(admin)
    await per_yuan(admin)
    order = await ordered(one, 10)
    await asyncio.gather(*(earning.buy(WORKER, [one]) for _ in range(4)))
    assert await entries(one) == [("EARN", 10, "order_paid")]
    await Order.filter(id=order.id).update(refunded_e4=50_000)
    await asyncio.gather(*(earning.buy(WORKER, [one]) for _ in range(4)))
    assert await balance(one) == 5


async def test_what_is_spent_already_stays_where_the_program_forbids_debts(house: House, admin: Actor) -> None:
    one = await person(admin)
    await points.update_program(admin, PointsProgramUpdate(negative_balance=NegativeBalancePolicy.FORBID))
    await per_yuan(admin)
    order = await ordered(one, 10)
    await earning.buy(WORKER, [one])
    await redeem(admin, one, 8)
    await Order.filter(id=order.id).update(status=OrderStatus.CANCELLED)
    for _ in range(2):
        await earning.buy(WORKER, [one])
    assert (await balance(one), await kept(one)) == (2, [10])
    await points.update_program(admin, PointsProgramUpdate(negative_balance=NegativeBalancePolicy.ALLOW))
    await earning.buy(WORKER, [one])
    assert (await balance(one), await kept(one)) == (-8, [0])
