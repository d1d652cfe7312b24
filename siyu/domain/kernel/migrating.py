"""Bringing both databases to the newest version: one process at a time, all of it or nothing."""

from __future__ import annotations

import asyncio
import fcntl
import gc
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, get_args
from urllib.parse import urlsplit

from tortoise.context import TortoiseContext
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget
from tortoise.migrations.graph import MigrationKey
from tortoise.migrations.operations import Operation
from tortoise.migrations.schema_editor import BaseSchemaEditor, SqliteSchemaEditor
from tortoise.migrations.schema_generator.state import State
from tortoise.migrations.writer import MigrationWriter, format_migration_name
from tortoise.models import Model

from siyu.domain.kernel import boot, database, stored
from siyu.domain.kernel.connections import Config, sqlite_path, tortoise_config
from siyu.domain.kernel.database import Connection
from siyu.domain.kernel.projection import Projection
from siyu.domain.kernel.settings import Settings

#: One number for every process that migrates a PostgreSQL database of this house.
_ADVISORY_LOCK = 0x5349_5955

#: Called with the name of each migration as it begins.
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Pending:
    """A migration that a database has not seen yet."""

    connection: Connection
    name: str


class _SqliteEditor(SqliteSchemaEditor):
    """Hands scripts to the transaction whole: the ORM's own way cuts them at semicolons, in comments too."""

    async def _run_sql(self, sql: str) -> None:
        if self.collect_sql:
            await super()._run_sql(sql)
        else:
            await self.client.execute_script(sql)


class _Executor(MigrationExecutor):
    async def _project_state(self, applied: set[MigrationKey], *, upto: MigrationKey | None = None) -> State:
        assert upto is None, "only ways back ask for it"
        projection = Projection({label: app["default_connection"] for label, app in self.loader.apps_config.items()})
        for key in self._full_plan():
            migration = self.loader.graph.nodes[key]
            if migration is not None and key in applied:
                await migration.apply(projection, dry_run=True)
        return projection

    def _schema_editor(self, atomic: bool = True, collect_sql: bool = False) -> BaseSchemaEditor:
        if self.connection.capabilities.dialect == "sqlite":
            return _SqliteEditor(self.connection, atomic=atomic, collect_sql=collect_sql)
        return super()._schema_editor(atomic, collect_sql)


def _apps(config: Config, on: Connection) -> Config:
    return {label: app for label, app in config["apps"].items() if app["default_connection"] == on}


def _lock(path: Path) -> IO[bytes]:
    held = path.open("wb")
    fcntl.flock(held, fcntl.LOCK_EX)
    return held


@contextmanager
def _uncollected() -> Iterator[None]:
    """The ORM makes every table's class anew for each step of a migration: looking for cycles in them takes two fifths of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


@asynccontextmanager
async def _alone(settings: Settings, on: Connection) -> AsyncIterator[None]:
    """A transaction that no second migration of the same database runs beside."""
    url = settings.main_database if on == "default" else settings.keystore_database
    if urlsplit(url).scheme == "sqlite":
        path = sqlite_path(url)
        held = await asyncio.to_thread(_lock, path.with_name(path.name + ".migrating"))
        try:
            async with database.transaction(on):
                yield
        finally:
            held.close()
    else:
        async with database.transaction(on):
            await database.rows("select pg_advisory_xact_lock($1)", [_ADVISORY_LOCK], on=on)
            yield


def _on_disk(package: str) -> set[str]:
    return {path.stem for path in Path(__file__).parents[2].joinpath(*package.split(".")[1:]).glob("[0-9]*.py")}


def is_current(settings: Settings) -> bool:
    """Whether both databases are SQLite files that have seen every migration: told in a moment, without the ORM.

    False means only that `migrate` has to look.
    """
    for on, url in (("default", settings.main_database), ("keystore", settings.keystore_database)):
        if urlsplit(url).scheme != "sqlite" or not sqlite_path(url).exists():
            return False
        [app] = [app for app in tortoise_config(settings)["apps"].values() if app["default_connection"] == on]
        with closing(sqlite3.connect(sqlite_path(url))) as file:
            try:
                seen = {str(row[0]) for row in file.execute("select name from tortoise_migrations")}
            except sqlite3.OperationalError:
                return False
        if _on_disk(app["migrations"]) - seen:
            return False
    return True


async def migrate(settings: Settings, progress: Progress | None = None, *, to: str | None = None) -> list[str]:
    """Run what is pending on both databases; the names of what ran. `to` stops at this version of the main database.

    Each database is migrated in one transaction: a migration that fails leaves it as it was.
    """
    ran: list[str] = []

    def tell(event: str, app: str, name: str) -> None:
        if event == "apply_start":
            ran.append(f"{app}.{name}")
            if progress is not None:
                progress(f"{app}.{name}")

    async with boot.connected(settings):
        for on in get_args(Connection):
            if not await _pending(settings, on):
                continue
            async with _alone(settings, on):
                executor = _Executor(database.connection(on), _apps(tortoise_config(settings), on))
                # The ORM reads its own table before it makes it, which would end a PostgreSQL transaction.
                await executor.recorder.ensure_schema(executor._schema_editor(atomic=False))
                targets = [MigrationTarget("siyu", to)] if to and on == "default" else None
                with _uncollected():
                    await executor.migrate(targets, progress=tell, direction="forward")
    return ran


async def _pending(settings: Settings, on: Connection) -> list[Pending]:
    executor = _Executor(database.connection(on), _apps(tortoise_config(settings), on))
    return [Pending(on, f"{step.migration.app_label}.{step.migration.name}") for step in await executor.plan()]


async def pending(settings: Settings) -> list[Pending]:
    """What `migrate` would run. The house may be open or closed."""
    if boot.is_open():
        return [each for on in get_args(Connection) for each in await _pending(settings, on)]
    async with boot.connected(settings):
        return [each for on in get_args(Connection) for each in await _pending(settings, on)]


class _Autodetector(MigrationAutodetector):
    """Compares what a database stores, and nothing else."""

    def _current_state(self) -> State:
        state = super()._current_state()
        for model in state.models.values():
            model.bases = (Model,)
            model.options.pop("table_description", None)
            model.fields = {name: stored.as_stored(name, field) for name, field in model.fields.items()}
        return state


async def _writers(settings: Settings, context: TortoiseContext) -> list[MigrationWriter]:
    assert context.apps is not None
    return await _Autodetector(context.apps, tortoise_config(settings)["apps"]).changes()


async def drift(settings: Settings) -> list[str]:
    """What the tables say that no migration does yet, a line each; empty when they agree."""
    async with boot.connected(settings) as context:
        found = await _writers(settings, context)
        return [f"{writer.app_label}: {_told(operation)}" for writer in found for operation in writer.operations]


def _told(operation: Operation) -> str:
    about = [str(getattr(operation, name)) for name in ("model_name", "name") if hasattr(operation, name)]
    return " ".join([type(operation).__name__, *about])


async def write(settings: Settings, name: str) -> list[Path]:
    """Write the migrations that the tables ask for, for a developer to read and commit."""
    async with boot.connected(settings) as context:
        found = await _writers(settings, context)
        for writer in found:
            writer.name = format_migration_name(int(writer.name.split("_", 1)[0]), name)
        return [Path(writer.write()) for writer in found]
