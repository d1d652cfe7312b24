"""Paying back: partly, in full, once, and never more than is left."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import pytest

from siyu.domain import orders
from siyu.domain.customers.tables import Customer
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.money import MoneyGiven
from siyu.domain.orders import OrderStatus, RefundGiven
from siyu.domain.orders.tables import Order, OrderRefund, OrderSum
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, Forbidden, NotFound, Refusal
from tests import actors
from tests.domain.orders.said import batch, money, order


async def made(admin: Actor, number: int = 1, **more: OrderStatus) -> UUID:
    await orders.record(admin, batch(order(number, **more)))
    return (await Order.get(external_id=f"E{number}")).id


def wish(order_id: UUID, amount: MoneyGiven | None = None, key: str = "a") -> RefundGiven:
    return RefundGiven(order_id=order_id, amount=amount or money("4"), idempotency_key=key)


async def test_a_part_and_then_the_rest(house: House, admin: Actor) -> None:
    which = await made(admin)
    assert await orders.refund(admin, wish(which)) == which
    row = await Order.get()
    assert (row.status, row.refunded_e4, row.worth_e4) == (OrderStatus.PARTLY_REFUNDED, 40_000, 60_000)
    assert ((await Customer.get()).spent_e4, (await OrderSum.get()).spent_e4) == (60_000, 60_000)
    await orders.refund(admin, wish(which, money("6"), "b"))
    assert (await Order.get()).status is OrderStatus.REFUNDED
    customer = await Customer.get()
    assert (customer.orders_count, customer.spent_e4, customer.first_ordered_at) == (0, 0, None)
    with pytest.raises(Refusal) as refused:
        await orders.refund(admin, wish(which, money("1"), "c"))
    assert (refused.value.code, refused.value.path) == (Code.WRONG_STATE, ("input", "order_id"))


async def test_the_same_key_is_one_refund(house: House, admin: Actor) -> None:
    which, other = await made(admin), await made(admin, 2)
    await orders.refund(admin, wish(which))
    assert await orders.refund(admin, wish(which)) == which
    for again in (wish(which, money("3")), wish(other)):
        with pytest.raises(Refusal) as refused:
            await orders.refund(admin, again)
        assert (refused.value.code, refused.value.path) == (Code.CONFLICT, ("input", "idempotency_key"))
    assert (await OrderRefund.all().count(), (await Order.get(id=which)).refunded_e4, (await Order.get(id=other)).refunded_e4) == (
        1,
        40_000,
        0,
    )


@pytest.mark.on("sqlite")
async def test_what_does_not_fit_is_refused(house: House, admin: Actor) -> None:
    which = await made(admin)
    for bad, code, path in (
        (wish(uuid4()), Code.NOT_FOUND, ("order_id",)),
        (wish(which, money("10.01")), Code.INVALID, ("amount", "amount")),
        (wish(which, money("0")), Code.INVALID, ("amount", "amount")),
        (wish(which, money("-1")), Code.INVALID, ("amount", "amount")),
        (wish(which, money("1", "USD")), Code.INVALID, ("amount", "currency")),
        (wish(which, key=" "), Code.BLANK, ("idempotency_key",)),
        (wish(which, key="k" * 201), Code.TOO_LONG, ("idempotency_key",)),
    ):
        with pytest.raises(Refusal) as refused:
            await orders.refund(admin, bad)
        assert (refused.value.code, refused.value.path) == (code, ("input", *path))
    with pytest.raises(Forbidden):
        await orders.refund(actors.holder(Scope.ORDERS_READ), wish(which))
    assert (await OrderRefund.all().count(), (await Order.get()).refunded_e4) == (0, 0)


async def test_a_cancelled_order_is_paid_back_without_counting_again(house: House, admin: Actor) -> None:
    which = await made(admin, status=OrderStatus.CANCELLED)
    await orders.refund(admin, wish(which))
    assert ((await Order.get()).status, (await Customer.get()).orders_count) == (OrderStatus.CANCELLED, 0)
    await orders.refund(admin, wish(which, money("6"), "b"))
    assert (await Order.get()).status is OrderStatus.REFUNDED


async def test_twins_have_one_effect(house: House, admin: Actor) -> None:
    which = await made(admin)
    assert set(await asyncio.gather(*(orders.refund(admin, wish(which)) for _ in range(4)))) == {which}
    assert ((await Order.get()).refunded_e4, await OrderRefund.all().count()) == (40_000, 1)
    done = await asyncio.gather(*(orders.refund(admin, wish(which, money("4"), f"k{n}")) for n in range(4)), return_exceptions=True)
    assert sorted(type(each).__name__ for each in done) == ["Refusal", "Refusal", "Refusal", "UUID"]
    assert ((await Order.get()).refunded_e4, (await Customer.get()).spent_e4) == (80_000, 20_000)


async def test_one_key_for_two_orders_at_once_is_one_refund(house: House, admin: Actor) -> None:
    await orders.record(admin, batch(order(1), order(2, who=2)))
    both = [row.id for row in await Order.all()]
    done = await asyncio.gather(*(orders.refund(admin, wish(each)) for each in both), return_exceptions=True)
    assert sorted(type(each).__name__ for each in done) == ["Refusal", "UUID"]
    assert sum([row.refunded_e4 for row in await Order.all()]) == 40_000


async def test_an_order_that_is_gone_is_not_found(house: House, admin: Actor) -> None:
    with pytest.raises(NotFound):
        await orders.refund(admin, wish(uuid4()))
