"""The data set of the measurements: made once, kept in the cache, started from there.

`python -m benchmarks dataset --customers 20000 --on sqlite` makes one; `benchmarks run` makes what it needs.
"""

from __future__ import annotations

import asyncio
import hashlib
import multiprocessing
import os
import queue
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Final, Literal, Protocol

import asyncpg
import orjson
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from benchmarks import cluster, machine, rows
from benchmarks.cluster import Cluster
from benchmarks.rows import Batch, Spec
from siyu.domain.kernel import boot, migrating
from siyu.domain.kernel.settings import Settings
from siyu.privacy.tables import LegalBasis, Purpose

Dialect = Literal["sqlite", "postgres"]

#: Raise it when the rows change in a way that the migrations don't show.
_VERSION: Final = 3
_CHUNK: Final = 1_000
_WORKERS: Final = 2
_WAIT_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Dataset:
    """A finished data set, its databases open for connections."""

    settings: Settings
    spec: Spec
    #: Rows by table, and how long it took to make them.
    facts: dict[str, float]
    server: Cluster | None


def folder_of(name: str, spec: Spec) -> Path:
    """Where the cache keeps something of this size, made with the tables as they are now."""
    migrations = sorted((Path(migrating.__file__).parents[2] / "migrations").glob("*/0*.py"))
    code = hashlib.sha256(str(_VERSION).encode() + b"".join(path.read_bytes() for path in migrations)).hexdigest()[:10]
    return machine.cache() / f"{name}-{spec.customers}-{spec.seed}-{code}"


def _settings(folder: Path, server: Cluster | None) -> Settings:
    keys = f"file://{folder / 'root.keys'}" if (folder / "root.keys").exists() else ""
    if server is None:
        return Settings(data_dir=folder, root_keys=keys)
    return Settings(database_url=f"{server.url}/siyu", keystore_url=f"{server.url}/siyu_keys", data_dir=folder, root_keys=keys)


@contextmanager
def opened(dialect: Dialect, spec: Spec) -> Iterator[Dataset]:
    """The data set, made when the cache has none; on PostgreSQL its server runs for as long as the block."""
    folder = folder_of(dialect, spec)
    finished = folder / "done.json"
    if folder.exists() and not finished.exists():
        shutil.rmtree(folder)  # of a run that was stopped
    if not finished.exists():
        folder.mkdir(parents=True)
        folder.chmod(0o755)
        if dialect == "postgres":
            cluster.create(folder / "postgres")
    with ExitStack() as stack:
        server = stack.enter_context(cluster.running(folder / "postgres")) if dialect == "postgres" else None
        if not finished.exists():
            finished.write_bytes(orjson.dumps(_make(folder, server, spec)))
        yield Dataset(_settings(folder, server), spec, orjson.loads(finished.read_bytes()), server)


def _make(folder: Path, server: Cluster | None, spec: Spec) -> dict[str, float]:
    started = time.perf_counter()
    if server is not None:
        for name in ("siyu", "siyu_keys"):
            asyncio.run(_execute(f"{server.url}/postgres", f"create database {name}"))
    asyncio.run(prepare(_settings(folder, server), spec))
    settings = _settings(folder, server)
    loader = _Postgres(settings.main_database) if server else _Sqlite(folder / "siyu.db")
    counted = _fill(settings, spec, loader)
    loader.finish()
    if server is not None:
        asyncio.run(_execute(settings.keystore_url, "vacuum analyze"))
    return {**counted, "seconds": round(time.perf_counter() - started, 1)}


async def prepare(settings: Settings, spec: Spec) -> None:
    """Tables, system keys, purposes and tags, in two databases that are empty."""
    await migrating.migrate(settings)
    async with boot.running(settings):
        await Purpose.create(
            code="newsletter",
            title="Newsletter",
            description="A letter a month.",
            legal_basis=LegalBasis.CONSENT.value,
            notice_hash="",
            categories=[],
            recipients=[],
        )
        for tag in rows.tags(spec):
            await tag.save(force_create=True)


