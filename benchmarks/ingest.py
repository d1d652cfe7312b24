"""Ingesting events through the tracking API on PostgreSQL, beside asyncpg's bulk insert of the very same rows into the same table."""

from __future__ import annotations

import asyncio
import base64
import random
import shutil
import statistics
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import asyncpg
import orjson
from rich.console import Console
from rich.table import Table

from benchmarks import cluster, ingest_load, machine
from benchmarks.cluster import Cluster
from benchmarks.dataset import Dataset
from benchmarks.ingest_load import Took, Way, Wish
from benchmarks.rows import Spec
from benchmarks.servers import running
from siyu.domain import writekeys
from siyu.domain.kernel import boot, ids, migrating
from siyu.domain.kernel.settings import Settings
from siyu.privacy.actor import Actor, Scope

_out = Console(highlight=False, width=130)
_NAMES: Final = ("Product Viewed", "Product Clicked", "Products Searched", "Product Added", "Page Scrolled", "Coupon Viewed")
_WAYS: Final[tuple[Way, ...]] = ("http", "executemany", "copy")
#: Issue 4: no less than this part of what the driver alone does.
_AIM: Final = 0.25


@dataclass(frozen=True, slots=True)
class Load:
    """How much is sent, and in which pieces."""

    messages: int
    batch: int
    people: int
    connections: int
    rounds: int


@contextmanager
def _house() -> Iterator[tuple[Settings, Cluster]]:
    """Empty databases on a server of their own, migrated; gone at the end."""
    folder = machine.cache() / f"ingest-{ids.uuid7().hex[:12]}"
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    try:
        cluster.create(folder / "postgres")
        with cluster.running(folder / "postgres") as server:
            settings = Settings(database_url=f"{server.url}/siyu", keystore_url=f"{server.url}/siyu_keys", data_dir=folder)
            asyncio.run(_prepare(settings, server))
            yield settings.model_copy(update={"root_keys": f"file://{folder / 'root.keys'}"}), server
    finally:
        shutil.rmtree(folder)


async def _prepare(settings: Settings, server: Cluster) -> None:
    for name in ("siyu", "siyu_keys"):
        await _execute(f"{server.url}/postgres", f"create database {name}")
    await migrating.migrate(settings)
    async with boot.running(settings):
        pass


async def _execute(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql, timeout=600)
    finally:
        await connection.close()


async def _key(settings: Settings) -> str:
    async with boot.running(settings):
        maker = Actor.worker("benchmarks", Scope.TOKENS_WRITE)
        return (await writekeys.create(maker, writekeys.WriteKeyCreate(name="Benchmark", channel="web"))).secret


def _message(chance: random.Random, people: int, now: datetime) -> dict[str, object]:
    """A message as analytics-node sends it."""
    return {
        "type": "track",
        "event": chance.choice(_NAMES),
        "userId": f"user-{chance.randrange(people)}",
        "messageId": f"node-next-{chance.randrange(10**13)}-{ids.uuid7()}",
        "timestamp": (now - timedelta(seconds=chance.random() * 600)).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "properties": {
            "sku": f"tea-{chance.randrange(500)}",
            "category": chance.choice(("green", "black", "white")),
            "price": round(chance.random() * 200, 2),
            "quantity": chance.randrange(1, 5),
            "position": chance.randrange(40),
        },
        "context": {"library": {"name": "@segment/analytics-node", "version": "3.1.0"}, "app": {"version": "4.2.0"}},
        "integrations": {},
        "_metadata": {"nodeVersion": "20.20.2", "jsRuntime": "node"},
    }


def _bodies(load: Load, seed: int, file: Path) -> None:
    """One body a line, each message once."""
    chance, now = random.Random(seed), datetime.now(UTC)
    sent = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    with file.open("wb") as out:
        for first in range(0, load.messages, load.batch):
            batch = [_message(chance, load.people, now) for _ in range(min(load.batch, load.messages - first))]
            out.write(orjson.dumps({"batch": batch, "sentAt": sent}) + b"\n")


def run(load: Load) -> None:
    """Measure, and print the table: rounds of ours, `executemany` and COPY over the same rows, the table empty before each."""
    with ExitStack() as stack:
        settings, server = stack.enter_context(_house())
        key = asyncio.run(_key(settings))
        data = Dataset(settings, Spec(0, 1), {}, server)
        ours = stack.enter_context(running.ours(data, ""))
        basic = "Basic " + base64.b64encode(f"{key}:".encode()).decode()
        file = settings.data_dir / "bodies"
        found: dict[Way, list[Took]] = {way: [] for way in _WAYS}
        for number in range(load.rounds + 1):  # the first makes the people, and warms up
            _bodies(load, number, file)
            for way in _WAYS:
                asyncio.run(_execute(settings.main_database, "truncate events; checkpoint"))
                http = way == "http"
                wish = Wish(
                    way=way,
                    connections=load.connections,
                    batch=load.batch,
                    database=server.pid,
                    server=[ours.pid] if http else [],
                    port=ours.port,
                    authorization=basic,
                    bodies=str(file),
                    url=settings.main_database,
                )
                took = ingest_load.run(wish)
                assert took.rows == load.messages, f"{way} wrote {took.rows} of {load.messages} rows"
                if http:
                    kept = "drop table if exists ingested; create table ingested as select * from events order by received_at, id"
                    asyncio.run(_execute(settings.main_database, kept))
                if number:
                    found[way].append(took)
    _out.print(_table(found, load))


def _table(found: dict[Way, list[Took]], load: Load) -> Table:
    table = Table(title=f"{load.messages:,} events in batches of {load.batch} over {load.connections} connections, {load.people:,} people")
    columns = ("way", "rows/s", "process CPU µs/row", "PostgreSQL CPU µs/row", f"ours / it (at least {_AIM})", "by CPU of the busier core")
    for column in columns:
        table.add_column(column, justify="left" if column == "way" else "right")
    for way in _WAYS:
        rate = statistics.median(took.rows / took.seconds for took in found[way])
        cpu = [statistics.median(getattr(took, name) / took.rows * 1e6 for took in found[way]) for name in _CPU]
        by_time = [theirs.seconds / ours.seconds for ours, theirs in zip(found["http"], found[way], strict=True)]
        by_cpu = [_busier(theirs) / _busier(ours) for ours, theirs in zip(found["http"], found[way], strict=True)]
        ratios = ["", ""] if way == "http" else [_spread(by_time), _spread(by_cpu)]
        table.add_row(_SHOWN[way], f"{rate:,.0f}", *(f"{each:.1f}" for each in cpu), *ratios)
    return table


def _busier(took: Took) -> float:
    """What decides where each has a core and nothing else runs: on a busy machine, time tells more of the others."""
    return max(took.server_cpu, took.database_cpu) / took.rows


def _spread(ratios: list[float]) -> str:
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"


_SHOWN: Final[dict[Way, str]] = {"http": "tracking API", "executemany": "asyncpg executemany", "copy": "asyncpg copy_records_to_table"}
_CPU: Final = ("server_cpu", "database_cpu")
