"""By plan and by the engine: the same answer, on both databases."""

from __future__ import annotations

import pytest

from siyu.domain.kernel.boot import House
from siyu.privacy.actor import Actor, Role, Scope
from siyu.schema.plans import Planner
from tests import actors
from tests.schema.conftest import schema
from tests.schema.plans import doors
from tests.schema.plans.bothways import both_ways, same
from tests.schema.plans.fixed import FIXED
from tests.schema.plans.furnished import furnish
from tests.schema.plans.spoken import filled

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


@pytest.mark.parametrize("caller", CALLERS)
async def test_fixed_operations(house: House, admin: Actor, caller: str) -> None:
    marks = await furnish(admin)
    planner = Planner(schema())
    planned = 0
    for text, variables in FIXED:
        got = await both_ways(planner, CALLERS[caller], filled(text, marks), filled(variables, marks))
        same(got)
        own = ("Staff", "AccessToken") if "viewer" in text else ()
        assert doors.named(CALLERS[caller], got.statements, open_to_all=own) == []
        planned += got.planned is not None
        if got.planned is None and caller == "admin":
            assert got.engine["errors"] or "viewer" in text, f"{text} was left to the engine: {got.why}"
    assert planned >= (25 if caller == "admin" else 0)
