"""Recording orders: new ones, changes, repeats, late words, and what does not fit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from siyu.domain import customers, orders, products
from siyu.domain.customers import IdentityAdd, IdentityGiven, IdentityKind, Unknown
from siyu.domain.customers.tables import Customer
from siyu.domain.kernel import database
from siyu.domain.kernel.boot import House
from siyu.domain.orders import OrderStatus, Recorded
from siyu.domain.orders.tables import Order, OrderLine, OrderSum
from siyu.domain.products import ProductGiven, ProductsUpsert
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, Forbidden, Refusal
from tests import actors
from tests.domain.orders.said import START, batch, line, member, money, order

S = OrderStatus


def counts(done: Recorded) -> tuple[int, int, int, int]:
    return done.recorded, done.updated, done.duplicates, done.late


def refusals(done: Recorded) -> list[tuple[tuple[str, ...], Code]]:
    return [(each.path, each.code) for each in done.refusals]


async def test_orders_make_their_customers_and_their_sums(house: House, admin: Actor) -> None:
    done = await orders.record(admin, batch(order(1), order(2, "2.5"), order(3, "7", who=2), order(4, "9", S.CANCELLED)))
    assert (counts(done), done.refusals) == ((4, 0, 0, 0), [])
    one = await Customer.get(id=(await Order.get(external_id="E1")).customer_id)
    assert (one.orders_count, one.spent_e4, one.spent_currency) == (2, 125_000, "CNY")
    assert (one.first_ordered_at, one.last_ordered_or_never) == (START + timedelta(days=1), START + timedelta(days=2))
    assert await Customer.all().count() == 2
    assert await OrderSum.all().count() == 2


async def test_the_same_call_again_changes_nothing_and_says_so(house: House, admin: Actor) -> None:
    wish = batch(order(1, lines=[line("A", title="Tea")], channel="POS", updated_at=START), order(2))
    await orders.record(admin, wish)
    before = await Order.all().order_by("id").values(), await OrderLine.all().values(), await OrderSum.all().values()
    assert counts(await orders.record(admin, wish)) == (0, 0, 2, 0)
    assert (await Order.all().order_by("id").values(), await OrderLine.all().values(), await OrderSum.all().values()) == before


async def test_an_order_twice_in_a_call_is_one(house: House, admin: Actor) -> None:
    done = await orders.record(
        admin, batch(order(1, status=S.PLACED), order(1, status=S.PLACED), order(1, "12"), order(1, status=S.PLACED))
    )
    assert counts(done) == (1, 1, 1, 1)
    assert (await Order.get()).total_e4 == 120_000


async def test_a_change_moves_the_sums_by_the_difference(house: House, admin: Actor) -> None:
    await orders.record(admin, batch(order(1), order(2, "5"), order(3, "1")))
    assert counts(await orders.record(admin, batch(order(1, "11", S.FULFILLED), order(3, "1", S.CANCELLED)))) == (0, 2, 0, 0)
    row = await Customer.get()
    assert (row.orders_count, row.spent_e4, row.last_ordered_or_never) == (2, 160_000, START + timedelta(days=2))
    await orders.record(admin, batch(order(1, "11", S.CANCELLED), order(2, "5", S.CANCELLED)))
    row = await Customer.get()
    assert (row.orders_count, row.spent_e4, row.first_ordered_at) == (0, 0, None)
    assert await OrderSum.all().count() == 0


async def test_what_is_left_out_stays(house: House, admin: Actor) -> None:
    await orders.record(admin, batch(order(1, channel="POS", lines=[line("A", title="Tea", quantity=3)])))
    await orders.record(admin, batch(order(1, status=S.FULFILLED)))
    row = await Order.get()
    assert (row.channel, row.items_count, row.status) == ("POS", 3, S.FULFILLED)
    assert await OrderLine.all().count() == 1
    await orders.record(admin, batch(order(1, status=S.FULFILLED, channel=None, lines=[line("B", title="Cup"), line("C", title="Pot")])))
    assert (await Order.get()).channel is None
    assert [row.sku for row in await OrderLine.all().order_by("position")] == ["B", "C"]
    assert counts(await orders.record(admin, batch(order(1, status=S.FULFILLED, lines=[])))) == (0, 1, 0, 0)
    assert await OrderLine.all().count() == 0


async def test_a_late_word_overwrites_nothing(house: House, admin: Actor) -> None:
    await orders.record(admin, batch(order(1, "10", S.PAID, updated_at=START + timedelta(hours=2))))
    late = order(1, "99", S.FULFILLED, updated_at=START + timedelta(hours=1))
    assert counts(await orders.record(admin, batch(late))) == (0, 0, 0, 1)
    assert (await Order.get()).total_e4 == 100_000
    assert counts(await orders.record(admin, batch(order(1, "99", S.PLACED)))) == (0, 0, 0, 1)
    assert counts(await orders.record(admin, batch(order(1, "10", S.PAID, updated_at=START + timedelta(hours=3))))) == (0, 0, 1, 0)
    assert counts(await orders.record(admin, batch(order(1, "8", S.PLACED, updated_at=START + timedelta(hours=4))))) == (0, 1, 0, 0)
    assert ((await Order.get()).status, (await Customer.get()).spent_e4) == (S.PLACED, 80_000)


@pytest.mark.parametrize(
    ("wrong", "path", "code"),
    [
        ({"total": money("-1")}, ("total", "amount"), Code.INVALID),
        ({"total": money("1.00001")}, ("total", "amount"), Code.INVALID),
        ({"total": money("1" + "0" * 12)}, ("total", "amount"), Code.LIMIT_EXCEEDED),
        ({"total": money("1", "XTS")}, ("total", "currency"), Code.INVALID),
        ({"total": money("1", "yuan")}, ("total", "currency"), Code.INVALID),
        ({"external_id": " "}, ("external_id",), Code.BLANK),
        ({"external_id": "x" * 81}, ("external_id",), Code.TOO_LONG),
        ({"channel": "call 13800001111"}, ("channel",), Code.INVALID),
        ({"placed_at": START + timedelta(days=4000)}, ("placed_at",), Code.INVALID),
        ({"customer": IdentityGiven(kind=IdentityKind.PHONE, value="12")}, ("customer", "value"), Code.INVALID),
        ({"lines": [line("A"), line(None)]}, ("lines", "1", "title"), Code.BLANK),
        ({"lines": [line("A", quantity=0)]}, ("lines", "0", "quantity"), Code.INVALID),
        ({"lines": [line("A", currency="USD")]}, ("lines", "0", "unit_price", "currency"), Code.CONFLICT),
        ({"lines": [line("A")] * 201}, ("lines",), Code.LIMIT_EXCEEDED),
    ],
)
@pytest.mark.on("sqlite")
async def test_one_bad_order_never_loses_the_others(
    house: House, admin: Actor, wrong: dict[str, Any], path: tuple[str, ...], code: Code
) -> None:
    bad = {name: getattr(order(2), name) for name in order(2).__slots__} | wrong
    done = await orders.record(admin, batch(order(1), type(order(2))(**bad), order(3)))
    assert refusals(done) == [(("input", "orders", "1", *path), code)]
    assert {row.external_id for row in await Order.all()} == {"E1", "E3"}
    assert await Customer.all().count() == 1


async def test_an_unknown_customer_is_refused_where_the_caller_says_so(house: House, admin: Actor) -> None:
    await orders.record(admin, batch(order(1)))
    done = await orders.record(admin, batch(order(2), order(3, who=2), unknown=Unknown.REFUSE))
    assert (done.recorded, refusals(done)) == (1, [(("input", "orders", "1", "customer"), Code.NOT_FOUND)])
    assert await Customer.all().count() == 1


async def test_an_order_does_not_change_hands(house: House, admin: Actor) -> None:
    await orders.record(admin, batch(order(1), order(2, who=2)))
    done = await orders.record(admin, batch(order(1, "99", who=2), order(1, "98", who=3), order(2, "5", who=2)))
    path = ("input", "orders")
    assert refusals(done) == [((*path, "0", "customer"), Code.CONFLICT), ((*path, "1", "customer"), Code.CONFLICT)]
    assert (done.updated, await Customer.all().count()) == (1, 2)
    assert (await Order.get(external_id="E1")).total_e4 == 100_000


async def test_a_customer_may_be_named_by_another_identity(house: House, admin: Actor) -> None:
    await orders.record(admin, batch(order(1)))
    who = (await Customer.get()).id
    await customers.identity_add(admin, IdentityAdd(customer_id=who, identity=member("again")))
    assert counts(await orders.record(admin, batch(order(1, "11", who="again")))) == (0, 1, 0, 0)


async def test_lines_take_from_their_products_what_they_leave_out(house: House, admin: Actor) -> None:
    await products.upsert(admin, ProductsUpsert(products=[ProductGiven(sku="A", title="Green tea", category="Tea", brand="Leaf")]))
    await orders.record(admin, batch(order(1, lines=[line("A", brand="Own"), line("Z"), line(None, title="Gift")])))
    found = [(row.title, row.category, row.brand) for row in await OrderLine.all().order_by("position")]
    assert found == [("Green tea", "Tea", "Own"), ("Z", None, None), ("Gift", None, None)]


async def test_statements_are_as_many_for_many_orders_as_for_few(house: House, admin: Actor) -> None:
    async def sent(first: int, count: int) -> int:
        with database.counting() as counting:
            made = (order(number, who=number, lines=[line(f"A{number}")], currency="USD") for number in range(first, first + count))
            await orders.record(admin, batch(*made))
        return len(counting)

    few = await sent(1, 3)
    assert await sent(100, 120) == few
    changing = await sent(1, 3)
    assert await sent(100, 120) == changing


async def test_too_many_at_once_and_callers_without_the_scope_change_nothing(house: House, admin: Actor) -> None:
    with pytest.raises(Refusal) as refused:
        await orders.record(admin, batch(*[order(1)] * 1001))
    assert (refused.value.code, refused.value.path) == (Code.LIMIT_EXCEEDED, ("input", "orders"))
    with pytest.raises(Forbidden):
        await orders.record(actors.holder(Scope.ORDERS_READ), batch(order(1)))
    assert await Order.all().count() + await Customer.all().count() == 0


async def test_a_total_stays_above_what_was_paid_back(house: House, admin: Actor) -> None:
    await orders.record(admin, batch(order(1)))
    await Order.all().update(refunded_e4=50_000)
    done = await orders.record(admin, batch(order(1, "4"), order(1, "10", currency="USD")))
    assert [path[3:] for path, _ in refusals(done)] == [("total", "amount"), ("total", "currency")]
    assert (await Order.get()).total_e4 == 100_000
