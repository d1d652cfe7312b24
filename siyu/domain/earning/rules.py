"""What holds of earning: how much, rounded how, how much at the most, and what a refund takes back. Pure.

Whole points come out; what goes in between is exact, in whole ten-thousandths, and is rounded down once.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from siyu.domain.earning.inputs import Occasion
from siyu.domain.earning.tables import EarningTrigger, ReferralSide
from siyu.privacy.refusal import Refusal, Refusals

E4: Final = 10_000
POINTS_MAX: Final = 1_000_000
RATE_MAX_E4: Final = 1_000 * E4
STREAK_MAX: Final = 366
#: What one occasion gives at the most, whatever its amount: a ledger's entry moves no more.
EARNED_MAX: Final = 1_000_000_000

_PATH: Final = ("input",)
_ONLY: Final = {
    "event_name": EarningTrigger.EVENT,
    "rate_e4": EarningTrigger.ORDER_PAID,
    "category": EarningTrigger.ORDER_PAID,
    "side": EarningTrigger.REFERRAL_QUALIFIED,
    "streak_days": EarningTrigger.CHECK_IN,
    "streak_bonus": EarningTrigger.CHECK_IN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What one version of a rule says. Rate and multiplier are in ten-thousandths."""

    trigger: EarningTrigger
    event_name: str | None = None
    rate_e4: int | None = None
    fixed: int | None = None
    segment_id: UUID | None = None
    category: str | None = None
    side: ReferralSide | None = None
    multiplied: bool = True
    streak_days: int | None = None
    streak_bonus: int | None = None
    maximum_per_day: int | None = None
    active_from: datetime | None = None
    active_until: datetime | None = None
    enabled: bool = True

    def speaks_of(self, occasion: Occasion) -> bool:
        """Whether the rule is in force and meant for such an occasion; the segment is asked elsewhere."""
        return (
            self.enabled
            and self.trigger is occasion.trigger
            and (self.active_from is None or self.active_from <= occasion.at)
            and (self.active_until is None or occasion.at < self.active_until)
            and (self.event_name is None or self.event_name == occasion.event_name)
            and (occasion.side is None or self.side in (None, ReferralSide.BOTH, occasion.side))
        )


def fitting(terms: Terms) -> None:
    """Refuse terms that make no sense, all that is wrong at once."""
    wrong = [
        Refusal(f"This is for rules of {trigger}.", path=(*_PATH, name.removesuffix("_e4")))
        for name, trigger in _ONLY.items()
        if getattr(terms, name) is not None and terms.trigger is not trigger
    ]
    if terms.trigger is EarningTrigger.EVENT and terms.event_name is None:
        wrong.append(Refusal("Say which events.", path=(*_PATH, "event_name")))
    if terms.rate_e4 is not None and not 0 < terms.rate_e4 <= RATE_MAX_E4:
        wrong.append(Refusal(f"More than 0, at most {RATE_MAX_E4 // E4:,}.", path=(*_PATH, "rate")))
    for name in ("fixed", "streak_bonus", "maximum_per_day"):
        value = getattr(terms, name)
        if value is not None and not 1 <= value <= POINTS_MAX:
            wrong.append(Refusal(f"From 1 to {POINTS_MAX:,} points.", path=(*_PATH, name)))
    if terms.streak_days is not None and not 2 <= terms.streak_days <= STREAK_MAX:
        wrong.append(Refusal(f"From 2 to {STREAK_MAX} days.", path=(*_PATH, "streak_days")))
    if (terms.streak_days is None) is not (terms.streak_bonus is None):
        wrong.append(Refusal("Days in a row and their bonus belong together.", path=(*_PATH, "streak_days")))
    if terms.rate_e4 is None and terms.fixed is None and terms.streak_bonus is None:
        wrong.append(Refusal("Say how many points: at a rate, or so many each time.", path=(*_PATH, "fixed")))
    if terms.active_from is not None and terms.active_until is not None and terms.active_from >= terms.active_until:
        wrong.append(Refusal("It must end after it begins.", path=(*_PATH, "active_until")))
    if wrong:
        raise Refusals(wrong)


def exact_e4(terms: Terms, occasion: Occasion, multiplier_e4: int) -> int:
    """What the rule gives for the occasion in ten-thousandths of a point, before it is rounded down to whole points."""
    amount = occasion.amount_e4 if terms.category is None else (occasion.by_category_e4 or {}).get(terms.category, 0)
    if terms.category is not None and amount <= 0:
        return 0
    whole = (terms.fixed or 0) + streak_bonus(occasion.streak, terms.streak_days, terms.streak_bonus)
    plain_e8 = (terms.rate_e4 or 0) * max(amount, 0) + whole * E4 * E4
    return min(plain_e8 * (multiplier_e4 if terms.multiplied else E4) // (E4 * E4), EARNED_MAX * E4)


def within_day(points: int, had: int, maximum: int | None) -> int:
    """How many of these points are left under a day's limit, of which so many were given already."""
    return points if maximum is None else max(0, min(points, maximum - had))


def kept(earned_e4: int, basis_e4: int, left_e4: int) -> int:
    """How many whole points stay once so much of an order's `basis_e4` is left: their share, rounded down; never more than were earned."""
    if basis_e4 <= 0:
        return earned_e4 // E4 if left_e4 >= basis_e4 else 0
    return earned_e4 * max(0, min(left_e4, basis_e4)) // basis_e4 // E4


def streak(days: Collection[date], today: date) -> int:
    """How many days in a row, up to today and with it; 0 where today is not among them."""
    there, length = set(days), 0
    while today - timedelta(days=length) in there:
        length += 1
    return length


def streak_bonus(length: int, every: int | None, bonus: int | None) -> int:
    """The bonus of a day that is the last of each `every` days in a row."""
    return bonus if every and bonus and length > 0 and length % every == 0 else 0


def shares(paid: dict[str, int], amount_e4: int) -> dict[str, int]:
    """What of an amount falls to each category by what its articles cost, rounded down; the blank category counts, and gets nothing."""
    total = sum(paid.values())
    return {name: amount_e4 * each // total for name, each in paid.items() if name} if total > 0 else {}
