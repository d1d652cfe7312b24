"""All that the house holds of one person, from every table about people, opened."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from siyu.privacy import consent
from siyu.privacy.actor import Actor
from siyu.privacy.columns import Sealed
from siyu.privacy.dialect import Id
from siyu.privacy.sealed import PersonalModel, personal_tables

_BATCH = 500

#: One row: each column but the blind indexes, which say nothing to a person.
Opened = dict[str, Any]


async def collect(actor: Actor, subject_id: Id) -> AsyncIterator[tuple[type[PersonalModel], list[Opened]]]:
    """The rows of one person, table by table and 500 at a time, parents last; one audit line for all.

    The actor's purpose decides as everywhere: raises `NotGranted`. Use an actor whose purpose is compliance.
    """
    tables = personal_tables()
    columns = sorted({f"{table._meta.db_table}.{name}" for table in tables for name in table._sealing})
    under = await consent.grant(actor, [subject_id], fields=columns, action="personal.export")
    if subject_id not in under.subject_ids:
        raise consent.NotGranted(under.refused.get(subject_id))
    for table in tables:
        last = None
        while True:
            found = table.filter(**{table.subject: subject_id}).order_by("pk").limit(_BATCH)
            rows = await (found if last is None else found.filter(pk__gt=last))
            if not rows:
                break
            yield table, [_opened(row, subject_id, under) for row in rows]
            last = rows[-1].pk


def _opened(row: PersonalModel, subject_id: Id, under: consent.Grant) -> Opened:
    meta = row._meta
    opened: Opened = {}
    for name, column in meta.fields_db_projection.items():
        if name in row._indexing:
            continue
        value = getattr(row, name)
        if isinstance(value, Sealed):
            value = under.open(meta.db_table, column, row.pk, subject_id, row._sealing[name].format, value.blob)
        opened[name] = value
    return opened
