"""One person's rows become another's: by register, as erasure and export go, and sealed anew under the other's key.

Nothing is shown on the way: ciphertext goes in, ciphertext comes out. Call it inside a transaction that holds both customers' rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeVar, cast
from uuid import UUID

from siyu.privacy import keyring
from siyu.privacy.customerkey import CustomerKey, place
from siyu.privacy.dialect import Database, Id, text
from siyu.privacy.keyring import Erased
from siyu.privacy.sealed import BlindIndexField, PersonalModel, personal_tables
from siyu.privacy.tables import Consent

#: Rows of one statement that are opened and sealed again.
_BATCH: Final = 500

Subject = TypeVar("Subject", bound=Id)
#: The keys of rows, by the name of their table.
Rows = Mapping[str, Sequence[str]]


def follows(table: type[PersonalModel]) -> bool:
    """Whether a table's rows go along. Not those whose key is the person's own, nor those about several people: their nouns tend them.

    Consents don't either, since they are joined and not added up (`stricter`).
    """
    return table.subject != table._meta.pk_attr and not table.others and table is not Consent


async def movable(source: Id, target: Id) -> dict[str, list[str]]:
    """The rows of `source` that can become `target`'s. What `target` may have once only, and has, stays. One statement a table."""
    main = Database("default")
    found: dict[str, list[str]] = {}
    for table in filter(follows, personal_tables()):
        columns = table._meta.fields_db_projection
        key, subject, name = columns[table._meta.pk_attr], columns[table.subject], table._meta.db_table
        apart = "".join(
            f" AND NOT EXISTS (SELECT 1 FROM {name} k WHERE k.{subject} = {main.mark(2)}"
            + "".join(f" AND k.{columns[other]} = t.{columns[other]}" for other in others)
            + ")"
            for others in _once(table)
        )
        args = [text(source), *([text(target)] if apart else [])]
        rows = await main.rows(f"SELECT t.{key} AS id FROM {name} t WHERE t.{subject} = {main.mark(1)}{apart} ORDER BY 1", *args)
        if rows:
            found[name] = [str(row["id"]) for row in rows]
    return found


def _once(table: type[PersonalModel]) -> Iterator[list[str]]:
    """Of what a person has one only: the other columns of each unique set that the subject is in."""
    if table._meta.fields_map[table.subject].unique:
        yield []
    for together in table._meta.unique_together:
        if table.subject in together:
            yield [name for name in together if name != table.subject]


async def move(source: Id, target: Id, rows: Rows) -> dict[str, int]:
    """Make these rows, as far as they are `source`'s, those of `target`; how many of each table it were. Raises `Erased`."""
    old, new = await _keys(source, target)
    moved = {}
    for table in personal_tables():
        wanted = rows.get(table._meta.db_table)
        if wanted:
            moved[table._meta.db_table] = await _Table(table, source, target).move(wanted, old, new)
    return moved


async def resealed(table: type[PersonalModel], source: Id, target: Id, blobs: Mapping[str, bytes]) -> dict[str, bytes]:
    """What is sealed in these columns of `source`'s own row, as `target`'s own row would hold it. Raises `Erased`."""
    old, new = await _keys(source, target)
    found = {}
    for name, blob in blobs.items():
        at = place(table._meta.db_table, name, table._sealing[name].format)
        found[name] = new.seal(at, target, old.open(at, source, blob))
    return found


async def token(table: type[PersonalModel], column: str, subject: Id, blob: bytes, index: BlindIndexField) -> bytes:
    """What this blind index holds for the text that is sealed in a column of the person's own row. Raises `Erased`."""
    found = await tokens(table, column, {subject: blob}, index)
    if subject not in found:
        raise Erased("This person was erased.")
    return found[subject]


async def tokens(table: type[PersonalModel], column: str, blobs: Mapping[Subject, bytes], index: BlindIndexField) -> dict[Subject, bytes]:
    """The same for many people, whose ciphertexts are given by their ids; whoever was erased is missing."""
    keys = await keyring.current().keys(list(blobs))
    at = place(table._meta.db_table, column, table._sealing[column].format)
    return {subject: index.token(keys[subject].open(at, subject, blob).decode()) for subject, blob in blobs.items() if subject in keys}


async def _keys(source: Id, target: Id) -> tuple[CustomerKey, CustomerKey]:
    keys = await keyring.current().keys([source, target])
    if len(keys) < 2:
        raise Erased("This person was erased.")
    return keys[source], keys[target]


class _Table:
    """One table, as its rows go from one person to another."""

    def __init__(self, table: type[PersonalModel], source: Id, target: Id) -> None:
        columns = table._meta.fields_db_projection
        self.name, self.key, self.subject = table._meta.db_table, columns[table._meta.pk_attr], columns[table.subject]
        self.places = {columns[name]: place(self.name, columns[name], field.format) for name, field in table._sealing.items()}
        self.source, self.target = text(source), text(target)
        self.main = Database("default")

    async def move(self, wanted: Sequence[str], old: CustomerKey, new: CustomerKey) -> int:
        """Rows that hold nothing sealed in one statement, the others in batches."""
        main, moved = self.main, 0
        for start in range(0, len(wanted) if self.places else 0, _BATCH):
            moved += await self._reseal(wanted[start : start + _BATCH], old, new)
        empty = "".join(f" AND {column} IS NULL" for column in self.places)
        return moved + await main.run(
            f"UPDATE {self.name} SET {self.subject} = {main.mark(1)}"
            f" WHERE {self.subject} = {main.mark(2)} AND {main.among(self.key, 3)}{empty}",
            *(self.target, self.source, main.ids(wanted)),
        )

    async def _reseal(self, batch: Sequence[str], old: CustomerKey, new: CustomerKey) -> int:
        main, columns = self.main, list(self.places)
        filled = " OR ".join(f"{column} IS NOT NULL" for column in columns)
        rows = await main.rows(
            f"SELECT {self.key} AS id, {', '.join(columns)} FROM {self.name}"
            f" WHERE {self.subject} = {main.mark(1)} AND {main.among(self.key, 2)} AND ({filled})",
            *(self.source, main.ids(batch)),
        )
        changed: list[list[object]] = []
        for row in rows:
            key = cast("UUID | str", row["id"])
            blobs = [
                None if row[column] is None else new.seal(at, key, old.open(at, key, bytes(cast(bytes, row[column]))))
                for column, at in self.places.items()
            ]
            changed.append([self.target, *blobs, str(key)])
        if changed:
            sets = "".join(f", {column} = {main.mark(number)}" for number, column in enumerate(columns, 2))
            await main.run_many(
                f"UPDATE {self.name} SET {self.subject} = {main.mark(1)}{sets} WHERE {self.key} = {main.mark(len(columns) + 2)}", changed
            )
        return len(changed)
