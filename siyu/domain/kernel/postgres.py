"""Tortoise's asyncpg backend as this house needs it: named as the `engine` of a connection.

- The address is handed to asyncpg as it is, so that its parameters (`sslmode`, sockets) work.
- Giving a connection back to the pool sends nothing: we hold no session state between statements.
- Statements outside a transaction go over a few connections that are held ready: taking one from the pool each time costs as much
  as the statement itself.
- Beginning a transaction survives cancellation: the connection goes back to the pool.
- No bound value is ever logged.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import (
    ConnectionWrapper,
    NestedTransactionContext,
    TransactionalDBClient,
    TransactionContext,
    TransactionContextPooled,
)
from tortoise.backends.base_postgres.client import translate_exceptions
from tortoise.connection import get_connections

from siyu.domain.kernel import statements

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    _Base = asyncpg.Connection[asyncpg.Record]
    _Held = PoolConnectionProxy[asyncpg.Record]
else:
    _Base = asyncpg.Connection  # not subscriptable while running

_NAMED_BY_DSN = {"host", "port", "user", "password", "database"}


class Connection(_Base):
    """A connection that needs no clean-up between two users; an open transaction is rolled back all the same."""

    __slots__ = ()

    def get_reset_query(self) -> str:
        return ""


def _is_open(held: _Held) -> bool:
    """Whether the connection still works, as far as is known here: the pool takes back one that the server has closed."""
    try:
        return not held.is_closed()
    except asyncpg.InterfaceError:
        return False


class _Transaction(TransactionWrapper):
    """The connection while a transaction holds it."""

    def acquire_connection(self) -> ConnectionWrapper[asyncpg.Connection]:
        assert not self._finalized, "This task outlived the transaction that it was started in: await it inside, or start it outside."
        return super().acquire_connection()

    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(_Transaction(self))


class _SafeTransaction(TransactionContextPooled):
    """Enters a transaction so that a cancellation on the way leaves nothing held."""

    __slots__ = ()

    async def __aenter__(self) -> TransactionalDBClient:
        await self.ensure_connection()
        pool = self.client._parent._pool
        connection = self.client._connection = await pool.acquire()
        self.token = get_connections().set(self.connection_name, self.client)
        try:
            await self.client.begin()
        except BaseException:
            get_connections().reset(self.token)
            await asyncio.shield(pool.release(connection))
            raise
        return self.client


class Client(AsyncpgDBClient):
    """A pool of connections to one database."""

    connection_class = Connection  # type: ignore[assignment]  # the ORM's annotation leaves the record's type open

    def __init__(self, dsn: str, **kwargs: Any) -> None:
        super().__init__(dsn=dsn, **kwargs)
        self.log = statements.StatementLog()
        #: Held connections that nobody uses just now. The pool keeps some that are never held, so that transactions find one.
        self._ready: list[_Held] = []
        #: How many more may be held, and who waits for one: a semaphore's work at a third of its price.
        self._free = max(0, self.pool_maxsize - max(2, self.pool_maxsize // 4))
        self._queue: deque[asyncio.Future[None]] = deque()
        self._closing = False

    async def create_pool(self, **kwargs: Any) -> asyncpg.Pool:
        given = {name: value for name, value in kwargs.items() if name not in _NAMED_BY_DSN}
        return await asyncpg.create_pool(**given)

    async def pool(self) -> asyncpg.Pool:
        """The open pool."""
        if not self._pool:
            async with self._pool_init_lock:
                if not self._pool:
                    await self.create_connection(with_db=True)
        assert self._pool is not None
        return self._pool

    async def read(self, sql: str, args: Sequence[object] = ()) -> list[asyncpg.Record]:
        """The rows of one statement, committed when it has any effect."""
        statements.note(sql)
        if self.pool_maxsize <= 2:
            async with (await self.pool()).acquire() as lent:
                return await lent.fetch(sql, *args)
        if self._free:
            self._free -= 1
        else:
            await self._turn()
        try:
            held = self._held() or await (await self.pool()).acquire()
            try:
                found = await held.fetch(sql, *args)
            except BaseException:
                await self._back(held)  # which waits until a statement that was cancelled has ended
                raise
            if self._closing:
                await self._back(held)
            else:
                self._ready.append(held)
            return found
        finally:
            self._give()

    async def _turn(self) -> None:
        """Wait until somebody is done with a connection, first come first served; the turn goes on to the next when this is cancelled."""
        waiter = asyncio.get_running_loop().create_future()
        self._queue.append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self._give()
            raise

    def _give(self) -> None:
        """Let the next one hold a connection."""
        while self._queue:
            waiter = self._queue.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self._free += 1

    def _held(self) -> _Held | None:
        """A connection that is ready, if there is one that still works as far as is known here."""
        while self._ready:
            held = self._ready.pop()
            if _is_open(held):
                return held
        return None

    async def _back(self, held: _Held) -> None:
        if self._pool is not None and _is_open(held):
            await self._pool.release(held)

    @translate_exceptions
    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        return [dict(row) for row in await self.read(query, values or ())]

    async def _close(self) -> None:
        self._closing = True
        while self._ready:
            await self._back(self._ready.pop())
        try:
            await super()._close()
        finally:
            self._closing = False

    def _in_transaction(self) -> TransactionContext:
        return _SafeTransaction(_Transaction(self), self._pool_init_lock)

    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        async with self._in_transaction() as connection:
            await connection.execute_many(query, values)


client_class = Client
