"""The real client `@segment/analytics-node` against the running server. `make tracking` installs it; without it these tests are skipped."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from siyu.api.app import create_app
from siyu.domain import writekeys
from siyu.domain.events.tables import Event
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.settings import Settings
from siyu.privacy.actor import Actor
from siyu.schema import relay
from tests.api.conftest import MakeMember, member, password_hash  # noqa: F401  # fixtures

_HERE = Path(__file__).parent
_NODE = shutil.which("node")

pytestmark = pytest.mark.skipif(
    not (_NODE and (_HERE / "node_modules" / "@segment").exists()), reason="`make tracking` installs what this needs: node and npm"
)

PERSON = """{ customers(first: 10) { totalCount nodes {
  id externalId displayName email birthday city anonymous identities { kind value }
} } }"""


@pytest.fixture
def settings(settings: Settings, redis_server: str) -> Settings:
    return settings.model_copy(update={"redis_url": redis_server})


def _properties(event: Event) -> dict[str, Any]:
    assert isinstance(event.properties, dict)
    return event.properties


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[str]:
    """The address of a running server."""
    server = uvicorn.Server(uvicorn.Config(create_app(settings), port=0, log_level="error", lifespan="on"))
    running = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await running


async def sent(url: str, key: str, *, gzip: bool) -> dict[str, Any]:
    """What the client says of it."""
    env = {**os.environ, "HOST": url, "KEY": key, **({"GZIP": "1"} if gzip else {})}
    assert _NODE is not None
    run = await asyncio.create_subprocess_exec(_NODE, "send.mjs", cwd=_HERE, env=env, stdout=asyncio.subprocess.PIPE)
    printed, _ = await run.communicate()
    said: dict[str, Any] = json.loads(printed)
    return said


@pytest.mark.parametrize("gzip", [False, True], ids=["plain", "gzip"])
async def test_the_real_client_tells_a_persons_day(house: House, member: MakeMember, admin: Actor, gzip: bool) -> None:  # noqa: F811  # the fixture
    ada = await member()
    key = (await writekeys.create(admin, writekeys.WriteKeyCreate(name="Shop", channel="web"))).secret
    async with serving(house.settings) as url:
        said = await sent(url, key, gzip=gzip)
        async with httpx.AsyncClient(base_url=url, headers={"authorization": f"Bearer {ada.access}"}) as http:
            answer = (await http.post("/graphql", json={"query": PERSON})).json()
    assert said["errors"] == []
    assert {(each["status"], each["success"]) for each in said["answers"]} == {(200, True)}
    assert sum(each["accepted"] for each in said["answers"]) == 8
    assert [each["rejected"] for each in said["answers"] if each["rejected"]] == []
    assert "errors" not in answer, answer["errors"]
    people = answer["data"]["customers"]
    assert people["totalCount"] == 1, "the visitor and the user are one person"
    person = people["nodes"][0]
    assert (person["externalId"], person["email"], person["birthday"], person["city"]) == (
        "user-1",
        "ada@example.com",
        "1990-12-10",
        "Shanghai",
    )
    assert person["displayName"] == "Ada Lovelace"
    assert person["anonymous"] is False
    known = {(each["kind"], each["value"]) for each in person["identities"]}
    assert {("EXTERNAL_ID", "user-1"), ("ANONYMOUS_ID", "visitor-1"), ("ANONYMOUS_ID", "visitor-0")} <= known
    events = {each.name: each for each in await Event.all()}
    assert {relay.encode("Customer", each.customer_id) for each in events.values()} == {person["id"]}, "the visitor's history came along"
    assert events.keys() == {"Page Viewed", "Product Viewed", "Screen Viewed", "Order Completed", "Group Joined", "Newsletter Opened"}
    assert {each.channel for each in events.values()} == {"web"}
    assert _properties(events["Product Viewed"])["price"] == 12.5
    page = _properties(events["Page Viewed"])
    assert (page["url"], page["name"]) == ("https://shop.example/", "Home"), "what hangs on an address is cut off"
    assert _properties(events["Group Joined"])["group_id"] == "club-7"


async def test_the_real_client_is_told_that_its_key_is_wrong(house: House) -> None:
    async with serving(house.settings) as url:
        said = await sent(url, "nobodys", gzip=False)
    assert {each["status"] for each in said["answers"]} == {401}
    assert said["errors"]
