"""By plan and by the engine: the same answer, on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from siyu.domain.kernel.boot import House
from siyu.privacy.actor import Actor, Role, Scope
from siyu.schema.plans import Planner
from tests import actors
from tests.schema.conftest import schema
from tests.schema.plans.bothways import both_ways
from tests.schema.plans.people import People, populate

FIXED: list[tuple[str, dict[str, Any]]] = [
    ("{ __typename customers { __typename totalCount } }", {}),
    ("{ customers(first: 2) { nodes { id a: displayName b: displayName phone birthday createdAt updatedAt restricted city gender } } }", {}),
    ("{ customers(first: 2) { edges { cursor n: node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }", {}),
    ("{ customers(last: 2) { nodes { id } pageInfo { __typename hasNextPage hasPreviousPage startCursor endCursor } } }", {}),
    ("query ($n: Int = 1) { customers(first: $n, sort: TOTAL_SPENT_DESC) { edges { cursor } } }", {}),
    ("query ($n: Int) { customers(first: $n) { nodes { id } } }", {"n": None}),
    ("query ($f: CustomerFilter) { customers(filter: $f) { totalCount nodes { id } } }", {"f": {"name": "wang fang"}}),
    ("query ($f: CustomerFilter) { customers(filter: $f) { nodes { id } } }", {"f": {"any": [{"phone": "0086 13800000001"}, {"city": ["杭州"]}]}}),
    (
        "query ($yes: Boolean!) { customers { nodes { id phone @include(if: $yes) ... @skip(if: $yes) { email } ...more } } }"
        " fragment more on Customer { email identities { __typename kind value appId } }",
        {"yes": True},
    ),
    ("{ customers { nodes { attributes(keys: [\"taste\", \"plate\"]) { key value } all: attributes { key value } } } }", {}),
    ("{ customers { nodes { address { city line1 } orderSummary { count totalSpent { amount currency } averageOrderValue { amount } } } } }", {}),
    ("{ customers { nodes { orders(first: 2) { totalCount edges { cursor node { externalId total { amount currency } } } } } } }", {}),
    ("{ customers { nodes { orders(first: 1) { nodes { id placedAt customer { id displayName } } pageInfo { endCursor hasNextPage } } } } }", {}),
    ("{ customers { nodes { notes { nodes { body author { name } } } owner { id name role } } edges { node { notes(first: 1) { totalCount } } } } }", {}),
    ("{ a: customers(first: 1) { nodes { id } } b: customers(first: 2) { nodes { id displayName } } }", {}),
    ("{ customers { nodes { id } nodes { displayName } ... on CustomerConnection { nodes { phone } } } }", {}),
    ("query ($id: ID!) { customer(id: $id) { id displayName identities { id value } } }", {"id": "ID"}),
    ("query ($id: ID!) { node(id: $id) { id __typename ... on Customer { phone } ... on Node { id } } }", {"id": "ID"}),
    ("query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Customer { phone email } } }", {"ids": ["ID", "nonsense", "ID", "ID2"]}),
    ("query ($id: IdentityInput) { customer(identity: $id) { displayName } }", {"id": {"kind": "PHONE", "value": "13800000001"}}),
    ("{ attributeDefinitions { key title type choices personal searchable retentionDays } }", {}),
    ("{ accessTokens { nodes { id name scopes } } staff { nodes { name email role active createdAt } totalCount } }", {}),
    ("query ($n: Int) { customers(first: $n) { nodes { id } } }", {"n": 251}),
    ("query ($n: Int) { customers { nodes { orders(first: $n) { nodes { id } } } } }", {"n": 1}),
    ("query ($n: Int!) { customers(first: $n) { nodes { id } } }", {"n": "three"}),
    ("query ($a: String) { customers(after: $a) { nodes { id } } }", {"a": "bad"}),
    ("{ customers(filter: { createdAt: { from: \"2030-01-01T00:00:00Z\", before: \"2020-01-01T00:00:00Z\" } }) { nodes { id } } }", {}),
]

CALLERS: dict[str, Actor] = {
    "admin": actors.staff(),
    "marketer": actors.staff(Role.MARKETER),
    "analyst": actors.staff(Role.ANALYST),
    "officer": actors.staff(Role.COMPLIANCE_OFFICER),
    "reader": actors.holder(Scope.CUSTOMERS_READ),
    "phones": actors.holder(Scope.CUSTOMERS_READ, Scope.CUSTOMER_PHONE_READ, Scope.ORDERS_READ, purpose="marketing"),
    "nobody": actors.holder(),
    "unknown": actors.holder(*Scope, purpose="nonsense"),
}


def with_ids(variables: dict[str, Any], people: People) -> dict[str, Any]:
    """The variables with real ids in them."""
    ids = {"ID": people.ids[0], "ID2": people.ids[1]}
    swap = lambda value: ids.get(value, value) if isinstance(value, str) else value  # noqa: E731
    return {name: [swap(each) for each in value] if isinstance(value, list) else swap(value) for name, value in variables.items()}


@pytest.mark.parametrize("caller", CALLERS)
async def test_fixed_operations(house: House, admin: Actor, caller: str) -> None:
    people = await populate(admin)
    planner = Planner(schema())
    planned = 0
    for text, variables in FIXED:
        got = await both_ways(planner, CALLERS[caller], text, with_ids(variables, people))
        if got.planned is not None:
            planned += 1
            assert got.planned == got.engine, text
        elif caller == "admin":
            assert got.engine["errors"] or "attributeDefinitions" in text, f"{text} was left to the engine: {got.why}"
    assert planned >= (20 if caller == "admin" else 0)
