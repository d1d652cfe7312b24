"""Whether a page costs the same however much there is: timelines, orders and events of customers over growing tables."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Final
from uuid import UUID

import asyncpg
from rich.console import Console
from rich.table import Table

from benchmarks import cluster
from siyu.domain import customers
from siyu.domain.customers import CustomerCreate
from siyu.domain.kernel import boot, database, migrating
from siyu.domain.kernel.paging import cursor
from siyu.domain.kernel.reading.moments import NEWEST
from siyu.domain.kernel.settings import Settings
from siyu.privacy.actor import ROLE_PURPOSE, ROLE_SCOPES, Actor, ActorKind, Role
from siyu.schema import build
from siyu.schema.context import Context
from siyu.schema.documents import Document, Documents
from siyu.schema.plans import Planner
from siyu.schema.relay import encode

#: Reads of a table that does not grow; what it takes more than before, the machine was busy.
_CONTROL: Final = "query ($ids: [ID!]) { customers(first: 20, filter: {ids: $ids}) { nodes { id displayName } } }"
#: Rows of events and of orders, one table after the other filled up to each.
SIZES: Final = (10_000, 100_000, 1_000_000)
_PEOPLE: Final = 500
_ADMIN: Final = Actor(ActorKind.STAFF, None, "staff:benchmark", ROLE_SCOPES[Role.ADMIN], ROLE_PURPOSE[Role.ADMIN], "benchmark")

_ITEM: Final = "nodes { id kind title occurredAt properties } pageInfo { hasNextPage endCursor }"
PAGES: Final = {
    "timeline of one, first 20": (
        f"query ($ids: [ID!]) {{ customers(first: 1, filter: {{ids: $ids}}) {{ nodes {{ timeline(first: 20) {{ {_ITEM} }} }} }} }}"
    ),
    "timeline of one, a page far in": (
        f"query ($ids: [ID!], $after: String) {{ customers(first: 1, filter: {{ids: $ids}})"
        f" {{ nodes {{ timeline(first: 20, after: $after) {{ {_ITEM} }} }} }} }}"
    ),
    "timelines of 20, first 5": (
        f"query ($ids: [ID!]) {{ customers(first: 20, filter: {{ids: $ids}}) {{ nodes {{ timeline(first: 5) {{ {_ITEM} }} }} }} }}"
    ),
    "orders of 20, first 5": (
        "query ($ids: [ID!]) { customers(first: 20, filter: {ids: $ids})"
        " { nodes { orders(first: 5) { nodes { externalId status placedAt } pageInfo { hasNextPage } } } } }"
    ),
    "events of 20, first 5": (
        "query ($ids: [ID!]) { customers(first: 20, filter: {ids: $ids})"
        " { nodes { events(first: 5) { nodes { name occurredAt } pageInfo { hasNextPage } } } } }"
    ),
}

_EVENTS: Final = """
insert into events (id, customer_id, name, occurred_at, received_at, key, content, channel, properties, late)
select gen_random_uuid(), c.id, 'product_viewed', now() - n * interval '3 minutes' - random() * interval '1 minute', now(),
  sha256((c.id::text || n)::bytea), sha256('x'), 'app', '{"sku": "S1", "category": "tea"}', false
from customers c cross join generate_series($1::int, $2::int) n
"""
_ORDERS: Final = """
insert into orders (id, created_at, customer_id, external_id, status, channel, total_e4, refunded_e4, currency, items_count, placed_at,
  updated_at)
select gen_random_uuid(), now(), c.id, c.id::text || n, 'PAID', 'app', 100000, 0, 'CNY', 1,
  now() - n * interval '1 hour' - random() * interval '1 minute', now()
from customers c cross join generate_series($1::int, $2::int) n
"""


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of a page and of the control beside it."""

    page: float
    control: float

    def against(self, other: Took) -> float:
        """How many times as long this takes as another, as each control says."""
        return self.page / other.page / (self.control / other.control)


def run(seconds: float) -> None:
    """Measure each page for so long at each size, and show what it takes and the ratio."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        data = Path(folder) / "postgres"
        cluster.create(data)
        with cluster.running(data) as server:
            found = asyncio.run(_measured(server.url, Path(folder), seconds))
    table = Table(
        "page",
        *(f"{size:,}" for size in SIZES),
        "ratio",
        title="Milliseconds of a page and (of the control beside it), the quickest tenth, by rows a table",
    )
    for name, times in found.items():
        table.add_row(name, *(f"{each.page * 1e3:.2f} ({each.control * 1e3:.2f})" for each in times), f"{times[-1].against(times[0]):.2f}")
    Console().print(table)


async def _measured(url: str, folder: Path, seconds: float) -> dict[str, list[Took]]:
    for name in ("siyu", "siyu_keys"):
        await _statement(f"{url}/postgres", f"create database {name}")
    settings = Settings(database_url=f"{url}/siyu", keystore_url=f"{url}/siyu_keys", data_dir=folder)
    await migrating.migrate(settings)
    found: dict[str, list[Took]] = {name: [] for name in PAGES}
    async with boot.running(settings):
        people = [encode("Customer", await customers.create(_ADMIN, CustomerCreate(display_name=f"N{n}"))) for n in range(_PEOPLE)]
        planner = Planner(build())
        filled = 0
        for size in SIZES:
            each = size // _PEOPLE
            await _fill(settings, filled + 1, each)
            filled = each
            for name, text in PAGES.items():
                found[name].append(await _paced(planner, text, people, seconds))
    return found


async def _fill(settings: Settings, first: int, last: int) -> None:
    """Have each customer from their `first` to their `last` event and order."""
    connection = await asyncpg.connect(settings.database_url)
    try:
        await connection.execute(_EVENTS, first, last, timeout=600)
        await connection.execute(_ORDERS, first, last, timeout=600)
        await connection.execute("vacuum analyze", timeout=600)
    finally:
        await connection.close()


async def _paced(planner: Planner, text: str, people: Sequence[str], seconds: float) -> Took:
    """The page and the control by turns, of customers who were drawn: of each the time that one in ten takes less than."""
    draw = random.Random(1)  # the same customers each time
    page, control = _document(planner, text), _document(planner, _CONTROL)
    after = await _middle() if "$after" in text else None
    took: list[tuple[float, float]] = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        variables: dict[str, object] = {"ids": draw.sample(people, 20 if "first: 20, filter" in text else 1), "after": after}
        took.append((await _timed(planner, page, variables), await _timed(planner, control, variables)))
    return Took(*(quantiles(each, n=10)[0] for each in zip(*took, strict=True)))


async def _timed(planner: Planner, document: Document, variables: dict[str, object]) -> float:
    started = time.perf_counter()
    made = await planner.answer(document, document.operation(None), variables, Context(caller=_ADMIN))
    took = time.perf_counter() - started
    assert made is not None, planner.counters.fallbacks
    return took


def _document(planner: Planner, text: str) -> Document:
    found = Documents(planner.core, (), 100).get(text)
    assert not found.errors, found.errors
    return found


async def _middle() -> str:
    """A cursor in the middle of what happened."""
    rows = await database.rows("select min(occurred_at) + (max(occurred_at) - min(occurred_at)) / 2 from events")
    return cursor(NEWEST, rows[0][0], UUID(int=0))


async def _statement(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
