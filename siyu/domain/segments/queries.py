"""Finding segments, counting who is in them, and the feed of who entered and left."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast
from uuid import UUID

from siyu.domain.kernel import clock, database, ids
from siyu.domain.kernel.dialect import Kind, Statement, decoder
from siyu.domain.kernel.operation import operation
from siyu.domain.segments.tables import Segment, SegmentChange, SegmentMember
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.reach import reach
from siyu.privacy.refusal import Refusal
from siyu.privacy.small import shown

#: Changes a page of the feed.
CHANGES_MAX: Final = 1_000
#: What is younger waits for the next page: clocks of two machines may differ by so much.
_AGE: Final = timedelta(seconds=1)

_MEMBERS: Final = SegmentMember._meta.db_table
_CHANGES: Final = SegmentChange._meta.db_table


@dataclass(frozen=True, slots=True)
class Change:
    """Somebody entered a segment or left it. `id` marks its place in the feed."""

    id: UUID
    segment_id: UUID
    customer_id: UUID
    entered: bool
    at: datetime


@operation(Scope.SEGMENTS_READ)
async def resolve(actor: Actor, segment_id: UUID | None, code: str | None) -> UUID | None:
    """The segment named by an id or by its code; exactly one of the two is given. None where there is none of this code."""
    if (segment_id is None) == (code is None):
        raise Refusal("Give an id or a code.", path=("code",))
    if code is None or "\0" in code:
        return segment_id
    return cast("UUID | None", await Segment.get_or_none(code=code).values_list("id", flat=True))


@operation(Scope.SEGMENTS_READ)
async def counts(actor: Actor, segment_ids: Collection[UUID], *, as_of: datetime | None = None) -> dict[UUID, int]:
    """How many are in each of these segments now, or were at a moment, of those whom the actor's purpose reaches now. One statement.

    To a token a group of fewer than ten is 0.
    """
    statement = Statement(database.dialect())
    source = _MEMBERS if as_of is None else _CHANGES
    holds = [statement.among("m.segment_id", list(segment_ids), Kind.ID)]
    if as_of is not None:
        holds.append(f"m.at <= {statement.bind(as_of, Kind.DATETIME)}")
    holds.append((await reach(actor.purpose)).condition("m.customer_id", statement.bind))
    number = "count(*)" if as_of is None else "sum(case when m.entered then 1 else -1 end)"
    sql = f"select m.segment_id, {number} from {source} m where {' and '.join(filter(None, holds))} group by 1"  # noqa: S608  # bound values only
    found = {UUID(str(key)): int(count) for key, count in await database.rows(sql, statement.args)}
    return {each: shown(actor, found.get(each, 0)) for each in segment_ids}


async def told(actor: Actor, segment_ids: Sequence[UUID], given: Mapping[str, object]) -> Mapping[UUID, object]:
    """The same for a field."""
    return await counts(actor, segment_ids, as_of=cast("datetime | None", given.get("as_of")))


def members_then(statement: Statement, parent: str, given: Mapping[str, object]) -> str:
    """SQL of who was in a segment at a moment: they entered it once more than they had left it."""
    then = statement.bind(given["as_of"], Kind.DATETIME)
    return (
        f"select x.customer_id from {_CHANGES} x where x.segment_id = {parent} and x.at <= {then}"  # noqa: S608  # bound values only
        " group by x.customer_id having sum(case when x.entered then 1 else -1 end) > 0"
    )


@operation(Scope.SEGMENTS_READ, Scope.JOBS_RUN, writes=True)
async def changes(actor: Actor, *, after: UUID | None = None, limit: int = CHANGES_MAX) -> list[Change]:
    """Who entered and left which segment, the first `limit` later than the change `after`: for webhooks and journeys, each change once.

    Everything up to the last one is in it, whatever was being written just now; what is younger than a second waits. Erased people
    are in it no longer. Under nobody's reach: whoever hands it on asks for it.
    """
    await database.alone(_CHANGES)
    statement = Statement(database.dialect())
    until = statement.bind(ids.earliest(clock.now() - _AGE), Kind.ID)
    later = f" and x.id > {statement.bind(after, Kind.ID)}" if after is not None else ""
    rows = await database.rows(
        f"select x.id, x.segment_id, x.customer_id, x.entered, x.at from {_CHANGES} x where x.id < {until}{later}"  # noqa: S608  # bound values only
        f" order by x.id limit {max(0, min(limit, CHANGES_MAX))}",
        statement.args,
    )
    moment = decoder(statement.dialect, Kind.DATETIME) or (lambda value: value)
    return [
        Change(UUID(str(key)), UUID(str(segment)), UUID(str(customer)), bool(entered), cast(datetime, moment(at)))
        for key, segment, customer, entered, at in rows
    ]
