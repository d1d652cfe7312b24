"""Invented people: always the same, in by the domain's doors, and once only."""

from __future__ import annotations

from datetime import UTC, datetime

import phonenumbers
import pytest

from siyu.domain import customers, demo, lifecycle, segments
from siyu.domain.customers import CUSTOMER, IdentityGiven, IdentityKind
from siyu.domain.demo.people import people
from siyu.domain.kernel import normal
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.reading import Ask, Reader
from siyu.domain.orders import ORDER
from siyu.privacy.actor import Actor, Purpose, Scope
from siyu.privacy.refusal import Forbidden

UNTIL = datetime(2026, 11, 1, tzinfo=UTC)
SOWER = Actor.worker(
    "demo",
    Scope.CUSTOMERS_IMPORT,
    Scope.ORDERS_IMPORT,
    Scope.CUSTOMERS_READ,
    Scope.ORDERS_READ,
    Scope.CUSTOMER_NAME_READ,
    Scope.CUSTOMER_PHONE_READ,
    Scope.CUSTOMER_DEMOGRAPHICS_READ,
    Scope.CUSTOMER_LOCATION_READ,
    purpose=Purpose.SERVICE,
)


def test_a_number_is_one_person_however_many_are_asked() -> None:
    assert list(people(40, 3, seed=1, until=UNTIL)) == list(people(0, 50, seed=1, until=UNTIL))[40:43]
    assert list(people(0, 50, seed=1, until=UNTIL)) != list(people(0, 50, seed=2, until=UNTIL))


def test_no_two_share_a_number_or_an_address_and_all_are_spelled_normally() -> None:
    invented = list(people(0, 3_000, seed=1, until=UNTIL))
    assert len({person.phone for person in invented}) == len({person.email for person in invented}) == len(invented)
    for person in invented[:300]:
        assert phonenumbers.is_valid_number(phonenumbers.parse(person.phone))
        assert normal.phone(person.phone, "CN") == person.phone
        assert normal.email(person.email) == person.email
        assert normal.name(person.display_name) == person.display_name
        assert all(bought.placed_at <= UNTIL for bought in person.purchases)
        assert [bought.placed_at for bought in person.purchases] == sorted(bought.placed_at for bought in person.purchases)
    orders = sum(len(person.purchases) for person in invented)
    assert 4.7 < orders / len(invented) < 5.3


async def test_they_come_in_with_their_orders_and_only_once(house: House) -> None:
    expected = list(people(0, 30, seed=1, until=UNTIL))
    sown = await demo.sow(SOWER, first=0, count=30, seed=1, until=UNTIL)
    assert sown == demo.Sown(30, sum(len(person.purchases) for person in expected))
    assert await demo.sow(SOWER, first=0, count=30, seed=1, until=UNTIL) == demo.Sown(0, 0)
    assert (await demo.sow(SOWER, first=20, count=15, seed=1, until=UNTIL)).customers == 5
    reader = Reader(SOWER)
    assert await reader.count(CUSTOMER) == 35
    assert await reader.count(ORDER) == sum(len(person.purchases) for person in people(0, 35, seed=1, until=UNTIL))


async def test_they_are_found_sealed_and_summed_like_anybody(house: House) -> None:
    await demo.sow(SOWER, first=0, count=20, seed=1, until=UNTIL)
    person = next(each for each in people(0, 20, seed=1, until=UNTIL) if each.purchases)
    found = await customers.find(SOWER, IdentityGiven(kind=IdentityKind.PHONE, value=person.phone))
    assert found is not None
    ask = Ask(CUSTOMER)
    for name in ("display_name", "phone", "birth_month", "city", "orders_count"):
        ask.want(name)
    row = (await Reader(SOWER).by_ids(ask, [found]))[0]
    assert row is not None
    assert (row["display_name"], row["phone"], row["city"]) == (person.display_name, person.phone, person.city)
    assert row["birth_month"] == person.birthday.month
    assert row["orders_count"] == sum(bought.status is not bought.status.CANCELLED for bought in person.purchases)


async def test_tags_and_segments_are_arranged_once_and_hold_somebody(house: House, admin: Actor) -> None:
    await demo.sow(SOWER, first=0, count=40, seed=1)
    await lifecycle.apply(Actor.worker("demo", Scope.JOBS_RUN))
    assert await demo.arrange(admin) == demo.Arranged(4, 3)
    assert await demo.arrange(admin) == demo.Arranged(0, 0)
    codes = [await segments.resolve(admin, None, code) for code in ("best", "lapsed", "birthday-soon")]
    held = await segments.counts(admin, [code for code in codes if code is not None])
    assert all(held.values())
    assert len(held) == 3
    with pytest.raises(Forbidden):
        await demo.arrange(SOWER)


async def test_whoever_may_not_import_sows_nothing(house: House) -> None:
    with pytest.raises(Forbidden):
        await demo.sow(Actor.worker("demo", Scope.CUSTOMERS_IMPORT), first=0, count=1)
