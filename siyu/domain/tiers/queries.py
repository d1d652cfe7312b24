"""Who is at which tier, how far it is to the next one, and the feed of who went where."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, cast
from uuid import UUID

from siyu.domain import points
from siyu.domain.kernel import clock, database, ids
from siyu.domain.kernel.dialect import Kind, Statement, decoder
from siyu.domain.kernel.operation import operation
from siyu.domain.tiers.measuring import ladder, measured
from siyu.domain.tiers.memory import known
from siyu.domain.tiers.rules import Progress, Rung, progress
from siyu.domain.tiers.tables import TierChange
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.reach import reach
from siyu.privacy.small import shown

#: Changes a page of the feed.
CHANGES_MAX: Final = 1_000
#: What is younger waits for the next page: clocks of two machines may differ by so much.
_AGE: Final = timedelta(seconds=1)
_CHANGES: Final = TierChange._meta.db_table
_ONE: Final = Decimal(1)


@dataclass(frozen=True, slots=True)
class Moved:
    """Somebody went from a tier to another; None is no tier. `id` marks its place in the feed."""

    id: UUID
    customer_id: UUID
    was_id: UUID | None
    became_id: UUID | None
    at: datetime


@operation()
async def held(actor: Actor, customer_ids: Collection[UUID]) -> dict[UUID, Rung]:
    """At which tiers these customers are, those who are at one; the caller has checked a scope of its own. One statement.

    None where there are no tiers. Higher than another is whose `rank` is greater.
    """
    rungs = {rung.id: rung for rung in await known(actor)}
    if not rungs or not customer_ids:
        return {}
    found = await points.tiers_of(actor, customer_ids)
    return {each.customer_id: rungs[each.tier_id] for each in found if each.tier_id in rungs}


@operation()
async def multipliers(actor: Actor, customer_ids: Collection[UUID]) -> dict[UUID, Decimal]:
    """What the points are multiplied by that rules give to these customers, for every one of them; 1 without a tier. One statement."""
    at = await held(actor, customer_ids)
    return {each: at[each].multiplier if each in at else _ONE for each in customer_ids}


@operation(Scope.POINTS_READ)
async def ahead(actor: Actor, customer_ids: Sequence[UUID]) -> dict[UUID, Progress]:
    """The next tier of each of these customers, and what is missing for it; whoever is at the top is missing. One statement.

    The caller keeps to the people whom the actor's purpose reaches.
    """
    rungs = await known(actor)
    if not rungs or not customer_ids:
        return {}
    found = {each.customer_id: progress(rungs, each.was.tier_id, each.values) for each in await measured(ladder(rungs), customer_ids)}
    return {key: each for key, each in found.items() if each is not None}


@operation(Scope.POINTS_READ)
async def counts(actor: Actor, tier_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many of those whom the actor's purpose reaches are at each of these tiers; to a token fewer than ten are 0. One statement."""
    statement = Statement(database.dialect())
    among = statement.among("a.tier_id", list(tier_ids), Kind.ID)
    reached = (await reach(actor.purpose)).condition("a.customer_id", statement.bind)
    sql = (
        "select a.tier_id, count(*) from points_accounts a join customers c on c.id = a.customer_id"  # noqa: S608  # bound values only
        f" where {among} and c.merged_into_id is null{' and ' + reached if reached else ''} group by a.tier_id"
    )
    found = {UUID(str(key)): int(count) for key, count in await database.rows(sql, statement.args)}
    return {each: shown(actor, found.get(each, 0)) for each in tier_ids}


async def told(actor: Actor, tier_ids: Sequence[UUID], given: Mapping[str, object]) -> Mapping[UUID, object]:
    """The same for a field."""
    return await counts(actor, tier_ids)


@operation(Scope.POINTS_READ, Scope.JOBS_RUN, writes=True)
async def changes(actor: Actor, *, after: UUID | None = None, limit: int = CHANGES_MAX) -> list[Moved]:
    """Who went to which tier, the first `limit` later than the change `after`: for webhooks and journeys, each change once.

    Everything up to the last one is in it, whatever was being written just now; what is younger than a second waits. Erased people
    are in it no longer. Under nobody's reach: whoever hands it on asks for it.
    """
    await database.alone(_CHANGES)
    statement = Statement(database.dialect())
    until = statement.bind(ids.earliest(clock.now() - _AGE), Kind.ID)
    later = f" and x.id > {statement.bind(after, Kind.ID)}" if after is not None else ""
    rows = await database.rows(
        f"select x.id, x.customer_id, x.was_id, x.became_id, x.at from {_CHANGES} x where x.id < {until}{later}"  # noqa: S608  # bound values only
        f" order by x.id limit {max(0, min(limit, CHANGES_MAX))}",
        statement.args,
    )
    moment = decoder(statement.dialect, Kind.DATETIME) or (lambda value: value)
    return [
        Moved(UUID(str(key)), UUID(str(customer)), _id(was), _id(became), cast(datetime, moment(at)))
        for key, customer, was, became, at in rows
    ]


def _id(value: object) -> UUID | None:
    return None if value is None else UUID(str(value))
