"""The mechanism alone, open on either database, with tables of its own and none of the domain's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext, set_global_context

from siyu.privacy import consent, opening
from siyu.privacy.custodian import FileCustodian
from siyu.privacy.keyring import Keyring

_DATABASES = ("mechanism", "mechanism_keys")
_TABLES = ("siyu.privacy.tables", "tests.privacy.tables")


@dataclass(frozen=True, slots=True)
class Home:
    """Where a test's databases and root key are."""

    connections: dict[str, Any]
    root_keys: Path

    def custodian(self) -> FileCustodian:
        return FileCustodian(self.root_keys, create=True)

    def opened(self) -> AbstractAsyncContextManager[Keyring]:
        """The mechanism, on databases that keep what they hold between two openings."""
        return self._opened()

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[Keyring]:
        context = TortoiseContext()
        EXECUTOR_CACHE.clear()
        set_global_context(context)
        try:
            await context.init(
                {
                    "connections": self.connections,
                    "apps": {
                        "siyu": {"models": list(_TABLES), "default_connection": "default"},
                        "keys": {"models": ["siyu.privacy.keystore"], "default_connection": "keystore"},
                    },
                    "use_tz": True,
                    "timezone": "UTC",
                }
            )
            await context.generate_schemas()
            async with opening.opened(self.custodian()) as ring:
                yield ring
        finally:
            await context.close_connections()


async def _run(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def postgres_home(postgres_url: str) -> str:
    """A server with two databases for this folder's tests."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _run(f"{postgres_url}/postgres", *(f"create database {name}" for name in _DATABASES))).result()
    return postgres_url


@pytest.fixture
async def home(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Home]:
    """An empty pair of databases."""
    names = ("default", "keystore")
    if dialect == "sqlite":
        engine = "siyu.domain.kernel.sqlite"
        found = {name: {"engine": engine, "credentials": {"file_path": str(tmp_path / f"{name}.db")}} for name in names}
        yield Home(found, tmp_path / "root.keys")
        return
    url: str = request.getfixturevalue("postgres_home")
    engine = "siyu.domain.kernel.postgres"
    urls = [f"{url}/{database}" for database in _DATABASES]
    found = {
        name: {"engine": engine, "credentials": {"dsn": dsn, "minsize": 1, "maxsize": 4}} for name, dsn in zip(names, urls, strict=True)
    }
    yield Home(found, tmp_path / "root.keys")
    for dsn in urls:
        await _run(dsn, "drop schema public cascade; create schema public")


@pytest.fixture(autouse=True)
def unheard(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mechanism by itself: what other tests have imported hears nothing of what is said here, for no house is open."""
    monkeypatch.setattr(consent, "_LISTENERS", [])


@pytest.fixture
async def ring(home: Home) -> AsyncIterator[Keyring]:
    """The open mechanism."""
    async with home.opened() as ring:
        yield ring


@pytest.fixture
def raw() -> Any:
    """Run SQL behind the mechanism's back."""

    async def run(sql: str, *args: object, on: str = "default") -> list[dict[str, Any]]:
        return await get_connection(on).execute_query_dict(sql, list(args))

    return run
