"""Since when customers are here, and whose birthday it is: for what is given for that. No value leaves here."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from siyu.domain.customers.birthdays import birthday_tokens
from siyu.domain.kernel import database
from siyu.domain.kernel.dialect import Kind, Statement, decoder
from siyu.domain.kernel.operation import operation
from siyu.privacy.actor import Actor, Scope


@operation(Scope.CUSTOMERS_READ)
async def arrivals(actor: Actor, customer_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """When each of these was made who has said who they are; visitors and merged customers are missing. One statement."""
    statement = Statement(database.dialect())
    among = statement.among("t.id", list(customer_ids), Kind.ID)
    rows = await database.rows(
        f"select t.id, t.created_at from customers t where {among} and not t.anonymous and t.merged_into_id is null",  # noqa: S608  # bound values only
        statement.args,
    )
    moment = decoder(statement.dialect, Kind.DATETIME) or (lambda value: value)
    return {UUID(str(key)): cast(datetime, moment(at)) for key, at in rows}


@operation(Scope.CUSTOMERS_READ)
async def born_on(actor: Actor, days: Sequence[tuple[int, int]], *, after: UUID | None = None, limit: int) -> list[UUID]:
    """The first `limit` customers by id, after this one, whose birthday is on one of these days, given as month and day. One statement."""
    statement = Statement(database.dialect())
    tokens = statement.among("t.birthday_index", birthday_tokens(days), Kind.BYTES)
    on = f" and t.id > {statement.bind(after, Kind.ID)}" if after is not None else ""
    rows = await database.rows(
        f"select t.id from customers t where {tokens} and t.merged_into_id is null{on} order by t.id limit {statement.bind(limit)}",  # noqa: S608  # bound values only
        statement.args,
    )
    return [UUID(str(row[0])) for row in rows]
