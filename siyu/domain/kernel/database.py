"""The one place that knows which database is below, and how to talk to its driver.

Writing goes through the ORM's models, or `run` and `run_many`; pages are read with `rows`, which gives the driver's rows.
Parameters are written with `mark`, so that one SQL text serves both dialects. Values are always bound.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, Final, Literal, Protocol, cast

import asyncpg
from tortoise.backends.base.client import BaseDBAsyncClient, TransactionalDBClient, TransactionContext
from tortoise.connection import get_connection
from tortoise.exceptions import BaseORMException

from siyu.domain.kernel import postgres, sqlite, statements
from siyu.domain.kernel.statements import counting
from siyu.privacy.dialect import is_transaction

__all__ = [
    "FAILURES",
    "Connection",
    "DriverRow",
    "alone",
    "answers",
    "connection",
    "copy",
    "counting",
    "dialect",
    "mark",
    "marks",
    "rows",
    "run",
    "run_many",
    "scrub",
    "transaction",
    "within",
]

Connection = Literal["default", "keystore"]
Dialect = Literal["sqlite", "postgres"]

#: What a statement may fail with, whichever database is below.
FAILURES: Final = (BaseORMException, sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError)


class DriverRow(Protocol):
    """What both drivers give for a row: values by position and by name."""

    def __getitem__(self, key: int | str, /) -> Any: ...

    def __iter__(self) -> Iterator[Any]: ...

    def __len__(self) -> int: ...

    def keys(self) -> Any: ...


_dialects: dict[Connection, Dialect] = {}


def connection(on: Connection = "default") -> BaseDBAsyncClient:
    """The current transaction's connection, or the pool."""
    return get_connection(on)


def dialect(on: Connection = "default") -> Dialect:
    """Which SQL the database speaks."""
    return _dialects.get(on) or _asked_dialect(on)


def _asked_dialect(on: Connection) -> Dialect:
    return "postgres" if get_connection(on).capabilities.dialect == "postgres" else "sqlite"


def learn_dialects(*, known: bool) -> None:
    """Keep what the connections speak, which is asked many times a request, for as long as they are open."""
    _dialects.clear()
    if known:
        _dialects.update({"default": _asked_dialect("default"), "keystore": _asked_dialect("keystore")})


def mark(n: int, on: Connection = "default") -> str:
    """The n-th parameter (from 1) as the dialect writes it."""
    return f"${n}" if dialect(on) == "postgres" else f"?{n}"


def marks(first: int, count: int, on: Connection = "default") -> str:
    """`count` parameters from the `first` one on, between commas."""
    sign = "$" if dialect(on) == "postgres" else "?"
    return ", ".join(f"{sign}{n}" for n in range(first, first + count))


def within(on: Connection = "default") -> bool:
    """Whether this task is inside a transaction."""
    return is_transaction(get_connection(on))


def transaction(on: Connection = "default") -> TransactionContext:
    """`async with transaction():` all of it or nothing; inside another one, a savepoint.

    On SQLite it holds the only connection that writes: keep it short, and start no task in it that outlives it.
    """
    return get_connection(on)._in_transaction()


async def rows(sql: str, args: Sequence[object] = (), *, on: Connection = "default") -> Sequence[DriverRow]:
    """The driver's rows of one statement: inside a transaction its own view, outside all that is committed.

    Outside a transaction it is for reading only: SQLite's reading connection refuses to write.
    """
    client = get_connection(on)
    if type(client) in (postgres.Client, sqlite.Client):
        return cast(Sequence[DriverRow], await cast("postgres.Client | sqlite.Client", client).read(sql, args))
    statements.note(sql)
    async with client.acquire_connection() as held:
        if client.capabilities.dialect == "postgres":
            return cast(Sequence[DriverRow], await held.fetch(sql, *args))
        return cast(Sequence[DriverRow], await held.execute_fetchall(sql, args))


async def run(sql: str, args: Sequence[object] = (), *, on: Connection = "default") -> int:
    """Run one statement that writes; how many rows it touched."""
    return (await get_connection(on).execute_query(sql, list(args)))[0]


async def run_many(sql: str, args: Sequence[Sequence[object]], *, on: Connection = "default") -> None:
    """Run one statement once for each of `args`, all of it or nothing."""
    await get_connection(on).execute_many(sql, [list(each) for each in args])


async def copy(table: str, columns: Sequence[str], content: bytes) -> bool:
    """Add rows in PostgreSQL's binary form of COPY, inside a transaction; False, and nothing is added, where one that is unique is there.

    PostgreSQL only, and the fastest way into it: no statement is planned, nothing is encoded here. Names are ours.
    """
    assert within(), "Rows are copied inside a transaction."

    async def chunks() -> AsyncIterator[bytes]:
        yield content

    try:
        async with transaction():
            statements.note(f"copy {table}")
            async with get_connection("default").acquire_connection() as held:
                await held.copy_to_table(table, source=chunks(), columns=columns, format="binary")
    except asyncpg.UniqueViolationError:
        return False
    return True


async def alone(*names: str, shared: bool = False) -> None:
    """Until the current transaction ends, nobody else is in here under these names; with `shared`, only others who share them.

    On SQLite a transaction that writes is alone anyway.
    """
    assert within(), "Alone until the transaction ends: put the call inside one."
    if dialect() == "postgres" and names:
        lock = f"pg_advisory_xact_lock{'_shared' if shared else ''}"
        await rows(f"select {lock}(hashtextextended(name, 0)) from unnest($1::text[]) as name", [sorted(names)])  # noqa: S608  # one of two words


async def answers(on: Connection = "default", *, within_seconds: float) -> bool:
    """Whether the database answers at all, in time."""
    try:
        async with asyncio.timeout(within_seconds):
            return len(await rows("select 1", on=on)) == 1
    except (BaseORMException, OSError, TimeoutError, sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False


async def scrub(on: Connection = "default") -> bool:
    """Leave no deleted value in SQLite's write-ahead log; False when a long reader was in the way, so ask again.

    On PostgreSQL there is nothing to do from here: its log is the operator's, see docs/operations.md.
    """
    client = get_connection(on)
    assert not isinstance(client, TransactionalDBClient), "A log can't be emptied inside a transaction."
    if not isinstance(client, sqlite.Client):
        return True
    _, found = await client.execute_query("PRAGMA wal_checkpoint(TRUNCATE)")
    return int(next(iter(found[0]))) == 0  # busy, pages in the log, pages moved
