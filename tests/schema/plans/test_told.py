"""Values that a noun works out for a whole page, and rows that a table of links ties: by plan and by the engine the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import pytest
import strawberry
from strawberry.schema.config import StrawberryConfig

from siyu.domain.customers import LifecycleStage
from siyu.domain.kernel import clock
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.kernel.inputs import Ref
from siyu.domain.kernel.paging import Slice
from siyu.domain.kernel.reading import SOURCES, Across, Order, Source, Told
from siyu.domain.segments.tables import Segment, SegmentChange, SegmentKind, SegmentMember
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Refusal
from siyu.schema import Schema, _value, planned
from siyu.schema.binding import BOUND, reads
from siyu.schema.connections import Connection
from siyu.schema.context import Context, Info
from siyu.schema.customers import Customer
from siyu.schema.money import Money
from siyu.schema.planned import ROOTS, PageOf, RowOf
from siyu.schema.plans import Planner
from siyu.schema.plans.cost import Costs
from siyu.schema.plans.describe import describe
from siyu.schema.relay import Node, encode
from siyu.schema.scalars import SCALARS
from tests import actors
from tests.schema.plans.bothways import Both, both_ways, documents, same
from tests.schema.plans.people import populate
from tests.schema.plans.test_same_answer import CALLERS

#: What was asked of the noun: the ids and the arguments of each call.
CALLS: list[tuple[list[UUID], dict[str, object]]] = []


async def _sizes(actor: Actor, ids: Sequence[UUID], given: Mapping[str, object]) -> Mapping[UUID, object]:
    CALLS.append((list(ids), dict(given)))
    if given.get("at_least") == -1:
        raise Refusal("At least nothing.", path=("atLeast",))
    members = [each.segment_id for each in await SegmentMember.filter(segment_id__in=ids)]
    return {key: max(members.count(key), int(str(given.get("at_least") or 0))) for key in ids}


async def _days(actor: Actor, ids: Sequence[UUID], given: Mapping[str, object]) -> Mapping[UUID, object]:
    first = given.get("from_") or date(2026, 1, 1)
    assert isinstance(first, date)
    return {key: [_Day(first + timedelta(days=n), n) for n in range(2)] for key in ids}


async def _figures(actor: Actor, ids: Sequence[UUID], given: Mapping[str, object]) -> Mapping[UUID, object]:
    """Nothing of the first, a refusal of the second."""
    revenue = {"amount": Decimal("12.50"), "currency": "CNY"}
    stages = [{"stage": LifecycleStage.NEW, "count": 1}, {"stage": "LOYAL", "count": 2}]
    figures = {"customers": 3, "revenue": revenue, "by_lifecycle": stages, "rate": 0.5, "seen_at": clock.now(), "of": given.get("customer")}
    return {key: Refusal("No.") if n == 1 else {**figures, "of": str(figures["of"])} for n, key in enumerate(sorted(ids)) if n}


def _then(statement: Statement, parent: str, given: Mapping[str, object]) -> str:
    at = statement.bind(given["as_of"], Kind.DATETIME)
    return (
        f"select c.customer_id from segment_changes c where c.segment_id = {parent} and c.at <= {at}"  # our own words
        " group by c.customer_id having sum(case when c.entered then 1 else -1 end) > 0"
    )


_LINK: Mapping[str, Any] = {"link": "segment_members", "parent": "segment_id", "child": "customer_id"}


@dataclass(frozen=True, slots=True)
class _Day:
    day: date
    count: int


@strawberry.type
class BandDay:
    day: date
    count: int


@strawberry.type
class BandStage:
    stage: LifecycleStage
    count: int


@strawberry.type
class BandFigures:
    customers: int
    revenue: Money
    by_lifecycle: list[BandStage]
    rate: float | None
    seen_at: datetime
    of: str


@dataclass(frozen=True, slots=True)
class Trial:
    """A schema of its own, with six customers and three bands: of five, of one and of none."""

    planner: Planner
    people: list[UUID]
    bands: list[str]

    async def run(self, actor: Actor, text: str, **variables: object) -> Both:
        got = await both_ways(self.planner, actor, text, variables)
        same(got)
        return got


@pytest.fixture
def schema() -> Iterator[Schema]:
    """Types that only these tests know of; they are forgotten again."""
    yield _schema()
    del SOURCES["Band"], BOUND["Band"], ROOTS["band"], ROOTS["bands"]


def _schema() -> Schema:
    band = Source(
        "Band",
        table=Segment,
        scope=Scope.CUSTOMERS_READ,
        columns=("code",),
        orders=(Order("CODE_ASC", "code", descending=False),),
        more=(
            Told("size", _sizes, "How many.", nullable=False, arguments={"at_least": int | None}, most=10),
            Told("secret", _sizes, scope=Scope.TAGS_READ),
            Told("closed", _sizes, scope=Scope.TAGS_READ, nullable=False),
            Told("days", _days, nullable=False, arguments={"from_": date | None}, most=400),
            Told("figures", _figures, arguments={"customer": Annotated[UUID, Ref("Customer")]}),
            Across("people", "Customer", "ID_DESC", "Who.", **_LINK, otherwise=_then, linking={"as_of": datetime | None}),
            Across("all_people", "Customer", "CREATED_AT_ASC", "Who, oldest first.", **_LINK),
        ),
    )

    @reads(band)
    class Band(Node):
        code: str
        size: int
        secret: int | None
        closed: int
        days: list[BandDay]
        figures: BandFigures | None
        people: Connection[Customer]
        all_people: list[Customer]

    @strawberry.type
    class Query:
        @planned.query(Connection[Band])
        def bands(self, info: Info, first: int | None = None) -> PageOf:
            """Bands."""
            return PageOf(band, piece=Slice(first))

        @planned.query(Band | None)
        def band(self, info: Info, id: strawberry.ID) -> RowOf:
            """A band."""
            return RowOf(band, planned.key("Band", id))

    return Schema(query=Query, config=StrawberryConfig(scalar_map=SCALARS, default_resolver=_value))


@pytest.fixture
async def trial(house: House, admin: Actor, schema: Schema) -> Trial:
    people = (await populate(admin)).keys
    now = clock.now()
    bands = []
    for code, members in (("a", people[:5]), ("b", people[5:]), ("c", [])):
        band = Segment(code=code, name=code, kind=SegmentKind.STATIC)
        await band.save(force_create=True)
        bands.append(encode("Band", band.id))
        for key in members:
            await SegmentMember(segment_id=band.id, customer_id=key, entered_at=now).save(force_create=True)
        # A day ago the first of them was in, and had left two days before that.
        for key, days, entered in [(key, 5, True) for key in members[:1]] + [(key, 3, False) for key in members[:1]]:
            await SegmentChange(segment_id=band.id, customer_id=key, entered=entered, at=now - timedelta(days=days)).save(force_create=True)
    return Trial(Planner(schema), people, bands)


async def test_what_a_noun_tells_once_for_all_rows(trial: Trial, admin: Actor) -> None:
    CALLS.clear()
    text = """query ($n: Int, $c: ID!) { bands(first: 3) { totalCount
        nodes { code a: size(atLeast: $n) b: size days { day n: count } figures(customer: $c) { __typename } }
        edges { node { b: size(atLeast: 2) days(from: "2026-02-28") { __typename day } } } } }"""
    got = await trial.run(admin, text, n=4, c=encode("Customer", trial.people[0]))
    assert got.planned is None, "the second band's figures are refused"
    shown = got.engine["data"]["bands"]["nodes"]
    assert [(each["a"], each["b"], each["figures"]) for each in shown] == [
        (5, 5, None),
        (4, 1, None),
        (4, 0, {"__typename": "BandFigures"}),
    ]
    assert shown[0]["days"] == [{"day": "2026-01-01", "n": 0}, {"day": "2026-01-02", "n": 1}]
    assert [edge["node"] for edge in got.engine["data"]["bands"]["edges"]][1] == {
        "b": 2, "days": [{"__typename": "BandDay", "day": "2026-02-28"}, {"__typename": "BandDay", "day": "2026-03-01"}],
    }  # fmt: skip
    assert all(len(ids) == 3 for ids, _ in CALLS)
    CALLS.clear()
    got = await trial.run(admin, "query ($n: Int) { bands { nodes { size(atLeast: $n) other: size closed secret } } }", n=None)
    assert got.planned is not None
    assert len(CALLS) == 2 * 4, "four values, each once a page in either way"
    assert {tuple(given) for _, given in CALLS} == {()}


async def test_what_it_costs_and_how_it_is_described(trial: Trial, admin: Actor) -> None:
    document = documents(trial.planner.schema).get("{ bands(first: 3) { nodes { size days { day } people(first: 5) { nodes { id } } } } }")
    operation = document.operation(None)
    assert Costs(trial.planner.core).price(document, operation, {}).total({}) == 3 * (1 + 10 + 400 + 5)
    CALLS.clear()
    described = await describe(trial.planner, document, operation, {}, Context(caller=admin))
    assert not described.engine
    assert CALLS == []
    steps = {step.path: step for step in described.steps}
    assert steps["bands", "nodes", "days"].note == "worked out once for all rows above, by statements of its own"
    assert "join customers t on t.id = l.customer_id" in steps["bands", "nodes", "people"].sql[0]


async def test_figures_in_figures(trial: Trial, admin: Actor) -> None:
    text = """query ($id: ID!, $c: ID!) { band(id: $id) { code figures(customer: $c) {
        customers rate seenAt of revenue { amount currency } byLifecycle { stage count } } } }"""
    people = encode("Customer", trial.people[1])
    got = await trial.run(admin, text, id=trial.bands[2], c="nonsense")
    assert [error["message"] for error in got.engine["errors"]] == ["This is no id of a Customer."]
    # By itself each band is the first, of which there are no figures.
    got = await trial.run(admin, text, id=trial.bands[2], c=people)
    assert got.planned is not None
    assert got.engine["data"]["band"]["figures"] is None
    text = (
        "query ($c: ID!) { bands { nodes { code figures(customer: $c) { customers rate of revenue { amount } byLifecycle { stage } } } } }"
    )
    got = await trial.run(admin, text, c=people)
    assert got.engine["data"]["bands"]["nodes"][2]["figures"] == {
        "customers": 3, "rate": 0.5, "of": str(trial.people[1]), "revenue": {"amount": "12.50"},
        "byLifecycle": [{"stage": "NEW"}, {"stage": "LOYAL"}],
    }  # fmt: skip


async def test_what_may_not_be_told_and_what_does_not_fit(trial: Trial) -> None:
    CALLS.clear()
    reader = CALLERS["reader"]
    got = await trial.run(reader, "{ bands(first: 1) { nodes { secret size } } }")
    assert got.engine["data"] == {"bands": {"nodes": [{"secret": None, "size": 5}]}}
    assert got.engine["denied"] == ["bands.nodes.secret SCOPE_REQUIRED tags:read None"]
    assert got.planned is not None
    got = await trial.run(reader, "{ bands(first: 1) { nodes { code closed } } }")
    assert got.planned is None
    assert [error["extensions"]["code"] for error in got.engine["errors"]] == ["FORBIDDEN"]
    assert len(CALLS) == 2, "what is denied is not asked"
    got = await trial.run(reader, "{ bands { nodes { size(atLeast: -1) } } }")
    assert [error["message"] for error in got.engine["errors"]] == ["At least nothing."]


async def test_rows_across_a_link(trial: Trial, admin: Actor, house: House) -> None:
    """Newest first, page by page; whom the purpose doesn't reach is neither shown nor counted."""
    keys = [encode("Customer", key) for key in trial.people]
    text = (
        "query ($n: Int, $a: String) { bands { nodes { people(first: $n, after: $a) { totalCount edges { cursor node { id displayName } }"
    )
    text += " pageInfo { hasNextPage endCursor } } } } }"
    got = await trial.run(admin, text, n=2)
    pages = [band["people"] for band in got.engine["data"]["bands"]["nodes"]]
    assert [page["totalCount"] for page in pages] == [4, 1, 0], "one of five is restricted"
    assert [edge["node"]["id"] for edge in pages[0]["edges"]] == [keys[3], keys[2]]
    assert pages[0]["pageInfo"]["hasNextPage"]
    assert len([sql for sql in got.statements if "segment_members" in sql]) == 1
    got = await trial.run(admin, text, n=2, a=pages[0]["pageInfo"]["endCursor"])
    page = got.engine["data"]["bands"]["nodes"][0]["people"]
    assert [edge["node"]["id"] for edge in page["edges"]] == [keys[1], keys[0]]
    assert got.planned is not None
    assert not page["pageInfo"]["hasNextPage"]
    for wrong in ("nonsense", "WyJDUkVBVEVEX0FUX0RFU0MiLCJ4IiwieCJd", "WyJJRF9ERVNDIiw3LCJ4Il0"):
        got = await trial.run(admin, text, a=wrong)
        assert len(got.engine["errors"]) == 1, wrong
    text = "{ bands { nodes { people { totalCount } allPeople { id notes { totalCount } } } } }"
    shown = (await trial.run(CALLERS["phones"], text)).engine["data"]
    assert shown is None, "who may not read notes is told so"
    text = text.replace("notes { totalCount }", "orders { totalCount }")
    consenting = (await trial.run(CALLERS["phones"], text)).engine["data"]["bands"]["nodes"][0]
    assert consenting["people"]["totalCount"] == 2
    assert [(each["id"], each["orders"]["totalCount"]) for each in consenting["allPeople"]] == [(keys[0], 3), (keys[1], 2)]


