"""The timeline of a customer: what it shows to whom, its pages, its statements; and who a person is, in one query."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tortoise.indexes import Index

from siyu.domain import customers, events, notes, preferences, requests
from siyu.domain.customers import CustomerCreate
from siyu.domain.events import EventRow
from siyu.domain.kernel import clock, database
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.reading import MOMENTS, Moment, TimelineKind
from siyu.domain.notes import NoteAdd
from siyu.domain.orders.tables import Order, OrderStatus
from siyu.domain.requests import DataRequestKind, DataRequestOpen, Jurisdiction
from siyu.privacy import consent
from siyu.privacy.actor import Actor, Purpose, Scope
from siyu.schema.context import Context
from siyu.schema.plans import Planner
from siyu.schema.relay import encode
from tests import actors
from tests.schema.conftest import Answer, Run, schema
from tests.schema.plans import doors
from tests.schema.plans.bothways import both_ways, same

#: Many things happen at just this moment, and some a second or a microsecond later.
AT = datetime(2026, 1, 1, 8, tzinfo=UTC)
STEPS = (timedelta(0), timedelta(0), timedelta(microseconds=1), timedelta(seconds=1))

ITEMS = """query ($id: ID!, $first: Int, $after: String, $kinds: [TimelineKind!]) {
  customer(id: $id) { timeline(first: $first, after: $after, kinds: $kinds) {
    edges { cursor node { id kind title occurredAt properties subject { __typename id } } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  } }
}"""
SHORT = """query ($id: ID!, $first: Int, $after: String) {
  customer(id: $id) { timeline(first: $first, after: $after) { nodes { id occurredAt } pageInfo { hasNextPage endCursor } } }
}"""


async def ordered(customer_id: UUID, number: int, at: datetime) -> None:
    order = Order(
        customer_id=customer_id,
        external_id=f"{customer_id}-{number}",
        status=OrderStatus.PAID,
        total_e4=123_400,
        currency="CNY",
        placed_at=at,
    )
    await order.save(force_create=True)


async def lived(admin: Actor, *, times: int = 2) -> UUID:
    """A customer to whom each kind of thing happened so many times."""
    one = await customers.create(admin, CustomerCreate(display_name="Wang Fang"))
    for number in range(times):
        at = AT + STEPS[number % len(STEPS)]
        await ordered(one, number, at)
        await notes.add(admin, NoteAdd(customer_id=one, body=f"Note {number}"))
        await consent.record(admin, one, Purpose.MARKETING, granted=number % 2 == 0, channel="test", occurred_at=at)
        row = EventRow(customer_id=one, name="viewed", occurred_at=at, properties={"sku": number}, key=f"{one}-{number}", channel="app")
        assert (await events.record(admin, [row])).accepted == 1
    await requests.open(admin, DataRequestOpen(kind=DataRequestKind.EXPORT, customer_id=one, jurisdiction=Jurisdiction.CN))
    return one


def items(got: Answer) -> list[dict[str, Any]]:
    return [edge["node"] for edge in got.data["customer"]["timeline"]["edges"]]


async def test_all_kinds_newest_first_each_with_its_subject(house: House, admin: Actor, run: Run) -> None:
    one = await lived(admin)
    got = await run(admin, ITEMS, id=encode("Customer", one))
    assert (got.errors, got.denied) == ([], [])
    found = items(got)
    assert [each["occurredAt"] for each in found] == sorted((each["occurredAt"] for each in found), reverse=True)
    by_kind = {kind: [each for each in found if each["kind"] == kind] for kind in ("EVENT", "ORDER", "NOTE", "CONSENT", "PRIVACY")}
    assert {kind: len(each) for kind, each in by_kind.items()} == {"EVENT": 2, "ORDER": 2, "NOTE": 2, "CONSENT": 2, "PRIVACY": 1}
    assert by_kind["ORDER"][0]["title"] == "Order paid"
    assert by_kind["ORDER"][0]["properties"]["total"] == "12.34"
    assert by_kind["NOTE"][0]["properties"] == {"body": "Note 1"}
    assert by_kind["EVENT"][0]["properties"]["properties"]["sku"] in (0, 1)
    assert {each["title"] for each in by_kind["CONSENT"]} == {"Consent given", "Consent withdrawn"}
    assert by_kind["PRIVACY"][0]["title"] == "Data request: export"
    assert {each["subject"]["__typename"] for kind in ("ORDER", "NOTE", "PRIVACY") for each in by_kind[kind]} == {
        "Order",
        "Note",
        "DataRequest",
    }
    assert len({each["id"] for each in found}) == len(found)
    again = items(await run(admin, ITEMS, id=encode("Customer", one)))
    assert [each["id"] for each in again] == [each["id"] for each in found]


async def test_only_the_kinds_that_are_asked(house: House, admin: Actor, run: Run) -> None:
    one = encode("Customer", await lived(admin))
    some = items(await run(admin, ITEMS, id=one, kinds=["ORDER", "NOTE", "TAG"]))
    assert {each["kind"] for each in some} == {"ORDER", "NOTE"}
    assert items(await run(admin, ITEMS, id=one, kinds=[])) == []
    assert items(await run(admin, ITEMS, id=one, kinds=["COUPON"])) == [], "a kind that is not built yet has no items"


async def test_a_kind_that_may_not_be_read_is_left_out_and_denied(house: House, admin: Actor, run: Run) -> None:
    one = encode("Customer", await lived(admin))
    reader = actors.holder(Scope.CUSTOMERS_READ, Scope.ORDERS_READ)
    got = await run(reader, ITEMS, id=one)
    assert got.errors == []
    assert {each["kind"] for each in items(got)} == {"ORDER"}
    assert {(".".join(each.path), each.scope) for each in got.denied} == {
        ("customer.timeline", scope)
        for scope in (
            Scope.EVENTS_READ, Scope.NOTES_READ, Scope.CONSENT_READ, Scope.DATA_REQUESTS_READ, Scope.TAGS_READ, Scope.SEGMENTS_READ,
                Scope.POINTS_READ, Scope.COUPONS_READ,
        )
    }  # fmt: skip
    asked = await run(reader, ITEMS, id=one, kinds=["NOTE"])
    assert items(asked) == []
    assert [each.scope for each in asked.denied] == [Scope.NOTES_READ]


async def test_of_people_whom_the_purpose_does_not_reach_nothing_is_told(house: House, admin: Actor, run: Run) -> None:
    one = await lived(admin)
    await consent.restrict(admin, one, reason="test")
    got = items(await run(admin, ITEMS, id=encode("Customer", one)))
    assert {each["kind"] for each in got} <= {"PRIVACY"}, "their requests are no data of theirs: an officer has to see them"


@pytest.mark.parametrize("asked", [None, ["ORDER", "NOTE"]])
async def test_a_page_takes_a_statement_and_one_a_kind(house: House, admin: Actor, asked: list[str] | None) -> None:
    shown = "nodes { title properties subject { id } }"
    text = f"query ($k: [TimelineKind!]) {{ customers {{ nodes {{ timeline(first: 2, kinds: $k) {{ {shown} }} }} }} }}"
    planner = Planner(schema())
    for people in (1, 2):
        await lived(admin)
        got = await both_ways(planner, admin, text, {"k": asked})
        same(got)
        assert got.planned is not None, got.why
        assert len(got.planned["data"]["customers"]["nodes"]) == people
        assert len(doors.about_nouns(got.statements)) == 1 + (len(MOMENTS) if asked is None else len(asked))


async def test_what_is_on_no_page_is_not_opened(house: House, admin: Actor, run: Run) -> None:
    one = await lived(admin)
    await ordered(one, 99, clock.now() + timedelta(days=1))
    got = items(await run(admin, ITEMS, id=encode("Customer", one), first=1))
    assert [each["kind"] for each in got] == ["ORDER"]
    trail = await database.rows("select line from audit_pending union all select fields from audit_events")
    assert not any("Note.body" in str(row[0]) for row in trail)


async def test_pages_of_any_size_give_all_once_in_order(house: House, admin: Actor) -> None:
    """Ties across kinds and within, whatever comes between two pages; by plan as by the engine."""
    one = encode("Customer", await lived(admin, times=8))
    planner, loop = Planner(schema()), asyncio.get_running_loop()
    everything = [each["id"] for each in (await asked(planner, admin, one, 250, None))["nodes"]]
    assert len(everything) == 33

    async def paged(sizes: list[int]) -> list[str]:
        found: list[str] = []
        after: str | None = None
        for number in range(100):
            page = await asked(planner, admin, one, sizes[number % len(sizes)], after)
            found += [each["id"] for each in page["nodes"]]
            if not page["pageInfo"]["hasNextPage"]:
                return found
            after = page["pageInfo"]["endCursor"]
        raise AssertionError("pages without an end")

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
    @given(st.lists(st.integers(1, 9), min_size=1, max_size=4))
    def check(sizes: list[int]) -> None:
        assert asyncio.run_coroutine_threadsafe(paged(sizes), loop).result(60) == everything

    await asyncio.to_thread(check)


async def asked(planner: Planner, admin: Actor, one: str, first: int, after: str | None) -> dict[str, Any]:
    got = await both_ways(planner, admin, SHORT, {"id": one, "first": first, "after": after})
    same(got)
    assert got.planned is not None, got.why
    page: dict[str, Any] = got.planned["data"]["customer"]["timeline"]
    return page


async def test_what_comes_between_two_pages_neither_repeats_nor_hides_anything(house: House, admin: Actor, run: Run) -> None:
    one = await lived(admin)
    text = encode("Customer", one)
    whole = [each["id"] for each in items(await run(admin, ITEMS, id=text))]
    first = (await run(admin, ITEMS, id=text, first=3)).data["customer"]["timeline"]
    await ordered(one, 50, clock.now() + timedelta(days=1))
    await notes.add(admin, NoteAdd(customer_id=one, body="Meanwhile"))
    rest = await run(admin, ITEMS, id=text, after=first["pageInfo"]["endCursor"])
    assert rest.data["customer"]["timeline"]["pageInfo"]["hasPreviousPage"] is True
    assert [edge["node"]["id"] for edge in first["edges"]] + [each["id"] for each in items(rest)] == whole


async def test_a_cursor_of_another_list_is_refused(house: House, admin: Actor, run: Run) -> None:
    one = encode("Customer", await lived(admin))
    for cursor in ("nonsense", "WyJQTEFDRURfQVRfREVTQyIsMSwyXQ"):
        assert (await run(admin, ITEMS, id=one, after=cursor)).codes == ["INVALID"]


def test_a_moment_says_what_a_later_noun_has_to_say() -> None:
    """Kinds whose nouns are built have a moment, with an index over person, moment and id; the others join by declaring one."""
    assert {*MOMENTS} == {*TimelineKind} - {TimelineKind.SURVEY, TimelineKind.FEEDBACK, TimelineKind.MESSAGE}
    for moment in MOMENTS.values():
        known = moment.source.model._meta.indexes
        indexes = [tuple(index.fields if isinstance(index, Index) else index) for index in known]
        assert (moment.by, moment.at, "id") in indexes, f"{moment.kind}: index its table by ({moment.by}, {moment.at}, id)."
        assert isinstance(moment, Moment)


WHO = """query ($id: ID!) { customer(id: $id) {
  displayName city
  value { ordersCount totalSpent { amount currency } averageOrderValue { amount } firstOrderedAt
    daysSinceLastOrder daysBetweenOrders ordersPerYear }
  preferences { computedAt __typename categories { v: value count share __typename } channels { value count } viewedCategories { value } }
} }"""


async def test_who_somebody_is_in_one_query(house: House, admin: Actor) -> None:
    planner = Planner(schema())
    one = await lived(admin)
    text = encode("Customer", one)
    unknown = await both_ways(planner, admin, WHO, {"id": text})
    same(unknown)
    assert unknown.engine["data"]["customer"]["preferences"] is None
    await preferences.compute(Actor.worker("preferences", *preferences.SCOPES, purpose=Purpose.ANALYTICS, request="test"))
    now = clock.now()
    await database.run(
        f"update customers set orders_count = 3, spent_e4 = 300000, spent_currency = 'CNY', first_ordered_at = {database.mark(1)},"
        f" last_ordered_or_never = {database.mark(2)}",
        [moment(now - timedelta(days=24)), moment(now - timedelta(days=4))],
    )
    got = await both_ways(planner, admin, WHO, {"id": text})
    same(got)
    assert got.planned is not None, got.why
    found = got.planned["data"]["customer"]
    assert (found["value"]["ordersCount"], found["value"]["totalSpent"]) == (3, {"amount": "30.00", "currency": "CNY"})
    assert [found["value"][key] for key in ("daysSinceLastOrder", "daysBetweenOrders", "ordersPerYear")] == [4, 10.0, 36.5]
    assert found["preferences"]["channels"] == []
    assert len(doors.about_nouns(got.statements)) == 2

    reader = actors.holder(Scope.CUSTOMERS_READ)
    less = await both_ways(planner, reader, WHO, {"id": text})
    same(less)
    answer = less.planned or less.mixed
    assert answer is not None
    shown = answer["data"]["customer"]
    assert (shown["value"]["ordersCount"], shown["value"]["totalSpent"], shown["value"]["daysSinceLastOrder"]) == (None, None, None)
    assert (shown["preferences"]["categories"], shown["preferences"]["viewedCategories"]) == (None, None)
    denied = {each.split()[0] for each in answer["denied"]}
    assert {"customer.value.ordersCount", "customer.value.daysSinceLastOrder", "customer.preferences.categories"} <= denied


def moment(at: datetime) -> object:
    return at.isoformat(" ") if database.dialect() == "sqlite" else at


async def test_the_engine_reads_the_same_without_a_planner(house: House, admin: Actor) -> None:
    one = encode("Customer", await lived(admin))
    got = await schema().execute(ITEMS, variable_values={"id": one}, context_value=Context(caller=admin, correlation="test"))
    assert not got.errors
