"""Working preferences out, for whom something changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from siyu.domain import customers, events, preferences
from siyu.domain.customers import CustomerCreate
from siyu.domain.events import EventDefine, EventPropertyGiven, EventRow
from siyu.domain.kernel import clock, database
from siyu.domain.kernel.boot import House
from siyu.domain.orders.tables import Order, OrderLine, OrderStatus
from siyu.domain.preferences.tables import Preference, PreferenceMark
from siyu.privacy import consent
from siyu.privacy.actor import Actor, Purpose, Scope
from siyu.privacy.refusal import Forbidden

JOB = Actor.worker("preferences", *preferences.SCOPES, purpose=Purpose.ANALYTICS, request="test")
#: A Thursday, eight in the evening in Shanghai.
EVENING = datetime(2026, 1, 1, 12, tzinfo=UTC)


async def somebody(admin: Actor) -> UUID:
    return await customers.create(admin, CustomerCreate(display_name="Wang Fang"))


async def bought(
    customer_id: UUID,
    *lines: tuple[str | None, str | None, int],
    channel: str | None = "app",
    at: datetime = EVENING,
    status: OrderStatus = OrderStatus.PAID,
) -> None:
    order = Order(
        customer_id=customer_id, external_id=f"E{await Order.all().count()}", status=status, total_e4=1, currency="CNY", placed_at=at,
        channel=channel,
    )  # fmt: skip
    await order.save(force_create=True)
    for position, (category, brand, quantity) in enumerate(lines):
        await OrderLine(
            customer_id=customer_id, order_id=order.id, position=position, title="Tea", category=category, brand=brand,
            quantity=quantity, unit_price_e4=1, currency="CNY",
        ).save(force_create=True)  # fmt: skip


async def did(admin: Actor, customer_id: UUID, **properties: object) -> None:
    number = len(await database.rows("select 1 from events"))
    row = EventRow(
        customer_id=customer_id, name="viewed", occurred_at=clock.now() - timedelta(days=1), properties=properties, key=f"k{number}"
    )
    assert (await events.record(admin, [row])).accepted == 1


async def test_what_was_bought_and_looked_at_is_counted(house: House, admin: Actor) -> None:
    one, other = await somebody(admin), await somebody(admin)
    await bought(one, ("tea", "Lu", 3), ("cups", None, 1), at=EVENING)
    await bought(one, ("tea", "Bi", 1), ("pots", "Lu", 2), (None, None, 9), channel=None, at=EVENING + timedelta(days=7))
    await bought(one, ("cars", "Lu", 50), status=OrderStatus.CANCELLED)
    for category in ("pots", "pots", "cups", 7, None):
        await did(admin, one, category=category, query="green tea")
    await did(admin, other, name="nothing that counts")
    assert await preferences.compute(JOB) == 2
    (row,) = await Preference.all()
    assert row.customer_id == one
    assert row.categories == [
        {"value": "tea", "count": 4, "share": 0.5714},
        {"value": "pots", "count": 2, "share": 0.2857},
        {"value": "cups", "count": 1, "share": 0.1429},
    ]
    assert row.brands == [{"value": "Lu", "count": 5, "share": 0.8333}, {"value": "Bi", "count": 1, "share": 0.1667}]
    assert row.channels == [{"value": "app", "count": 1, "share": 1.0}]
    assert row.hours == [{"value": "20", "count": 2, "share": 1.0}]
    assert row.weekdays == [{"value": "THURSDAY", "count": 2, "share": 1.0}]
    assert [each["value"] for each in row.viewed_categories] == ["pots", "cups"]
    assert row.viewed_brands == []
    assert row.searches == [{"value": "green tea", "count": 5, "share": 1.0}]


async def test_twice_is_the_same_as_once_and_only_what_changed_is_looked_at(house: House, admin: Actor) -> None:
    people = [await somebody(admin) for _ in range(2)]
    for each in people:
        await bought(each, ("tea", None, 1))
        await did(admin, each, category="tea")
    assert await preferences.compute(JOB) == 2
    before = {row.customer_id: row.categories for row in await Preference.all()}
    assert await preferences.compute(JOB) == 2, "what was being written at the last time is looked at again"
    assert {row.customer_id: row.categories for row in await Preference.all()} == before
    await PreferenceMark.all().update(looked_until=clock.now() + timedelta(days=1))
    assert await preferences.compute(JOB) == 0
    await PreferenceMark.all().update(looked_until=clock.now() + timedelta(days=1))
    await Order.filter(customer_id=people[0]).update(updated_at=clock.now() + timedelta(days=2), status=OrderStatus.CANCELLED)
    assert await preferences.compute(JOB) == 1
    assert (await Preference.get(customer_id=people[0])).categories == []
    assert (await Preference.get(customer_id=people[1])).categories == before[people[1]]


async def test_whoever_restricted_or_objected_is_left_out(house: House, admin: Actor) -> None:
    restricted, objecting, other = [await somebody(admin) for _ in range(3)]
    for each in (restricted, objecting, other):
        await bought(each, ("tea", None, 1))
    await consent.restrict(admin, restricted, reason="test")
    await consent.record(admin, objecting, Purpose.ANALYTICS, granted=False, channel="test")
    await preferences.compute(JOB)
    assert [row.customer_id for row in await Preference.all()] == [other]


async def test_what_comes_to_nothing_has_no_row_and_a_merge_brings_it_up_to_date(house: House, admin: Actor) -> None:
    one, other = await somebody(admin), await somebody(admin)
    await bought(one, ("tea", None, 1))
    await preferences.compute(JOB)
    await Order.filter(customer_id=one).update(customer_id=other)
    await OrderLine.filter(customer_id=one).update(customer_id=other)
    await preferences.refresh(admin, [one, other])
    assert [(row.customer_id, row.categories[0]["value"]) for row in await Preference.all()] == [(other, "tea")]


async def test_it_needs_its_scopes(house: House, admin: Actor) -> None:
    await bought(await somebody(admin), ("tea", None, 1))
    with pytest.raises(Forbidden):
        await preferences.compute(Actor.worker("preferences", Scope.JOBS_RUN, Scope.ORDERS_READ, purpose=Purpose.ANALYTICS))
    assert not await Preference.exists()
    assert not await PreferenceMark.exists()


async def test_a_batch_takes_as_many_statements_whatever_its_size(house: House, admin: Actor) -> None:
    counts = []
    told: list[tuple[int, int]] = []

    async def progress(done: int, total: int) -> None:
        told.append((done, total))

    for _ in range(2):
        for _ in range(3):
            each = await somebody(admin)
            await bought(each, ("tea", "Lu", 1))
            await did(admin, each, category="tea")
        with database.counting() as count:
            await preferences.compute(JOB, progress=progress)
        counts.append([sql for sql in count.statements if "preference" in sql or "orders" in sql or "events" in sql or "customers" in sql])
    assert len(counts[0]) == len(counts[1]) <= 12
    assert told == [(3, 3), (6, 6)]


async def test_what_is_sealed_later_is_liked_in_the_clear_no_more(house: House, admin: Actor) -> None:
    one = await somebody(admin)
    await did(admin, one, query="clinic nearby", category="health")
    await preferences.compute(JOB)
    assert (await Preference.get()).searches != []
    said = await events.define(admin, EventDefine(name="viewed", properties=[EventPropertyGiven(name="query", personal=True)]))
    sealer = Actor.worker("events", Scope.JOBS_RUN, purpose=Purpose.COMPLIANCE)
    await events.seal_stored(sealer, said.definition_id, progress=_quietly)
    row = await Preference.get()
    assert (row.searches, [each["value"] for each in row.viewed_categories]) == ([], ["health"])


async def _quietly(done: int, total: int) -> None:
    assert done <= total
