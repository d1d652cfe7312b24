"""Payloads and single fields, read by plan inside an operation that the engine runs."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from graphql import execute, parse

from siyu.domain.kernel.boot import House
from siyu.privacy.actor import Actor, Scope
from siyu.schema.context import Context
from siyu.schema.errors import presented
from siyu.schema.plans import Executor, Planner
from tests import actors
from tests.schema.conftest import schema
from tests.schema.plans.people import populate

UPDATE = """mutation ($input: CustomerUpdateInput!, $more: Boolean!) {
  __typename
  it: customerUpdate(input: $input) {
    __typename
    customer {
      id name: displayName phone @include(if: $more) identities { kind value }
      orders(first: 1) { totalCount nodes { externalId } }
    }
    userErrors { field code }
  }
}"""


async def answered(planner: Planner | None, actor: Actor, text: str, **variables: Any) -> tuple[dict[str, Any], list[str]]:
    context = Context(caller=actor, finisher=planner)
    running = execute(schema()._schema, parse(text), variable_values=variables, context_value=context, executor_class=Executor)
    got = running if not hasattr(running, "__await__") else await running
    answer = {"data": got.data, "errors": presented(got.errors or [], "same")}
    read: dict[str, Any] = orjson.loads(orjson.dumps(answer, option=orjson.OPT_UTC_Z))
    return read, sorted(f"{'.'.join(each.path)} {each.reason} {each.scope}" for each in context.denied)


@pytest.mark.parametrize("more", [True, False])
@pytest.mark.parametrize(
    "caller",
    [actors.staff(), actors.holder(Scope.CUSTOMERS_READ, Scope.CUSTOMERS_WRITE, Scope.ORDERS_READ), actors.holder(Scope.CUSTOMERS_WRITE)],
)
async def test_a_payload_is_the_same_by_plan(house: House, admin: Actor, caller: Actor, more: bool) -> None:
    people = await populate(admin)
    planner = Planner(schema())
    given = {"id": people.ids[0], "city": "上海"}
    engine = await answered(None, caller, UPDATE, input=given, more=more)
    assert await answered(planner, caller, UPDATE, input=given, more=more) == engine
    planned = caller.may(Scope.CUSTOMERS_READ)
    assert (planner.counters.misses, planner.counters.fallbacks.total() == 0) == (1, planned)


async def test_a_refused_mutation_reads_nothing(house: House, admin: Actor) -> None:
    people = await populate(admin)
    got, _ = await answered(Planner(schema()), admin, UPDATE, input={"id": people.ids[0], "phone": "12"}, more=True)
    assert got["data"]["it"]["customer"] is None
    assert got["data"]["it"]["userErrors"] == [{"field": ["input", "phone"], "code": "INVALID"}]


async def test_a_planned_field_beside_one_that_is_not(house: House, admin: Actor) -> None:
    await populate(admin)
    text = "{ viewer { name } customers(first: 2, sort: CREATED_AT_ASC) { nodes { id displayName createdAt } pageInfo { endCursor } } }"
    planner = Planner(schema())
    assert await answered(planner, admin, text) == await answered(None, admin, text)
    assert planner.counters.misses == 1
