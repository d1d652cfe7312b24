"""The register: what has come, of which types, how often."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
import time_machine

from siyu.domain import events
from siyu.domain.events import EventDefine, EventsTrack, register
from siyu.domain.events.tables import Event, EventDefinition, EventProperty, EventTally
from siyu.domain.kernel import clock, database
from siyu.domain.kernel.boot import House
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code
from tests import actors
from tests.domain.events.conftest import TRACKER, Person, given, row

COUNTER = actors.worker(Scope.JOBS_RUN)


async def types() -> dict[str, list[str]]:
    return {each.name: each.types for each in await EventProperty.all()}


async def test_types_are_gathered_over_batches(house: House, person: Person) -> None:
    ada = await person("ada")
    for n, value in enumerate(["text", 5, 1.5, True, None, [1], {"inner": "2026-01-31T09:30:00Z"}, "2026-01-31"]):
        await events.record(TRACKER, [row(ada, f"k{n}", properties={"value": value})])
        register.forget("product_viewed")
    assert await types() == {"value": ["array", "boolean", "date", "null", "number", "object", "string"], "inner": ["date"]}


async def test_nothing_is_written_where_nothing_is_new(house: House, person: Person) -> None:
    ada = await person("ada")
    for n in range(2):
        await events.record(TRACKER, [row(ada, f"k{n}", properties={"sku": "S", "to": {"city": "杭州"}})])
    with database.counting() as count:
        await events.record(TRACKER, [row(ada, f"l{n}", properties={"sku": "T", "to": {"city": "成都"}}) for n in range(50)])
    assert not [sql for sql in count.sent if "insert into event_" in sql or "update event_" in sql]


async def test_counts_follow_a_while_after_and_count_each_event_once(house: House, person: Person) -> None:
    ada = await person("ada")
    batch = [
        row(ada, f"k{n}", name=("viewed", "clicked")[n % 2], properties={"sku": "S", **({"q": 1} if n == 0 else {})}) for n in range(5)
    ]
    await events.record(TRACKER, batch)
    await events.record(TRACKER, batch)
    await events.count(COUNTER)
    assert await EventDefinition.filter(count__gt=0).count() == 0, "what has just come may still be on its way elsewhere"
    for _ in range(2):
        with time_machine.travel(clock.now() + timedelta(hours=3), tick=True):
            await events.count(COUNTER)
    assert {each.name: each.count for each in await EventDefinition.all()} == {"viewed": 3, "clicked": 2}
    viewed = await EventDefinition.get(name="viewed")
    assert {each.name: each.count for each in await EventProperty.filter(definition_id=viewed.id)} == {"sku": 3, "q": 1}
    last = await Event.filter(name="viewed").order_by("-received_at").first()
    assert last is not None
    assert viewed.last_seen_at == last.received_at
    with time_machine.travel(clock.now() + timedelta(hours=4), tick=True):
        await events.record(TRACKER, [row(ada, "later", name="viewed", properties={"phone": "13800001111"})])
    with time_machine.travel(clock.now() + timedelta(hours=5), tick=True):
        await events.count(COUNTER)
    assert (await EventDefinition.get(name="viewed")).count == 4
    assert (await EventProperty.get(definition_id=viewed.id, name="phone")).count == 1, "sealed values count too"
    assert await EventTally.all().count() == 1


async def test_two_that_count_at_once_count_once(house: House, person: Person) -> None:
    ada = await person("ada")
    await events.record(TRACKER, [row(ada, f"k{n}") for n in range(4)])
    with time_machine.travel(clock.now() + timedelta(hours=1), tick=True):
        await events.count(COUNTER)
    await EventTally.all().update(counted_until=clock.now() - timedelta(hours=1))
    await EventDefinition.all().update(count=0)
    with time_machine.travel(clock.now() + timedelta(minutes=30), tick=True):
        await asyncio.gather(*(events.count(COUNTER) for _ in range(3)))
    assert (await EventDefinition.get()).count == 4


async def test_counting_nothing_is_nothing(house: House) -> None:
    await events.count(COUNTER)
    assert await EventTally.all().count() == 0


@pytest.mark.on("sqlite")
async def test_names_without_end_are_refused_and_known_ones_are_taken(
    house: House, admin: Actor, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(register, "NAMES_MAX", 2)
    await person("ada")
    got = await events.track(TRACKER, EventsTrack(events=[given(f"k{n}", name=f"viewed {n}") for n in range(4)]))
    assert [(each.code, each.path) for each in got.refusals] == [
        (Code.LIMIT_EXCEEDED, ("input", "events", "2", "name")),
        (Code.LIMIT_EXCEEDED, ("input", "events", "3", "name")),
    ]
    assert (await events.track(TRACKER, EventsTrack(events=[given("again", name="viewed 1")]))).accepted == 1
    assert await EventDefinition.all().count() == 2


@pytest.mark.on("sqlite")
async def test_properties_without_end_are_stored_and_listed_up_to_a_number(house: House, person: Person) -> None:
    ada = await person("ada")
    many = {f"p{n}": n for n in range(register.PROPERTIES_MAX + 50)}
    for n in range(2):
        assert (await events.record(TRACKER, [row(ada, f"k{n}", properties=many)])).accepted == 1
    assert await EventProperty.all().count() == register.PROPERTIES_MAX
    assert (await Event.all().first()).properties == many  # type: ignore[union-attr]  # there are two


async def test_a_batch_that_fails_leaves_the_register_as_it_was(house: House, admin: Actor, person: Person) -> None:
    ada = await person("ada")

    async def fail() -> None:
        async with database.transaction():
            await events.record(TRACKER, [row(ada, "k", properties={"sku": "S"})])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert (await EventDefinition.all().count(), await EventProperty.all().count(), await Event.all().count()) == (0, 0, 0)
    await events.record(TRACKER, [row(ada, "k", properties={"sku": "S"})])
    assert await types() == {"sku": ["string"]}


async def test_a_definition_from_before_the_first_event_learns_when_that_came(house: House, admin: Actor, person: Person) -> None:
    done = await events.define(admin, EventDefine(name=" product_viewed ", title="Viewed"))
    assert done.work_id is None
    await events.record(TRACKER, [row(await person("ada"), "k", properties={"sku": "S"})])
    about = await EventDefinition.get()
    assert (about.id, about.title, about.first_seen_at is not None) == (done.definition_id, "Viewed", True)
