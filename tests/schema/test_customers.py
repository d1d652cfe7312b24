"""Customers through the schema."""

from __future__ import annotations

import base64
from uuid import uuid4

import pytest

from siyu.domain.customers.tables import Customer
from siyu.domain.kernel import database
from siyu.privacy import consent
from siyu.privacy.actor import Actor, Role, Scope
from siyu.schema.relay import decode
from tests import actors
from tests.schema.conftest import Run

CREATE = """mutation ($input: CustomerCreateInput!) {
  customerCreate(input: $input) { customer { id displayName phone city identities { kind value } } userErrors { field code message } }
}"""
UPDATE = (
    "mutation ($input: CustomerUpdateInput!) { customerUpdate(input: $input) { customer { id phone email } userErrors { field code } } }"
)
PAGE = """query ($first: Int, $after: String, $last: Int, $before: String, $filter: CustomerFilter, $sort: CustomerSort) {
  customers(first: $first, after: $after, last: $last, before: $before, filter: $filter, sort: $sort) {
    totalCount nodes { id displayName phone city } edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}"""


async def make(run: Run, actor: Actor, **given: object) -> str:
    got = await run(actor, CREATE, input=given)
    assert got.errors == []
    assert got.data["customerCreate"]["userErrors"] == []
    made: str = got.data["customerCreate"]["customer"]["id"]
    return made


async def test_create_answers_with_the_customer_as_it_was_stored(run: Run, admin: Actor) -> None:
    got = await run(admin, CREATE, input={"displayName": " 王 芳 ", "phone": "138 0000 1111", "address": {"city": "杭州"}})
    customer = got.data["customerCreate"]["customer"]
    assert (customer["displayName"], customer["phone"], customer["city"]) == ("王 芳", "+8613800001111", "杭州")
    assert customer["identities"] == [{"kind": "PHONE", "value": "+8613800001111"}]
    assert base64.b64decode(customer["id"]).startswith(b"Customer:")


async def test_a_taken_phone_names_its_field(run: Run, admin: Actor) -> None:
    await make(run, admin, phone="13800001111")
    got = await run(admin, CREATE, input={"phone": "+86 138 0000 1111"})
    assert got.data["customerCreate"]["customer"] is None
    assert [(e["field"], e["code"]) for e in got.data["customerCreate"]["userErrors"]] == [(["input", "phone"], "TAKEN")]
    assert await Customer.all().count() == 1


async def test_create_without_the_scope_is_denied_and_does_nothing(run: Run) -> None:
    got = await run(actors.holder(Scope.CUSTOMERS_READ), CREATE, input={"phone": "13800001111"})
    assert got.codes == ["FORBIDDEN"]
    assert await Customer.all().count() == 0


async def test_null_clears_and_left_out_stays(run: Run, admin: Actor) -> None:
    made = await make(run, admin, phone="13800001111", email="a@example.com")
    got = await run(admin, UPDATE, input={"id": made, "email": None})
    assert got.data["customerUpdate"]["customer"] == {"id": made, "phone": "+8613800001111", "email": None}


async def test_an_id_of_another_noun_is_refused_by_its_field(run: Run, admin: Actor) -> None:
    other = base64.b64encode(f"Order:{uuid4()}".encode()).decode()
    got = await run(admin, UPDATE, input={"id": other})
    assert got.data["customerUpdate"]["userErrors"] == [{"field": ["input", "id"], "code": "INVALID"}]


async def test_pages_forward_and_backward_meet(run: Run, admin: Actor) -> None:
    made = [await make(run, admin, displayName=f"N{n}") for n in range(7)]
    newest = made[::-1]
    first = (await run(admin, PAGE, first=3)).data["customers"]
    assert [node["id"] for node in first["nodes"]] == newest[:3]
    assert first["totalCount"] == 7
    assert (first["pageInfo"]["hasNextPage"], first["pageInfo"]["hasPreviousPage"]) == (True, False)
    second = (await run(admin, PAGE, first=3, after=first["pageInfo"]["endCursor"])).data["customers"]
    assert [node["id"] for node in second["nodes"]] == newest[3:6]
    back = (await run(admin, PAGE, last=2, before=second["pageInfo"]["startCursor"])).data["customers"]
    assert [node["id"] for node in back["nodes"]] == newest[1:3]
    assert (back["pageInfo"]["hasNextPage"], back["pageInfo"]["hasPreviousPage"]) == (True, True)
    assert [edge["cursor"] for edge in first["edges"]][-1] == first["pageInfo"]["endCursor"]


