"""What the orders of customers come to, kept beside each customer so that lists sort and filter by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from siyu.domain.customers.tables import NEVER
from siyu.domain.kernel import database
from siyu.domain.kernel.dialect import Kind, encode
from siyu.domain.kernel.operation import operation
from siyu.privacy.actor import Actor, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedGiven:
    """The sums of one customer's orders. The amount is in whole ten-thousandths of `currency`."""

    customer_id: UUID
    count: int
    spent_e4: int
    currency: str
    first_at: datetime | None
    last_at: datetime | None


@operation(Scope.ORDERS_IMPORT, writes=True)
async def ordered(actor: Actor, sums: Sequence[OrderedGiven]) -> None:
    """Put new sums in the place of the old ones: one statement, run for each customer."""
    dialect, mark = database.dialect(), database.mark
    await database.run_many(
        f"update customers set orders_count = {mark(1)}, spent_e4 = {mark(2)}, spent_currency = {mark(3)},"  # noqa: S608  # marks only
        f" first_ordered_at = {mark(4)}, last_ordered_or_never = {mark(5)} where id = {mark(6)}",
        [
            (
                each.count,
                each.spent_e4,
                each.currency,
                encode(dialect, Kind.DATETIME, each.first_at) if each.first_at else None,
                encode(dialect, Kind.DATETIME, each.last_at or NEVER),
                encode(dialect, Kind.ID, each.customer_id),
            )
            for each in sums
        ],
    )
