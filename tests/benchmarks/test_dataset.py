"""The benchmarks' data: loaded past the domain, and read through it as if an import had written it."""

from __future__ import annotations

import pytest

from benchmarks import dataset, rows
from benchmarks.rows import Spec
from benchmarks.shapes import shapes
from siyu.domain import customers
from siyu.domain.customers import CUSTOMER, CustomerFilter, IdentityGiven, IdentityKind, LifecycleStage
from siyu.domain.demo import people
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.connections import sqlite_path
from siyu.domain.kernel.reading import Ask, Reader
from siyu.domain.orders import ORDER
from siyu.privacy.actor import Actor, Purpose, Scope

SPEC = Spec(customers=60, seed=3)
READER = Actor.worker(
    "test",
    Scope.CUSTOMERS_READ,
    Scope.CUSTOMER_NAME_READ,
    Scope.CUSTOMER_PHONE_READ,
    Scope.ORDERS_READ,
    Scope.TAGS_READ,
    purpose=Purpose.MARKETING,
)


@pytest.mark.on("sqlite")
async def test_what_is_loaded_in_bulk_is_read_by_the_domain(house: House) -> None:
    loader = dataset._Sqlite(sqlite_path(house.settings.main_database))
    for first in (0, 30):
        loader.put(await rows.batch(first, 30, SPEC))
    loader.finish()
    invented = list(people(0, 60, seed=3, until=rows.UNTIL))
    service = Actor.worker("test", *READER.scopes, purpose=Purpose.SERVICE)
    assert await Reader(service).count(CUSTOMER) == 60
    assert await Reader(service).count(ORDER) == sum(len(person.purchases) for person in invented)
    assert 25 < await Reader(READER).count(CUSTOMER) < 55, "seven of ten have agreed to marketing"
    for tag in rows.tags(SPEC):
        await tag.save(force_create=True)
    names = [tag.name for tag in rows.tags(SPEC)]
    some = [await Reader(service).count(CUSTOMER, where=CustomerFilter(tags_any=each)) for each in (names, names[:40])]
    assert some[0] == 60 > some[1] > 0, "everybody has four tags of 200"
    stages = [await Reader(service).count(CUSTOMER, where=CustomerFilter(lifecycle_stage=[each])) for each in LifecycleStage]
    assert (sum(stages), min(stages) > 0) == (60, True)
    found = await customers.find(service, IdentityGiven(kind=IdentityKind.PHONE, value=invented[7].phone))
    assert found is not None
    ask = Ask(CUSTOMER)
    ask.want("display_name")
    ask.want("phone")
    row = (await Reader(service).by_ids(ask, [found]))[0]
    assert row is not None
    assert (row["display_name"], row["phone"]) == (invented[7].display_name, invented[7].phone)


def test_a_data_set_is_the_same_each_time_and_grows_newer_by_number() -> None:
    one, other = list(rows.customers(0, 20, SPEC)), list(rows.customers(10, 10, SPEC))
    assert [made.id for made in one[10:]] == [made.id for made in other]
    assert [made.id for made in one] == sorted(made.id for made in one)
    assert all(made.id.version == 7 for made in one)


def test_every_shape_asks_something_of_customers_who_are_there() -> None:
    ids = {made.id for made in rows.customers(0, 60, SPEC)}
    q1 = next(shape for shape in shapes(SPEC) if shape.name == "Q1")
    assert len(q1.variables) == len(ids)
    assert all(shape.control in {each.name for each in shapes(SPEC)} for shape in shapes(SPEC))
