"""Going through the members of a segment, for nouns that do something with each."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from siyu.domain.kernel import database
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.kernel.operation import operation
from siyu.domain.segments.tables import Segment
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.reach import reach
from siyu.privacy.refusal import NotFound


@operation(Scope.SEGMENTS_READ)
async def require(actor: Actor, segment_id: UUID, *, path: tuple[str, ...]) -> None:
    """Refuse, at `path`, an id that is no segment's."""
    if not await Segment.exists(id=segment_id):
        raise NotFound("There is no such segment.", path=path)


@operation()
async def among(actor: Actor, segment_ids: Collection[UUID], customer_ids: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    """Who of these customers is in which of these segments, as segment and customer: to decide by, never to show. One statement."""
    statement = Statement(database.dialect())
    segments = statement.among("m.segment_id", list(segment_ids), Kind.ID)
    people = statement.among("m.customer_id", list(customer_ids), Kind.ID)
    rows = await database.rows(
        f"select m.segment_id, m.customer_id from segment_members m where {people} and {segments}",  # noqa: S608  # bound values only
        statement.args,
    )
    return {(UUID(str(row[0])), UUID(str(row[1]))) for row in rows}


@operation(Scope.SEGMENTS_READ)
async def members(actor: Actor, segment_id: UUID, *, after: UUID | None = None, limit: int) -> list[UUID]:
    """The first `limit` members by id, after this one, of those whom the actor's purpose reaches. One statement, which walks an index."""
    statement = Statement(database.dialect())
    holds = [f"m.segment_id = {statement.bind(segment_id, Kind.ID)}"]
    if after is not None:
        holds.append(f"m.customer_id > {statement.bind(after, Kind.ID)}")
    reached = (await reach(actor.purpose)).condition("m.customer_id", statement.bind)
    holds += [reached] if reached else []
    sql = f"select m.customer_id from segment_members m where {' and '.join(holds)} order by m.customer_id limit {statement.bind(limit)}"  # noqa: S608  # our own words only
    return [UUID(str(row[0])) for row in await database.rows(sql, statement.args)]
