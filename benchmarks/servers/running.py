"""Servers as child processes on their core, and how each is asked."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import quote

import orjson

from benchmarks import machine
from benchmarks.dataset import Dataset
from benchmarks.shapes import Shape, Variables
from siyu.api.embedded import embedded_redis
from siyu.domain import staff, tokens
from siyu.domain.kernel import boot, clock, ids
from siyu.privacy.actor import Actor, Purpose, Role, Scope

#: What a front end that shows customers with orders holds.
_SCOPES = (
    Scope.CUSTOMERS_READ,
    Scope.CUSTOMER_NAME_READ,
    Scope.CUSTOMER_PHONE_READ,
    Scope.CUSTOMER_EMAIL_READ,
    Scope.CUSTOMER_DEMOGRAPHICS_READ,
    Scope.CUSTOMER_LOCATION_READ,
    Scope.ORDERS_READ,
    Scope.TAGS_READ,
)
_STOP_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers: where, by which process, and what a request to it is."""

    name: str
    port: int
    pid: int
    #: Path and body for a shape with these variables; None for a shape that it can't answer.
    asked: Callable[[Shape, Variables], tuple[str, bytes] | None]
    headers: Mapping[str, str] = field(default_factory=dict)

    def requests(self, shape: Shape) -> list[bytes]:
        """Whole HTTP requests, one for each of the shape's variables; none for a shape that it can't answer."""
        found = [self.asked(shape, variables) for variables in shape.variables]
        return [self._http(*each) for each in found if each is not None]

    def _http(self, path: str, body: bytes) -> bytes:
        lines = [f"POST {quote(path)} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join([*lines, "", ""]).encode() + body


@contextmanager
def child(arguments: list[str], environment: Mapping[str, str], health: str) -> Iterator[int]:
    """A process on the servers' core, from when anything answers at `health` until the end of the block; its id."""
    process = subprocess.Popen(
        arguments,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        preexec_fn=machine.pinned("server"),  # noqa: PLW1509  # no thread of ours holds a lock
    )
    try:
        machine.await_answer(health, lambda: process.poll() is None)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _asked_raw(shape: Shape, variables: Variables) -> tuple[str, bytes] | None:
    return (f"/{shape.name}", orjson.dumps({"variables": variables})) if shape.control == shape.name else None


@contextmanager
def raw(data: Dataset) -> Iterator[Server]:
    """The control."""
    port = machine.free_port()
    uvicorn = [sys.executable, "-m", "uvicorn", "benchmarks.servers.raw:app", "--loop", "uvloop", "--http", "httptools"]
    quiet = ["--no-access-log", "--no-date-header", "--no-server-header", "--log-level", "warning", "--port", str(port)]
    with child([*uvicorn, *quiet], {"BENCH_DATABASE_URL": data.settings.main_database}, f"http://127.0.0.1:{port}/health") as pid:
        yield Server("raw", port, pid, _asked_raw)


def _asked_ours(shape: Shape, variables: Variables) -> tuple[str, bytes]:
    return "/graphql", orjson.dumps({"query": shape.document, "variables": variables})


async def token(data: Dataset) -> str:
    """A new access token, given out by a new administrator through the domain."""
    async with boot.running(data.settings):
        maker = Actor.worker("benchmarks", Scope.STAFF_READ, Scope.STAFF_WRITE)
        name = ids.uuid7().hex
        added = await staff.add(maker, email=f"{name}@example.com", name="Benchmark", role=Role.ADMIN, password=secrets.token_urlsafe(16))
        admin = await staff.acting(maker, email=added.email)
        given = tokens.AccessTokenCreateInput(
            name=name, partner="benchmarks", scopes=_SCOPES, purpose=Purpose.SERVICE, expires_at=clock.now() + timedelta(days=1)
        )
        return (await tokens.create(admin, given)).secret


@contextmanager
def ours(data: Dataset, bearer: str) -> Iterator[Server]:
    """`siyu serve` as it is: authentication, scopes, purpose, consent, audit and limits on."""
    port = machine.free_port()
    settings = data.settings
    with embedded_redis() as redis_url:
        environment = {
            "PORT": str(port),
            "DATABASE_URL": settings.main_database,
            "KEYSTORE_URL": settings.keystore_database,
            "REDIS_URL": redis_url,
            "SIYU_DATA_DIR": str(settings.data_dir),
            "SIYU_ROOT_KEYS": settings.root_keys,
            "SIYU_LOG_LEVEL": "warning",
        }
        with child([sys.executable, "-m", "siyu", "serve"], environment, f"http://127.0.0.1:{port}/healthz") as pid:
            yield Server("ours", port, pid, _asked_ours, {"Authorization": f"Bearer {bearer}"})
