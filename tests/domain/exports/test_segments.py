"""A file of a segment's people or of their orders, and the columns that say what a person is in."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import orjson
import pyarrow as arrow
import pyarrow.parquet
import pytest

from siyu.domain import customers, exports, orders, segments, tags
from siyu.domain.customers import CustomerCreate, CustomerFilter
from siyu.domain.exports import ExportFormat, ExportKind, Wish
from siyu.domain.exports.tables import Export as Row
from siyu.domain.kernel import clock, ids
from siyu.domain.kernel.boot import House
from siyu.domain.orders import OrderFilter
from siyu.domain.segments import SegmentCreate
from siyu.domain.tags import TagAssign, TagCreate
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, Refusal
from tests import actors
from tests.domain.exports.conftest import Export, Holder

#: Three people, and the segment that the first two are in.
Marked = tuple[list[UUID], UUID]


@pytest.fixture
async def marked(house: House, admin: Actor) -> Marked:
    people = [await customers.create(admin, CustomerCreate(display_name=f"N{n}")) for n in range(3)]
    chosen = await segments.create(admin, SegmentCreate(code="VIP", name="Very important", customer_ids=people[:2]))
    await segments.create(admin, SegmentCreate(code="A1", name="Others", customer_ids=[people[0]]))
    for name in ("gold", "老客户"):
        await tags.create(admin, TagCreate(name=name))
    await tags.assign(admin, TagAssign(tags=["gold", "老客户"], customer_ids=[people[0]]))
    given = [
        orders.OrderGiven(external_id=f"O-{n}", customer_id=whose, total_e4=10_000, currency="CNY", channel="app",
                          status=orders.OrderStatus.PAID, placed_at=clock.now() - timedelta(days=n), items_count=1)
        for n, whose in enumerate(people)
    ]  # fmt: skip
    await orders.record_batch(actors.worker(Scope.ORDERS_IMPORT), given)
    return people, chosen


async def test_a_file_says_what_a_person_is_in(marked: Marked, export: Export) -> None:
    columns = ("displayName", "lifecycleStage", "activity", "tags", "segments")
    rows = [orjson.loads(line) for line in (await export(*columns)).content.splitlines()]
    assert [(sorted(row["tags"]), sorted(row["segments"])) for row in rows] == [
        (["gold", "老客户"], ["A1", "VIP"]),
        ([], ["VIP"]),
        ([], []),
    ]
    table = arrow.parquet.read_table((await export(*columns, format=ExportFormat.PARQUET)).path)
    types = {field.name: field.type for field in table.schema}
    assert types["tags"] == types["segments"] == arrow.list_(arrow.string())
    assert types["lifecycleStage"] == types["activity"] == arrow.string()
    cells = (await export("tags", format=ExportFormat.CSV)).content.decode().split("\r\n")
    assert sorted(cells[1].split("; ")) == ["gold", "老客户"]


async def test_a_file_of_a_segment(marked: Marked, export: Export) -> None:
    people, chosen = marked
    held = await export("id", filter=CustomerFilter(segment=chosen))
    assert [orjson.loads(line)["id"] for line in held.content.splitlines()] == [ids.spelled("Customer", each) for each in people[:2]]
    bought = await export("externalId", kind=ExportKind.ORDERS, filter=OrderFilter(segment=chosen))
    assert sorted(orjson.loads(line)["externalId"] for line in bought.content.splitlines()) == ["O-0", "O-1"]
    rest = await export("externalId", kind=ExportKind.ORDERS, filter=OrderFilter(not_=OrderFilter(segment=chosen)))
    assert [orjson.loads(line)["externalId"] for line in rest.content.splitlines()] == ["O-2"]


async def test_each_needs_its_scope(marked: Marked, token: Holder) -> None:
    _, chosen = marked
    partner = await token(Scope.CUSTOMERS_READ, Scope.ORDERS_READ)
    for kind, fields, narrowed, said in (
        (ExportKind.CUSTOMERS, ("tags",), None, "tags needs the scope tags:read"),
        (ExportKind.CUSTOMERS, ("segments",), None, "segments needs the scope segments:read"),
        (ExportKind.CUSTOMERS, ("id",), CustomerFilter(segment=chosen), "needs the scope segments:read"),
        (ExportKind.ORDERS, ("id",), OrderFilter(segment=chosen), "needs the scope segments:read"),
    ):
        with pytest.raises(Refusal, match=said) as refused:
            await exports.start(partner, Wish(kind=kind, format=ExportFormat.CSV, fields=fields, filter=narrowed))
        assert refused.value.code is Code.FORBIDDEN
    assert await Row.all().count() == 0
