"""What can be read of rewards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from siyu.domain.kernel import clock, database
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.kernel.operation import operation
from siyu.domain.kernel.reading import Column, One, Order, Same, Since, Source, Until
from siyu.domain.rewards.inputs import RewardFilter
from siyu.domain.rewards.tables import Reward, RewardKind
from siyu.privacy import consent
from siyu.privacy.actor import Actor, Scope

#: Before and after all dates.
_EVER: Final = "1970-01-01 00:00:00+00:00"
_NEVER: Final = "9999-12-31 00:00:00+00:00"

REWARD = Source(
    "Reward",
    table=Reward,
    scope=Scope.REWARDS_READ,
    description="What points are given for.",
    columns=("name", "description", "kind", "cost", "stock", "per_customer_limit", "active_from", "active_until"),
    internal=("segment_id", "tier_id"),
    more=(
        One("segment", "Segment", via="segment_id", description="Only whoever is in it may have the reward; null: everybody."),
        One("tier", "Tier", via="tier_id", description="Only whoever is at it, or at a higher one, may have the reward; null: everybody."),
        Column("opens_at", Kind.DATETIME, f"coalesce({{t}}.active_from, '{_EVER}')", nullable=False),
        Column("closes_at", Kind.DATETIME, f"coalesce({{t}}.active_until, '{_NEVER}')", nullable=False),
        Column("remaining", Kind.INT, "coalesce({t}.stock, 1)", nullable=False),
    ),
    orders=(Order("COST_ASC", "cost", descending=False),),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which rewards a list shows."""

    below: Annotated[int | None, Until("cost")] = None
    kind: Annotated[RewardKind | None, Same("kind")] = None
    opened: Annotated[datetime | None, Until("opens_at")] = None
    open_yet: Annotated[datetime | None, Since("closes_at")] = None
    least_left: Annotated[int | None, Since("remaining")] = None


@operation(Scope.REWARDS_READ)
async def wanted(actor: Actor, given: RewardFilter | None) -> Wanted | None:
    """The rewards that are asked for. By whose balance is for `points:read`, and for people whom the actor's purpose reaches."""
    if given is None:
        return None
    now = clock.now() if given.active_only else None
    below = None if given.affordable_for is None else await _balance(actor, given.affordable_for) + 1
    return Wanted(below=below, kind=given.kind, opened=now, open_yet=now, least_left=1 if now else None)


async def _balance(actor: Actor, customer_id: UUID) -> int:
    """What the customer can spend; less than nothing of whoever may not be seen."""
    actor.require((Scope.POINTS_READ,))
    under = await consent.grant(actor, [customer_id], fields=["points_accounts.balance"], sealed=False)
    if customer_id not in under.subject_ids:
        return -1
    statement = Statement(database.dialect())
    sql = f"select balance from points_accounts where customer_id = {statement.bind(customer_id, Kind.ID)}"  # noqa: S608  # bound
    found = await database.rows(sql, statement.args)
    return max(0, int(found[0][0])) if found else 0
