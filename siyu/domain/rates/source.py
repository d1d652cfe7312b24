"""What can be read of exchange rates."""

from __future__ import annotations

from siyu.domain.kernel.dialect import Kind
from siyu.domain.kernel.reading import Derived, Order, Source
from siyu.domain.rates.rules import RATE_SCALE
from siyu.domain.rates.tables import ExchangeRate
from siyu.privacy.actor import Scope


def _written(rate_e12: int) -> str:
    """Plain digits without trailing zeros."""
    whole, rest = divmod(rate_e12, RATE_SCALE)
    return f"{whole}.{rest:012d}".rstrip("0").rstrip(".")


EXCHANGE_RATE = Source(
    "ExchangeRate",
    table=ExchangeRate,
    scope=Scope.ORDERS_READ,
    description="What one unit of a currency is worth in the organisation's, from a day on until a later rate takes its place.",
    columns=("base", "currency", "valid_from", "updated_at"),
    internal=("rate_e12",),
    more=(
        Derived("rate", Kind.TEXT, ("rate_e12",), _written, "What one unit of the currency is worth in units of `base`.", nullable=False),
    ),
    orders=(Order("VALID_FROM_DESC", "valid_from"),),
)
