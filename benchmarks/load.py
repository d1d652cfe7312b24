"""The load: a process of its own that keeps so many connections busy, and reads the server's CPU time while it counts.

It is told what to do as JSON on standard input, and says what it saw as JSON on standard output.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from array import array
from dataclasses import asdict, dataclass, field
from itertools import count
from typing import Final, cast

import orjson
import uvloop

from benchmarks import machine

_HEAD_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length:"


@dataclass(frozen=True, slots=True)
class Wish:
    """One slice: `seconds` are counted after `warm_seconds` that are not."""

    port: int
    #: Whole HTTP requests, sent in turn.
    requests: list[str]
    warm_seconds: float
    seconds: float
    #: The server's processes, and PostgreSQL's first one.
    server: list[int]
    database: int
    connections: int = 32


@dataclass(frozen=True, slots=True)
class Seen:
    """What a slice came to. Times are seconds; CPU is that of all requests of the slice."""

    requests: int
    bytes: int
    seconds: float
    server_cpu: float
    database_cpu: float
    median: float
    p99: float


@dataclass(slots=True)
class _Count:
    requests: list[bytes]
    turn: count[int] = field(default_factory=count)
    done: int = 0
    bytes: int = 0
    waits: array[float] = field(default_factory=lambda: array("d"))
    problem: str = ""


class _Connection(asyncio.Protocol):
    """One request at a time, the next one as soon as the answer is there."""

    def __init__(self, counting: _Count) -> None:
        self._count = counting
        self._left = 0
        self._head = b""
        self._sent = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._ask()

    def _ask(self) -> None:
        assert self._transport is not None
        requests = self._count.requests
        self._sent = time.perf_counter()
        self._transport.write(requests[next(self._count.turn) % len(requests)])

    def data_received(self, data: bytes) -> None:
        counting = self._count
        counting.bytes += len(data)
        if self._left:
            self._left -= len(data)
        else:
            data = self._head + data
            end = data.find(_HEAD_END)
            if end < 0:
                self._head = data
                return
            self._head = b""
            head = data[:end].lower()
            at = head.find(_LENGTH)
            if not head.startswith(b"http/1.1 200") or at < 0:
                counting.problem = data[:600].decode(errors="replace")
                return
            length = int(head[at + len(_LENGTH) :].split(b"\r\n", 1)[0])
            self._left = length - (len(data) - end - len(_HEAD_END))
        if self._left == 0:
            counting.done += 1
            counting.waits.append(time.perf_counter() - self._sent)
            self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._count.problem:
            self._count.problem = "The server closed a connection."


async def _slice(wish: Wish) -> Seen:
    loop = asyncio.get_running_loop()
    counting = _Count([request.encode() for request in wish.requests])
    opened = [await loop.create_connection(lambda: _Connection(counting), "127.0.0.1", wish.port) for _ in range(wish.connections)]
    await asyncio.sleep(wish.warm_seconds)
    counting.done = counting.bytes = 0
    counting.waits = array("d")
    database = machine.family(wish.database)
    before = machine.used_seconds(wish.server), machine.used_seconds(database)
    started = time.perf_counter()
    await asyncio.sleep(wish.seconds)
    done, received, waits = counting.done, counting.bytes, sorted(counting.waits)
    seconds = time.perf_counter() - started
    after = machine.used_seconds(wish.server), machine.used_seconds(database)
    if counting.problem or not done:
        raise RuntimeError(counting.problem or "No answer came.")
    counting.problem = "over"
    for transport, _ in opened:
        transport.abort()
    return Seen(done, received, seconds, after[0] - before[0], after[1] - before[1], waits[done // 2], waits[int(done * 0.99)])


def run(wish: Wish) -> Seen:
    """Have a process of its own put the load on, on its own core where there is one."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        check=False,
        input=orjson.dumps(asdict(wish)),
        capture_output=True,
        preexec_fn=machine.pinned("load"),
    )
    if done.returncode:
        raise RuntimeError(done.stderr.decode().strip().rpartition("RuntimeError: ")[2])
    return Seen(**orjson.loads(done.stdout))


if __name__ == "__main__":
    sys.stdout.buffer.write(orjson.dumps(asdict(uvloop.run(_slice(Wish(**orjson.loads(sys.stdin.buffer.read())))))))
