"""What holds of referrals: whom nobody can refer, which order qualifies, when it is too late. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from siyu.domain.kernel.dialect import money_to_e4
from siyu.domain.kernel.inputs import Unset
from siyu.domain.orders import Payment
from siyu.domain.referrals.inputs import ReferralProgramUpdate
from siyu.privacy.refusal import Code, Refusal

DAYS_MAX: Final = 3_650
_DECIMALS: Final = 4
_MOST: Final = Decimal(1_000_000_000)


@dataclass(frozen=True, slots=True)
class Program:
    """When a referral qualifies: the amount in whole ten-thousandths of the organisation's currency."""

    minimum_e4: int = 0
    expire_after_days: int | None = 90


def changed(now: Program, wish: ReferralProgramUpdate) -> Program:
    """The program as it is wished for; refuses what does not fit."""
    minimum, days = now.minimum_e4, now.expire_after_days
    if not isinstance(wish.minimum_order, Unset):
        minimum = _amount_e4(wish.minimum_order or Decimal(0))
    if not isinstance(wish.expire_after_days, Unset):
        days = wish.expire_after_days
        if days is not None and not 1 <= days <= DAYS_MAX:
            raise Refusal(f"From 1 to {DAYS_MAX:,} days.", path=("input", "expire_after_days"))
    return Program(minimum, days)


def _amount_e4(amount: Decimal) -> int:
    exponent = amount.normalize().as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -_DECIMALS or not 0 <= amount <= _MOST:
        raise Refusal("0 or more, with at most four decimals.", path=("input", "minimum_order"))
    return money_to_e4(amount)


def expires(program: Program, at: datetime) -> datetime | None:
    """Until before when an order qualifies."""
    return None if program.expire_after_days is None else at + timedelta(days=program.expire_after_days)


def bindable(friend: UUID, advocate: UUID, above: Collection[UUID], path: Sequence[str]) -> None:
    """Refuse referring oneself, and a circle: `above` are those who referred the advocate, and whoever referred them, and so on."""
    if friend == advocate:
        raise Refusal("Nobody refers themselves.", path=path)
    if friend in above:
        raise Refusal("The friend referred whoever's code this is, at first or second hand.", path=path, code=Code.CONFLICT)


def qualifying(payments: Sequence[Payment], *, minimum_e4: int, since: datetime, until: datetime | None) -> Payment | None:
    """The first of these orders, the oldest first, that was paid, comes to enough, and was placed in time; None: there is none yet."""
    for each in payments:
        in_time = since <= each.placed_at and (until is None or each.placed_at < until)
        if in_time and still(each, minimum_e4):
            return each
    return None


def still(payment: Payment | None, minimum_e4: int) -> bool:
    """Whether an order is paid and comes to enough, after what was paid back."""
    return payment is not None and payment.paid and payment.worth_e4 is not None and payment.worth_e4 >= minimum_e4
