"""Forgetting a person by register, not by memory: every table about people is asked of the live application."""

from __future__ import annotations

from collections.abc import Sequence

from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from siyu.privacy import keystore
from siyu.privacy.dialect import Id
from siyu.privacy.sealed import PersonalModel, personal_tables

_BATCH = 500


async def rows(subject_id: Id) -> dict[str, int]:
    """Delete a person's rows from every table about people, children first, in one transaction; how many from each."""
    deleted: dict[str, int] = {}
    async with in_transaction("default"):
        for table in personal_tables():
            deleted[table._meta.db_table] = await table.filter(_about(table, [subject_id])).delete()
    return deleted


def _about(table: type[PersonalModel], subject_ids: Sequence[Id]) -> Q:
    """The table's rows that name one of these people, in whichever of its columns."""
    return Q(join_type=Q.OR, **{f"{column}__in": subject_ids for column in (table.subject, *table.others)})


async def left(*subject_ids: Id) -> dict[str, int]:
    """Tables that still hold rows of these people, and how many: none after an erasure. One statement a table."""
    found = {table._meta.db_table: await table.filter(_about(table, subject_ids)).count() for table in personal_tables()}
    return {table: count for table, count in found.items() if count}


async def replay() -> int:
    """Erase again whoever has a tombstone: an old backup may have brought rows or keys back. Run at every start, before anything is served.

    How many rows had come back.
    """
    erased = await keystore.buried()
    again = 0
    for start in range(0, len(erased), _BATCH):
        batch = erased[start : start + _BATCH]
        if await left(*batch):
            for subject_id in batch:
                again += sum((await rows(subject_id)).values())
    await keystore.clear()
    return again
