"""Scores and lifecycle through the schema."""

from __future__ import annotations

from siyu.domain import lifecycle, scoring
from siyu.domain.kernel import database
from siyu.domain.scoring.tables import RfmModel
from siyu.privacy.actor import Role, Scope
from siyu.schema.plans import Planner
from siyu.schema.relay import encode
from tests import actors
from tests.domain.scoring.bought import WORKER, bought, days_ago, person, placed
from tests.schema.conftest import Run, schema
from tests.schema.plans.bothways import both_ways, same

CUSTOMER = """query ($id: ID!) { customer(id: $id) {
  lifecycleStage activity lifecycleHistory(first: 5) { totalCount nodes { axis was became } }
  rfm { recency frequency monetary group daysSinceLastOrder orders spent scoredAt }
  rfmHistory(first: 5) { totalCount nodes { at recency group } }
} }"""
LIST = "{ customers(first: 50) { nodes { lifecycleStage activity rfm { group } rfmHistory(first: 2) { nodes { group } } } } }"
MODEL = """{ rfmModel {
  windowDays bins scoredAt warnings counts { recency frequency monetary count }
  groups { name recency { min max } frequency { min max } monetary { min max } customersCount }
} }"""
UPDATE = """mutation ($input: RfmModelUpdateInput!) { rfmModelUpdate(input: $input) {
  rfmModel { windowDays bins groups { name recency { min max } } warnings } job { kind } userErrors { field code }
} }"""
POLICY = "{ lifecyclePolicy { newWithinDays loyalOrders silentAfterDays churnedAfterDays counts { stage count } } }"
POLICY_UPDATE = """mutation ($input: LifecyclePolicyUpdateInput!) { lifecyclePolicyUpdate(input: $input) {
  lifecyclePolicy { loyalOrders } job { kind } userErrors { field code }
} }"""


async def test_a_customer_shows_scores_and_stage(run: Run) -> None:
    admin, people = actors.staff(), [await person() for _ in range(4)]
    await bought(*(placed(key, days_ago(n), 10 + n) for n, key in enumerate(people)), placed(people[0], days_ago(3), 15))
    await scoring.score(WORKER)
    await lifecycle.apply(WORKER)
    got = (await run(admin, CUSTOMER, id=encode("Customer", people[0]))).data["customer"]
    assert got["rfm"].pop("scoredAt") is not None
    assert got["rfm"] == {
        "recency": 4, "frequency": 4, "monetary": 4, "group": "Loyal customers", "daysSinceLastOrder": 0, "orders": 2, "spent": "25.00",
    }  # fmt: skip
    assert got["rfmHistory"]["totalCount"] == 1
    assert got["rfmHistory"]["nodes"][0].items() >= {"recency": 4, "group": "Loyal customers"}.items()
    assert (got["lifecycleStage"], got["activity"]) == ("RETURNING", "ACTIVE")
    assert got["lifecycleHistory"] == {"totalCount": 1, "nodes": [{"axis": "STAGE", "was": "PROSPECT", "became": "RETURNING"}]}
    planner, own = Planner(schema()), {"id": encode("Customer", people[0])}
    for actor in (admin, actors.holder(Scope.CUSTOMERS_READ), actors.staff(Role.MARKETER)):
        for document, variables in ((CUSTOMER, own), (LIST, {})):
            same(both := await both_ways(planner, actor, document, variables))
            assert both.planned is not None or actor is not admin, "A stage that is denied can't be null, which the engine tells."
    counts = []
    for _ in range(2):
        with database.counting() as count:
            answer = await run(admin, LIST)
        assert answer.errors == []
        counts.append(len(count))
        await bought(*[placed(await person(), days_ago(1)) for _ in range(6)])
        await scoring.score(WORKER)
    assert counts[0] == counts[1], "A page's statements are as many whatever its size."