async def _execute(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


class _Loader(Protocol):
    """Puts batches into the main database."""

    def put(self, batch: Batch) -> None: ...

    def finish(self) -> None: ...


class _Postgres:
    """COPY, secondary indexes dropped before and made again after."""

    def __init__(self, url: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._connection: asyncpg.Connection[Any] = self._loop.run_until_complete(asyncpg.connect(url))
        found = self._fetch(
            "select i.indexname, i.indexdef from pg_indexes i where schemaname = 'public' and tablename = any($1)"
            " and not exists (select 1 from pg_constraint c where c.conname = i.indexname)",
            ["customers", "identities", "orders", "consents", "tag_assignments"],
        )
        self._indexes = [str(row["indexdef"]) for row in found]
        for row in found:
            self._run(f'drop index "{row["indexname"]}"')

    def _fetch(self, sql: str, *args: object) -> list[Any]:
        return self._loop.run_until_complete(self._connection.fetch(sql, *args))

    def _run(self, sql: str) -> None:
        self._loop.run_until_complete(self._connection.execute(sql, timeout=3_600))

    def put(self, batch: Batch) -> None:
        """One COPY a table."""
        for table, (names, values) in batch.items():
            self._loop.run_until_complete(self._connection.copy_records_to_table(table, records=values, columns=names))

    def finish(self) -> None:
        """Indexes and statistics, for the planner and for index-only scans."""
        for index in self._indexes:
            self._run(index)
        self._run("vacuum analyze")
        self._run("checkpoint")
        self._loop.run_until_complete(self._connection.close())
        self._loop.close()


class _Sqlite:
    """`executemany` in a transaction a batch."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path)
        self._connection.execute("pragma synchronous = off")
        self._connection.execute("pragma cache_size = -262144")

    def put(self, batch: Batch) -> None:
        """One statement a table."""
        with self._connection:
            for table, (names, values) in batch.items():
                marks = ", ".join("?" * len(names))
                quoted = ", ".join(f'"{name}"' for name in names)
                self._connection.executemany(f"insert into {table} ({quoted}) values ({marks})", values)

    def finish(self) -> None:
        """Statistics for the planner, and nothing left in the log."""
        self._connection.execute("analyze")
        self._connection.execute("pragma wal_checkpoint(truncate)")
        self._connection.close()


def _fill(settings: Settings, spec: Spec, loader: _Loader) -> dict[str, float]:
    """Two processes seal, this one loads."""
    spawn = multiprocessing.get_context("spawn")
    made: Any = spawn.Queue(maxsize=2 * _WORKERS)
    chunks = [(first, min(_CHUNK, spec.customers - first)) for first in range(0, spec.customers, _CHUNK)]
    workers: list[BaseProcess] = [
        spawn.Process(target=_work, args=(settings.model_dump(by_alias=True), spec, chunks[number::_WORKERS], made), daemon=True)
        for number in range(_WORKERS)
    ]
    for worker in workers:
        worker.start()
    counted: dict[str, float] = {}
    look = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*look) as bar:
        task = bar.add_task("Sealing and loading customers", total=spec.customers)
        for _ in chunks:
            batch = _next(made, workers)
            loader.put(batch)
            for table, (_, values) in batch.items():
                counted[table] = counted.get(table, 0) + len(values)
            bar.update(task, completed=counted["customers"])
    for worker in workers:
        worker.join()
    return counted


def _next(made: Any, workers: list[BaseProcess]) -> Batch:
    while True:
        try:
            found: Batch = made.get(timeout=_WAIT_SECONDS)
        except queue.Empty:
            assert all(worker.exitcode in (None, 0) for worker in workers), "A process that seals has failed; its error is above."
        else:
            return found


def _work(given: dict[str, Any], spec: Spec, chunks: list[tuple[int, int]], made: Any) -> None:
    os.nice(5)
    asyncio.run(_seal(Settings(**given), spec, chunks, made.put))


async def _seal(settings: Settings, spec: Spec, chunks: list[tuple[int, int]], put: Callable[[Batch], None]) -> None:
    async with boot.running(settings):
        for first, count in chunks:
            put(await rows.batch(first, count, spec))
