"""What is personal in events is sealed or refused, and goes with its person."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from siyu.domain import customers, events
from siyu.domain.customers import CustomerCreate
from siyu.domain.events import EventDefine, EventPropertyGiven
from siyu.domain.events.tables import Event, EventDefinition, EventProperty
from siyu.domain.kernel import boot, database
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.settings import Settings
from siyu.privacy import consent, dossier
from siyu.privacy.actor import Actor, Purpose, Role, Scope
from siyu.privacy.requests import erase
from tests import actors
from tests.domain.events.conftest import TRACKER, Person, row
from tests.domain.events.test_splitting import CARD, MAIL, PHONE

SEALER = Actor.worker("events", Scope.JOBS_RUN, purpose=Purpose.COMPLIANCE)
NEEDLES = (PHONE, "138 0000", MAIL, "example.com", CARD, "Lily")


async def quietly(done: int, total: int) -> None:
    assert 0 < done <= total


async def stored() -> list[str]:
    """The clear columns of all events, as text."""
    return [str(each[0]) for each in await database.rows("select cast(properties as text) from events order by occurred_at desc")]


async def opened(event: Event) -> object:
    under = await consent.grant(actors.staff(Role.COMPLIANCE_OFFICER), [event.customer_id], fields=["events.sealed_properties"])
    return consent.disclose(event, event.sealed_properties, under)


async def test_values_that_look_personal_are_sealed_and_marked(house: House, person: Person) -> None:
    ada = await person("ada")
    given = [
        {"phone": PHONE, "sku": "S"},
        {"to": [{"mail": MAIL}, {"n": int(PHONE)}]},
        {"url": "https://x.example/?e=a.b%40example.com"},
        {PHONE: {"calls": 1}},
        {"card": int(CARD), "note": "\n+86 138 0000 1111"},
        {"sku": "S", "n": 5},
    ]
    got = await events.record(TRACKER, [row(ada, f"k{n}", ago=timedelta(hours=n), properties=each) for n, each in enumerate(given)])
    assert (got.accepted, got.refusals) == (6, [])
    clear = await stored()
    assert not [needle for needle in NEEDLES for text in clear if needle in text]
    rows = await Event.all().order_by("-occurred_at")
    assert [each.sealed_properties is None for each in rows] == [False] * 5 + [True]
    assert [await opened(each) for each in rows[:2]] == [{"/phone": PHONE}, {"/to/0/mail": MAIL, "/to/1/n": int(PHONE)}]
    seen = {each.name for each in await EventProperty.filter(seen_personal=True)}
    assert seen == {"phone", "mail", "n", "url", "card", "note"}
    assert PHONE not in {each.name for each in await EventProperty.all()}, "the register names nobody"


@pytest.fixture
async def refusing(settings: Settings, clean: None) -> AsyncIterator[House]:
    async with boot.running(settings.model_copy(update={"events_personal": "refuse"})) as house:
        yield house


@pytest.mark.on("sqlite")
async def test_they_are_refused_where_the_house_is_set_so_unless_defined(refusing: House, admin: Actor) -> None:
    wish = EventDefine(name="product_viewed", properties=[EventPropertyGiven(name="phone", personal=True)])
    await events.define(admin, wish)
    ada = await customers.create(admin, CustomerCreate(external_id="ada"))
    bad = [{"to": {"tel": PHONE}}, {"a": {PHONE: 1}}, {"phone": PHONE}]
    got = await events.record(TRACKER, [row(ada, f"k{n}", properties=each, position=n) for n, each in enumerate(bad)])
    assert [(".".join(each.path), each.message.split()[2]) for each in got.refusals] == [
        ("input.events.0.properties", "/to/tel"),
        ("input.events.1.properties", "/a"),
    ]
    assert got.accepted == 1
    assert await stored() == ['{"phone":null}']


async def test_what_came_before_it_was_personal_is_sealed_by_the_job(house: House, admin: Actor, person: Person) -> None:
    ada, eve = await person("ada"), await person("eve")
    given = [{"nick": "Lily", "n": 1}, {"to": {"nick": {"first": "Lily"}, "tel": PHONE}}, {"n": 2}, {"nick": None}]
    rows = [row([ada, eve][n % 2], f"k{n}", ago=timedelta(hours=n), properties=each) for n, each in enumerate(given)]
    await events.record(TRACKER, [*rows, row(ada, "other", name="searched", ago=timedelta(hours=9), properties={"nick": "Lily"})])
    wish = EventDefine(name="product_viewed", properties=[EventPropertyGiven(name="nick", personal=True)])
    done = await events.define(admin, wish)
    assert done.work_id is not None
    assert (await EventProperty.get(definition_id=done.definition_id, name="nick")).sealing
    for _ in range(2):
        await events.seal_stored(SEALER, done.definition_id, progress=quietly)
    clear = await stored()
    assert ["Lily" in text for text in clear] == [False, False, False, False, True], "another name's events are another matter"
    sealed = await Event.filter(name="product_viewed").order_by("-occurred_at")
    assert await opened(sealed[0]) == {"/nick": "Lily"}
    assert await opened(sealed[1]) == {"/to/nick": {"first": "Lily"}, "/to/tel": PHONE}
    assert [each.sealed_properties for each in sealed[2:]] == [None, None]
    assert not (await EventProperty.get(definition_id=done.definition_id, name="nick")).sealing
    await events.record(TRACKER, [row(ada, "later", properties={"nick": "Lily"})])
    assert "Lily" not in "".join(await stored()).replace(clear[-1], ""), "and what comes from now on"


async def test_a_larger_part_that_becomes_personal_takes_what_was_sealed_in_it_along(house: House, admin: Actor, person: Person) -> None:
    ada = await person("ada")
    await events.record(TRACKER, [row(ada, "k", properties={"to": {"tel": PHONE, "street": "Long Road"}})])
    done = await events.define(admin, EventDefine(name="product_viewed", properties=[EventPropertyGiven(name="to", personal=True)]))
    await events.seal_stored(SEALER, done.definition_id, progress=quietly)
    assert await opened(await Event.get()) == {"/to": {"tel": PHONE, "street": "Long Road"}}
    assert (await Event.get()).properties == {"to": None}


async def test_a_property_that_is_personal_no_more_is_stored_in_the_clear_again(house: House, admin: Actor, person: Person) -> None:
    ada = await person("ada")
    for n, personal in enumerate((True, False)):
        await events.define(admin, EventDefine(name="product_viewed", properties=[EventPropertyGiven(name="nick", personal=personal)]))
        await events.record(TRACKER, [row(ada, f"k{n}", ago=timedelta(hours=n), properties={"nick": "Lily"})])
    assert ["Lily" in text for text in await stored()] == [False, True]


async def test_an_export_holds_both_parts_and_an_erasure_leaves_neither(house: House, admin: Actor, person: Person) -> None:
    ada, eve = await person("ada"), await person("eve")
    for who, tag in ((ada, "a"), (eve, "e")):
        await events.record(TRACKER, [row(who, f"{tag}{n}", properties={"sku": "S", **({"phone": PHONE} if n else {})}) for n in range(2)])
    found = {table: rows async for table, rows in dossier.collect(actors.staff(Role.COMPLIANCE_OFFICER), ada)}[Event]
    assert [(each["properties"], each["sealed_properties"]) for each in found] in (
        [({"sku": "S"}, None), ({"sku": "S", "phone": None}, {"/phone": PHONE})],
        [({"sku": "S", "phone": None}, {"/phone": PHONE}), ({"sku": "S"}, None)],
    )
    assert (await erase.rows(ada))["events"] == 2
    assert {each.customer_id for each in await Event.all()} == {eve}
    assert await EventDefinition.all().count() == 1, "the register is of nobody"