async def test_scores_are_for_those_who_may_read_orders(run: Run) -> None:
    who = await person()
    await bought(placed(who, days_ago(1)))
    await scoring.score(WORKER)
    got = await run(
        actors.holder(Scope.CUSTOMERS_READ), "query ($id: ID!) { customer(id: $id) { id rfm { group } } }", id=encode("Customer", who)
    )
    assert got.data["customer"]["rfm"] is None
    assert {each.scope for each in got.denied} == {Scope.ORDERS_READ}
    for document in (MODEL, POLICY):
        assert (await run(actors.holder(Scope.CUSTOMERS_READ), document)).codes == ["FORBIDDEN"]
    for document in (UPDATE, POLICY_UPDATE):
        assert (await run(actors.staff(Role.ANALYST), document, input={})).codes == ["FORBIDDEN"]


async def test_the_model_is_read_and_changed(run: Run) -> None:
    admin, people = actors.staff(), [await person() for _ in range(10)]
    await bought(*(placed(key, days_ago(n)) for n, key in enumerate(people)))
    await scoring.score(WORKER)
    model = (await run(admin, MODEL)).data["rfmModel"]
    assert (model["windowDays"], model["bins"], model["warnings"], len(model["groups"])) == (365, 5, [], 11)
    assert [(each["recency"], each["frequency"], each["count"]) for each in model["counts"]] == [(n, 1, 2) for n in range(1, 6)]
    assert {each["name"]: each["customersCount"] for each in model["groups"] if each["customersCount"]} == {
        "New customers": 2, "Promising": 2, "About to sleep": 2, "Lost": 4,
    }  # fmt: skip
    wish = {"bins": 3, "groups": [{"name": "Late", "recency": {"min": 3}, "frequency": {}, "monetary": {}}]}
    done = (await run(admin, UPDATE, input=wish)).data["rfmModelUpdate"]
    assert (done["userErrors"], done["job"]) == ([], {"kind": "score_customers"})
    assert done["rfmModel"]["groups"] == [{"name": "Late", "recency": {"min": 3, "max": 3}}]
    assert len(done["rfmModel"]["warnings"]) == 2
    again = (await run(admin, UPDATE, input=wish)).data["rfmModelUpdate"]
    assert (again["userErrors"], again["job"]) == ([], None)
    wish["groups"] = [{"name": " ", "recency": {"min": 4}, "frequency": {}, "monetary": {}}]
    refused = (await run(admin, UPDATE, input=wish)).data["rfmModelUpdate"]
    assert refused == {
        "rfmModel": None,
        "job": None,
        "userErrors": [
            {"field": ["input", "groups", "0", "name"], "code": "BLANK"},
            {"field": ["input", "groups", "0", "recency", "min"], "code": "INVALID"},
            {"field": ["input", "groups", "0", "recency"], "code": "INVALID"},
        ],
    }
    assert (await RfmModel.get()).version == 1


async def test_the_policy_is_read_and_changed(run: Run) -> None:
    admin = actors.staff()
    policy = (await run(admin, POLICY)).data["lifecyclePolicy"]
    assert policy == {
        "newWithinDays": 30, "loyalOrders": 3, "silentAfterDays": 90, "churnedAfterDays": 180,
        "counts": [{"stage": stage, "count": 0} for stage in ("PROSPECT", "NEW", "RETURNING", "LOYAL")],
    }  # fmt: skip
    done = (await run(admin, POLICY_UPDATE, input={"loyalOrders": 5})).data["lifecyclePolicyUpdate"]
    assert done == {"lifecyclePolicy": {"loyalOrders": 5}, "job": {"kind": "apply_lifecycle"}, "userErrors": []}
    refused = (await run(admin, POLICY_UPDATE, input={"loyalOrders": 1})).data["lifecyclePolicyUpdate"]
    assert refused == {"lifecyclePolicy": None, "job": None, "userErrors": [{"field": ["input", "loyalOrders"], "code": "INVALID"}]}
