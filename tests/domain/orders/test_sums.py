"""Sums that are kept are what plainly adding up gives, whatever happened and whoever was at it at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu.domain import orders, rates
from siyu.domain.customers.tables import Customer, Identity
from siyu.domain.kernel.boot import House
from siyu.domain.orders import OrderSaid, OrderStatus, RefundGiven
from siyu.domain.orders.tables import Order, OrderLine, OrderRefund, OrderSum
from siyu.domain.rates import ExchangeRatesSet, RateGiven
from siyu.domain.rates.tables import ExchangeRate
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Refusal
from tests import actors
from tests.domain.orders.reckoned import kept, reference
from tests.domain.orders.said import START, batch, money, order

words = st.builds(
    order,
    st.integers(1, 6),
    st.sampled_from(["0", "1.2345", "10", "99.9999"]),
    st.sampled_from(list(OrderStatus)),
    who=st.integers(1, 3),
    currency=st.sampled_from(["CNY", "CNY", "USD", "EUR"]),
    placed_at=st.integers(0, 40).map(lambda days: START + timedelta(days=days)),
    updated_at=st.none() | st.integers(0, 5).map(lambda hours: START + timedelta(days=60, hours=hours)),
)
refunds = st.tuples(st.integers(1, 6), st.sampled_from(["0.0001", "1", "5", "10"]), st.sampled_from("abcd"))
new_rates = st.tuples(st.sampled_from(["USD", "EUR"]), st.sampled_from(["7.1234567", "0.5"]), st.integers(0, 40))
happenings = st.lists(st.lists(words, min_size=1, max_size=4) | refunds | new_rates, min_size=1, max_size=8)

Happening = list[OrderSaid] | tuple[int, str, str] | tuple[str, str, int]


async def happen(actor: Actor, each: Happening) -> None:
    if isinstance(each, list):
        await orders.record(actor, batch(*each))
    elif isinstance(each[0], str):
        day = date(2026, 1, 20) + timedelta(days=int(each[2]))
        await rates.set_(actor, ExchangeRatesSet(rates=[RateGiven(currency=each[0], rate=Decimal(each[1]), valid_from=day)]))
        await orders.convert(actors.worker(Scope.JOBS_RUN))
    else:
        found = await Order.get_or_none(external_id=f"E{each[0]}")
        if found is not None:
            wish = RefundGiven(order_id=found.id, amount=money(each[1], found.currency), idempotency_key=str(each[2]))
            with suppress(Refusal):
                await orders.refund(actor, wish)


async def _empty() -> None:
    for table in (Order, OrderLine, OrderRefund, OrderSum, Customer, Identity, ExchangeRate):
        await table.all().delete()


async def tell(actor: Actor, story: Sequence[Happening]) -> None:
    await _empty()
    for each in story:
        await happen(actor, each)
        assert await kept() == await reference(), each


async def test_whatever_happens_sums_are_those_of_the_orders(house: House, admin: Actor) -> None:
    loop = asyncio.get_running_loop()

    @settings(max_examples=30, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(happenings)
    def check(story: Sequence[Happening]) -> None:
        asyncio.run_coroutine_threadsafe(tell(admin, story), loop).result(60)

    await asyncio.to_thread(check)


async def test_several_at_once_add_up_exactly(house: House, admin: Actor) -> None:
    await orders.record(admin, batch(order("first", "1")))
    calls = [
        orders.record(admin, batch(*(order(f"{call}-{n}", "1.5", currency=("CNY", "USD")[call % 2]) for n in range(5))))
        for call in range(6)
    ]
    done = await asyncio.gather(*calls)
    assert sum(each.recorded for each in done) == 30
    assert await kept() == await reference()
    assert (await Customer.get()).orders_count == 31


async def test_the_same_orders_at_once_are_recorded_once(house: House, admin: Actor) -> None:
    """The customer is known, then new, then two customers claim one order."""
    for who in ((1, 1, 1), (2, 2, 2), (3, 4, 5)):
        wishes = [batch(*(order(f"{who[0]}-{n}", "1", who=each) for n in range(3))) for each in who]
        done = await asyncio.gather(*(orders.record(admin, each) for each in wishes))
        assert sum(each.recorded for each in done) == 3
        assert sum(each.duplicates + len(each.refusals) for each in done) == 6
        assert await kept() == await reference()


async def test_an_older_process_is_made_good(house: House, admin: Actor) -> None:
    """It records without knowing of sums: the next order of its customer, or the job, works them out anew."""
    await orders.record(admin, batch(order(1), order(2, who=2)))
    for each in await Order.all():
        await Order.create(
            external_id=f"old{each.external_id}", customer_id=each.customer_id, total_e4=5, currency="CNY", status=OrderStatus.PAID,
            placed_at=START,
        )  # fmt: skip
    assert await kept() != await reference()
    await orders.record(admin, batch(order(3)))
    assert (await Customer.get(id=(await Order.get(external_id="E1")).customer_id)).spent_e4 == 200_005
    await orders.convert(actors.worker(Scope.JOBS_RUN))
    assert await kept() == await reference()


async def test_rows_that_went_to_another_customer_are_summed_anew(house: House, admin: Actor) -> None:
    await orders.record(admin, batch(order(1), order(2, who=2)))
    both = [each.id for each in await Customer.all().order_by("id")]
    await Order.all().update(customer_id=both[0])
    await orders.refresh(admin, both)
    assert await kept() == await reference()
    assert [each.orders_count for each in await Customer.all().order_by("id")] == [2, 0]
