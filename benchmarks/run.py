"""One run: the databases, the servers, the shapes, the table."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import asyncpg
import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks import answers, dataset, machine, measure, report, shapes
from benchmarks.dataset import Dataset
from benchmarks.measure import Measured, Pace
from benchmarks.rows import Spec
from benchmarks.servers import postgraphile, running
from benchmarks.servers.running import Server
from benchmarks.shapes import Shape

_out = Console(highlight=False, width=None if sys.stdout.isatty() else 130)

#: What earlier runs left behind: the audit trail grows by a line a request.
_FRESH = (
    "truncate audit_events, audit_pending, audit_heads, access_tokens, staff, staff_logins",
    "vacuum analyze",
    "checkpoint",
)


async def _freshen(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        there = {str(row[0]) for row in await connection.fetch("select tablename from pg_tables where schemaname = 'public'")}
        for sql in _FRESH:
            if sql.startswith("truncate "):
                tables = [name for name in sql.removeprefix("truncate ").split(", ") if name in there]
                await connection.execute(f"truncate {', '.join(tables)}")
            else:
                await connection.execute(sql, timeout=600)
    finally:
        await connection.close()


def run(spec: Spec, pace: Pace, *, only: Sequence[str], peers: bool, json: Path | None) -> None:
    """Measure, print the table, and write all of it to a file."""
    with ExitStack() as stack:
        data = stack.enter_context(dataset.opened("postgres", spec))
        assert data.server is not None
        asyncio.run(_freshen(data.settings.main_database))
        control = stack.enter_context(running.raw(data))
        bearer = asyncio.run(running.token(data))
        servers = [stack.enter_context(running.ours(data, bearer))]
        if peers:
            servers.append(stack.enter_context(postgraphile.postgraphile(data)))
        found = _measure(data, control, servers, pace, only)
    _out.print(report.table(found))
    path = json or machine.cache() / "last-run.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps(report.facts(found, pace, data.facts), option=orjson.OPT_INDENT_2))
    _out.print(f"[dim]{path}[/]")


def _compare(shape: Shape, control: Server, server: Server, spec: Spec) -> None:
    """Raise `Different` where the server answers something else than it should. Of what a peer answers instead, its own shape tells."""
    if server.name == "postgraphile":
        if not shape.for_peers:
            answers.equal(shape, control, server, postgraphile.same)
    elif shape.control == shape.name:
        answers.equal(shape, control, server)
    elif shape.variables == ({},):
        answers.opened(shape, server, spec)


def _measure(data: Dataset, control: Server, servers: list[Server], pace: Pace, only: Sequence[str]) -> list[Measured]:
    assert data.server is not None
    known = {shape.name: shape for shape in shapes.shapes(data.spec)}
    wanted = [shape for shape in known.values() if not only or shape.name.replace("'", "") in only or shape.name in only]
    found: list[Measured] = []
    total = sum(measure.slices(pace, len([server for server in servers if server.requests(shape)])) for shape in wanted)
    with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()) as bar:
        task = bar.add_task("Measuring", total=total)
        for shape in wanted:
            bar.update(task, description=f"{shape.name} {shape.about}")
            able = [server for server in servers if server.requests(shape)]
            for server in able:
                _compare(shape, control, server, data.spec)
            found += measure.shape(shape, control, known[shape.control], able, data.server.pid, pace, lambda: bar.advance(task))
    return found