@pytest.mark.parametrize("sort", ["CREATED_AT_ASC", "CREATED_AT_DESC", "UPDATED_AT_DESC", "LAST_ORDERED_AT_DESC", "TOTAL_SPENT_DESC"])
async def test_every_order_pages_through_all_once(run: Run, admin: Actor, sort: str) -> None:
    made = {await make(run, admin) for _ in range(5)}
    seen: list[str] = []
    after = None
    while True:
        page = (await run(admin, PAGE, first=2, after=after, sort=sort)).data["customers"]
        seen += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert len(seen) == 5
    assert set(seen) == made


@pytest.mark.parametrize("variables", [{"first": 251}, {"first": -1}, {"first": 1, "last": 1}, {"after": "nonsense"}, {"after": "W10"}])
async def test_a_senseless_page_is_refused(run: Run, admin: Actor, variables: dict[str, object]) -> None:
    with database.counting() as count:
        got = await run(admin, PAGE, **variables)
    assert got.codes[0] in {"INVALID", "LIMIT_EXCEEDED"}
    assert not any("from customers" in sql for sql in count.statements)


@pytest.mark.parametrize("amount", ["1.00001", "-0.00005", "999999999999999999999999", 10**14])
async def test_an_amount_that_no_order_can_have_is_refused_not_compared(run: Run, admin: Actor, amount: object) -> None:
    assert (await run(admin, PAGE, filter={"totalSpent": {"min": amount}})).codes == ["INVALID"]
    assert (await run(admin, PAGE, filter={"totalSpent": {"max": amount}})).codes == ["INVALID"]


async def test_filters_combine(run: Run, admin: Actor) -> None:
    one = await make(run, admin, displayName="Wang Fang", city="杭州", gender="FEMALE")
    two = await make(run, admin, displayName="WANG fang", city="成都", phone="13800001111")
    three = await make(run, admin, displayName="Li Na", city="杭州")

    async def found(**given: object) -> set[str]:
        return {node["id"] for node in (await run(admin, PAGE, filter=given)).data["customers"]["nodes"]}

    assert await found(name="wang  fang") == {one, two}
    assert await found(city=["杭州"]) == {one, three}
    assert await found(city=["杭州"], gender=["FEMALE"]) == {one}
    assert await found(**{"not": {"city": ["杭州"]}}) == {two}
    assert await found(**{"not": {"gender": ["FEMALE"]}}) == {two, three}
    assert await found(any=[{"phone": "0086-138-0000-1111"}, {"name": "Li Na"}]) == {two, three}
    assert await found(ids=[one, three], city=["杭州"], name="li na") == {three}
    assert await found(city=[]) == set()
    assert await found(any=[]) == set()
    assert await found(totalSpent={"min": "0.01"}) == set()
    assert await found(createdAt={"before": "2000-01-01T00:00:00Z"}) == set()


async def test_a_token_may_not_filter_by_what_it_may_not_see(run: Run, admin: Actor) -> None:
    await make(run, admin, phone="13800001111")
    got = await run(actors.holder(Scope.CUSTOMERS_READ), PAGE, filter={"any": [{"not": {"phone": "13800001111"}}]})
    assert got.codes == ["FORBIDDEN"]
    assert got.data is None


async def test_a_token_may_not_sort_by_what_it_may_not_see(run: Run, admin: Actor) -> None:
    await make(run, admin)
    got = await run(actors.holder(Scope.CUSTOMERS_READ), PAGE, sort="TOTAL_SPENT_DESC")
    assert got.codes == ["FORBIDDEN"]


async def test_a_denied_relation_is_null_where_it_can_be_and_an_error_where_not(run: Run, admin: Actor) -> None:
    await make(run, admin, displayName="王芳")
    stranger = actors.holder(Scope.CUSTOMERS_READ)
    got = await run(stranger, "{ customers { nodes { owner { name } } } }")
    assert (got.data, got.errors) == ({"customers": {"nodes": [{"owner": None}]}}, [])
    assert [(denial.path, denial.scope) for denial in got.denied] == [(("customers", "nodes", "owner"), Scope.STAFF_READ)]
    assert (await run(stranger, "{ customers { nodes { orders { totalCount } } } }")).codes == ["FORBIDDEN"]


async def test_denied_fields_are_null_listed_and_never_read(run: Run, admin: Actor) -> None:
    await make(run, admin, displayName="王芳", phone="13800001111", city="杭州")
    with database.counting() as count:
        got = await run(
            actors.holder(Scope.CUSTOMERS_READ, Scope.CUSTOMER_NAME_READ),
            "{ customers { nodes { tel: phone displayName address { city } } } }",
        )
    assert got.data["customers"]["nodes"] == [{"tel": None, "displayName": "王芳", "address": {"city": None}}]
    assert {(denial.path, denial.reason.value, denial.scope) for denial in got.denied} == {
        (("customers", "nodes", "tel"), "SCOPE_REQUIRED", "customer.phone:read"),
        (("customers", "nodes", "address", "city"), "SCOPE_REQUIRED", "customer.location:read"),
    }
    assert not any("t.phone" in sql or "t.city" in sql for sql in count.statements)


