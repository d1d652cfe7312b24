"""Merging customers through the schema."""

from __future__ import annotations

from typing import Any

import pytest

from siyu.domain import customers
from siyu.domain.customers import CustomerCreate
from siyu.domain.customers.tables import Customer
from siyu.domain.kernel.boot import House
from siyu.domain.merges.tables import Merge
from siyu.privacy import consent
from siyu.privacy.actor import Actor, Scope
from siyu.schema import relay
from tests import actors
from tests.schema.conftest import Run

MERGE = """mutation ($input: CustomerMergeInput!) { customerMerge(input: $input) {
  customer { id phone email identities { kind value } mergedInto { id } }
  fields { field from } moved { store rows } blocking { field code message } userErrors { field code } } }"""
UNMERGE = """mutation ($input: CustomerUnmergeInput!) { customerUnmerge(input: $input) {
  customer { id phone mergedInto { id } } fields { field from } moved { store rows } blocking { code } userErrors { field code } } }"""
SHELL = (
    "query ($id: ID!) { customer(id: $id) { phone mergedInto { id phone } } node(id: $id) { id } customers { totalCount nodes { id } } }"
)


@pytest.fixture
async def two(house: House, admin: Actor) -> tuple[str, str]:
    """The ids of one customer with a phone and of one with an email address."""
    one = await customers.create(admin, CustomerCreate(display_name="王芳", phone="13800001111"))
    other = await customers.create(admin, CustomerCreate(display_name="Wang Fang", email="fang@example.com"))
    return relay.encode("Customer", one), relay.encode("Customer", other)


async def merged(run: Run, actor: Actor, keep: str, other: str, **more: object) -> dict[str, Any]:
    got = await run(actor, MERGE, input={"keepId": keep, "mergeId": other, **more})
    assert got.errors == []
    payload: dict[str, Any] = got.data["customerMerge"]
    return payload


async def test_merged_shown_and_parted(run: Run, admin: Actor, two: tuple[str, str]) -> None:
    keep, other = two
    dry = await merged(run, admin, keep, other, dryRun=True)
    assert (dry["customer"], dry["blocking"], dry["userErrors"]) == (None, [], [])
    done = await merged(run, admin, keep, other)
    assert (done["fields"], done["moved"]) == (dry["fields"], dry["moved"])
    assert {each["field"]: each["from"] for each in done["fields"]} == {"displayName": keep, "phone": keep, "email": other}
    assert done["moved"] == [{"store": "identities", "rows": 1}]
    assert (done["customer"]["id"], done["customer"]["email"], done["customer"]["mergedInto"]) == (keep, "fang@example.com", None)
    assert {each["kind"] for each in done["customer"]["identities"]} == {"PHONE", "EMAIL"}
    shell = (await run(admin, SHELL, id=other)).data
    assert shell["customer"]["mergedInto"] == {"id": keep, "phone": "+8613800001111"}
    assert shell["node"] == {"id": other}
    assert shell["customers"] == {"totalCount": 1, "nodes": [{"id": keep}]}
    undone = (await run(admin, UNMERGE, input={"mergedId": other})).data["customerUnmerge"]
    assert undone["customer"] == {"id": other, "phone": None, "mergedInto": None}
    assert (undone["fields"], undone["moved"]) == ([{"field": "email", "from": keep}], done["moved"])
    assert (await run(admin, SHELL, id=other)).data["customers"]["totalCount"] == 2


async def test_what_blocks_is_told_and_refused(run: Run, admin: Actor, two: tuple[str, str]) -> None:
    keep, other = two
    restricted = relay.decode("Customer", other)
    await consent.restrict(admin, restricted, reason="DISPUTED")
    dry, real = await merged(run, admin, keep, other, dryRun=True), await merged(run, admin, keep, other)
    assert [(each["field"], each["code"]) for each in dry["blocking"]] == [(["input", "mergeId"], "RESTRICTED")]
    assert (dry["blocking"], dry["userErrors"]) == (real["blocking"], [])
    assert (real["customer"], real["userErrors"]) == (None, [{"field": ["input", "mergeId"], "code": "RESTRICTED"}])
    assert await Merge.all().count() == 0


async def test_a_repeated_merge_and_a_wrong_field_change_nothing(run: Run, admin: Actor, two: tuple[str, str]) -> None:
    keep, other = two
    wrong = await merged(run, admin, keep, other, takeFromMerged=["shoeSize"])
    assert wrong["userErrors"] == [{"field": ["input", "takeFromMerged", "0"], "code": "INVALID"}]
    assert await Merge.all().count() == 0
    await merged(run, admin, keep, other)
    again = await merged(run, admin, keep, other)
    assert again["userErrors"] == [{"field": ["input", "mergeId"], "code": "WRONG_STATE"}]
    assert await Merge.all().count() == 1
    await run(admin, UNMERGE, input={"mergedId": other})
    twice = (await run(admin, UNMERGE, input={"mergedId": other})).data["customerUnmerge"]
    assert twice["userErrors"] == [{"field": ["input", "mergedId"], "code": "WRONG_STATE"}]


async def test_whoever_may_not_is_told_so(run: Run, two: tuple[str, str]) -> None:
    keep, other = two
    nobody = actors.holder(Scope.CUSTOMERS_READ, Scope.CUSTOMERS_WRITE)
    for document, given in ((MERGE, {"keepId": keep, "mergeId": other, "dryRun": True}), (UNMERGE, {"mergedId": other})):
        assert (await run(nobody, document, input=given)).codes == ["FORBIDDEN"]
    assert await Customer.filter(merged_into_id__isnull=False).count() == 0


async def test_visitors_are_found_apart(run: Run, admin: Actor, two: tuple[str, str]) -> None:
    upsert = "mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) { customer { id anonymous } userErrors { code } } }"
    made = await run(admin, upsert, input={"match": {"kind": "ANONYMOUS_ID", "value": "v-1"}, "set": {}})
    visitor = made.data["customerUpsert"]["customer"]
    assert visitor["anonymous"]
    listed = await run(admin, "{ customers(filter: { anonymous: true }) { totalCount nodes { id } } }")
    assert listed.data["customers"] == {"totalCount": 1, "nodes": [{"id": visitor["id"]}]}
    others = await run(admin, "{ customers(filter: { anonymous: false }) { totalCount } }")
    assert others.data["customers"]["totalCount"] == 2


async def test_only_what_the_caller_may_read_is_named(run: Run, admin: Actor, two: tuple[str, str]) -> None:
    keep, other = two
    merger = actors.holder(Scope.CUSTOMERS_MERGE, Scope.CUSTOMER_EMAIL_READ)
    dry = await merged(run, merger, keep, other, dryRun=True)
    assert (dry["fields"], dry["moved"], dry["blocking"]) == ([{"field": "email", "from": other}], [], [])
    reader = actors.holder(Scope.CUSTOMERS_MERGE, Scope.CUSTOMERS_READ)
    assert (await merged(run, reader, keep, other, dryRun=True))["moved"] == [{"store": "identities", "rows": 1}]
