"""All that the house holds of one person, from every table about people, opened."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from tortoise.fields import BinaryField

from siyu.privacy import consent
from siyu.privacy.actor import Actor
from siyu.privacy.columns import Sealed
from siyu.privacy.dialect import Database, Id
from siyu.privacy.sealed import PersonalModel, personal_tables

_BATCH = 500

#: One row: each column but the blind indexes, which say nothing to a person.
Opened = dict[str, Any]


class Dossier:
    """One person's data, opened table by table under one grant. It is read and dropped, never kept."""

    def __init__(self, subject_id: Id, under: consent.Grant) -> None:
        self._subject_id = subject_id
        self._under = under
        #: Every table about people, children first.
        self.tables = personal_tables()

    async def rows(self, table: type[PersonalModel]) -> AsyncIterator[list[Opened]]:
        """The person's rows of one table, 500 at a time."""
        key, last = table._meta.pk_attr, None
        while True:
            found = table.filter(**{table.subject: self._subject_id}).order_by(key).limit(_BATCH)
            rows = await (found if last is None else found.filter(**{f"{key}__gt": last}))
            if not rows:
                break
            opened = [_opened(row, self._subject_id, self._under) for row in rows]
            await _name(table, opened)
            yield opened
            last = rows[-1].pk


async def opened(actor: Actor, subject_id: Id) -> Dossier:
    """The person's dossier; one audit line for all that is read of it.

    The actor's purpose decides as everywhere: raises `NotGranted`. Use an actor whose purpose is compliance.
    """
    sealed = sorted({f"{table._meta.db_table}.{name}" for table in personal_tables() for name in table._sealing})
    under = await consent.grant(actor, [subject_id], fields=sealed, action="personal.export")
    if subject_id not in under.subject_ids:
        raise consent.NotGranted(under.refused.get(subject_id))
    return Dossier(subject_id, under)


async def collect(actor: Actor, subject_id: Id) -> AsyncIterator[tuple[type[PersonalModel], list[Opened]]]:
    """The rows of one person, table by table and 500 at a time, parents last; see `opened`."""
    found = await opened(actor, subject_id)
    for table in found.tables:
        async for rows in found.rows(table):
            yield table, rows


def columns(table: type[PersonalModel]) -> list[str]:
    """The columns of a row in a dossier, in order: none that is a mere hash."""
    hashes = {name for name in table.technical if isinstance(table._meta.fields_map[name], BinaryField)}
    return [name for name in table._meta.fields_db_projection if name not in table._indexing and name not in hashes]


async def _name(table: type[PersonalModel], rows: list[Opened]) -> None:
    """Have the rows say the names of what they speak of, in the place of keys that tell a person nothing."""
    main = Database("default")
    for column, named in table.naming.items():
        sql = f"SELECT id, name FROM {named} WHERE {main.among('id', 1)}"  # noqa: S608  # tables of ours, bound values
        found = await main.rows(sql, main.ids({row[column] for row in rows}))
        names = {str(each["id"]): each["name"] for each in found}
        for row in rows:
            row[column] = names.get(str(row[column]), row[column])


def _opened(row: PersonalModel, subject_id: Id, under: consent.Grant) -> Opened:
    meta = row._meta
    opened: Opened = {}
    for name in columns(type(row)):
        value = getattr(row, name)
        if isinstance(value, Sealed):
            column = meta.fields_db_projection[name]
            value = under.open(meta.db_table, column, row.pk, subject_id, row._sealing[name].format, value.blob)
        opened[name] = value
    return opened
