"""What every test may ask for: an open house on either database, a Redis-protocol server, callers.

A test that takes `house` (or `settings`) runs twice, on SQLite and on PostgreSQL. Mark it `@on("sqlite")` to run it on one.
"""

from __future__ import annotations

import asyncio
import gc
import shutil
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis

from siyu.api.embedded import embedded_redis
from siyu.domain.kernel import believing, boot, migrating
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.settings import Settings
from siyu.privacy.actor import Actor
from tests import actors, finished
from tests.living.postgres import postgres

#: Few rows are deleted: truncating a table makes new files for it and for each of its indexes, which takes twenty times as long.
_EMPTY_ALL = """
do $$ declare t record; begin
  set local session_replication_role = replica;
  for t in select oid::regclass as name, pg_relation_size(oid) as bytes from pg_class
    where relkind = 'r' and relnamespace = 'public'::regnamespace and relname <> 'tortoise_migrations' and pg_relation_size(oid) > 0 loop
    execute format(case when t.bytes > 262144 then 'truncate %s cascade' else 'delete from %s' end, t.name);
  end loop;
  perform setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
    from pg_sequences where schemaname = 'public' and last_value is not null;
end $$
"""


# A busy machine is slow, and nothing is wrong with it.
hypothesis.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis.load_profile("patient")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "on(dialect): run a test that takes `house` or `settings` on this database only")
    finished.install()


def pytest_collection_finish() -> None:
    """What was imported until here stays: a fifth of the time goes into looking for cycles in it."""
    gc.collect()
    gc.freeze()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "dialect" in metafunc.fixturenames:
        marker = metafunc.definition.get_closest_marker("on")
        metafunc.parametrize("dialect", [marker.args[0]] if marker else ["sqlite", "postgres"])


def _migrated(settings: Settings) -> None:
    """Migrate, outside of any test's event loop.

    While a developer changes tables whose migration is not written yet, tests run on the tables as they are declared;
    tests/migrations says that the migration is missing.
    """

    async def bring_up() -> None:
        if await migrating.drift(settings):
            async with boot.connected(settings) as context:
                await context.generate_schemas()
        else:
            await migrating.migrate(settings)
        async with boot.running(settings):
            pass

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, bring_up()).result()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as a first start leaves it."""
    folder = tmp_path_factory.mktemp("template")
    _migrated(Settings(data_dir=folder))
    return folder


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server, without a database's name at its end."""
    with postgres() as url:
        yield url


async def _statement(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str, sqlite_template: Path) -> tuple[str, str]:
    """The URLs of a main database and a key store, both migrated; each test finds them empty."""
    with ThreadPoolExecutor(1) as thread:
        for name in ("siyu", "siyu_keys"):
            thread.submit(asyncio.run, _statement(f"{postgres_url}/postgres", f"create database {name}")).result()
    urls = (f"{postgres_url}/siyu", f"{postgres_url}/siyu_keys")
    keys = f"file://{sqlite_template / 'root.keys'}"
    _migrated(Settings(database_url=urls[0], keystore_url=urls[1], data_dir=sqlite_template, root_keys=keys))
    return urls


@pytest.fixture
def settings(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings of a house of this test's own; change them with `model_copy(update=...)`."""
    template: Path = request.getfixturevalue("sqlite_template")
    for name in ("root.keys",) if dialect == "postgres" else ("siyu.db", "keys.db", "root.keys"):
        if (template / name).exists():
            shutil.copy2(template / name, tmp_path / name)
    if dialect == "sqlite":
        return Settings(data_dir=tmp_path)
    urls: tuple[str, str] = request.getfixturevalue("postgres_template")
    return Settings(database_url=urls[0], keystore_url=urls[1], data_dir=tmp_path, pool_max=5)


@pytest.fixture
async def clean(settings: Settings) -> AsyncIterator[None]:
    """Empties PostgreSQL's tables after the test; a SQLite file goes with the test's folder."""
    yield
    for url in (settings.database_url, settings.keystore_url):
        if url:
            await _statement(url, _EMPTY_ALL)


@pytest.fixture
async def house(settings: Settings, clean: None, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """An open, empty house. It hears of all that is written, so how many statements it sends does not depend on how long a test takes."""
    monkeypatch.setattr(believing, "BELIEF_SECONDS", 3_600.0)
    async with boot.running(settings) as house:
        yield house


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """The URL of a Redis-protocol server."""
    with embedded_redis() as url:
        yield url


@pytest.fixture
def admin() -> Actor:
    """Staff with every scope of an administrator, for the purpose of service."""
    return actors.staff()
