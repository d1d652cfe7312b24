"""The specification's own suite against the running server. `make audit` installs it; without it these tests are skipped."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from pathlib import Path

import pytest
import uvicorn

from siyu.api.app import create_app
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.settings import Settings
from tests.api.conftest import MakeMember, member, password_hash  # noqa: F401  # fixtures

_HERE = Path(__file__).parent
_NODE = shutil.which("node")

pytestmark = [
    pytest.mark.on("sqlite"),
    pytest.mark.skipif(not (_NODE and (_HERE / "node_modules" / "graphql-http").exists()), reason="`make audit` installs what this needs"),
]


@pytest.fixture
def settings(settings: Settings, redis_server: str) -> Settings:
    return settings.model_copy(update={"redis_url": redis_server})


@pytest.mark.parametrize("plan_reads", [True, False], ids=["by plan", "by the engine"])
async def test_the_specifications_own_suite_finds_nothing(house: House, member: MakeMember, plan_reads: bool) -> None:  # noqa: F811  # the fixture
    ada = await member()
    settings = house.settings.model_copy(update={"plan_reads": plan_reads})
    server = uvicorn.Server(uvicorn.Config(create_app(settings), port=0, log_level="error", lifespan="on"))
    serving = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    env = {**os.environ, "URL": f"http://127.0.0.1:{port}/graphql", "TOKEN": ada.access}
    assert _NODE is not None
    run = await asyncio.create_subprocess_exec(_NODE, "audit.mjs", cwd=_HERE, env=env, stdout=asyncio.subprocess.PIPE)
    printed, _ = await run.communicate()
    server.should_exit = True
    await serving
    results = json.loads(printed)
    assert len(results) > 50
    assert [(each["id"], each["name"], each["reason"]) for each in results if each["status"] != "ok"] == []
