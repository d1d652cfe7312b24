"""What orders come to. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from siyu.domain.customers import OrderedGiven


@dataclass(frozen=True, slots=True)
class Sum:
    """A customer's orders in one currency."""

    currency: str
    count: int
    spent_e4: int
    first_at: datetime
    last_at: datetime


def purse(customer_id: UUID, sums: Sequence[Sum], usual: str) -> OrderedGiven:
    """All orders are counted and dated; what was spent is told in one currency, amounts in others are left out.

    It is the organisation's own where any order is in it, else the one with most orders.
    """
    if not sums:
        return OrderedGiven(customer_id=customer_id, count=0, spent_e4=0, currency="", first_at=None, last_at=None)
    main = max(sums, key=lambda each: (each.currency == usual, each.count, each.currency))
    return OrderedGiven(
        customer_id=customer_id,
        count=sum(each.count for each in sums),
        spent_e4=main.spent_e4,
        currency=main.currency,
        first_at=min(each.first_at for each in sums),
        last_at=max(each.last_at for each in sums),
    )
