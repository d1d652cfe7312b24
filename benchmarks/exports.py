"""Exporting customers on PostgreSQL, beside asyncpg and the csv module writing the same columns, with nothing sealed, asked or told."""

from __future__ import annotations

import asyncio
import csv
import resource
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import asyncpg
from rich.console import Console
from rich.table import Table

from benchmarks import dataset
from benchmarks.rows import Spec
from siyu.domain import exports, staff
from siyu.domain.exports import ExportFormat, ExportKind, Wish
from siyu.domain.kernel import boot
from siyu.privacy.actor import Actor, Role, Scope

_out = Console(highlight=False, width=130)
_CLEAR: Final = (
    "id",
    "createdAt",
    "updatedAt",
    "city",
    "province",
    "gender",
    "source",
    "orderSummary.count",
    "orderSummary.totalSpent.amount",
)
_SEALED: Final = (*_CLEAR, "displayName", "phone", "address.line1")
_SQL: Final = (
    "select id, created_at, updated_at, city, province, gender, source, orders_count, spent_e4 from customers order by created_at, id"
)
_JOB: Final = Actor.worker("exports", Scope.JOBS_RUN)
_FIRST: Final = Actor.worker("benchmark", Scope.STAFF_READ, Scope.STAFF_WRITE)

Way = Callable[[], Awaitable[int]]


async def _quietly(done: int, total: int | None = None, message: str | None = None) -> None:
    """Progress that nobody watches."""


async def _raw(url: str) -> int:
    connection = await asyncpg.connect(url)
    rows = 0
    try:
        with tempfile.TemporaryFile("w", newline="") as file:
            writer = csv.writer(file)
            async with connection.transaction():
                async for row in connection.cursor(_SQL, prefetch=1_000):
                    writer.writerow(row)
                    rows += 1
    finally:
        await connection.close()
    return rows


async def _ours(caller: Actor, format: ExportFormat, fields: tuple[str, ...]) -> int:
    export_id = await exports.start(caller, Wish(kind=ExportKind.CUSTOMERS, format=format, fields=fields))
    await exports.run(_JOB, export_id, progress=_quietly)
    found = await exports.find(caller, export_id)
    assert found is not None
    with tempfile.TemporaryDirectory() as folder:
        await exports.take(caller, export_id, Path(folder) / "file")
    return found.rows or 0


async def _measured(way: Way) -> tuple[float, float, int]:
    wall, cpu = time.perf_counter(), time.process_time()
    rows = await way()
    return time.perf_counter() - wall, time.process_time() - cpu, rows


async def _rounds(made: dataset.Dataset, rounds: int) -> dict[str, list[tuple[float, float, int]]]:
    async with boot.running(made.settings):
        caller = await _caller()
        ways: dict[str, Way] = {
            "raw asyncpg + csv": lambda: _raw(made.settings.main_database),
            "CSV": lambda: _ours(caller, ExportFormat.CSV, _CLEAR),
            "JSON lines": lambda: _ours(caller, ExportFormat.JSONL, _CLEAR),
            "Parquet": lambda: _ours(caller, ExportFormat.PARQUET, _CLEAR),
            "CSV, and 3 sealed columns": lambda: _ours(caller, ExportFormat.CSV, _SEALED),
        }
        return {name: [await _measured(way) for _ in range(rounds)] for name, way in ways.items()}


async def _caller() -> Actor:
    if not await staff.anybody(_FIRST):
        await staff.add(_FIRST, email="bench@example.com", name="Bench", role=Role.ADMIN, password="measured only, no secret")
    return await staff.acting(_FIRST, email="bench@example.com")


def run(spec: Spec, rounds: int) -> None:
    """Print how long each way takes, and how often that is the control's time."""
    with dataset.opened("postgres", spec) as made:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        took = asyncio.run(_rounds(made, rounds))
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    control = statistics.median(cpu for _, cpu, _ in took["raw asyncpg + csv"])
    table = Table("", "rows", "seconds", "CPU a row, µs", "times the control's CPU")
    for name, slices in took.items():
        wall, cpu = (statistics.median(each[at] for each in slices) for at in (0, 1))
        rows = slices[0][2]
        table.add_row(name, f"{rows:,}", f"{wall:.1f}", f"{cpu / max(rows, 1) * 1e6:.0f}", f"{cpu / control:.1f}")
    _out.print(table)
    _out.print(f"The process grew by {grown:,.0f} MB at its most.")
