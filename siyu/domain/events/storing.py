"""The statements that write events, by the way that each database takes many rows fastest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from siyu.domain.events.drafting import Draft
from siyu.domain.events.rules import Timing
from siyu.domain.events.tables import Event
from siyu.domain.kernel import database, ids
from siyu.domain.kernel.dialect import Kind, Statement, encode
from siyu.privacy import sealed

_COLUMNS: Final = "id, customer_id, name, occurred_at, key, content, channel, properties, sealed_properties, late"
_POSTGRES: Final = (
    f"with added as (insert into events ({_COLUMNS}, received_at)"  # noqa: S608  # names of ours only
    " select n.id, n.customer_id, n.name, n.occurred_at, n.key, n.content, n.channel, n.properties::jsonb, n.sealed, n.late, $11"
    " from unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::bytea[], $6::bytea[], $7::text[], $8::text[], $9::bytea[],"
    " $10::boolean[]) as n(id, customer_id, name, occurred_at, key, content, channel, properties, sealed, late)"
    " on conflict (key) do nothing returning 1) select count(*) from added"
)
_SQLITE: Final = f"insert into events ({_COLUMNS}, received_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (key) do nothing"  # noqa: S608  # as above


async def insert(drafts: Sequence[Draft], received_at: datetime) -> dict[bytes, bytes]:
    """Write the drafts; by its key the content of what was there already, for each that was not written.

    They go in the order of their keys, so that no two batches wait for each other.
    """
    ordered = sorted(drafts, key=_key)
    keys = ids.several(len(drafts))
    blobs = await _sealed(ordered, keys)
    if database.dialect() == "postgres":
        written = await _insert_postgres(ordered, keys, blobs, received_at)
    else:
        written = await _insert_sqlite(ordered, keys, blobs, received_at)
    return {} if written == len(drafts) else await _held(ordered, set(keys))


def _key(draft: Draft) -> bytes:
    return draft.key


async def _sealed(drafts: Sequence[Draft], keys: Sequence[UUID]) -> list[bytes | None]:
    """What is sealed of each, under its own person's key."""
    rows = [
        (number, Event.fresh(id=keys[number], customer_id=draft.customer_id, sealed_properties=draft.sealed))
        for number, draft in enumerate(drafts)
        if draft.sealed
    ]
    blobs: list[bytes | None] = [None] * len(drafts)
    if rows:
        await sealed.seal([row for _, row in rows])
        for number, row in rows:
            assert row.sealed_properties is not None, "it was sealed just now"
            blobs[number] = row.sealed_properties.blob
    return blobs


async def _insert_postgres(drafts: Sequence[Draft], keys: Sequence[UUID], blobs: Sequence[bytes | None], received_at: datetime) -> int:
    late = Timing.LATE
    columns = (
        keys,
        [draft.customer_id for draft in drafts],
        [draft.name for draft in drafts],
        [draft.occurred_at for draft in drafts],
        [draft.key for draft in drafts],
        [draft.content for draft in drafts],
        [draft.channel for draft in drafts],
        [draft.clear for draft in drafts],
        blobs,
        [draft.timing is late for draft in drafts],
    )
    return int((await database.rows(_POSTGRES, (*columns, received_at)))[0][0])


async def _insert_sqlite(drafts: Sequence[Draft], keys: Sequence[UUID], blobs: Sequence[bytes | None], received_at: datetime) -> int:
    came = encode("sqlite", Kind.DATETIME, received_at)
    rows = [
        (
            str(key),
            str(draft.customer_id),
            draft.name,
            encode("sqlite", Kind.DATETIME, draft.occurred_at),
            draft.key,
            draft.content,
            draft.channel,
            draft.clear,
            blob,
            draft.timing is Timing.LATE,
            came,
        )
        for draft, key, blob in zip(drafts, keys, blobs, strict=True)
    ]
    await database.run_many(_SQLITE, rows)
    statement = Statement("sqlite")
    there = f"select count(*) from events where {statement.among('id', keys, Kind.ID)}"  # noqa: S608  # bound values only
    return int((await database.rows(there, statement.args))[0][0])


async def _held(drafts: Sequence[Draft], own: set[UUID]) -> dict[bytes, bytes]:
    """By key the content of the events that were there before."""
    statement = Statement(database.dialect())
    among = statement.among("key", [draft.key for draft in drafts], Kind.BYTES)
    found = await database.rows(f"select id, key, content from events where {among}", statement.args)  # noqa: S608  # bound values only
    return {bytes(row["key"]): bytes(row["content"]) for row in found if UUID(str(row["id"])) not in own}
