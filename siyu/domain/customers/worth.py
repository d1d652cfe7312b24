"""What a customer is worth, from the orders that count. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from siyu.domain.kernel import clock

_DAY_SECONDS: Final = 86_400
_YEAR_DAYS: Final = 365.25


def days_since(last_at: datetime | None) -> int | None:
    """Whole days since the last order."""
    return (clock.now() - last_at).days if last_at else None


def days_between(count: int | None, first_at: datetime | None, last_at: datetime | None) -> float | None:
    """Mean number of days from one order to the next, to a tenth."""
    exact = _days(count, first_at, last_at)
    return None if exact is None else round(exact, 1)


def orders_per_year(count: int | None, first_at: datetime | None, last_at: datetime | None) -> float | None:
    """Orders a year at that pace, to a tenth."""
    exact = _days(count, first_at, last_at)
    return round(_YEAR_DAYS / exact, 1) if exact else None


def _days(count: int | None, first_at: datetime | None, last_at: datetime | None) -> float | None:
    if count is None or count < 2 or first_at is None or last_at is None:
        return None
    return (last_at - first_at).total_seconds() / _DAY_SECONDS / (count - 1)
