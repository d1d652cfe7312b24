"""The peer: PostGraphile 5 with persisted operations, from npm, installed apart from the repository. The product never needs it."""

from __future__ import annotations

import asyncio
import base64
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson

from benchmarks import machine
from benchmarks.dataset import Dataset
from benchmarks.servers.running import Server, child
from benchmarks.shapes import Shape, Variables

#: PostGraphile asks for Node 22, which comes along, so that the system's own does not matter.
_PACKAGES: Final = ("postgraphile@5.1.5", "@grafserv/persisted@1.0.0", "node@22")

_EIGHT = "id gender ageBand birthMonth city province source createdAt"
_TEN = "id gender ageBand birthMonth city province country source locale createdAt"
_NEWEST = "orderBy: [CREATED_AT_DESC, ROW_ID_DESC]"
_BOUGHT = (
    "ordersByCustomerId(first: 5, orderBy: [PLACED_AT_DESC, ROW_ID_DESC])"
    " { nodes { id externalId status channel placedAt totalE4 currency } }"
)
_TAGGED = "tagAssignmentsByCustomerId(orderBy: [ASSIGNED_AT_DESC, ROW_ID_DESC]) { nodes { tagByTagId { id name } source assignedAt } }"
#: Its conditions reach no other table, so the filter by tag is a function of the database, as its manual says; the planner sees through it.
_FUNCTION = """
create or replace function bench_tagged(tag text, stage text, town text) returns setof customers language sql stable as $$
  select c.* from customers c where c.city = town and c.lifecycle_stage = stage
    and c.id in (select a.customer_id from tag_assignments a join tags g on g.id = a.tag_id where g.name = tag)
  order by c.created_at desc, c.id desc
$$
"""
#: The same shapes in its words. Sealed columns it can't open, so it has no Q2E.
_OPERATIONS: Final = {
    "Q1": f"query Q1($id: UUID!) {{ customerByRowId(rowId: $id) {{ {_EIGHT} }} }}",
    "Q2": f"query Q2 {{ allCustomers(first: 50, {_NEWEST}) {{ nodes {{ {_TEN} }} }} }}",
    "Q3": f"query Q3 {{ allCustomers(first: 50, {_NEWEST}) {{ nodes {{ id city {_TAGGED}"
    " identitiesByCustomerId(orderBy: [CREATED_AT_ASC, ROW_ID_ASC]) { nodes { id kind createdAt } }"
    " ordersByCustomerId { totalCount } } } }",
    "Q4": "query Q4($tagsAny: String!, $lifecycleStage: String!, $city: String!)"
    f" {{ benchTagged(tag: $tagsAny, stage: $lifecycleStage, town: $city, first: 20) {{ totalCount nodes {{ {_EIGHT} }} }} }}",
    "Q5": f"query Q5 {{ allCustomers(first: 20, {_NEWEST}) {{ nodes {{ id city {_BOUGHT} }} }} }}",
}


def _folder() -> Path:
    return machine.cache() / "peers"


def install() -> Path:
    """Install it with npm into the cache; where to."""
    npm = shutil.which("npm")
    assert npm, "npm is needed to install PostGraphile."
    _folder().mkdir(parents=True, exist_ok=True)
    subprocess.run([npm, "install", "--no-audit", "--no-fund", "--loglevel=error", *_PACKAGES], cwd=_folder(), check=True)
    return _folder()


def _asked(shape: Shape, variables: Variables) -> tuple[str, bytes] | None:
    operation = shape.for_peers or shape.name
    if operation not in _OPERATIONS:
        return None
    given: dict[str, object] = {}
    for name, value in () if shape.for_peers else variables.items():
        if isinstance(value, dict):
            given.update((key, each[0]) for key, each in value.items())
        else:
            given[name] = base64.b64decode(str(value)).decode().partition(":")[2]
    return "/graphql", orjson.dumps({"documentId": operation, "variables": given})


async def _define(url: str) -> None:
    connection: asyncpg.Connection[Any] = await asyncpg.connect(url)
    try:
        await connection.execute(_FUNCTION)
    finally:
        await connection.close()


@contextmanager
def postgraphile(data: Dataset) -> Iterator[Server]:
    """The peer over the same database, with as many connections as we have."""
    node = _folder() / "node_modules" / ".bin" / "node"
    assert node.exists(), "PostGraphile is not installed: `make bench-peers` does it."
    asyncio.run(_define(data.settings.main_database))
    port = machine.free_port()
    environment = {
        "PORT": str(port),
        "BENCH_DATABASE_URL": data.settings.main_database,
        "BENCH_PEERS": str(_folder()),
        "BENCH_OPERATIONS": orjson.dumps(_OPERATIONS).decode(),
        "NODE_ENV": "production",
        "GRAPHILE_ENV": "production",
        "PATH": os.environ.get("PATH", ""),
    }
    script = str(Path(__file__).with_suffix(".mjs"))
    with child([str(node.resolve()), script], environment, f"http://127.0.0.1:{port}/none") as pid:
        yield Server("postgraphile", port, pid, _asked)


def same(control: Any, said: Any) -> bool:
    """Whether its answer is about the same rows in the same order, with the same totals, whatever it calls them."""
    return _facts(control) == _facts(said)


def _facts(answer: Any) -> list[object]:
    found: list[object] = []
    if isinstance(answer, dict):
        for name, value in answer.items():
            if name == "id":
                found.append(_key(value))
            elif name in ("totalCount", "externalId", "city"):
                found.append(value)
            else:
                found.extend(_facts(value))
    elif isinstance(answer, list):
        for each in answer:
            found.extend(_facts(each))
    return found


def _key(global_id: str) -> UUID:
    """Ours is `Noun:uuid`, its is `["Noun","uuid"]`."""
    text = base64.b64decode(global_id).decode()
    return UUID(orjson.loads(text)[1] if text.startswith("[") else text.partition(":")[2])
