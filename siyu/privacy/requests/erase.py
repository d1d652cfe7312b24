"""Forgetting a person by register, not by memory: every table about people is asked of the live application."""

from __future__ import annotations

from tortoise.transactions import in_transaction

from siyu.privacy import keyring
from siyu.privacy.dialect import Id
from siyu.privacy.sealed import personal_tables


async def rows(subject_id: Id) -> dict[str, int]:
    """Delete a person's rows from every table about people, children first, in one transaction; how many from each."""
    deleted: dict[str, int] = {}
    async with in_transaction("default"):
        for table in personal_tables():
            deleted[table._meta.db_table] = await table.filter(**{table.subject: subject_id}).delete()
    return deleted


async def left(subject_id: Id) -> dict[str, int]:
    """Tables that still hold rows of this person, and how many: none after an erasure."""
    found = {table._meta.db_table: await table.filter(**{table.subject: subject_id}).count() for table in personal_tables()}
    return {table: count for table, count in found.items() if count}


async def replay() -> int:
    """Erase again whoever has a tombstone: an old backup may have brought rows back. Run at every start, before anything is served.

    How many rows had come back.
    """
    again = 0
    ring = keyring.current()
    for subject_id in await ring.erased():
        if await left(subject_id):
            again += sum((await rows(subject_id)).values())
        await ring.shred(subject_id)
    return again
