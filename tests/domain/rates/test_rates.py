"""Rates: set once and again, and what orders are worth by them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.domain import orders, rates, work
from siyu.domain.customers.tables import Customer
from siyu.domain.kernel import boot, database
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.settings import Settings
from siyu.domain.kernel.tables import Outbox
from siyu.domain.orders import OrderGiven, OrderStatus
from siyu.domain.orders.tables import Order, OrderSum
from siyu.domain.rates import ExchangeRatesSet, RateGiven, Rates
from siyu.domain.rates.rules import RATE_SCALE, converted
from siyu.domain.rates.tables import ExchangeRate
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, Forbidden, Refusals
from tests import actors
from tests.domain.orders.reckoned import kept, reference
from tests.domain.orders.said import START, batch, order

DAY = date(2026, 1, 31)
WORKER = actors.worker(Scope.JOBS_RUN)


def rate(value: str, *, currency: str = "USD", since: date = DAY) -> RateGiven:
    return RateGiven(currency=currency, rate=Decimal(value), valid_from=since)


async def put(admin: Actor, *given: RateGiven) -> bool:
    """Set them and convert; whether anything changed."""
    job = await rates.set_(admin, ExchangeRatesSet(rates=list(given)))
    await orders.convert(WORKER)
    return job is not None


@given(st.integers(0, 10**16), st.integers(1, 9 * 10**18))
def test_halves_go_to_the_even_neighbour(amount: int, at: int) -> None:
    with localcontext(prec=60):
        exact = Decimal(amount * at).scaleb(-12)
        assert converted(amount, at) == int(exact.quantize(Decimal(1), ROUND_HALF_EVEN))


@pytest.mark.parametrize(("amount", "expected"), [(1, 0), (3, 2), (5, 2), (7, 4)])
def test_a_half_is_rounded_to_the_even_neighbour(amount: int, expected: int) -> None:
    assert converted(amount, RATE_SCALE // 2) == expected


def test_the_rate_is_that_of_the_orders_day_in_the_organisations_time_zone() -> None:
    table = Rates("CNY", ZoneInfo("Asia/Shanghai"), {"USD": ([date(2026, 2, 1), date(2026, 3, 1)], [7 * RATE_SCALE, 8 * RATE_SCALE])})
    assert table.worth(10, "CNY", START) == 10
    assert table.worth(10, "USD", datetime(2026, 1, 31, 15, 59, tzinfo=UTC)) is None
    assert table.worth(10, "USD", datetime(2026, 1, 31, 16, tzinfo=UTC)) == 70
    assert table.worth(10, "USD", datetime(2027, 1, 1, tzinfo=UTC)) == 80
    assert table.worth(10, "EUR", START) is None


async def test_orders_are_kept_apart_until_there_is_a_rate(house: House, admin: Actor) -> None:
    await orders.record(admin, batch(order(1, "10"), order(2, "100", currency="USD")))
    assert (await Customer.get()).spent_e4 == 100_000
    assert await put(admin, rate("7.1"))
    row = await Customer.get()
    assert (row.spent_e4, row.spent_currency, row.orders_count) == (100_000 + 7_100_000, "CNY", 2)
    assert {(each.currency, each.spent_e4, each.unconverted_count) for each in await OrderSum.all()} == {
        ("CNY", 100_000, 0),
        ("USD", 1_000_000, 0),
    }
    await orders.record(admin, batch(order(3, "1", currency="USD"), order(4, "1", currency="EUR")))
    assert (await Customer.get()).spent_e4 == 100_000 + 7_171_000


async def test_a_later_change_converts_what_it_concerns_again(house: House, admin: Actor) -> None:
    await orders.record(admin, batch(*(order(number, "1", who=number, currency="USD") for number in range(1, 7))))
    await put(admin, rate("7"))
    await put(admin, rate("8", since=DAY + timedelta(days=4)))
    worths = [each.worth_e4 for each in await Order.all().order_by("external_id")]
    assert worths == [70_000] * 3 + [80_000] * 3
    await put(admin, rate("6"))
    assert [each.worth_e4 for each in await Order.all().order_by("external_id")] == [60_000] * 3 + [80_000] * 3
    assert await kept() == await reference()
    assert not await ExchangeRate.filter(pending=True).exists()


async def test_the_same_rates_again_change_nothing(house: House, admin: Actor) -> None:
    assert await put(admin, rate("7.1"), rate("7.1"), rate("7.8", currency="eur"))
    before = await ExchangeRate.all().order_by("id").values(), await Outbox.all().count()
    assert not await put(admin, rate("7.10"), rate("7.8", currency="EUR"))
    assert (await ExchangeRate.all().order_by("id").values(), await Outbox.all().count()) == before


async def test_all_or_none_and_each_fault_by_name(house: House, admin: Actor) -> None:
    wrong = [rate("0"), rate("7", currency="CNY"), rate("7", currency="ABC"), rate("7"), rate("8"), rate("0.0000000000001", currency="JPY")]
    with pytest.raises(Refusals) as refused:
        await put(admin, *wrong)
    found = [(each.path[2:], each.code) for each in refused.value.each()]
    assert found == [
        (("0", "rate"), Code.INVALID), (("1", "currency"), Code.INVALID), (("2", "currency"), Code.INVALID),
        (("4", "valid_from"), Code.CONFLICT), (("5", "rate"), Code.INVALID),
    ]  # fmt: skip
    with pytest.raises(Forbidden):
        await put(actors.holder(Scope.ORDERS_READ), rate("7"))
    assert await ExchangeRate.all().count() == 0


async def test_the_job_tells_how_far_it_is_in_statements_that_do_not_grow(house: House, admin: Actor) -> None:
    given = [order(number, "1", who=number, currency="USD") for number in range(1, 41)]
    await orders.record(admin, batch(*given))
    told: list[tuple[int, int]] = []

    async def progress(done: int, total: int) -> None:
        told.append((done, total))

    job = await rates.set_(admin, ExchangeRatesSet(rates=[rate("7")]))
    assert job is not None
    assert await work.find(admin, job) is not None
    with database.counting() as count:
        assert await orders.convert(WORKER, progress) == 40
    assert (told, len(count) < 30) == ([(40, 40)], True)


async def test_another_currency_of_the_organisation(settings: Settings, clean: None, admin: Actor) -> None:
    async with boot.running(settings):
        await orders.record(admin, batch(order(1, "7"), order(2, "1", currency="USD")))
        await put(admin, rate("7"))
        assert (await Customer.get()).spent_e4 == 140_000
    async with boot.running(settings.model_copy(update={"currency": "USD"})):
        await orders.convert(WORKER)
        row = await Customer.get()
        assert (row.spent_e4, row.spent_currency) == (10_000, "USD")
        await put(admin, rate("0.15", currency="CNY"))
        assert (await Customer.get()).spent_e4 == 10_000 + 10_500


@pytest.mark.on("sqlite")
async def test_a_files_orders_are_summed_in_the_same_way(house: House, admin: Actor) -> None:
    await orders.record(admin, batch(order(1, "1")))
    whose = (await Customer.get()).id
    said = OrderGiven(
        external_id="F1", customer_id=whose, total_e4=50_000, currency="USD", status=OrderStatus.PAID, channel=None, placed_at=START,
        items_count=2,
    )  # fmt: skip
    done = await orders.record_batch(admin, [said, said])
    assert (done.recorded, done.duplicates) == (1, 1)
    row = await Customer.get()
    assert (row.orders_count, row.spent_e4, row.spent_currency) == (2, 10_000, "CNY")
