"""Taking events: once each, in any order, late, early, and never one for another."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from siyu.domain import events
from siyu.domain.customers import Unknown
from siyu.domain.customers.tables import Customer
from siyu.domain.events import EventRow, EventsTrack
from siyu.domain.events.tables import Event, EventDefinition
from siyu.domain.kernel import clock, database
from siyu.domain.kernel.boot import House
from siyu.privacy.actor import Scope
from siyu.privacy.refusal import Code, Forbidden, Refusal
from tests import actors
from tests.domain.events.conftest import HOUR, TRACKER, Person, given, row


def refused(refusals: list[Refusal]) -> list[tuple[Code, str]]:
    return [(each.code, ".".join(each.path)) for each in refusals]


async def test_events_are_written_once_however_often_they_are_sent(house: House, person: Person) -> None:
    ada = await person("ada")
    batch = EventsTrack(events=[given(f"k{n}", properties={"sku": f"S-{n}", "price": 9.5}) for n in range(5)])
    first, again = await events.track(TRACKER, batch), await events.track(TRACKER, batch)
    assert (first.accepted, first.duplicates, first.refusals) == (5, 0, [])
    assert (again.accepted, again.duplicates, again.refusals) == (0, 5, [])
    stored = await Event.filter(customer_id=ada).order_by("id")
    assert sorted(each.properties["sku"] for each in stored) == [f"S-{n}" for n in range(5)]  # type: ignore[index]  # JSON
    assert {each.late for each in stored} == {False}


async def test_the_same_key_twice_in_a_call_is_one_event(house: House, person: Person) -> None:
    await person("ada")
    twin = given("k", properties={"a": 1, "b": [2]})
    got = await events.track(TRACKER, EventsTrack(events=[twin, twin, given("other")]))
    assert (got.accepted, got.duplicates) == (2, 1)


@pytest.mark.parametrize("together", [True, False])
async def test_something_else_under_the_same_key_is_said_and_changes_nothing(house: House, person: Person, together: bool) -> None:
    await person("ada")
    one, other = given("k", properties={"sku": "A"}), given("k", properties={"sku": "B"})
    batches = [[one, other]] if together else [[one], [other]]
    got = [await events.track(TRACKER, EventsTrack(events=batch)) for batch in batches][-1]
    assert refused(got.refusals) == [(Code.CONFLICT, f"input.events.{1 if together else 0}.idempotency_key")]
    assert (await Event.get()).properties == {"sku": "A"}


async def test_nobody_is_made_for_an_event_whose_key_is_known(house: House, person: Person) -> None:
    await person("ada")
    await events.track(TRACKER, EventsTrack(events=[given("k", properties={"sku": "A"}), given("other")]))
    again = [given("k", who="bob", properties={"sku": "B"}), given("other", who="eve"), given("new", who="kim")]
    got = await events.track(TRACKER, EventsTrack(events=again))
    assert refused(got.refusals)[0] == (Code.CONFLICT, "input.events.0.idempotency_key")
    assert (got.accepted, await Customer.all().count()) == (1, 2)


async def test_an_event_of_nobody_leaves_no_name_in_the_register(house: House, person: Person) -> None:
    await person("ada")
    batch = [given("a"), given("b", who="nobody", name="Never Heard Of")]
    got = await events.track(TRACKER, EventsTrack(events=batch, unknown_customers=Unknown.REFUSE))
    assert refused(got.refusals) == [(Code.NOT_FOUND, "input.events.1.customer")]
    assert [each.name for each in await EventDefinition.all()] == [batch[0].name]


async def test_members_in_another_order_are_the_same_event(house: House, person: Person) -> None:
    await person("ada")
    at = given("k").occurred_at
    for properties in ({"a": 1, "b": {"c": 2, "d": 3}}, {"b": {"d": 3, "c": 2}, "a": 1}):
        event = given("k", properties=properties)
        object.__setattr__(event, "occurred_at", at)
        got = await events.track(TRACKER, EventsTrack(events=[event]))
    assert (got.accepted, got.duplicates, got.refusals) == (0, 1, [])


async def test_a_bad_event_never_loses_the_others_and_makes_no_customer(house: House, person: Person) -> None:
    await person("ada")
    bad = [
        given("b1", who="eve", name=" "),
        given("b2", who="eve", ago=-timedelta(minutes=6)),
        given("b3", who="eve", ago=timedelta(days=4_000)),
        given("b4", who="eve", properties=["no object"]),
        given("", who="eve"),
        given("b6", who="eve", name="x" * 101),
        given("b7", who="eve", name="call 13800001111"),
        given("b8", who="eve", name="<script>"),
        given("b9", who="eve", properties={"deep": [[[[[[[[]]]]]]]]}),
        given("b10", who="eve", properties={"text": "x" * 33_000}),
        given("b11", who="eve", properties={"x" * 101: 1}),
        given("b12", who="eve", properties={"nul": "a\0b"}),
        given("b13", who="eve", properties={"many": list(range(1_000))}),
        given("b14", who="eve", properties={"big": 2**70}),
        given("b15", who="eve", properties={"half": "\ud800"}),
        given("b16", who=" "),
    ]
    got = await events.track(TRACKER, EventsTrack(events=[*bad, given("good")]))
    assert got.accepted == 1
    assert refused(got.refusals) == [
        (Code.BLANK, "input.events.0.name"),
        (Code.TOO_LONG, "input.events.5.name"),
        (Code.INVALID, "input.events.6.name"),
        (Code.INVALID, "input.events.7.name"),
        (Code.INVALID, "input.events.1.occurred_at"),
        (Code.EXPIRED, "input.events.2.occurred_at"),
        (Code.INVALID, "input.events.3.properties"),
        (Code.BLANK, "input.events.4.idempotency_key"),
        (Code.LIMIT_EXCEEDED, "input.events.8.properties"),
        (Code.LIMIT_EXCEEDED, "input.events.9.properties"),
        (Code.INVALID, "input.events.10.properties"),
        (Code.INVALID, "input.events.11.properties"),
        (Code.LIMIT_EXCEEDED, "input.events.12.properties"),
        (Code.INVALID, "input.events.13.properties"),
        (Code.INVALID, "input.events.14.properties"),
        (Code.BLANK, "input.events.15.customer.value"),
    ]
    assert await Customer.all().count() == 1, "nobody was made for an event that was refused"
    assert [each.name for each in await EventDefinition.all()] == ["product_viewed"]


async def test_an_unknown_customer_is_made_or_refused_as_the_caller_chooses(house: House) -> None:
    got = await events.track(TRACKER, EventsTrack(events=[given("k")], unknown_customers=Unknown.REFUSE))
    assert refused(got.refusals) == [(Code.NOT_FOUND, "input.events.0.customer")]
    assert (await Customer.all().count(), await Event.all().count()) == (0, 0)
    assert (await events.track(TRACKER, EventsTrack(events=[given("k"), given("l")]))).accepted == 2
    assert await Customer.all().count() == 1


async def test_without_the_scope_nothing_is_written(house: House) -> None:
    with pytest.raises(Forbidden):
        await events.track(actors.holder(Scope.EVENTS_READ), EventsTrack(events=[given("k")]))
    assert (await Customer.all().count(), await Event.all().count()) == (0, 0)


async def test_too_many_at_once_are_refused_as_a_whole(house: House) -> None:
    with pytest.raises(Refusal) as refusal:
        await events.track(TRACKER, EventsTrack(events=[given("k")] * 1_001))
    assert refusal.value.code is Code.LIMIT_EXCEEDED
    assert await Customer.all().count() == 0


async def test_late_and_early_events_are_taken_and_said(house: House, person: Person) -> None:
    ada = await person("ada")
    ages = [HOUR, timedelta(days=6, hours=23), timedelta(days=7, hours=1), timedelta(days=3_600), -timedelta(minutes=4)]
    got = await events.record(TRACKER, [row(ada, f"k{n}", ago=age) for n, age in enumerate(ages)])
    assert (got.accepted, got.late, got.future, got.refusals) == (5, 2, 1, [])
    stored = await Event.filter(customer_id=ada).order_by("-occurred_at")
    assert [each.late for each in stored] == [False, False, False, True, True]
    assert stored[0].occurred_at > clock.now(), "what is a little ahead stays as it was said"


async def test_an_event_of_nobody_is_refused(house: House, person: Person) -> None:
    ada = await person("ada")
    got = await events.record(TRACKER, [row(uuid4(), "k", position=7), row(ada, "l", position=9)])
    assert refused(got.refusals) == [(Code.NOT_FOUND, "input.events.7.customer")]
    assert got.accepted == 1


async def test_an_event_of_somebody_who_was_merged_goes_to_whom_they_were_merged_into(house: House, person: Person) -> None:
    ada, shell, older = await person("ada"), await person("shell"), await person("older")
    await Customer.filter(id=shell).update(merged_into_id=ada)
    await Customer.filter(id=older).update(merged_into_id=shell)
    assert (await events.record(TRACKER, [row(shell, "k"), row(older, "l"), row(ada, "m")])).accepted == 3
    assert {each.customer_id for each in await Event.all()} == {ada}


@pytest.mark.parametrize("number", [1, 400])
async def test_the_number_of_statements_is_that_of_a_batch(house: House, person: Person, number: int) -> None:
    ada = await person("ada")
    await events.record(TRACKER, [row(ada, "first", properties={"sku": "S", "price": 1})])
    await events.record(TRACKER, [row(ada, "warm", properties={"sku": "S", "price": 1})])
    batch: list[EventRow] = [row(ada, f"k{n}", properties={"sku": "S", "price": n}) for n in range(number)]
    with database.counting() as count:
        assert (await events.record(TRACKER, batch)).accepted == number
    assert len([sql for sql in count.sent if not sql.startswith(("BEGIN", "COMMIT"))]) <= (4 if database.dialect() == "sqlite" else 3)


@pytest.mark.on("postgres")
async def test_the_same_batch_sent_from_several_sides_at_once_is_written_once(house: House, person: Person) -> None:
    people: list[UUID] = [await person(f"p{n}") for n in range(5)]
    batch = [row(people[n % 5], f"k{n}", properties={"n": n}) for n in range(200)]
    got = await asyncio.gather(*(events.record(TRACKER, batch[::step]) for step in (1, -1, 1)))
    assert sum(each.accepted for each in got) == 200
    assert sum(each.duplicates for each in got) == 400
    assert await Event.all().count() == 200
