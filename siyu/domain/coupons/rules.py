"""What holds of coupons: templates that make sense, and whether one may be redeemed. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from siyu.domain.coupons.inputs import CouponTemplate
from siyu.domain.coupons.tables import CouponKind, CouponState
from siyu.domain.kernel import days
from siyu.domain.kernel.dialect import MONEY_SCALE
from siyu.domain.kernel.money import MoneyGiven, amount_e4, currency_code
from siyu.privacy.refusal import Code, Refusal

#: So many get theirs while the caller waits; more by a job, a page a transaction.
AT_ONCE_MAX: Final = 250
#: Named customers of one call.
CUSTOMERS_MAX: Final = 10_000
VALID_DAYS_MAX: Final = 3_650
REASON_MAX: Final = 500
_PERCENT_MAX: Final = Decimal(100)


@dataclass(frozen=True, slots=True)
class Template:
    """What each coupon of an issue is, checked. Amounts in ten-thousandths."""

    kind: CouponKind
    value_e4: int
    minimum_e4: int | None
    minimum_currency: str | None
    valid_days: int


def template(given: CouponTemplate, path: Sequence[str]) -> Template:
    """A template as it is stored; what makes no sense is refused by its path."""
    value_e4 = amount_e4(given.value, (*path, "value"))
    if given.kind is not CouponKind.GIFT and value_e4 == 0:
        raise Refusal("It is more than nothing.", path=(*path, "value"))
    if given.kind is CouponKind.PERCENT and given.value > _PERCENT_MAX:
        raise Refusal("At most 100 percent.", path=(*path, "value"))
    if not 1 <= given.valid_days <= VALID_DAYS_MAX:
        raise Refusal(f"From 1 to {VALID_DAYS_MAX:,} days.", path=(*path, "valid_days"))
    minimum, currency = money(given.minimum_spend, (*path, "minimum_spend"))
    return Template(given.kind, value_e4, minimum, currency, given.valid_days)


def money(given: MoneyGiven | None, path: Sequence[str]) -> tuple[int | None, str | None]:
    """An amount in ten-thousandths and its currency; of none neither."""
    if given is None:
        return None, None
    currency = currency_code(given.currency, (*path, "currency"))
    return amount_e4(given.amount, (*path, "amount")), currency


def until(valid_days: int, at: datetime, zone: ZoneInfo) -> datetime:
    """The end of the last day of so many after the day of issue there: the first moment that it does not hold at."""
    return days.begins(days.day_of(at, zone) + timedelta(days=valid_days + 1), zone)


@dataclass(frozen=True, slots=True)
class Stands:
    """What of a coupon decides whether it may be redeemed."""

    state: CouponState
    valid_from: datetime
    valid_until: datetime
    minimum_e4: int | None
    minimum_currency: str | None


def redeemable(coupon: Stands, at: datetime, spend_e4: int | None, currency: str | None) -> None:
    """Refuse what may not be redeemed now, with this spend."""
    path = ("input", "code")
    if coupon.state is CouponState.REDEEMED:
        raise Refusal("This coupon was redeemed before.", path=path, code=Code.WRONG_STATE)
    if coupon.state is CouponState.REVOKED:
        raise Refusal("This coupon was revoked.", path=path, code=Code.WRONG_STATE)
    if coupon.state is CouponState.EXPIRED or coupon.valid_until <= at:
        raise Refusal("This coupon has expired.", path=path, code=Code.EXPIRED)
    if at < coupon.valid_from:
        raise Refusal("This coupon does not hold yet.", path=path, code=Code.WRONG_STATE)
    if coupon.minimum_e4 is None:
        return
    least = f"{Decimal(coupon.minimum_e4) / MONEY_SCALE:,.2f} {coupon.minimum_currency}"
    if spend_e4 is None:
        raise Refusal(f"Say what is spent: this coupon asks for {least}.", path=("input", "spend"))
    if currency != coupon.minimum_currency:
        raise Refusal(f"This coupon asks for a spend in {coupon.minimum_currency}.", path=("input", "spend", "currency"))
    if spend_e4 < coupon.minimum_e4:
        raise Refusal(f"This coupon asks for a spend of {least}.", path=("input", "spend", "amount"))
