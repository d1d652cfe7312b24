"""Large batches go into PostgreSQL by COPY: what is stored is what an insert would have stored, and repetitions stay repetitions."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from siyu.domain import customers, events
from siyu.domain.customers import CustomerCreate
from siyu.domain.events import EventRow, storing
from siyu.domain.events.tables import Event
from siyu.domain.kernel import clock, database
from siyu.domain.kernel.boot import House
from siyu.privacy.actor import Role
from siyu.privacy.refusal import Code
from tests import actors
from tests.domain.events.conftest import TRACKER, Person, row
from tests.domain.events.test_personal import opened

MANY = storing.COPIED_MIN
SECOND = timedelta(seconds=1)
Drawn = tuple[str, str | None, timedelta, dict[str, object]]

_texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False) | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts.filter(str.strip), inner, max_size=3),
    max_leaves=6,
)
_properties = st.dictionaries(_texts.filter(str.strip), _values | st.sampled_from(["13800001111", "ada@example.com"]), max_size=4)
_rows = st.tuples(
    st.sampled_from(["Tea Drunk", "商品浏览", "Page Viewed"]),
    st.sampled_from([None, "web", "小程序"]),
    st.timedeltas(timedelta(minutes=-4), timedelta(days=400)),
    _properties,
)


def _row(whose: UUID, number: int, now: datetime, drawn: Drawn) -> EventRow:
    name, channel, ago, properties = drawn
    return EventRow(
        customer_id=whose, name=name, channel=channel, occurred_at=now - ago - number * SECOND, properties=properties, key=f"{number}"
    )


async def _stored(prefix: str, rows: list[EventRow], size: int) -> list[tuple[object, ...]]:
    """Write the rows so many at a time; what is stored of them, each by its key."""
    await Event.all().delete()
    for first in range(0, len(rows), size):
        got = await events.record(TRACKER, [replace(each, key=f"{prefix}-{each.key}") for each in rows[first : first + size]])
        assert (got.accepted, got.refusals) == (len(rows[first : first + size]), [])
    found = await Event.all().order_by("occurred_at")
    sealed = [await opened(each) if each.sealed_properties else None for each in found]
    return [
        (each.customer_id, each.name, each.channel, each.occurred_at, bytes(each.content), each.properties, each.late, what)
        for each, what in zip(found, sealed, strict=True)
    ]


@examples(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(_rows, min_size=3, max_size=8))
async def test_many_at_once_are_stored_as_few_are(house: House, drawn: list[Drawn]) -> None:
    whose, now = await customers.create(actors.staff(Role.ADMIN), CustomerCreate()), clock.now()
    rows = [_row(whose, number, now, each) for number, each in enumerate((drawn * MANY)[:MANY])]
    many, few = await _stored("many", rows, MANY), await _stored("few", rows, MANY - 1)
    assert len(many) == MANY
    assert many == few


async def test_those_of_many_that_came_before_are_repetitions(house: House, person: Person) -> None:
    ada = await person("ada")
    rows = [replace(row(ada, f"k{number}", properties={"n": number}, position=number), said_at="then") for number in range(MANY)]
    await events.record(TRACKER, rows[3:5])
    changed = [*rows[:4], replace(rows[4], properties={"n": "other"}), *rows[5:]]
    got = await events.record(TRACKER, changed)
    assert (got.accepted, got.duplicates, got.repeated) == (MANY - 2, 1, {3})
    assert [(each.code, each.path[2]) for each in got.refusals] == [(Code.CONFLICT, "4")]
    again = await events.record(TRACKER, rows)
    assert (again.accepted, again.duplicates, await Event.all().count()) == (0, MANY, MANY)


async def test_the_same_many_at_the_same_moment_are_stored_once(house: House, person: Person) -> None:
    ada = await person("ada")
    rows = [replace(row(ada, f"k{number}", properties={"n": number}), said_at="then") for number in range(MANY)]
    got = await asyncio.gather(*(events.record(TRACKER, rows) for _ in range(4)))
    assert sorted((each.accepted, each.duplicates) for each in got) == [(0, MANY)] * 3 + [(MANY, 0)]
    assert await Event.all().count() == MANY


async def test_many_go_by_copy_in_a_fixed_number_of_statements(house: House, person: Person) -> None:
    ada = await person("ada")
    await events.record(TRACKER, [row(ada, f"warm{number}") for number in range(MANY)])
    with database.counting() as count:
        await events.record(TRACKER, [row(ada, f"k{number}") for number in range(4 * MANY)])
    assert any("copy events" in sql for sql in count.statements) is (database.dialect() == "postgres")
    assert len(count) <= 8
