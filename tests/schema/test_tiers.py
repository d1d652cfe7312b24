"""Tiers through the schema."""

from __future__ import annotations

from siyu.domain import tiers
from siyu.domain.kernel import database
from siyu.domain.tiers.tables import Tier
from siyu.privacy.actor import Role, Scope
from siyu.schema.plans import Planner
from siyu.schema.relay import encode
from tests import actors
from tests.domain.scoring.bought import WORKER, person
from tests.domain.tiers.test_tiers import earn, wish
from tests.schema.conftest import Run, schema
from tests.schema.plans.bothways import both_ways, same

SAVE = """mutation ($input: TierSaveInput!) { tierSave(input: $input) {
  tier { id code name rank threshold qualification windowDays graceDays benefits earningMultiplier customersCount }
  userErrors { field code }
} }"""
TIERS = "{ tiers { id code rank customersCount } }"
CARDS = """query ($first: Int) { customers(first: $first) { nodes { id points {
  tier { code } tierSince tierUntil nextTier { remaining tier { code } }
  tierHistory(first: 5) { totalCount nodes { was { code } became { code } } }
} } } }"""
RULE = """{ segmentRule(expression: "points.tier >= \\"gold\\" and points.expiring(within 30 days) = 0") {
  valid rule { tree } problems { message } } }"""


async def test_tiers_are_saved_and_shown_on_cards(run: Run) -> None:
    admin, people = actors.staff(), [await person() for _ in range(3)]
    given = {"code": "silver", "name": "银卡", "rank": 1, "threshold": 100, "qualification": "BALANCE", "benefits": ["a"], "graceDays": 3}
    saved = (await run(admin, SAVE, input=given)).data["tierSave"]
    assert saved["userErrors"] == []
    assert saved["tier"] | {"id": ""} == given | {"id": "", "windowDays": None, "earningMultiplier": "1.00", "customersCount": 0}
    gold = {"code": "gold", "name": "金卡", "rank": 2, "threshold": 300, "qualification": "POINTS_IN_WINDOW", "windowDays": 30}
    assert (await run(admin, SAVE, input=gold)).data["tierSave"]["tier"]["graceDays"] == 0
    again = (await run(admin, SAVE, input={**given, "id": saved["tier"]["id"], "earningMultiplier": "1.25"})).data["tierSave"]["tier"]
    assert (again["graceDays"], again["benefits"], again["earningMultiplier"]) == (3, ["a"], "1.25")
    for number, who in enumerate(people):
        await earn(who, 150 * number + 1, f"cards:{who}")
    await tiers.apply(WORKER)
    found = await run(admin, CARDS, first=10)
    assert found.errors == []
    cards = {each["id"]: each["points"] for each in found.data["customers"]["nodes"]}
    first, second, third = (cards[encode("Customer", who)] for who in people)
    assert (first["tier"], first["nextTier"], first["tierHistory"]["nodes"]) == (None, {"remaining": 99, "tier": {"code": "silver"}}, [])
    assert second["tier"] == {"code": "silver"}
    assert second["nextTier"] == {"remaining": 149, "tier": {"code": "gold"}}
    assert (second["tierSince"] is not None, second["tierUntil"]) == (True, None)
    assert (third["tier"], third["nextTier"], third["tierUntil"] is not None) == ({"code": "gold"}, None, True)
    assert third["tierHistory"] == {"totalCount": 1, "nodes": [{"was": None, "became": {"code": "gold"}}]}
    assert [each["customersCount"] for each in (await run(admin, TIERS)).data["tiers"]] == [1, 1]
    assert [each["customersCount"] for each in (await run(actors.holder(Scope.POINTS_READ), TIERS)).data["tiers"]] == [0, 0]
    counts = []
    for _ in range(2):
        with database.counting() as count:
            await run(admin, CARDS, first=50)
        counts.append(len(count))
        for _ in range(4):
            await earn(await person(), 400, f"more:{await person()}")
    assert counts[0] == counts[1], "A page of cards takes the same number of statements whatever its size."
    checked = (await run(admin, RULE)).data["segmentRule"]
    assert (checked["valid"], checked["problems"]) == (True, [])
    expiring = {"points": {"metric": "EXPIRING", "is": "EQ", "values": [0], "window": {"lastDays": 30}}}
    assert checked["rule"]["tree"] == {"all": [{"points": {"metric": "TIER", "is": "GTE", "values": ["gold"]}}, expiring]}


async def test_who_may_not_is_refused_and_nothing_is_there(run: Run) -> None:
    given = {"code": "silver", "name": "S", "rank": 1, "threshold": 1, "qualification": "SPEND_IN_WINDOW"}
    refused = (await run(actors.staff(), SAVE, input=given)).data["tierSave"]
    assert refused == {"tier": None, "userErrors": [{"field": ["input", "windowDays"], "code": "BLANK"}]}
    for actor in (actors.staff(Role.ANALYST), actors.holder(Scope.POINTS_READ)):
        assert (await run(actor, SAVE, input={**given, "windowDays": 3})).codes == ["FORBIDDEN"]
    assert await Tier.all().count() == 0
    assert (await run(actors.holder(Scope.CUSTOMERS_READ), TIERS)).codes == ["FORBIDDEN"]


async def test_the_planner_answers_as_the_engine(run: Run) -> None:
    who, planner = await person(), Planner(schema())
    for rank, threshold in ((1, 10), (2, 100)):
        await tiers.save(actors.staff(), wish(rank, threshold))
    await earn(who, 20, "planned")
    await tiers.apply(WORKER)
    for actor in (actors.staff(), actors.staff(Role.MARKETER), actors.holder(Scope.CUSTOMERS_READ)):
        for document in (TIERS, CARDS):
            same(await both_ways(planner, actor, document, {"first": 5} if document is CARDS else {}))
