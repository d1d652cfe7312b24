"""The load of `ingest`: a process of its own that posts each body once over a few connections, or writes rows with asyncpg alone.

It is told what to do as JSON on standard input, and says how long it took as JSON on standard output.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

import asyncpg
import orjson
import uvloop

from benchmarks import machine

Way = Literal["http", "executemany", "copy"]

#: The columns of the events table, as they were stored.
COLUMNS: Final = (
    "id", "customer_id", "name", "occurred_at", "received_at", "key", "content", "channel", "properties", "sealed_properties", "late",
)  # fmt: skip
_INSERT: Final = f"insert into events ({', '.join(COLUMNS)}) values ({', '.join(f'${n + 1}' for n in range(len(COLUMNS)))})"


@dataclass(frozen=True, slots=True)
class Wish:
    """One slice: `bodies` names a file with one body a line for HTTP; rows come from the table `ingested` otherwise."""

    way: Way
    connections: int
    batch: int
    database: int
    #: Processes whose CPU time counts as the server's; none: this one.
    server: list[int]
    port: int = 0
    authorization: str = ""
    bodies: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Took:
    """What a slice came to; times are seconds."""

    rows: int
    seconds: float
    server_cpu: float
    database_cpu: float


async def _posted(wish: Wish, bodies: Iterator[bytes]) -> int:
    """Post bodies over one connection until there are none; how many messages were accepted."""
    reader, writer = await asyncio.open_connection("127.0.0.1", wish.port)
    head = f"POST /v1/batch HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {wish.authorization}\r\nContent-Length: "
    accepted = 0
    for body in bodies:
        writer.write(f"{head}{len(body)}\r\n\r\n".encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        told = orjson.loads(await reader.readexactly(length))
        if not told["success"] or told["rejected"]:
            raise RuntimeError(f"It was refused: {str(told)[:300]}")
        accepted += told["accepted"]
    writer.close()
    return accepted


def _http(wish: Wish) -> Callable[[], Awaitable[int]]:
    bodies = iter(Path(wish.bodies).read_bytes().splitlines())

    async def run() -> int:
        return sum(await asyncio.gather(*(_posted(wish, bodies) for _ in range(wish.connections))))

    return run


async def _bare(wish: Wish) -> Callable[[], Awaitable[int]]:
    """The same rows by the driver alone, as many at a time, over as many connections."""
    connections = [await asyncpg.connect(wish.url) for _ in range(wish.connections)]
    found = await connections[0].fetch(f"select {', '.join(COLUMNS)} from ingested")
    rows = [tuple(row) for row in found]
    batches = iter([rows[first : first + wish.batch] for first in range(0, len(rows), wish.batch)])

    async def write(connection: Any) -> None:
        for batch in batches:
            if wish.way == "copy":
                await connection.copy_records_to_table("events", records=batch, columns=COLUMNS)
            else:
                await connection.executemany(_INSERT, batch)

    async def run() -> int:
        await asyncio.gather(*map(write, connections))
        return len(rows)

    return run


async def _slice(wish: Wish) -> Took:
    run = _http(wish) if wish.way == "http" else await _bare(wish)
    database = machine.family(wish.database)

    def used() -> tuple[float, float]:
        own = machine.used_seconds(wish.server) if wish.server else time.process_time()
        return own, machine.used_seconds(database)

    before, started = used(), time.perf_counter()
    rows = await run()
    seconds, after = time.perf_counter() - started, used()
    return Took(rows, seconds, after[0] - before[0], after[1] - before[1])


def run(wish: Wish) -> Took:
    """Do it in a process of its own: the driver alone has the server's core, as the server has when it is measured."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.ingest_load"],
        check=False,
        input=orjson.dumps(asdict(wish)),
        capture_output=True,
        preexec_fn=machine.pinned("load" if wish.way == "http" else "server"),
    )
    if done.returncode:
        raise RuntimeError(done.stderr.decode()[-2_000:])
    return Took(**orjson.loads(done.stdout))


if __name__ == "__main__":
    sys.stdout.buffer.write(orjson.dumps(asdict(uvloop.run(_slice(Wish(**orjson.loads(sys.stdin.buffer.read())))))))
