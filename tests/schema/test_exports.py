"""Exports through GraphQL: start, watch, fetch, and who may not."""

from __future__ import annotations

from uuid import UUID

import orjson
import pytest

from siyu.domain import customers, exports, files, staff
from siyu.domain.customers import CUSTOMER, CustomerCreate
from siyu.domain.exports import fields
from siyu.domain.exports.tables import Export
from siyu.domain.kernel.reading import Source
from siyu.domain.orders import ORDER
from siyu.privacy.actor import Actor, Role, Scope
from siyu.schema import relay
from tests import actors
from tests.domain.exports.conftest import JOB, quietly
from tests.schema.conftest import Run, schema

START = """
mutation ($input: CustomersExportInput!) {
  customersExport(input: $input) {
    export { id kind format filename fields rows downloadUrl by job { state total } } userErrors { field code message }
  }
}
"""
ORDERS = "mutation ($input: OrdersExportInput!) { ordersExport(input: $input) { export { kind fields } userErrors { field code } } }"
CANCEL = "mutation ($id: ID!) { exportCancel(input: {id: $id}) { export { expiresAt job { state } } userErrors { field code } } }"
LOOK = "query ($id: ID!) { export(id: $id) { rows sizeBytes expiresAt finishedAt downloadUrl } }"
LIST = "query { exports(first: 1) { nodes { id } totalCount pageInfo { hasNextPage } } }"


@pytest.fixture
async def boss(run: Run) -> Actor:
    first = Actor.worker("test", Scope.STAFF_READ, Scope.STAFF_WRITE)
    await staff.add(first, email="boss@example.com", name="Boss", role=Role.ADMIN, password="correct horse battery")
    return await staff.acting(first, email="boss@example.com")


async def test_from_wish_to_file(run: Run, boss: Actor) -> None:
    there = [await customers.create(boss, CustomerCreate(phone=f"1380000000{n}", city="上海" if n else "北京")) for n in range(3)]
    wish = {"filter": {"city": ["上海"]}, "fields": ["id", "phone"], "format": "JSONL", "sort": "CREATED_AT_DESC"}
    payload = (await run(boss, START, input=wish)).data["customersExport"]
    assert payload["userErrors"] == []
    started = payload["export"]
    assert (started["kind"], started["format"], started["fields"], started["by"]) == ("CUSTOMERS", "JSONL", ["id", "phone"], "Boss")
    assert (started["rows"], started["downloadUrl"], started["job"]) == (None, None, {"state": "QUEUED", "total": 2})
    again = (await run(boss, START, input=wish)).data["customersExport"]["export"]
    assert again["id"] == started["id"], "a repeated call starts nothing"

    await exports.run(JOB, await _only(), progress=quietly)
    found = (await run(boss, LOOK, id=started["id"])).data["export"]
    assert found["rows"] == 2
    assert found["expiresAt"] > found["finishedAt"]
    claimed = await files.claim(boss, found["downloadUrl"].rsplit("/", 1)[1])
    assert claimed.filename == started["filename"]
    assert claimed.opened is not None
    assert claimed.opened.size_bytes == found["sizeBytes"]
    rows = [orjson.loads(line) for line in b"".join(claimed.opened.blocks).splitlines()]
    assert [row["id"] for row in rows] == [relay.encode("Customer", each) for each in (there[2], there[1])]

    gone = (await run(boss, CANCEL, id=started["id"])).data["exportCancel"]
    assert gone["export"]["expiresAt"] is None
    assert (await run(boss, LOOK, id=started["id"])).data["export"]["downloadUrl"] is None


async def _only() -> UUID:
    row = await Export.all().first()
    assert row is not None
    return row.id


async def test_mistakes_are_user_errors(run: Run, boss: Actor) -> None:
    for wish, field in (
        ({"fields": ["phone", "nothing"]}, ["input", "fields", "1"]),
        ({"filter": {"createdAt": {"from": "2026-02-01T00:00:00Z", "before": "2026-01-01T00:00:00Z"}}}, ["input", "filter", "createdAt"]),
        ({"filter": {"ids": [relay.encode("Order", boss.id)]}}, ["input", "filter", "ids", "0"]),  # type: ignore[arg-type]  # an id
    ):
        got = (await run(boss, START, input={"format": "CSV", **wish})).data["customersExport"]
        assert (got["export"], [error["field"] for error in got["userErrors"]]) == (None, [field])
    missing = (await run(boss, CANCEL, id=relay.encode("Export", boss.id))).data["exportCancel"]  # type: ignore[arg-type]  # an id
    assert missing["userErrors"] == [{"field": ["input", "id"], "code": "NOT_FOUND"}]
    assert await Export.all().count() == 0


async def test_who_may_not_is_told_the_scope(run: Run, boss: Actor) -> None:
    assert (await run(actors.holder(Scope.CUSTOMERS_READ), START, input={"format": "CSV"})).codes == ["FORBIDDEN"]
    holder = actors.holder(Scope.CUSTOMERS_READ, Scope.CUSTOMERS_EXPORT)
    refused = await run(holder, START, input={"format": "CSV", "fields": ["id", "phone"]})
    assert [error["message"] for error in refused.errors] == ["phone needs the scope customer.phone:read."]
    assert (await run(holder, ORDERS, input={"format": "CSV"})).codes == ["FORBIDDEN"]
    assert (await run(actors.holder(), LIST)).codes == ["FORBIDDEN"]
    got = (await run(boss, ORDERS, input={"format": "PARQUET", "fields": ["externalId", "lines"]})).data["ordersExport"]
    assert got == {"export": {"kind": "ORDERS", "fields": ["externalId", "lines"]}, "userErrors": []}


async def test_a_token_sees_its_own_exports_and_staff_all(run: Run, boss: Actor) -> None:
    holder = actors.holder(Scope.CUSTOMERS_READ, Scope.CUSTOMERS_EXPORT)
    await run(holder, START, input={"format": "CSV"})
    await run(boss, START, input={"format": "CSV"})
    assert (await run(holder, LIST)).data["exports"]["totalCount"] == 1
    page = (await run(boss, LIST)).data["exports"]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (2, True)


@pytest.mark.parametrize("source", [CUSTOMER, ORDER], ids=lambda source: source.name)
def test_columns_are_named_as_the_api_names_its_fields(source: Source) -> None:
    shown = schema()._schema.type_map[source.name].fields  # type: ignore[attr-defined]  # an object type
    assert set(fields.flat(source)) <= set(shown)
    for name in fields.parts(source):
        at = shown
        for step in name.split("."):
            assert step in at, name
            at = getattr(getattr(at[step].type, "of_type", at[step].type), "fields", {})
