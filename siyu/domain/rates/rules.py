"""What an amount is worth in the organisation's currency. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from siyu.privacy.refusal import Refusal

#: A rate is kept as whole billionths of a thousandth, so that conversion is exact until its one rounding.
RATE_SCALE: Final = 10**12
#: No currency is worth this many units of another.
RATE_BOUND: Final = 9_000_000


def rate_e12(rate: Decimal, path: Sequence[str]) -> int:
    """A rate in whole trillionths; one that is not above zero, too fine or too large is refused."""
    scaled = rate * RATE_SCALE
    if rate <= 0 or rate >= RATE_BOUND:
        raise Refusal(f"A rate is above zero and below {RATE_BOUND:,}.", path=path)
    if scaled != scaled.to_integral_value():
        raise Refusal("A rate has at most twelve decimals.", path=path)
    return int(scaled)


def converted(amount_e4: int, rate: int) -> int:
    """An amount at a rate in trillionths, in whole ten-thousandths; halves are rounded to the even neighbour."""
    whole, rest = divmod(amount_e4 * rate, RATE_SCALE)
    return whole + (2 * rest > RATE_SCALE or (2 * rest == RATE_SCALE and whole % 2 == 1))


@dataclass(frozen=True, slots=True)
class Rates:
    """Rates of some currencies into one, and the time zone whose days they hold for."""

    base: str
    zone: ZoneInfo
    #: By currency, the days from which a rate holds in their order, and the rates in trillionths.
    known: Mapping[str, tuple[Sequence[date], Sequence[int]]]

    def worth(self, amount_e4: int, currency: str, at: datetime) -> int | None:
        """The amount in the base currency at the rate of that moment's day; None where there is no rate for it."""
        if currency == self.base:
            return amount_e4
        days, rates = self.known.get(currency, ((), ()))
        place = bisect_right(days, at.astimezone(self.zone).date())
        return converted(amount_e4, rates[place - 1]) if place else None
