"""Tortoise's SQLite backend as this house needs it: named as the `engine` of a connection.

- A transaction begins IMMEDIATE: a deferred one fails on its first write when another process wrote meanwhile.
- Beginning one survives cancellation: the lock is given back, the transaction rolled back.
- Reads outside a transaction go over a connection of their own, so that they don't wait for writers.
- No bound value is ever logged.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, cast
from uuid import UUID

import aiosqlite
from tortoise.backends.base.client import ConnectionWrapper, NestedTransactionContext, TransactionalDBClient, TransactionContext
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionContext, SqliteTransactionWrapper, translate_exceptions
from tortoise.connection import ConnectionToken, get_connections
from tortoise.exceptions import TransactionManagementError

from siyu.domain.kernel import statements

sqlite3.register_adapter(UUID, str)
#: The driver logs each statement with its bound values at the level below this one.
logging.getLogger("aiosqlite").setLevel(logging.WARNING)

PRAGMAS = {
    "journal_mode": "WAL",
    "foreign_keys": "ON",
    "busy_timeout": "10000",
    "secure_delete": "ON",
    "synchronous": "NORMAL",
    "temp_store": "MEMORY",
    "cache_size": "-32768",
    "journal_size_limit": "67108864",
}


def split(script: str) -> Iterator[str]:
    """The statements of a script."""
    statement = ""
    for piece in script.split(";"):
        statement += piece + ";"
        if sqlite3.complete_statement(statement):
            if statement.strip(" \n;"):
                yield statement
            statement = ""


class _Transaction(SqliteTransactionWrapper):
    """The connection while a transaction holds it."""

    async def begin(self) -> None:
        try:
            await self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise TransactionManagementError(error) from error

    def acquire_connection(self) -> ConnectionWrapper[aiosqlite.Connection]:
        assert not self._finalized, "This task outlived the transaction that it was started in: await it inside, or start it outside."
        return cast(ConnectionWrapper[aiosqlite.Connection], super().acquire_connection())

    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(_Transaction(self))

    async def execute_script(self, query: str) -> None:
        """One statement after the other: the driver's own way commits the transaction first."""
        for statement in split(query):
            await self.execute_query(statement)


class _SafeTransaction(SqliteTransactionContext):
    """Enters a transaction so that a cancellation on the way leaves nothing held."""

    __slots__ = ()

    async def __aenter__(self) -> TransactionalDBClient:
        await self._trxlock.acquire()
        token: ConnectionToken | None = None
        try:
            await self.ensure_connection()
            token = self.token = get_connections().set(self.connection_name, self.connection)
            await self.connection.begin()
        except BaseException:
            try:
                if self.connection._connection:
                    # The driver's thread works first in, first out: this runs after a BEGIN that is still queued.
                    await asyncio.shield(self.connection._connection.rollback())
            finally:
                get_connections().reset(token)
                self._trxlock.release()
            raise
        return cast(TransactionalDBClient, self.connection)


class Client(SqliteClient):
    """One connection that writes, and one that only reads."""

    def __init__(self, file_path: str, **kwargs: Any) -> None:
        super().__init__(file_path, **{**PRAGMAS, **kwargs})
        self.log = statements.StatementLog()
        self._reader: aiosqlite.Connection | None = None
        self._reader_opening = asyncio.Lock()

    async def reader(self) -> aiosqlite.Connection:
        """The connection for reads outside a transaction. Each statement sees all that was committed before it began."""
        if self._reader is None:
            async with self._reader_opening:
                if self._reader is None:
                    await self._open_reader()
        assert self._reader is not None
        return self._reader

    async def _open_reader(self) -> None:
        if self._connection is None:
            async with self.acquire_connection():  # makes the file, in WAL mode
                pass
        reader = await aiosqlite.connect(self.filename, isolation_level=None)
        reader.row_factory = sqlite3.Row
        for pragma in ("busy_timeout", "temp_store", "cache_size"):
            await reader.execute(f"PRAGMA {pragma}={PRAGMAS[pragma]}")
        await reader.execute("PRAGMA query_only=ON")
        self._reader = reader

    async def close(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            await reader.close()
        await super().close()

    def _in_transaction(self) -> TransactionContext:
        return _SafeTransaction(_Transaction(self), self._lock)

    @translate_exceptions
    async def read(self, query: str, values: Sequence[object] | None = None) -> list[sqlite3.Row]:
        """The rows of a SELECT, over the reading connection."""
        statements.note(query)
        return cast(list[sqlite3.Row], await (await self.reader()).execute_fetchall(query, values))

    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, Sequence[dict[str, Any]]]:
        if query.startswith("SELECT"):
            rows = await self.read(query, values)
            return len(rows), cast(Sequence[dict[str, Any]], rows)
        return cast(tuple[int, Sequence[dict[str, Any]]], await super().execute_query(query, values))

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        if query.startswith("SELECT"):
            return [dict(row) for row in await self.read(query, values)]
        return cast(list[dict[str, Any]], await super().execute_query_dict(query, values))

    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        async with self._in_transaction() as connection:
            await connection.execute_many(query, values)


client_class = Client
