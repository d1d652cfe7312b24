"""Whose birthday is on which day of the year, without opening one: by a blind index over month and day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast
from uuid import UUID

from siyu.domain.customers.tables import Customer
from siyu.domain.kernel import database
from siyu.domain.kernel.dialect import Kind, Statement, encode
from siyu.domain.kernel.operation import operation
from siyu.privacy import transfer
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.sealed import BlindIndexField

_TABLE: Final = Customer._meta.db_table
#: Customers of one transaction.
BATCH: Final = 500
_MONTHS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
#: All days that a birthday can be on, as month and day.
DAYS_OF_A_YEAR: Final = tuple((month, day) for month, days in enumerate(_MONTHS, 1) for day in range(1, days + 1))


def birthday_tokens(days: Sequence[tuple[int, int]]) -> list[bytes]:
    """What the column `birthday_index` of `customers` holds for birthdays on these days, given as month and day."""
    index = _index()
    return [index.token(f"2000-{month:02}-{day:02}") for month, day in days]


@operation(Scope.CUSTOMERS_WRITE, writes=True)
async def index_birthdays(actor: Actor, *, after: UUID | None = None) -> UUID | None:
    """Fill the index of the next customers whose birthday is not in it, in the order of their ids, a batch; None once there are none.

    Those who were written before there was such an index. Give the answer as `after` to go on. Nothing is shown, `updated_at` stays.
    """
    statement = Statement(database.dialect())
    on = f" and t.id > {statement.bind(after, Kind.ID)}" if after is not None else ""
    lock = " for no key update" if database.dialect() == "postgres" else ""
    found = await database.rows(
        f"select t.id, t.birthday from {_TABLE} t where t.birthday is not null and t.birthday_index is null{on}"  # noqa: S608  # bound
        f" order by t.id limit {BATCH}{lock}",
        statement.args,
    )
    blobs = {UUID(str(row[0])): bytes(row[1]) for row in found}
    tokens = await transfer.tokens(Customer, "birthday", blobs, _index())
    mark = database.mark
    await database.run_many(
        f"update {_TABLE} set birthday_index = {mark(1)} where id = {mark(2)}",  # noqa: S608  # marks only
        [(token, encode(database.dialect(), Kind.ID, key)) for key, token in tokens.items()],
    )
    return max(blobs) if blobs else None


def _index() -> BlindIndexField:
    return cast(BlindIndexField, Customer._meta.fields_map["birthday_index"])
