"""A row that names somebody whom the caller's purpose doesn't reach: null where it can be, the denied error where it can't."""

from __future__ import annotations

from siyu.domain.duplicates.tables import DuplicateCandidate
from siyu.domain.kernel.boot import House
from siyu.domain.orders.tables import Order
from siyu.privacy import consent
from siyu.privacy.actor import Actor
from siyu.schema.plans import Planner
from siyu.schema.relay import encode
from tests.domain.duplicates.test_searching import searched, twins
from tests.schema.conftest import schema
from tests.schema.plans.bothways import both_ways, same
from tests.schema.plans.furnished import furnish

PAIR = "query ($id: ID!) { node(id: $id) { id ... on DuplicateCandidate { left { id } right { id displayName } } } }"
ORDER = "query ($id: ID!) { order(id: $id) { id customer { id displayName } } }"


async def test_the_other_of_a_pair(house: House, admin: Actor) -> None:
    await twins(admin)
    await searched()
    pair = await DuplicateCandidate.get()
    asked = {"id": encode("DuplicateCandidate", pair.id)}
    got = await both_ways(Planner(schema()), admin, PAIR, asked)
    same(got)
    assert got.engine["errors"] == []
    await consent.restrict(admin, pair.right_id, reason="DISPUTED")
    got = await both_ways(Planner(schema()), admin, PAIR, asked)
    same(got)
    [error] = got.engine["errors"]
    assert (error["extensions"]["code"], error["path"]) == ("CONSENT_REQUIRED", ["node", "right"])
    assert got.engine["data"] == {"node": None}


async def test_whose_order_it_is(house: House, admin: Actor) -> None:
    await furnish(admin)
    order = (await Order.all().limit(1))[0]
    await consent.restrict(admin, order.customer_id, reason="DISPUTED")
    got = await both_ways(Planner(schema()), admin, ORDER, {"id": encode("Order", order.id)})
    same(got)
    assert {error["extensions"]["code"] for error in got.engine["errors"]} == {"CONSENT_REQUIRED"}
