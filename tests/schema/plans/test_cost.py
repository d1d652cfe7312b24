"""What an operation costs: at least the objects that it really gives, whatever stands beside them."""

from __future__ import annotations

from typing import Any

import pytest

from siyu.domain.kernel.boot import House
from siyu.privacy.actor import Actor
from siyu.schema.plans import Costs, Planner
from siyu.schema.plans.charges import COUNT, MUTATION
from tests.schema.conftest import schema
from tests.schema.plans.bothways import both_ways, documents
from tests.schema.plans.fixed import FIXED
from tests.schema.plans.furnished import furnish
from tests.schema.plans.spoken import filled

MOST = 200


def cost(text: str, costs: Costs | None = None, **variables: Any) -> int:
    document = documents().get(text)
    assert not document.errors, document.errors
    return (Costs(schema()._schema) if costs is None else costs).price(document, document.operation(None), variables).total(variables)


SOMETIMES = "query ($v: Boolean!) { customers(first: 5) { nodes { id notes(first: 2) @include(if: $v) { nodes { id } } } } }"
TWICE = "{ customers(first: 2) { nodes { a: notes(first: 1) { nodes { id } } } edges { node { a: notes(first: 4) { nodes { id } } } } } }"
WRITTEN = "mutation ($i: CustomerUpdateInput!) { customerUpdate(input: $i) { customer { id notes(first: 4) { nodes { id } } } } }"


@pytest.mark.parametrize(
    ("text", "variables", "expected"),
    [
        ("{ __typename }", {}, 1),
        ("{ customers { nodes { id } } }", {}, 50),
        ("{ customers(first: 7) { nodes { id phone email city } edges { cursor node { id } } pageInfo { endCursor } } }", {}, 7),
        ("{ customers(last: 7) { nodes { id } } }", {}, 7),
        ("{ customers(first: 7) { totalCount } }", {}, 7 + COUNT),
        ("query ($n: Int) { customers(first: $n) { nodes { id } } }", {"n": 3}, 3),
        ("query ($n: Int) { customers(first: $n) { nodes { id } } }", {"n": None}, 50),
        ("query ($n: Int) { customers(first: $n) { nodes { id } } }", {}, 50),
        ("query ($n: Int = 4) { customers(first: $n) { nodes { id } } }", {}, 4),
        ("query ($n: Int) { customers(first: $n) { nodes { id } } }", {"n": 2**31 - 1}, 250),
        ("query ($n: Int) { customers(first: $n) { nodes { id } } }", {"n": -5}, 1),
        ("query ($n: Int) { customers(first: $n) { nodes { id } } }", {"n": "3"}, 50),
        ("{ customers(first: 2) { nodes { identities { kind } } } }", {}, 2 * (1 + MOST)),
        ("{ customers(first: 2) { nodes { orders(first: 3) { nodes { id customer { id } } } } } }", {}, 2 * (1 + 3 * 2)),
        ("{ customers(first: 2) { nodes { orders { totalCount } } } }", {}, 2 * (1 + COUNT)),
        ("{ customers(first: 2) { nodes { orders(first: 3) { totalCount pageInfo { endCursor } } } } }", {}, 2 * (1 + COUNT + 3)),
        (TWICE, {}, 12),
        ("query ($i: [ID!]!) { nodes(ids: $i) { id ... on Customer { owner { id } } } }", {"i": ["a", "b", "c"]}, 6),
        ('{ nodes(ids: ["a", "b"]) { id } node(id: "c") { id } }', {}, 3),
        (SOMETIMES, {"v": False}, 5),
        (SOMETIMES, {"v": True}, 15),
        ("query ($v: Boolean = true) { customers(first: 5) @skip(if: $v) { nodes { id } } }", {}, 1),
        ("{ ...F ...F } fragment F on Query { customers(first: 5) { ... on CustomerConnection { nodes { id } } } }", {}, 5),
        ("{ attributeDefinitions { key } }", {}, 250),
        ("{ viewer { name staff { id } } customers(first: 5) { nodes { id } } }", {}, 6),
        (WRITTEN, {}, MUTATION + 5),
    ],
)  # fmt: skip
def test_what_is_charged(text: str, variables: dict[str, Any], expected: int) -> None:
    assert cost(text, **variables) == expected


def test_a_field_without_a_plan_makes_the_others_no_cheaper() -> None:
    dear = "customers(first: 250) { nodes { orders(first: 250) { nodes { id } } } }"
    assert cost(f"{{ {dear} viewer {{ name }} }}") == cost(f"{{ {dear} }}") == 250 * 251


def test_prices_are_kept_once_a_document_and_bounded() -> None:
    costs = Costs(schema()._schema, entries_max=3)
    for size in range(1, 9):
        assert cost(f"{{ customers(first: {size}) {{ nodes {{ id }} }} }}", costs) == size
    assert len(costs) == 3
    for size in range(1, 9):
        assert cost("query ($n: Int) { customers(first: $n) { nodes { id } } }", costs, n=size) == size
    assert len(costs) == 3


def test_the_parts_are_the_whole() -> None:
    for text, variables in FIXED:
        document = documents().get(text)
        price = Costs(schema()._schema).price(document, document.operation(None), variables)
        assert max(1, sum(each.cost for each in price.parts(variables))) == price.total(variables), text


def objects(value: object) -> int:
    """Objects of nouns in an answer: those with an id, or whatever else is listed."""
    if isinstance(value, list):
        return sum(
            objects(each) + (not isinstance(each, dict) or "id" in each or "cursor" not in each) for each in value if each is not None
        )
    return sum(objects(each) for each in value.values() if isinstance(each, dict | list)) if isinstance(value, dict) else 0


async def test_nothing_gives_more_objects_than_it_costs(house: House, admin: Actor) -> None:
    marks = await furnish(admin)
    planner, given = Planner(schema()), 0
    for text, raw in FIXED:
        variables = filled(raw, marks)
        got = await both_ways(planner, admin, filled(text, marks), variables)
        found = objects(_rows_once(got.engine["data"]))
        given += found
        assert found <= cost(filled(text, marks), **variables), text
    assert given > 100


def _rows_once(value: Any) -> Any:
    """A page's rows, once, where it shows them under several keys; scalars of lists left out."""
    if isinstance(value, list):
        return [_rows_once(each) for each in value if isinstance(each, dict)]
    if not isinstance(value, dict):
        return value
    lists = [key for key, each in value.items() if isinstance(each, list)]
    page = len(lists) > 1 and {"nodes", "edges"} & set(lists)
    return {key: _rows_once(each) for key, each in value.items() if not page or key not in lists[1:]}
