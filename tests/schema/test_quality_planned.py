"""Duplicates and clean-ups by plan and by the engine: the same answer."""

from __future__ import annotations

from datetime import date

import pytest

from siyu.domain import quality
from siyu.domain.duplicates.tables import DuplicateCandidate
from siyu.domain.kernel import ids
from siyu.domain.kernel.boot import House
from siyu.domain.quality import CleanupPlanMake
from siyu.privacy import consent
from siyu.privacy.actor import Actor, Role, Scope
from siyu.schema.plans import Planner
from tests import actors
from tests.domain.duplicates.test_searching import searched, twins
from tests.domain.quality.people import WORKER, silent, stored
from tests.schema.conftest import schema
from tests.schema.plans.bothways import both_ways, same

CANDIDATES = """{ duplicateCandidates(first: 2) {
  totalCount pageInfo { hasNextPage } edges { cursor node { id score } }
  nodes { id reasons score left { id displayName } right { familyName birthMonth } }
} }"""
NODE = "query ($id: ID!) { node(id: $id) { ... on DuplicateCandidate { score left { displayName } right { id } } } }"
PLAN = """query ($id: ID!) { dataCleanupPlan(id: $id) {
  state job { kind } steps { rule does rows mended left sample { state customer { displayName } } }
} }"""
CALLERS = (
    actors.staff(),
    actors.staff(Role.ANALYST),
    actors.holder(Scope.DATA_QUALITY_READ),
    actors.holder(Scope.DATA_QUALITY_READ, Scope.CUSTOMERS_READ, purpose="marketing"),
)


@pytest.mark.parametrize("caller", CALLERS, ids=["admin", "analyst", "no customers", "marketing"])
async def test_both_ways_tell_the_same(house: House, admin: Actor, caller: Actor) -> None:
    hidden = await twins(admin, born=date(1950, 3, 20))
    for n in range(3):
        await twins(admin, born=date(1961 + 13 * n, 2 + n, 21 + 2 * n))
    await searched()
    await consent.restrict(admin, hidden[1], reason="DISPUTED")
    await stored(phone="138 0000 1111", display_name="Ada")
    plan_id = await quality.plan(admin, CleanupPlanMake())
    await quality.prepare(WORKER, plan_id, progress=silent)
    one = await DuplicateCandidate.exclude(left_id=hidden[0]).first()
    assert one is not None
    planner = Planner(schema())
    asked: tuple[tuple[str, dict[str, object]], ...] = (
        (CANDIDATES, {}),
        (NODE, {"id": ids.spelled("DuplicateCandidate", one.id)}),
        (PLAN, {"id": ids.spelled("DataCleanupPlan", plan_id)}),
    )
    for text, variables in asked:
        got = await both_ways(planner, caller, text, variables)
        same(got)
    if caller is CALLERS[0]:
        got = await both_ways(planner, caller, CANDIDATES, {})
        assert got.planned is not None, got.why
        assert got.planned["data"]["duplicateCandidates"]["totalCount"] == 3
