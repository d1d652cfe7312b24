"""Counting events for the register, a while after they came, so that no two batches ever wait for each other over a count."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from siyu.domain.events.tables import EventTally
from siyu.domain.kernel import clock, database, ids
from siyu.domain.kernel.dialect import Kind, Statement, encode
from siyu.domain.kernel.operation import operation
from siyu.privacy.actor import Actor, Scope

#: What is being written right now may still be on its way: no transaction of ours takes as long.
_LAG: Final = timedelta(minutes=1)
#: So much is counted in one transaction.
_SLICE: Final = timedelta(hours=1)
#: GraphQL's Int ends there.
_COUNT_MAX: Final = 2**31 - 1


@operation(Scope.JOBS_RUN)
async def count(actor: Actor) -> None:
    """Count the events that came since the last time; keys tell when they came. Run once at a time."""
    until = clock.now() - _LAG
    while (since := await _counted_until()) is not None and since < until:
        await _count(actor, since, min(until, since + _SLICE))


async def _counted_until() -> datetime | None:
    """Up to where events are counted; where nothing ever was, the moment of the first one; None without any."""
    tally = await EventTally.all().first()
    if tally is not None:
        return tally.counted_until
    found = await database.rows("select id from events order by id limit 1")
    return _moment(UUID(str(found[0]["id"]))) if found else None


@operation(Scope.JOBS_RUN, writes=True)
async def _count(actor: Actor, since: datetime, until: datetime) -> None:
    """Add what came between the two moments, once: whoever was faster has moved the tally on."""
    if await EventTally.all().exists():
        if not await EventTally.filter(counted_until=since).update(counted_until=until):
            return
    else:
        await EventTally.create(id=_ONLY, counted_until=until)
    await _add("event_definitions t", "t.name = {}", await _grouped(since, until, ""))
    each = "jsonb_object_keys(e.properties)" if database.dialect() == "postgres" else "json_each(e.properties)"
    member = "k" if database.dialect() == "postgres" else "k.key"
    await _add(
        "event_properties t",
        "t.definition_id = (select d.id from event_definitions d where d.name = {}) and t.name = {}",
        await _grouped(since, until, each, member),
    )


#: The tally's only row.
_ONLY: Final = UUID(int=1)


async def _grouped(since: datetime, until: datetime, each: str, member: str = "") -> Sequence[database.DriverRow]:
    """By name, and by member of the properties where `each` lists them: how many, the first and the last moment."""
    statement = Statement(database.dialect())
    between = f"e.id >= {statement.bind(ids.earliest(since), Kind.ID)} and e.id < {statement.bind(ids.earliest(until), Kind.ID)}"
    groups = f"e.name{f', {member}' if member else ''}"
    return await database.rows(
        f"select {groups}, count(*), min(e.received_at), max(e.received_at) from events e"  # noqa: S608  # bound values only
        f"{f' cross join {each} k' if each else ''} where {between} group by {groups} order by {groups}",
        statement.args,
    )


async def _add(table: str, which: str, found: Sequence[database.DriverRow]) -> None:
    """Add the counts to the rows that they are of; what the register doesn't list is not counted."""
    if not found:
        return
    dialect, mark = database.dialect(), database.mark
    keys = len(found[0]) - 3
    sql = (
        f"update {table.split()[0]} as t set count = case when t.count > {_COUNT_MAX} - {mark(keys + 1)} then {_COUNT_MAX}"  # noqa: S608  # marks only
        f" else t.count + {mark(keys + 1)} end,"
        f" first_seen_at = coalesce(t.first_seen_at, {mark(keys + 2)}),"
        f" last_seen_at = case when t.last_seen_at > {mark(keys + 3)} then t.last_seen_at else {mark(keys + 3)} end"
        f" where {which.format(*(mark(number + 1) for number in range(keys)))}"
    )
    await database.run_many(
        sql,
        [
            (*tuple(row)[:keys], int(row[keys]), *(encode(dialect, Kind.DATETIME, moment) for moment in (row[keys + 1], row[keys + 2])))
            for row in found
        ],
    )


def _moment(key: UUID) -> datetime:
    return datetime.fromtimestamp((key.int >> 80) / 1000, UTC)
