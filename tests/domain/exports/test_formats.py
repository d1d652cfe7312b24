"""What is in the files: every value, exactly, in each format."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import orjson
import pyarrow as arrow
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.domain import attributes, customers, orders
from siyu.domain.attributes import AttributeDefine, AttributeGiven, AttributeType
from siyu.domain.customers import AddressGiven, CustomerCreate, IdentityAdd, IdentityGiven, IdentityKind
from siyu.domain.exports import ExportFormat, ExportKind
from siyu.domain.exports.fields import Field
from siyu.domain.exports.writing import CsvRows
from siyu.domain.kernel import ids
from siyu.domain.kernel.defuse import restored
from siyu.domain.kernel.dialect import Kind
from siyu.privacy.actor import Actor, Scope
from tests import actors
from tests.domain.exports.conftest import Export

COLUMNS = (
    "id", "displayName", "phone", "birthday", "city", "restricted", "createdAt", "address.line1", "orderSummary.count",
    "orderSummary.totalSpent.amount", "orderSummary.averageOrderValue.amount", "attributes.size", "attributes.since", "attributes.likes",
    "attributes.vip", "attributes.motto", "identities.MEMBER_NO", "identities.PHONE",
)  # fmt: skip
NAME = '=HYPERLINK("x")'
LINE = 'A "quoted", street\nwith 😀'


async def define(admin: Actor) -> None:
    for key, type_, choices in (
        ("size", AttributeType.NUMBER, None),
        ("since", AttributeType.DATE, None),
        ("likes", AttributeType.MULTI_CHOICE, ["tea", "wine"]),
        ("vip", AttributeType.BOOLEAN, None),
        ("motto", AttributeType.TEXT, None),
    ):
        await attributes.define(admin, AttributeDefine(key=key, title=key, type=type_, choices=choices, personal=key == "motto"))


@pytest.fixture
async def two(admin: Actor, boss: Actor) -> tuple[UUID, UUID]:
    """A customer with everything, and one with nothing but a telephone."""
    await define(admin)
    said: dict[str, object] = {"size": 38, "since": "2020-02-29", "likes": ["wine", "tea"], "vip": False, "motto": ""}
    full = await customers.create(
        admin,
        CustomerCreate(
            display_name=NAME,
            phone="13800001111",
            birthday=date(1990, 5, 6),
            address=AddressGiven(line1=LINE, city="上海"),
            attributes=[AttributeGiven(key=key, value=value) for key, value in said.items()],
        ),
    )
    for number in ("M1", "M2"):
        await customers.identity_add(
            admin, IdentityAdd(customer_id=full, identity=IdentityGiven(kind=IdentityKind.MEMBER_NO, value=number))
        )
    return full, await customers.create(admin, CustomerCreate(phone="13800002222"))


async def test_json_lines_hold_every_value_exactly(two: tuple[UUID, UUID], export: Export) -> None:
    got = await export(*COLUMNS)
    first, second = (orjson.loads(line) for line in got.content.splitlines())
    assert list(first) == list(second) == list(COLUMNS)
    line = first["address.line1"]
    assert (first["id"], first["displayName"], first["birthday"]) == (ids.spelled("Customer", two[0]), NAME, "1990-05-06")
    assert line == 'A "quoted", street with 😀', "the house keeps one line"
    assert first["restricted"] is False
    assert datetime.fromisoformat(first["createdAt"]).tzinfo == UTC
    assert [first[f"attributes.{key}"] for key in ("size", "since", "likes", "vip", "motto")] == [
        38,
        "2020-02-29",
        ["tea", "wine"],
        False,
        "",
    ]
    assert (first["identities.MEMBER_NO"], first["identities.PHONE"]) == (["M1", "M2"], ["+8613800001111"])
    assert (second["displayName"], second["city"], second["attributes.size"], second["identities.MEMBER_NO"]) == (None, None, None, [])
    assert (first["orderSummary.count"], first["orderSummary.totalSpent.amount"]) == (0, "0.00")
    assert first["orderSummary.averageOrderValue.amount"] is None


async def test_csv_is_quoted_and_defused(two: tuple[UUID, UUID], export: Export) -> None:
    got = await export(*COLUMNS, format=ExportFormat.CSV, bom=True)
    assert got.content.startswith(b"\xef\xbb\xbfid,displayName,")
    assert got.content.endswith(b"\r\n")
    rows = list(csv.DictReader(io.StringIO(got.content.decode("utf-8-sig"), newline=""), strict=True))
    first, second = rows
    assert first["displayName"] == "'" + NAME
    assert first["phone"] == "'+8613800001111" or first["phone"] == "+8613800001111"
    assert restored(first["displayName"]) == NAME
    assert (first["attributes.likes"], first["identities.MEMBER_NO"], first["restricted"]) == ("tea; wine", "M1; M2", "false")
    assert first["orderSummary.totalSpent.amount"] == "0.00"
    lines = got.content.decode("utf-8-sig").split("\r\n")
    assert ',"",' in lines[1], "an empty motto is not a missing one"
    assert '""' not in lines[2]
    assert second["displayName"] == ""
    plain = await export("id", format=ExportFormat.CSV)
    assert plain.content.startswith(b"id\r\n"), "no mark where none was asked"


async def test_parquet_has_types(two: tuple[UUID, UUID], export: Export) -> None:
    got = await export(*COLUMNS, "identities", format=ExportFormat.PARQUET)
    table = arrow.parquet.read_table(got.path)
    assert table.num_rows == got.rows == 2
    types = {field.name: field.type for field in table.schema}
    assert types["createdAt"] == arrow.timestamp("us", tz="UTC")
    assert types["orderSummary.totalSpent.amount"] == arrow.decimal128(19, 4)
    assert (types["birthday"], types["attributes.since"], types["restricted"]) == (arrow.date32(), arrow.date32(), arrow.bool_())
    assert (types["orderSummary.count"], types["attributes.size"]) == (arrow.int64(), arrow.float64())
    assert types["attributes.likes"] == types["identities.PHONE"] == arrow.list_(arrow.string())
    first, second = table.to_pylist()
    assert (first["displayName"], first["birthday"], first["attributes.since"]) == (NAME, date(1990, 5, 6), date(2020, 2, 29))
    assert (first["attributes.size"], first["attributes.likes"], first["attributes.motto"]) == (38.0, ["tea", "wine"], "")
    assert first["orderSummary.totalSpent.amount"] == Decimal("0.0000")
    assert [one["kind"] for one in first["identities"]] == ["PHONE", "MEMBER_NO", "MEMBER_NO"]
    assert first["identities"][0]["value"] == "+8613800001111"
    assert (second["displayName"], second["attributes.likes"], second["identities.MEMBER_NO"]) == (None, None, [])


async def test_orders_come_with_their_lines_and_their_customer(admin: Actor, boss: Actor, export: Export) -> None:
    buyer = await customers.create(admin, CustomerCreate(phone="13800001111"))
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    given = orders.OrderGiven(
        external_id="O-1",
        customer_id=buyer,
        total_e4=12_3450,
        currency="CNY",
        status=orders.OrderStatus.PAID,
        channel="app",
        placed_at=moment,
        items_count=1,
    )
    await orders.record_batch(actors.worker(Scope.ORDERS_IMPORT), [given])
    columns = ("externalId", "customer.id", "status", "placedAt", "total.amount", "total.currency", "lines")
    lines = await export(*columns, kind=ExportKind.ORDERS)
    assert [orjson.loads(line) for line in lines.content.splitlines()] == [
        {
            "externalId": "O-1", "customer.id": ids.spelled("Customer", buyer), "status": "PAID", "placedAt": "2026-01-02T03:04:05Z",
            "total.amount": "12.345", "total.currency": "CNY", "lines": [],
        }
    ]  # fmt: skip
    table = arrow.parquet.read_table((await export(*columns, kind=ExportKind.ORDERS, format=ExportFormat.PARQUET)).path)
    (row,) = table.to_pylist()
    assert (row["total.amount"], row["placedAt"], row["lines"]) == (Decimal("12.3450"), moment, [])
    assert {member.name for member in table.schema.field("lines").type.value_type} >= {"title", "quantity", "unitPrice.amount"}


class _Kept:
    def __init__(self) -> None:
        self.plain = b""

    def write(self, plain: bytes, /) -> int:
        self.plain += plain
        return len(plain)

    def tell(self) -> int:
        return len(self.plain)


@given(st.lists(st.lists(st.none() | st.text(st.characters(blacklist_categories=["Cs"]), max_size=8), min_size=2, max_size=2), max_size=5))
@settings(max_examples=60, deadline=None)
def test_any_text_comes_back_from_csv(rows: list[list[str | None]]) -> None:
    kept = _Kept()
    CsvRows(kept, [Field(name, Kind.TEXT, lambda row: row) for name in ("a", "b")]).add(rows)
    read = list(csv.reader(io.StringIO(kept.plain.decode(), newline=""), strict=True))
    assert [[restored(cell) for cell in row] for row in read[1:]] == [[restored(cell or "") for cell in row] for row in rows]
