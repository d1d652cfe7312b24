"""All that is held of some people, opened, so that before and after can be compared."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from siyu.domain import lifecycle
from siyu.domain.customers.tables import Customer
from siyu.privacy import dossier
from siyu.privacy.actor import Purpose, Scope
from siyu.privacy.requests import erase
from siyu.privacy.sealed import personal_tables
from tests import actors

OFFICER = actors.holder(purpose=Purpose.COMPLIANCE)

#: What tells when a row was last written, what joins leave behind as a record, logs that grow, and what a job works out in its own time.
_APART = {"updated_at"}
_TABLES_APART = {"merges", "merge_moves", "preferences", "lifecycle_changes", "rfm_changes", "segment_changes"}
#: What nouns work out anew, under new keys.
_DERIVED = {"order_sums"}

Picture = dict[str, dict[str, object]]


async def picture(customer_id: UUID, *, apart: Collection[str] = ()) -> Picture:
    """Every row of a person's by table and key, sealed values opened, and whether they are found by name."""
    await lifecycle.settle(actors.worker(Scope.JOBS_RUN), [customer_id])
    found: Picture = {}
    async for table, rows in dossier.collect(OFFICER, customer_id):
        if table._meta.db_table in _TABLES_APART | set(apart):
            continue
        for row in rows:
            shown = {name: value for name, value in row.items() if name not in _APART}
            key = row[table._meta.pk_attr]
            if table._meta.db_table in _DERIVED:
                shown = {name: value for name, value in shown.items() if name not in ("id", "created_at")}
                key = sorted(map(str, shown.values()))
            found[f"{table._meta.db_table}:{key}"] = shown
    named = await Customer.filter(id=customer_id).values_list("name_index", flat=True)
    found["named"] = {"name_index": named[0] if named else None}
    return found


def differences(before: Picture, after: Picture) -> list[str]:
    """What differs, by table, key and column; for messages."""
    found = [f"{name} is {'gone' if name in before else 'new'}" for name in before.keys() ^ after.keys()]
    for name in before.keys() & after.keys():
        found += [
            f"{name}.{column}: {value!r} -> {after[name][column]!r}"
            for column, value in before[name].items()
            if after[name][column] != value
        ]
    return sorted(found)


async def everything() -> dict[str, int]:
    """How many rows there are of each table about people."""
    return {table._meta.db_table: await table.all().count() for table in personal_tables()}


async def rows_of(*customer_ids: UUID) -> dict[str, int]:
    """How many rows of each table name one of these people."""
    return await erase.left(*customer_ids)
