"""Referrals: bound once, qualified by a paid order, rewarded on both sides, taken back, expired; merged and erased people."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
import time_machine

from siyu.domain import customers, orders, referrals
from siyu.domain.customers import CustomerCreate
from siyu.domain.earning import EarningTrigger, ReferralSide
from siyu.domain.kernel import clock, database, ids
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.tables import Outbox
from siyu.domain.orders import OrderStatus
from siyu.domain.orders.tables import Order
from siyu.domain.referrals import ReferralBind, ReferralProgramUpdate
from siyu.domain.referrals.tables import Referral, ReferralCode, ReferralFriend
from siyu.privacy.actor import Actor, Role
from siyu.privacy.refusal import Code, Forbidden, Refusal
from tests import actors
from tests.domain.earning.earned import WORKER, balance, entries, ordered, person, rule


def code(of: UUID) -> str:
    return customers.referral_code(of)


async def bind(admin: Actor, friend: UUID, advocate: UUID) -> UUID:
    return await referrals.bind(admin, ReferralBind(customer_id=friend, code=code(advocate)))


async def state(referral: UUID) -> str:
    return (await Referral.get(id=referral)).state.value


async def refused(admin: Actor, friend: UUID, text: str) -> Code:
    with pytest.raises(Refusal) as caught:
        await referrals.bind(admin, ReferralBind(customer_id=friend, code=text))
    return caught.value.code


async def test_a_friend_is_bound_once_and_in_no_circle(house: House, admin: Actor) -> None:
    one, two, three = [await person(admin) for _ in range(3)]
    first = await bind(admin, two, one)
    spelled = f" {code(one)[:4].lower()}-{code(one)[4:]} "
    assert await referrals.bind(admin, ReferralBind(customer_id=two, code=spelled)) == first, "the same again"
    assert await refused(admin, two, code(three)) is Code.CONFLICT
    await bind(admin, three, two)
    assert await refused(admin, one, code(one)) is Code.INVALID
    assert await refused(admin, one, code(two)) is Code.CONFLICT
    assert await refused(admin, one, code(three)) is Code.CONFLICT, "at second hand"
    assert await refused(admin, one, "ABCD") is Code.NOT_FOUND
    assert await refused(admin, ids.uuid7(), code(one)) is Code.NOT_FOUND
    buyer = await person(admin)
    await ordered(buyer, 10)
    assert await refused(admin, buyer, code(one)) is Code.WRONG_STATE
    with pytest.raises(Forbidden):
        await bind(actors.staff(Role.ANALYST), one, buyer)
    assert (await Referral.all().count(), await ReferralFriend.all().count()) == (2, 2)
    made = await customers.create(admin, CustomerCreate(referral_code=code(three)))
    assert await ReferralFriend.filter(customer_id=made).exists()
    with pytest.raises(Refusal) as caught:
        await customers.create(admin, CustomerCreate(referral_code="nobody's"))
    assert (caught.value.code, caught.value.path) == (Code.NOT_FOUND, ("input", "referral_code"))


async def test_codes_are_kept_as_customers_come_and_tell_nobody(house: House, admin: Actor) -> None:
    people = [await person(admin) for _ in range(5)]
    assert await referrals.fill(WORKER) == 5
    assert await referrals.fill(WORKER) == 0
    found = {row.code for row in await ReferralCode.all()}
    assert found == {code(each) for each in people}
    assert all(len(each) == 12 and not set(each) & set("ILOU") for each in found)


async def test_the_first_paid_order_that_is_enough_rewards_both(house: House, admin: Actor) -> None:
    advocate, friend, stranger = [await person(admin) for _ in range(3)]
    await ordered(stranger, 100)
    assert not await Outbox.filter(job="qualify_referrals").exists()
    await rule(admin, EarningTrigger.REFERRAL_QUALIFIED, fixed=100, side=ReferralSide.ADVOCATE)
    await rule(admin, EarningTrigger.REFERRAL_QUALIFIED, fixed=20)
    await referrals.program_update(admin, ReferralProgramUpdate(minimum_order=Decimal(50)))
    made = await bind(admin, friend, advocate)
    await ordered(friend, 49)
    await ordered(friend, 60, status=OrderStatus.PLACED)
    await referrals.qualify(WORKER, [friend, stranger])
    assert await state(made) == "PENDING"
    order = await ordered(friend, 50)
    assert (await Outbox.filter(job="qualify_referrals").order_by("-id").first()).args == [str(friend)]  # type: ignore[union-attr]  # there is
    for _ in range(2):
        await referrals.qualify(WORKER, [friend])
    assert await state(made) == "REWARDED"
    assert (await balance(advocate), await balance(friend)) == (120, 20)
    row = await Referral.get(id=made)
    assert row.order_id == order.id
    assert row.qualified_at is not None
    await Order.filter(id=order.id).update(status=OrderStatus.REFUNDED)
    for _ in range(2):
        await referrals.qualify(WORKER, [friend])
    assert await state(made) == "REJECTED"
    assert (await balance(advocate), await balance(friend)) == (0, 0)
    assert [source for _, _, source in await entries(friend)] == ["referral_qualified", "referral_rejected"]


async def test_what_is_not_qualified_in_time_expires(house: House, admin: Actor) -> None:
    advocate, friend = await person(admin), await person(admin)
    await rule(admin, EarningTrigger.REFERRAL_QUALIFIED, fixed=100)
    made = await bind(admin, friend, advocate)
    assert await referrals.tend(WORKER) == 0
    with time_machine.travel(clock.now() + timedelta(days=91), tick=False):
        await ordered(friend, 100)
        await referrals.qualify(WORKER, [friend])
        assert await state(made) == "PENDING", "too late"
        assert await referrals.tend(WORKER) == 1
        assert await referrals.tend(WORKER) == 0
    assert await state(made) == "EXPIRED"
    assert await balance(advocate) == 0


async def test_a_reward_that_nobody_gave_yet_is_given_once_there_is_a_rule(house: House, admin: Actor) -> None:
    advocate, friend = await person(admin), await person(admin)
    made = await bind(admin, friend, advocate)
    await ordered(friend, 1)
    await referrals.qualify(WORKER, [friend])
    assert await state(made) == "QUALIFIED"
    await rule(admin, EarningTrigger.REFERRAL_QUALIFIED, fixed=7)
    for _ in range(2):
        await referrals.tend(WORKER)
    assert await state(made) == "REWARDED"
    assert (await balance(advocate), await balance(friend)) == (7, 7)


async def test_many_friends_cost_as_many_statements_as_one(house: House, admin: Actor) -> None:
    advocate = await person(admin)
    friends = [await person(admin) for _ in range(6)]
    for each in friends:
        await bind(admin, each, advocate)
    with database.counting() as few:
        await referrals.qualify(WORKER, friends[:1])
    with database.counting() as many:
        await referrals.qualify(WORKER, friends)
    assert len(few) == len(many)
    assert await orders.has_paid(WORKER, advocate) is False
