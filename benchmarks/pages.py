"""Does a page cost the same with 10,000 customers as with 1,000,000? Two databases of one PostgreSQL, a server of ours each, in turn.

The rows are made by PostgreSQL itself, with nothing sealed in them: what is asked here opens nothing.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from statistics import median
from typing import Any, Final

import asyncpg
from rich.console import Console

from benchmarks import cluster, dataset, load, shapes
from benchmarks.dataset import Dataset
from benchmarks.load import Wish
from benchmarks.measure import Pace, Slice
from benchmarks.rows import Spec
from benchmarks.servers import running
from benchmarks.servers.running import Server
from benchmarks.shapes import Shape
from siyu.domain.kernel.ids import spelled
from siyu.domain.kernel.paging import cursor
from siyu.domain.kernel.settings import Settings

_out = Console(highlight=False)

#: As many different requests of each shape.
_ASKED: Final = 1_000
_COLUMNS: Final = {
    "id": "(lpad(to_hex(n), 12, '0') || '70008000' || substr(md5(n::text), 1, 12))::uuid",
    "created_at": "timestamptz '2023-11-01' + n * interval '1 second'",
    "updated_at": "timestamptz '2023-11-01' + n * interval '1 second'",
    "gender": "(array['FEMALE', 'MALE'])[1 + n % 2]",
    "age_band": "'25_34'",
    "birth_month": "1 + n % 12",
    "city": "'city ' || n % 300",
    "province": "'province ' || n % 30",
    "country": "'中国'",
    "source": "'source ' || n % 8",
    "locale": "'zh-CN'",
}
#: What other columns hold that may not be null, by type.
_EMPTY: Final = {"uuid": "gen_random_uuid()", "boolean": "false", "timestamp with time zone": "timestamptz '1970-01-01'", "jsonb": "'{}'"}


async def _fill(url: str, customers: int) -> None:
    """Rows, with the indexes made afterwards."""
    connection: asyncpg.Connection[Any] = await asyncpg.connect(url)
    try:
        columns = dict(_COLUMNS)
        needed = "select column_name, data_type from information_schema.columns where table_name = 'customers' and is_nullable = 'NO'"
        for name, kind in await connection.fetch(needed):
            columns.setdefault(name, _EMPTY.get(kind, "0" if "int" in kind else "''"))
        indexes = await connection.fetch(
            "select indexname, indexdef from pg_indexes where tablename = 'customers'"
            " and not exists (select 1 from pg_constraint where conname = indexname)"
        )
        for index in indexes:
            await connection.execute(f'drop index "{index["indexname"]}"')
        names, values = ", ".join(columns), ", ".join(columns.values())
        await connection.execute(f"insert into customers ({names}) select {values} from generate_series(1, {customers}) n", timeout=3_600)
        for index in indexes:
            await connection.execute(index["indexdef"], timeout=3_600)
        await connection.execute("vacuum analyze", timeout=3_600)
    finally:
        await connection.close()


@contextmanager
def _opened(sizes: tuple[int, int]) -> Iterator[list[Dataset]]:
    """Both databases, made when the cache has none of these sizes."""
    folder = dataset.folder_of("pages", Spec(sizes[1], sizes[0]))
    done = folder / "done"
    if not done.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        folder.chmod(0o755)
        cluster.create(folder / "postgres")
    with cluster.running(folder / "postgres") as server:
        found = []
        for size in sizes:
            here = folder / str(size)
            urls = [f"{server.url}/{name}_{size}" for name in ("siyu", "keys")]
            if not done.exists():
                _out.print(f"[dim]Making {size:,} customers …[/]")
                here.mkdir()
                for url in urls:
                    asyncio.run(_create(server.url, url.rpartition("/")[2]))
                asyncio.run(dataset.prepare(Settings(database_url=urls[0], keystore_url=urls[1], data_dir=here), Spec(size, 0)))
                asyncio.run(_fill(urls[0], size))
            keys = f"file://{here / 'root.keys'}"
            settings = Settings(database_url=urls[0], keystore_url=urls[1], data_dir=here, root_keys=keys)
            found.append(Dataset(settings, Spec(size, 0), {}, server))
        done.touch()
        yield found


async def _create(url: str, name: str) -> None:
    connection = await asyncpg.connect(f"{url}/postgres")
    try:
        await connection.execute(f"create database {name}")
    finally:
        await connection.close()


async def _asked(data: Dataset) -> list[Shape]:
    """A customer by id, and a page after a place anywhere in the list."""
    connection: asyncpg.Connection[Any] = await asyncpg.connect(data.settings.main_database)
    try:
        step = max(1, data.spec.customers // _ASKED)
        every = f"select id, created_at from customers where extract(epoch from created_at)::bigint % {step} = 0 order by md5(id::text)"
        rows = await connection.fetch(f"{every} limit {_ASKED}")
    finally:
        await connection.close()
    known = {shape.name: shape for shape in shapes.shapes(Spec(1_000, 1))}
    ids = tuple({"id": spelled("Customer", row["id"])} for row in rows)
    places = tuple({"after": cursor("CREATED_AT_DESC", row["created_at"], row["id"])} for row in rows)
    return [replace(known["Q1"], variables=ids), replace(known["Q2p"], variables=places)]


def run(small: int, large: int, pace: Pace) -> None:
    """Measure in turn, and print the large database's figures over the small one's: the median over the rounds."""
    with ExitStack() as stack:
        both = stack.enter_context(_opened((small, large)))
        servers = [stack.enter_context(running.ours(data, asyncio.run(running.token(data)))) for data in both]
        wanted = [asyncio.run(_asked(data)) for data in both]
        for number in range(len(wanted[0])):
            rounds = [
                [_slice(each, shape[number], data, pace) for each, shape, data in zip(servers, wanted, both, strict=True)]
                for _ in range(pace.rounds)
            ]
            _out.print(f"{wanted[0][number].name}: {large:,} over {small:,} customers: {_told(rounds)}")


def _slice(server: Server, shape: Shape, data: Dataset, pace: Pace) -> Slice:
    assert data.server is not None
    requests = [request.decode() for request in server.requests(shape)]
    wish = Wish(server.port, requests, pace.warm_seconds, pace.seconds, [server.pid], data.server.pid, pace.connections)
    return Slice.of(load.run(wish))


def _told(rounds: list[list[Slice]]) -> str:
    facts = {
        "server CPU": [after.cpu / before.cpu for before, after in rounds],
        "database CPU": [after.database_cpu / before.database_cpu for before, after in rounds],
        "median wait": [after.median / before.median for before, after in rounds],
    }
    return ", ".join(f"{name} {median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})" for name, ratios in facts.items())
