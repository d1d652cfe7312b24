"""Tortoise's asyncpg backend as this house needs it: named as the `engine` of a connection.

- The address is handed to asyncpg as it is, so that its parameters (`sslmode`, sockets) work.
- Giving a connection back to the pool sends nothing: we hold no session state between statements.
- Beginning a transaction survives cancellation: the connection goes back to the pool.
- No bound value is ever logged.
"""

from __future__ import annotations

import asyncio
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
from tortoise.connection import get_connections

from siyu.domain.kernel import statements

if TYPE_CHECKING:
    _Base = asyncpg.Connection[asyncpg.Record]
else:
    _Base = asyncpg.Connection  # not subscriptable while running

_NAMED_BY_DSN = {"host", "port", "user", "password", "database"}


class Connection(_Base):
    """A connection that needs no clean-up between two users; an open transaction is rolled back all the same."""

    __slots__ = ()

    def get_reset_query(self) -> str:
        return ""


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

    def _in_transaction(self) -> TransactionContext:
        return _SafeTransaction(_Transaction(self), self._pool_init_lock)

    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        async with self._in_transaction() as connection:
            await connection.execute_many(query, values)


client_class = Client
