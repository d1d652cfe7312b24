"""What customers looked at, in counts: for what is worked out from many events at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from siyu.domain.kernel import database, ids
from siyu.domain.kernel.dialect import Kind, Statement, decoder
from siyu.domain.kernel.operation import operation
from siyu.privacy.actor import Actor, Scope

#: The properties that are counted, at the top of an event's JSON, where they hold a text.
_COUNTED: Final = ("category", "brand", "query")
COUNTED: Final = frozenset(_COUNTED)


@dataclass(frozen=True, slots=True)
class Looks:
    """How many events of a customer have these properties."""

    customer_id: UUID
    category: str | None
    brand: str | None
    query: str | None
    count: int


@operation(Scope.EVENTS_READ)
async def acting_since(actor: Actor, moment: datetime | None) -> list[UUID]:
    """The customers of whom an event came since then; without a moment, all who ever did anything. Keys tell when an event came."""
    statement = Statement(database.dialect())
    where = f" where id >= {statement.bind(ids.earliest(moment), Kind.ID)}" if moment else ""
    rows = await database.rows(f"select distinct customer_id from events{where}", statement.args)  # noqa: S608  # bound values only
    return [UUID(str(row[0])) for row in rows]


@dataclass(frozen=True, slots=True)
class Happening:
    """That an event happened, and when."""

    event_id: UUID
    customer_id: UUID
    name: str
    occurred_at: datetime


@operation(Scope.EVENTS_READ)
async def happenings(actor: Actor, customer_ids: Collection[UUID], names: Collection[str], *, since: datetime) -> list[Happening]:
    """The events of these names and customers that came since then, in the order in which they happened. One statement."""
    statement = Statement(database.dialect())
    among = statement.among("e.customer_id", list(customer_ids), Kind.ID)
    named = statement.among("e.name", list(names), Kind.TEXT)
    rows = await database.rows(
        f"select e.id, e.customer_id, e.name, e.occurred_at from events e where {among} and {named}"  # noqa: S608  # bound values only
        f" and e.id >= {statement.bind(ids.earliest(since), Kind.ID)} order by e.occurred_at, e.id",
        statement.args,
    )
    moment = decoder(statement.dialect, Kind.DATETIME) or (lambda value: value)
    return [Happening(UUID(str(row[0])), UUID(str(row[1])), row[2], cast(datetime, moment(row[3]))) for row in rows]


@operation(Scope.EVENTS_READ)
async def looks(actor: Actor, customer_ids: Collection[UUID], *, since: datetime) -> list[Looks]:
    """What the events of these customers since then have as category, brand or query. One statement."""
    statement = Statement(database.dialect())
    named = [_text(statement, name) for name in _COUNTED]
    among = statement.among("e.customer_id", list(customer_ids), Kind.ID)
    rows = await database.rows(
        f"select customer_id, category, brand, query, count(*) from (select e.customer_id, {', '.join(named)} from events e"  # noqa: S608  # bound
        f" where {among} and e.occurred_at >= {statement.bind(since, Kind.DATETIME)}) x"
        " where category is not null or brand is not null or query is not null group by customer_id, category, brand, query",
        statement.args,
    )
    return [Looks(UUID(str(row[0])), row[1], row[2], row[3], int(row[4])) for row in rows]


def _text(statement: Statement, name: str) -> str:
    """A property's value where it is a text, else null."""
    if statement.dialect == "postgres":
        return f"case when jsonb_typeof(e.properties->'{name}') = 'string' then e.properties->>'{name}' end as {name}"
    return f"case when json_type(e.properties, '$.{name}') = 'text' then json_extract(e.properties, '$.{name}') end as {name}"
