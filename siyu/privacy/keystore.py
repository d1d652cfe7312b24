"""The key store, a database of its own: a backup of the main database must not bring a key back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import cast
from uuid import UUID

from tortoise import fields
from tortoise.models import Model
from tortoise.transactions import in_transaction

from siyu.privacy import clock
from siyu.privacy.custodian.custodian import Wrapped
from siyu.privacy.dialect import Database, Id, raw, text

CONNECTION = "keystore"
_READ_BATCH = 2000
_ROTATION_BATCH = 500

#: Tables that hold wrapped keys, and what names the owner of each.
_WRAPPED = {"system_keys": "name", "customer_keys": "customer_id"}


class CustomerKeyRow(Model):
    """A customer's key, wrapped by the custodian. Without this row nothing sealed of that customer can be read, ever."""

    customer_id = fields.UUIDField(primary_key=True, default=None)
    wrapped = fields.BinaryField()
    root_version = fields.CharField(64, db_index=True)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        app = "keys"
        table = "customer_keys"


class Tombstone(Model):
    """Who was erased. It outlives the person's data, so that no backup and no late write brings them back."""

    customer_id = fields.UUIDField(primary_key=True, default=None)
    erased_at = fields.DatetimeField()

    class Meta:
        app = "keys"
        table = "tombstones"


class SystemKey(Model):
    """A key of the house itself, such as the one of the blind indexes, wrapped by the custodian."""

    name = fields.CharField(64, primary_key=True)
    wrapped = fields.BinaryField()
    root_version = fields.CharField(64)

    class Meta:
        app = "keys"
        table = "system_keys"


async def customer_keys(subjects: Collection[bytes]) -> list[tuple[bytes, Wrapped]]:
    """The wrapped keys of those who have one and no tombstone."""
    store = Database(CONNECTION)
    sql = (
        "SELECT customer_id, wrapped, root_version FROM customer_keys k"
        f" WHERE {store.among('customer_id', 1)} AND NOT EXISTS (SELECT 1 FROM tombstones t WHERE t.customer_id = k.customer_id)"
    )
    return [
        (raw(cast(Id, row["customer_id"])), _wrapped(row))
        for batch in _in_batches(subjects)
        for row in await store.rows(sql, store.ids(batch))
    ]


async def add_customer_keys(wrapped: Mapping[bytes, Wrapped]) -> None:
    """Store these keys; whoever has one already keeps it."""
    store = Database(CONNECTION)
    now = store.moment(clock.now())
    await store.run_many(
        "INSERT INTO customer_keys (customer_id, wrapped, root_version, created_at)"
        f" VALUES ({store.marks(4)}) ON CONFLICT (customer_id) DO NOTHING",
        [(text(subject), blob, version, now) for subject, (version, blob) in wrapped.items()],
    )


async def bury(subject: bytes) -> None:
    """Tombstone and deletion in one transaction, and nothing left in SQLite's log. Twice is the same as once."""
    async with in_transaction(CONNECTION):
        store = Database(CONNECTION)
        await store.run(
            f"INSERT INTO tombstones (customer_id, erased_at) VALUES ({store.marks(2)}) ON CONFLICT (customer_id) DO NOTHING",
            text(subject),
            store.moment(clock.now()),
        )
        await store.run(f"DELETE FROM customer_keys WHERE customer_id = {store.mark(1)}", text(subject))
    store = Database(CONNECTION)
    if not store.postgres and not store.within:
        await store.run("PRAGMA wal_checkpoint(TRUNCATE)")


async def clear() -> None:
    """Delete the keys of those who have a tombstone, which only a backup of keys can have brought back."""
    await Database(CONNECTION).run("DELETE FROM customer_keys WHERE customer_id IN (SELECT customer_id FROM tombstones)")


async def buried(subjects: Iterable[bytes] | None = None) -> list[UUID]:
    """Whose tombstones there are, among these or in all."""
    store = Database(CONNECTION)
    if subjects is None:
        rows = await store.rows("SELECT customer_id FROM tombstones")
    else:
        sql = f"SELECT customer_id FROM tombstones WHERE {store.among('customer_id', 1)}"
        rows = await store.rows(sql, store.ids(subjects))
    return [UUID(bytes=raw(cast(Id, row["customer_id"]))) for row in rows]


async def system_keys() -> dict[str, Wrapped]:
    """The wrapped system keys by name."""
    rows = await Database(CONNECTION).rows("SELECT name, wrapped, root_version FROM system_keys")
    return {cast(str, row["name"]): _wrapped(row) for row in rows}


async def add_system_keys(wrapped: Mapping[str, Wrapped]) -> None:
    """Store these keys; a name that has one already keeps it."""
    store = Database(CONNECTION)
    await store.run_many(
        f"INSERT INTO system_keys (name, wrapped, root_version) VALUES ({store.marks(3)}) ON CONFLICT (name) DO NOTHING",
        [(name, blob, version) for name, (version, blob) in wrapped.items()],
    )


async def behind(current: str) -> int:
    """How many keys are wrapped under another version than this."""
    store = Database(CONNECTION)
    found = 0
    for table in _WRAPPED:
        rows = await store.rows(f"SELECT count(*) AS keys FROM {table} WHERE root_version <> {store.mark(1)}", current)
        found += cast(int, rows[0]["keys"])
    return found


async def next_behind(current: str) -> tuple[str, list[tuple[object, Wrapped]]] | None:
    """The next batch of keys that are wrapped under another version, with the table they are in; None when there are no more."""
    store = Database(CONNECTION)
    for table, owner in _WRAPPED.items():
        sql = f"SELECT {owner}, wrapped, root_version FROM {table} WHERE root_version <> {store.mark(1)} LIMIT {_ROTATION_BATCH}"
        if rows := await store.rows(sql, current):
            return table, [(row[owner], _wrapped(row)) for row in rows]
    return None


async def replace(table: str, batch: Sequence[tuple[object, Wrapped, Wrapped]]) -> None:
    """Put the new wrapping where the old one still is: a key that was shredded or rewrapped meanwhile stays as it is."""
    store = Database(CONNECTION)
    await store.run_many(
        f"UPDATE {table} SET wrapped = {store.mark(1)}, root_version = {store.mark(2)}"
        f" WHERE {_WRAPPED[table]} = {store.mark(3)} AND root_version = {store.mark(4)}",
        [(new.blob, new.version, owner, old.version) for owner, old, new in batch],
    )


def _wrapped(row: Mapping[str, object]) -> Wrapped:
    return Wrapped(cast(str, row["root_version"]), cast(bytes, row["wrapped"]))


def _in_batches(values: Collection[bytes]) -> Iterator[list[bytes]]:
    listed = list(values)
    for start in range(0, len(listed), _READ_BATCH):
        yield listed[start : start + _READ_BATCH]