async def test_rows_across_a_link_as_it_was(trial: Trial, admin: Actor) -> None:
    text = (
        "query ($at: DateTime) { bands { nodes { then: people(asOf: $at) { totalCount nodes { id } } people(first: 1) { totalCount } } } }"
    )
    keys = [encode("Customer", key) for key in trial.people]
    for days, found in ((6, [0, 0]), (4, [1, 1]), (2, [0, 0])):
        got = await trial.run(admin, text, at=(clock.now() - timedelta(days=days)).isoformat())
        assert got.planned is not None
        shown = got.engine["data"]["bands"]["nodes"]
        assert [band["then"]["totalCount"] for band in shown] == [*found, 0]
        assert [band["people"]["totalCount"] for band in shown] == [4, 1, 0]
        if days == 4:
            assert [band["then"]["nodes"] for band in shown] == [[{"id": keys[0]}], [{"id": keys[5]}], []]
    got = await trial.run(admin, text, at=None)
    assert [band["then"]["totalCount"] for band in got.engine["data"]["bands"]["nodes"]] == [4, 1, 0]
    counted = "query ($at: DateTime) { bands { nodes { people(asOf: $at) { totalCount } } } }"
    got = await trial.run(admin, counted, at=(clock.now() - timedelta(days=4)).isoformat())
    assert [band["people"]["totalCount"] for band in got.engine["data"]["bands"]["nodes"]] == [1, 1, 0]
    assert (await trial.run(actors.holder(Scope.ORDERS_READ), counted)).engine["data"] is None
