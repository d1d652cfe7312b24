"""The statements that write events, by the way that each database takes many rows fastest."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Final
from uuid import UUID

from siyu.domain.events import copying
from siyu.domain.events.drafting import KEY_BYTES, Draft
from siyu.domain.events.rules import Timing
from siyu.domain.events.tables import Event
from siyu.domain.kernel import database, ids
from siyu.domain.kernel.dialect import Kind, Statement, encode
from siyu.privacy import sealed

_COLUMNS: Final = "id, customer_id, name, occurred_at, key, content, channel, properties, sealed_properties, late"
#: Few arrays, since each of their elements costs the driver as much as hashing it: key and content are one, and what is late is worked out.
_POSTGRES: Final = (
    f"with added as (insert into events ({_COLUMNS}, received_at)"  # noqa: S608  # names of ours only
    f" select n.id, n.customer_id, n.name, n.occurred_at, substr(n.hashes, 1, {KEY_BYTES}), substr(n.hashes, {KEY_BYTES + 1}), n.channel,"
    " n.properties::jsonb, {}, n.occurred_at < $2, $1"
    " from unnest($3::uuid[], $4::uuid[], $5::text[], $6::timestamptz[], $7::bytea[], $8::text[], $9::text[]{})"
    " as n(id, customer_id, name, occurred_at, hashes, channel, properties{})"
    " on conflict (key) do nothing returning 1) select count(*) from added"
)
_CLEAR: Final = _POSTGRES.format("null", "", "")
_WITH_SEALED: Final = _POSTGRES.format("n.sealed", ", $10::bytea[]", ", sealed")
_SQLITE: Final = f"insert into events ({_COLUMNS}, received_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (key) do nothing"  # noqa: S608  # as above

#: From so many on COPY is worth its savepoint; where one of them came before it is given up, and they are inserted.
COPIED_MIN: Final = 50


@dataclass(frozen=True, slots=True)
class Batch:
    """Drafts that are written together, when they came, and after how long they were late."""

    drafts: Sequence[Draft]
    received_at: datetime
    late_after: timedelta


async def insert(batch: Batch) -> dict[bytes, bytes]:
    """Write the drafts; by its key the content of what was there already, for each that was not written.

    They go in the order of their keys, so that no two batches wait for each other.
    """
    ordered = sorted(batch.drafts, key=attrgetter("key"))
    first = ids.block(batch.received_at)
    blobs = await _sealed(ordered, first)
    on_postgres = database.dialect() == "postgres"
    copied = on_postgres and len(ordered) >= COPIED_MIN
    if copied and await database.copy("events", copying.COLUMNS, copying.rows(ordered, first, blobs, batch.received_at)):
        return {}
    keys = [UUID(int=first + number) for number in range(len(ordered))]
    insert_into = _insert_postgres if on_postgres else _insert_sqlite
    written = await insert_into(batch, ordered, keys, blobs)
    return {} if written == len(ordered) else await held(ordered, without=set(keys))


async def _sealed(drafts: Sequence[Draft], first: int) -> list[bytes | None]:
    """What is sealed of each, under its own person's key."""
    rows = [
        (number, Event.fresh(id=UUID(int=first + number), customer_id=draft.customer_id, sealed_properties=draft.sealed))
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


async def _insert_postgres(batch: Batch, ordered: Sequence[Draft], keys: Sequence[UUID], blobs: Sequence[bytes | None]) -> int:
    columns: list[object] = [
        batch.received_at,
        batch.received_at - batch.late_after,
        keys,
        [draft.customer_id for draft in ordered],
        [draft.name for draft in ordered],
        [draft.occurred_at for draft in ordered],
        [draft.key + draft.content for draft in ordered],
        [draft.channel for draft in ordered],
        [draft.clear.decode() for draft in ordered],
    ]
    if any(blobs):
        return int((await database.rows(_WITH_SEALED, [*columns, blobs]))[0][0])
    return int((await database.rows(_CLEAR, columns))[0][0])


async def _insert_sqlite(batch: Batch, ordered: Sequence[Draft], keys: Sequence[UUID], blobs: Sequence[bytes | None]) -> int:
    came = encode("sqlite", Kind.DATETIME, batch.received_at)
    rows = [
        (
            str(key),
            str(draft.customer_id),
            draft.name,
            encode("sqlite", Kind.DATETIME, draft.occurred_at),
            draft.key,
            draft.content,
            draft.channel,
            draft.clear.decode(),
            blob,
            draft.timing is Timing.LATE,
            came,
        )
        for draft, key, blob in zip(ordered, keys, blobs, strict=True)
    ]
    await database.run_many(_SQLITE, rows)
    statement = Statement("sqlite")
    there = f"select count(*) from events where {statement.among('id', keys, Kind.ID)}"  # noqa: S608  # bound values only
    return int((await database.rows(there, statement.args))[0][0])


async def held(drafts: Sequence[Draft], *, without: Collection[UUID] = ()) -> dict[bytes, bytes]:
    """By key the content of the events that are there under the keys of these, save those `without`. One statement."""
    statement = Statement(database.dialect())
    among = statement.among("key", [draft.key for draft in drafts], Kind.BYTES)
    found = await database.rows(f"select id, key, content from events where {among}", statement.args)  # noqa: S608  # bound values only
    return {bytes(row["key"]): bytes(row["content"]) for row in found if UUID(str(row["id"])) not in without}
