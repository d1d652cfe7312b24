"""Going through all customers, for jobs that look at each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from siyu.domain.customers.tables import Customer
from siyu.domain.kernel import database
from siyu.domain.kernel.dialect import Kind, Statement, decoder
from siyu.domain.kernel.operation import operation
from siyu.privacy.actor import Actor, Scope

_TABLE = Customer._meta.db_table


@dataclass(frozen=True, slots=True)
class Stop:
    """A customer on the way, and when their profile changed last."""

    customer_id: UUID
    updated_at: datetime


@operation(Scope.DATA_QUALITY_WRITE)
async def changed(actor: Actor, *, after: datetime | None, most: int, months: Sequence[int] = ()) -> list[Stop]:
    """The first `most` customers who changed later than `after`, by the time of it; more, where several share the last moment.

    So the last one's time is all that must be kept to go on. With `months`, those born in one of them only. Merged customers are left out.
    """
    statement = Statement(database.dialect())
    holds = "t.merged_into_id is null"
    if after is not None:
        holds += f" and t.updated_at > {statement.bind(after, Kind.DATETIME)}"
    if months:
        holds += f" and {statement.among('t.birth_month', months, Kind.INT)}"
    found = await database.rows(
        f"with first as (select t.updated_at from {_TABLE} t where {holds} order by t.updated_at limit {int(most)})"  # noqa: S608  # bound
        f" select t.id, t.updated_at from {_TABLE} t where {holds} and t.updated_at <= (select max(updated_at) from first)"
        " order by t.updated_at, t.id",
        statement.args,
    )
    moment = decoder(statement.dialect, Kind.DATETIME) or (lambda value: value)
    return [Stop(UUID(str(row[0])), cast(datetime, moment(row[1]))) for row in found]


@operation(Scope.DATA_QUALITY_WRITE)
async def changed_count(actor: Actor, *, after: datetime | None, months: Sequence[int] = ()) -> int:
    """How many customers `changed` would go through."""
    statement = Statement(database.dialect())
    holds = "t.merged_into_id is null"
    if after is not None:
        holds += f" and t.updated_at > {statement.bind(after, Kind.DATETIME)}"
    if months:
        holds += f" and {statement.among('t.birth_month', months, Kind.INT)}"
    return int((await database.rows(f"select count(*) from {_TABLE} t where {holds}", statement.args))[0][0])  # noqa: S608  # bound
