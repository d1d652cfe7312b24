"""The limit on an operation's cost, over HTTP."""

from __future__ import annotations

import pytest

from siyu.domain.kernel import database
from siyu.domain.kernel.settings import Settings
from tests.api.conftest import Client, Member
from tests.schema.plans.doors import about_nouns

DEAR = "query ($n: Int) { customers(first: $n) { nodes { id orders(first: 10) { nodes { id } } } } }"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"query_cost_max": 110})


async def test_what_is_too_dear_is_refused_before_anything_is_sent(client: Client, ada: Member) -> None:
    assert "errors" not in await client.run(DEAR, {"n": 10}, access=ada.access)
    for way in (True, False):
        client.app.graphql.settings = client.app.graphql.settings.model_copy(update={"plan_reads": way})
        with database.counting() as count:
            got = await client.post(DEAR, {"n": 11}, access=ada.access)
        assert about_nouns(count.statements) == []
        assert got.status_code == 400
        (error,) = got.json()["errors"]
        assert error["extensions"] == {"code": "TOO_COMPLEX", "cost": {"requested": 121, "limit": 110}}
        assert "121" in error["message"]
        assert "110" in error["message"]


async def test_a_field_without_a_plan_hides_no_cost(client: Client, ada: Member) -> None:
    got = await client.run(DEAR.replace("{ customers", "{ viewer { name } customers"), {"n": 11}, access=ada.access)
    assert got["errors"][0]["extensions"]["code"] == "TOO_COMPLEX"


async def test_the_cost_is_told_to_those_who_ask(client: Client, ada: Member) -> None:
    quiet = await client.post(DEAR, {"n": 2}, access=ada.access)
    assert "extensions" not in quiet.json()
    told = await client.post(DEAR, {"n": 2}, access=ada.access, **{"x-siyu-cost": "1"})
    assert told.json() == quiet.json() | {"extensions": {"cost": {"requested": 22, "limit": 110}}}
    refused = await client.post(DEAR, {"n": 20}, access=ada.access, **{"x-siyu-cost": "1"})
    assert refused.json()["extensions"] == {"cost": {"requested": 220, "limit": 110}}


async def test_reads_can_be_left_to_the_engine(client: Client, ada: Member) -> None:
    planned = await client.run(DEAR, {"n": 2}, access=ada.access)
    counters = client.app.planner.counters
    before = (counters.hits, counters.misses)
    client.app.graphql.settings = client.app.graphql.settings.model_copy(update={"plan_reads": False})
    assert await client.run(DEAR, {"n": 2}, access=ada.access) == planned
    assert (counters.hits, counters.misses) == before
