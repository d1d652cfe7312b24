"""Points that expire before long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from siyu.domain.kernel import clock, database, days
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.kernel.operation import operation
from siyu.domain.points.holding import as_id
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Refusal

WITHIN_MAX: Final = 3_660


@operation(Scope.POINTS_READ)
async def expiring(actor: Actor, customer_ids: Sequence[UUID], within_days: int) -> dict[UUID, int]:
    """How many points of each expire before the midnight that ends the day so many days from today; pending ones too. One statement.

    The caller keeps to the people whom the actor's purpose reaches.
    """
    if not 0 <= within_days <= WITHIN_MAX:
        raise Refusal(f"Between 0 and {WITHIN_MAX:,} days.", path=("withinDays",))
    statement = Statement(database.dialect())
    until = statement.bind(days.ago(-within_days - 1, at=clock.now(), zone=days.here()), Kind.DATETIME)
    rows = await database.rows(
        "select customer_id, cast(sum(remaining) as bigint) from points_lots"  # noqa: S608  # bound values only
        f" where {statement.among('customer_id', list(customer_ids), Kind.ID)} and open and expires_at <= {until} group by customer_id",
        statement.args,
    )
    found = {as_id(row[0]): int(row[1]) for row in rows}
    return {key: found.get(key, 0) for key in customer_ids}
