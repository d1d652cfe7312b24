"""How many have a tag, and how many got it and lost it: of those only whom the actor's purpose reaches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from siyu.domain.kernel import clock, database
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.privacy.actor import Actor
from siyu.privacy.reach import reach
from siyu.privacy.small import shown

_LATELY: Final = timedelta(days=30)

Numbers = Mapping[UUID, object]


async def holders(actor: Actor, tag_ids: Sequence[UUID], arguments: Mapping[str, object]) -> Numbers:
    """How many have each of these tags. One statement."""
    del arguments
    return await _counted(actor, tag_ids, "tag_assignments", [])


async def assigned_lately(actor: Actor, tag_ids: Sequence[UUID], arguments: Mapping[str, object]) -> Numbers:
    """How often each was put on in the last 30 days. One statement."""
    del arguments
    return await _changed(actor, tag_ids, assigned=True)


async def removed_lately(actor: Actor, tag_ids: Sequence[UUID], arguments: Mapping[str, object]) -> Numbers:
    """How often each was taken off in the last 30 days. One statement."""
    del arguments
    return await _changed(actor, tag_ids, assigned=False)


async def _changed(actor: Actor, tag_ids: Sequence[UUID], *, assigned: bool) -> Numbers:
    since = clock.now() - _LATELY
    return await _counted(actor, tag_ids, "tag_changes", [("a.at >= ", since, Kind.DATETIME), ("a.assigned = ", assigned, Kind.BOOL)])


async def _counted(actor: Actor, tag_ids: Sequence[UUID], table: str, conditions: Sequence[tuple[str, object, Kind]]) -> Numbers:
    """Rows of customers who are there and reached; what is left with a merged one is with the other as well."""
    statement = Statement(database.dialect())
    merged = "select c.id from customers c where c.merged_into_id is not null"
    holds = [statement.among("a.tag_id", list(tag_ids), Kind.ID), f"a.customer_id not in ({merged})"]
    holds += [f"{text}{statement.bind(value, kind)}" for text, value, kind in conditions]
    reached = (await reach(actor.purpose)).condition("a.customer_id", statement.bind)
    holds += [reached] if reached else []
    found = await database.rows(
        f"select a.tag_id, count(*) from {table} a where {' and '.join(holds)} group by 1",  # noqa: S608  # our own words only
        statement.args,
    )
    counts = {UUID(str(tag_id)): int(count) for tag_id, count in found}
    return {tag_id: shown(actor, counts.get(tag_id, 0)) for tag_id in tag_ids}
