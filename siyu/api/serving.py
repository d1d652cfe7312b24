"""Serving the API: one process that brings all it needs, or several against databases and Redis given by URL."""

from __future__ import annotations

import asyncio
import configparser
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import uvicorn
import uvloop
from uvicorn.supervisors import Multiprocess

from siyu.api import logs, process
from siyu.api.app import create_app
from siyu.api.embedded import embedded_redis
from siyu.domain.kernel import migrating
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.settings import Settings

_INI = Path(__file__).parents[2] / "uvicorn.ini"
_NUMBERS = ("timeout_keep_alive", "backlog", "ws_max_size")

#: Told the address once the API answers, with the open house.
Ready = Callable[[House, str], Awaitable[None]]


class _Server(uvicorn.Server):
    """Signals are ours: uvicorn raises them again after serving, and then nothing would be cleaned up."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.tried = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """uvicorn's, and then `tried` is set; whether it worked, `started` says."""
        try:
            await super().startup(sockets)
        finally:
            self.tried.set()


def options(settings: Settings) -> dict[str, Any]:
    """uvicorn's options: the [server] section of uvicorn.ini, and what the settings say."""
    given: dict[str, Any] = {}
    ini = configparser.ConfigParser()
    if ini.read(_INI) and ini.has_section("server"):
        given = {key: int(value) if key in _NUMBERS else value for key, value in ini.items("server")}
        given["log_config"] = str(_INI)
    return {
        **given,
        "host": settings.host,
        "port": settings.port,
        "loop": "uvloop",
        "http": "httptools",
        "lifespan": "on",
        "access_log": False,
        "server_header": False,
        "date_header": False,
        "timeout_graceful_shutdown": settings.stop_seconds,
    }


def application() -> Any:
    """The application of one of several server processes; the environment says the rest."""
    settings = Settings()
    logs.configure(level=settings.log_level, format=settings.log_format)
    return create_app(settings)


def url_of(settings: Settings, port: int) -> str:
    """Where the API answers, as a person would type it."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104  # compared, not bound
    return settings.public_url or f"http://{host}:{port}"


def bound(settings: Settings) -> socket.socket:
    """The listening socket, taken before anything is opened, so that a port in use is said at once."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise process.NotReady(f"Port {settings.port} of {settings.host} can't be taken: {os.strerror(error.errno or 0)}.") from error
    return listener


@asynccontextmanager
async def _stopping(server: _Server) -> AsyncIterator[None]:
    """SIGINT and SIGTERM end the server gently; a second one ends it at once."""
    loop = asyncio.get_running_loop()

    def stop() -> None:
        server.force_exit = server.should_exit
        server.should_exit = True

    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop)
    try:
        yield
    finally:
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(each)


async def _serve(settings: Settings, listener: socket.socket, ready: Ready, *, with_worker: bool) -> None:
    asyncio.get_running_loop().set_exception_handler(logs.report)
    server = _Server(uvicorn.Config(create_app(settings), **options(settings)))
    opened = process.opened_with_worker if with_worker else process.opened
    async with _stopping(server), opened(settings) as house:
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        await server.tried.wait()
        if server.started and not server.should_exit:
            await ready(house, url_of(settings, listener.getsockname()[1]))
        await serving


async def _embedded(settings: Settings, listener: socket.socket, ready: Ready, migrated: migrating.Progress) -> None:
    await process.made_current(settings, migrated)
    await _serve(settings, listener, ready, with_worker=True)


async def _given(settings: Settings, listener: socket.socket, ready: Ready) -> None:
    await process.require_migrated(settings)
    await _serve(settings, listener, ready, with_worker=False)


def serve(settings: Settings, ready: Ready, migrated: migrating.Progress) -> None:
    """Serve until a signal comes. Without a Redis URL this process brings the server and the worker; without any URL it migrates, too."""
    with ExitStack() as stack:
        listener = stack.enter_context(bound(settings))
        if settings.redis_url:
            uvloop.run(_given(settings, listener, ready))
        else:
            redis_url = stack.enter_context(embedded_redis())
            uvloop.run(_embedded(settings.model_copy(update={"redis_url": redis_url}), listener, ready, migrated))


def serve_many(settings: Settings, workers: int) -> None:
    """Serve with several processes, which a supervisor starts again when one dies."""
    if not settings.redis_url or not settings.database_url.startswith("postgres"):
        raise process.NotReady("Several processes need DATABASE_URL, KEYSTORE_URL (PostgreSQL) and REDIS_URL.")
    uvloop.run(process.require_migrated(settings))
    config = uvicorn.Config("siyu.api.serving:application", factory=True, workers=workers, **options(settings))
    with bound(settings) as listener:
        Multiprocess(config, sockets=[listener]).run()


async def _work(settings: Settings) -> None:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(logs.report)
    stop = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop.set)
    await process.require_migrated(settings)
    async with process.opened_with_worker(settings):
        await stop.wait()


def work(settings: Settings) -> None:
    """Run jobs until a signal comes."""
    if not settings.redis_url:
        raise process.NotReady("A worker of its own needs REDIS_URL; without it `siyu serve` runs the jobs itself.")
    uvloop.run(_work(settings))
