"""At which tier the holder of an account is, as the noun of tiers says."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from siyu.domain.kernel import clock, database, ids
from siyu.domain.kernel.dialect import Kind, Statement, held
from siyu.domain.kernel.operation import operation
from siyu.domain.points.tables import PointsAccount
from siyu.privacy.actor import Actor


@dataclass(frozen=True, slots=True)
class TierGiven:
    """At which tier somebody is, since when and until when at least; None is no tier, and no end."""

    customer_id: UUID
    tier_id: UUID | None
    since: datetime | None
    until: datetime | None


@operation(writes=True)
async def hold_accounts(actor: Actor, customer_ids: Collection[UUID]) -> None:
    """Have each of these customers, who are there, have an account that nobody else changes until the transaction ends. Two statements."""
    if not customer_ids:
        return
    statement, now = Statement(database.dialect()), clock.now()
    rows = [(ids.uuid7(), now, each, 0, 0, 0, 0, now) for each in sorted(customer_ids)]
    columns = {
        "id": Kind.ID, "created_at": Kind.DATETIME, "customer_id": Kind.ID, "balance": Kind.INT, "pending": Kind.INT,
        "lifetime_earned": Kind.INT, "last_sequence": Kind.INT, "updated_at": Kind.DATETIME,
    }  # fmt: skip
    given, names = statement.table("g", columns, rows), ", ".join(columns)
    await database.run(
        f"insert into points_accounts ({names}) select {names} from {given} where true on conflict (customer_id) do nothing",  # noqa: S608  # bound
        statement.args,
    )
    statement = Statement(database.dialect())
    among = statement.among("a.customer_id", sorted(customer_ids), Kind.ID)
    await database.rows(
        f"select a.id from points_accounts a where {among} order by a.customer_id{held(statement.dialect)}",  # noqa: S608  # bound values only
        statement.args,
    )


@operation(writes=True)
async def tiered(actor: Actor, given: Sequence[TierGiven]) -> None:
    """Write down at which tier these customers are, whose accounts are held. One statement."""
    if not given:
        return
    statement = Statement(database.dialect())
    columns = {"customer_id": Kind.ID, "tier_id": Kind.ID, "since": Kind.DATETIME, "until": Kind.DATETIME}
    rows = statement.table("g", columns, [(each.customer_id, each.tier_id, each.since, each.until) for each in given])
    await database.run(
        "update points_accounts set tier_id = g.tier_id, tier_since = g.since, tier_until = g.until"  # noqa: S608  # bound values only
        f" from {rows} where points_accounts.customer_id = g.customer_id",
        statement.args,
    )


@operation()
async def tiers_of(actor: Actor, customer_ids: Collection[UUID]) -> list[TierGiven]:
    """At which tiers these accounts are, those that are at one. One statement."""
    if not customer_ids:
        return []
    rows = PointsAccount.filter(customer_id__in=list(customer_ids), tier_id__isnull=False)
    return [TierGiven(row.customer_id, row.tier_id, row.tier_since, row.tier_until) for row in await rows]
