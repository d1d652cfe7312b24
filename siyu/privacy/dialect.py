"""The few spellings in which the mechanism's own statements differ between SQLite and PostgreSQL.

The kernel has more of them, but the mechanism may not know the kernel.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient, TransactionalDBClient
from tortoise.connection import get_connection

#: What identifies a row or a person: drivers give text on SQLite and a UUID on PostgreSQL.
Id = UUID | str


def raw(value: Id) -> bytes:
    """The id's 16 bytes."""
    return bytes.fromhex(value.replace("-", "")) if isinstance(value, str) else value.bytes


def text(value: Id | bytes) -> str:
    """The id as either driver takes it."""
    if isinstance(value, bytes):
        digits = value.hex()
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
    return str(value)


#: By the client's class: asking an abstract class whether something is one of it costs as much as the rest of a look-up.
_TRANSACTIONS: dict[type, bool] = {}


def is_transaction(client: BaseDBAsyncClient) -> bool:
    """Whether this is the connection of a transaction, not one outside."""
    kind = type(client)
    known = _TRANSACTIONS.get(kind)
    if known is None:
        known = _TRANSACTIONS[kind] = issubclass(kind, TransactionalDBClient)
    return known


class Database:
    """One of the two databases as this task sees it: inside a transaction, that transaction."""

    __slots__ = ("client", "postgres")

    def __init__(self, name: str) -> None:
        self.client: BaseDBAsyncClient = get_connection(name)
        self.postgres = self.client.capabilities.dialect == "postgres"

    @property
    def within(self) -> bool:
        """Whether this task is inside a transaction."""
        return is_transaction(self.client)

    def marks(self, count: int) -> str:
        """That many parameters, between commas."""
        return ", ".join(self.mark(n) for n in range(1, count + 1))

    def mark(self, n: int) -> str:
        """The n-th parameter."""
        return f"${n}" if self.postgres else f"?{n}"

    def among(self, column: str, n: int) -> str:
        """Whether the column is one of the ids bound as the n-th parameter by `ids`."""
        return f"{column} = any(${n}::uuid[])" if self.postgres else f"{column} in (select value from json_each(?{n}))"

    def ids(self, values: Iterable[Id | bytes]) -> object:
        """Many ids as one bound value."""
        texts = [text(value) for value in values]
        if self.postgres:
            return texts
        return '["' + '","'.join(texts) + '"]' if texts else "[]"

    def moment(self, value: datetime) -> object:
        """A moment as a bound value, spelled as the ORM spells it."""
        return value if self.postgres else str(value)

    async def rows(self, sql: str, *args: object) -> Sequence[Mapping[str, object]]:
        """The rows of one statement. `SELECT` in capitals goes to SQLite's reading connection, which waits for nobody."""
        return cast(Sequence[Mapping[str, object]], await self.client.execute_query_dict(sql, list(args)))

    async def run(self, sql: str, *args: object) -> int:
        """Run one statement that writes; how many rows it touched."""
        return (await self.client.execute_query(sql, list(args)))[0]

    async def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """One statement once a row, all of it or nothing."""
        await self.client.execute_many(sql, [list(row) for row in rows])
