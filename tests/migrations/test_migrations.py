"""A database that was migrated is one that the tables describe; no row is lost on the way; two at once do it once."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from tortoise.context import require_context

import siyu.migrations
from siyu.domain.kernel import boot, database, migrating
from siyu.domain.kernel.database import Connection
from siyu.domain.kernel.settings import Settings
from tests.migrations import filled
from tests.migrations.conftest import Empty
from tests.migrations.described import Shape, counts, shape

CONNECTIONS: tuple[Connection, Connection] = ("default", "keystore")
ROOM = Path(next(iter(siyu.migrations.__path__)))
MIGRATIONS = sorted(ROOM.glob("*/0*.py"))


async def shapes(settings: Settings) -> dict[str, Shape]:
    async with boot.connected(settings):
        return {on: await shape(on) for on in CONNECTIONS}


async def test_a_migrated_database_is_what_the_tables_describe(settings: Settings, empty: Empty) -> None:
    migrated, declared = settings, await empty()
    async with boot.connected(declared) as context:
        await context.generate_schemas()
    by_migration, by_tables = await shapes(migrated), await shapes(declared)
    assert by_migration["default"], "no table was made"
    for on in CONNECTIONS:
        assert by_migration[on].keys() == by_tables[on].keys()
        for table, facts in by_tables[on].items():
            assert by_migration[on][table] == facts, f"{table}: run `make migration NAME=...`, and read what it wrote."


@pytest.mark.on("sqlite")
async def test_migrations_have_not_drifted(empty: Empty) -> None:
    assert await migrating.drift(await empty()) == [], "Tables changed: run `make migration NAME=...`, read the file, commit it."


async def test_declared_constraints_are_there(settings: Settings) -> None:
    """The ORM ignores `Meta.constraints` when it makes a table: a check or a partial unique index must be in a migration by name."""
    async with boot.connected(settings):
        apps = require_context().apps
        assert apps is not None
        for app, on in (("siyu", "default"), ("keys", "keystore")):
            there = await names(on)  # type: ignore[arg-type]  # the two connections
            for model in apps[app].values():
                declared = {constraint.name for constraint in model._meta.constraints}
                assert declared <= there, f"{model.__name__}: add {sorted(declared - there)} to its migration."


async def names(on: Connection) -> set[str]:
    if database.dialect(on) == "sqlite":
        found = await database.rows("select name, sql from sqlite_master", on=on)
        return {word.strip('"') for name, sql in map(tuple, found) for word in [str(name), *str(sql).split()]}
    indexes = await database.rows("select indexname from pg_indexes where schemaname = 'public'", on=on)
    constraints = await database.rows("select conname from pg_constraint", on=on)
    return {str(row[0]) for row in [*indexes, *constraints]}


async def test_migrating_twice_is_once_and_leaves_nothing_pending(settings: Settings, empty: Empty) -> None:
    assert len(await migrating.pending(await empty())) == len(MIGRATIONS)
    assert await migrating.migrate(settings) == []
    assert await migrating.pending(settings) == []


@pytest.mark.on("sqlite")
async def test_an_embedded_start_sees_at_once_that_nothing_is_pending(empty: Empty) -> None:
    settings = await empty()
    assert not migrating.is_current(settings)
    await migrating.migrate(settings)
    assert migrating.is_current(settings)


async def test_two_processes_that_migrate_at_once_do_it_once(empty: Empty) -> None:
    settings = await empty()
    code = "import asyncio; from siyu.domain.kernel import migrating; from siyu.domain.kernel.settings import Settings;"
    code += "print(len(asyncio.run(migrating.migrate(Settings()))))"
    environment = {
        "SIYU_DATA_DIR": str(settings.data_dir),
        "DATABASE_URL": settings.database_url,
        "KEYSTORE_URL": settings.keystore_url,
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(ROOM.parents[1]),
    }
    settings.data_dir.mkdir(exist_ok=True)
    both = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", code, env=environment, stdout=asyncio.subprocess.PIPE) for _ in range(2)
    ]
    said = [(await process.communicate())[0].decode().split() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sum(int(each[-1]) for each in said) == len(MIGRATIONS)


async def test_a_filled_database_keeps_its_rows_through_every_version(empty: Empty) -> None:
    """Each version is applied to a database that the one before has left with rows in every table."""
    settings = await empty()
    versions = [path.stem for path in MIGRATIONS if path.parent.name == "main"]
    before: dict[str, int] = {}
    for version in versions:
        await migrating.migrate(settings, to=version)
        async with boot.connected(settings):
            after = await counts("default")
            lost = {table: (rows, after.get(table)) for table, rows in before.items() if after.get(table, 0) < rows}
            assert lost == {}, f"{version} lost rows: expand only, see docs/operations.md."
            await filled.fill("default")
            before = await counts("default")
            assert min(before.values()) > 0, f"these tables took no row: {[table for table, rows in before.items() if not rows]}"