async def test_a_denied_field_that_can_not_be_null_is_an_error_at_its_path(run: Run, admin: Actor) -> None:
    made = await make(run, admin)
    got = await run(actors.holder(Scope.CUSTOMERS_READ), "query ($id: ID!) { customer(id: $id) { id orderSummary { count } } }", id=made)
    assert got.data == {"customer": None}
    assert [(error["path"], error["extensions"]["code"]) for error in got.errors] == [(["customer", "orderSummary", "count"], "FORBIDDEN")]


async def test_marketing_lists_and_counts_consenting_people_only(run: Run, admin: Actor) -> None:
    yes = await make(run, admin, displayName="Yes", city="杭州")
    no = await make(run, admin, displayName="No", city="杭州")
    await consent.record(admin, decode("Customer", yes), "marketing", granted=True, channel="test")
    await consent.record(admin, decode("Customer", no), "marketing", granted=False, channel="test")
    marketer = actors.staff(Role.MARKETER)
    got = (await run(marketer, PAGE, filter={"city": ["杭州"]})).data["customers"]
    assert [node["id"] for node in got["nodes"]] == [yes]
    assert got["totalCount"] == 1
    one = await run(marketer, "query ($id: ID!) { customer(id: $id) { id displayName city } }", id=no)
    assert one.data["customer"] == {"id": no, "displayName": None, "city": None}
    assert {(denial.path, denial.reason.value, denial.count) for denial in one.denied} == {
        (("customer", "displayName"), "CONSENT_REQUIRED", 1),
        (("customer", "city"), "CONSENT_REQUIRED", 1),
    }


async def test_a_lookup_by_identity_finds_any_spelling(run: Run, admin: Actor) -> None:
    made = await make(run, admin, phone="13800001111")
    document = "query ($identity: IdentityInput) { customer(identity: $identity) { id } }"
    assert (await run(admin, document, identity={"kind": "PHONE", "value": "(+86)138-0000-1111"})).data["customer"] == {"id": made}
    assert (await run(admin, document, identity={"kind": "PHONE", "value": "13900002222"})).data["customer"] is None
    assert (await run(admin, document)).codes == ["INVALID"]
    assert (await run(actors.holder(Scope.CUSTOMERS_READ), document, identity={"kind": "PHONE", "value": "13800001111"})).codes == [
        "FORBIDDEN"
    ]


async def test_node_and_nodes_give_any_noun_by_its_id(run: Run, admin: Actor) -> None:
    made = await make(run, admin, displayName="王芳", phone="13800001111")
    document = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Customer { displayName } ... on Identity { kind } } }"
    identity = (await run(admin, "query ($id: ID!) { customer(id: $id) { identities { id } } }", id=made)).data["customer"]["identities"][
        0
    ]["id"]
    nobody = base64.b64encode(f"Customer:{uuid4()}".encode()).decode()
    got = await run(admin, document, ids=[identity, nobody, made, "rubbish"])
    assert got.errors == []
    assert got.data["nodes"] == [
        {"__typename": "Identity", "id": identity, "kind": "PHONE"},
        None,
        {"__typename": "Customer", "id": made, "displayName": "王芳"},
        None,
    ]


async def test_a_row_reached_in_two_ways_may_be_asked_differently_in_each(run: Run, admin: Actor) -> None:
    await make(run, admin, displayName="王芳", phone="13800001111", email="a@example.com")
    got = await run(
        admin,
        "{customers { nodes { identities { kind } } edges { node { identities { value } a: phone } other: node { identities { id } } } }}",
    )
    assert got.errors == []
    assert got.data["customers"]["nodes"][0]["identities"] == [{"kind": "PHONE"}, {"kind": "EMAIL"}]
    edge = got.data["customers"]["edges"][0]
    assert edge["node"]["identities"] == [{"value": "+8613800001111"}, {"value": "a@example.com"}]
    assert [set(each) for each in edge["other"]["identities"]] == [{"id"}, {"id"}]


@pytest.mark.parametrize("size", [3, 9])
async def test_a_page_costs_the_same_statements_whatever_its_size(run: Run, admin: Actor, size: int) -> None:
    for n in range(size):
        await make(run, admin, displayName=f"N{n}", phone=f"1380000{n:04d}")
    document = """{ customers(first: 50) {
      nodes { displayName phone identities { value } notes { nodes { body } } orders { totalCount nodes { id } } } } }"""
    await run(admin, document)
    with database.counting() as count:
        got = await run(admin, document)
    assert got.errors == []
    reads = [sql for sql in count.statements if any(f"from {table} " in sql for table in ("customers", "identities", "notes", "orders"))]
    assert len(reads) == 4
