"""What is said to us of earning. `UNSET` is "left out": it stays as it is; null clears."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from annotated_doc import Doc

from siyu.domain.earning.tables import EarningTrigger, ReferralSide
from siyu.domain.kernel.inputs import UNSET, Ref, Unset


@dataclass(frozen=True, slots=True, kw_only=True)
class EarningRuleSave:
    id: Annotated[UUID | None, Ref("EarningRule"), Doc("The rule to change; left out: a new one.")] = None
    name: Annotated[str, Doc("Its name for people, at most 80 characters.")]
    trigger: Annotated[EarningTrigger, Doc("What it gives points for; that of a rule that is there never changes.")]
    event_name: Annotated[str | Unset | None, Doc("For `EVENT`: the name of the events.")] = UNSET
    rate: Annotated[
        Decimal | Unset | None,
        Doc(
            "For `ORDER_PAID`: so many points for each unit of the organisation's currency, with at most four decimals. What an order "
            "comes to is rounded down once."
        ),
    ] = UNSET
    fixed: Annotated[int | Unset | None, Doc("So many points each time.")] = UNSET
    segment_id: Annotated[UUID | Unset | None, Ref("Segment"), Doc("Only for members of this segment.")] = UNSET
    category: Annotated[str | Unset | None, Doc("For `ORDER_PAID`: only what was paid for articles of this category counts.")] = UNSET
    side: Annotated[ReferralSide | Unset | None, Doc("For `REFERRAL_QUALIFIED`: who of the two gets them; left out: both.")] = UNSET
    multiplied: Annotated[bool | Unset | None, Doc("Whether the customer's tier multiplies them; left out: it does.")] = UNSET
    streak_days: Annotated[int | Unset | None, Doc("For `CHECK_IN`: each so many days in a row, 2 to 366, bring the bonus.")] = UNSET
    streak_bonus: Annotated[int | Unset | None, Doc("For `CHECK_IN`: how many points more on such a day.")] = UNSET
    maximum_per_day: Annotated[int | Unset | None, Doc("The most that it gives one customer on one day.")] = UNSET
    active_from: Annotated[
        datetime | Unset | None, Doc("From when on; left out: from now on. A moment in the past takes in what happened since.")
    ] = UNSET
    active_until: Annotated[datetime | Unset | None, Doc("Until before when; left out: for good.")] = UNSET
    enabled: Annotated[bool | Unset | None, Doc("Whether it gives anything at all; left out: it does.")] = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInGiven:
    customer_id: Annotated[UUID, Ref("Customer"), Doc("Who checks in.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Something that rules of its trigger may give points for.

    `key` is unique among the occasions of the customer and the trigger, at most 80 characters, without anything personal: the same
    one twice is one. `at` decides which rules are in force, and on which day its limit counts.
    """

    customer_id: UUID
    trigger: EarningTrigger
    key: str
    at: datetime
    about_id: UUID | None = None
    event_name: str | None = None
    side: ReferralSide | None = None
    #: Of orders: what is left to pay in the organisation's currency, the same by category, and in the order's own currency.
    amount_e4: int = 0
    by_category_e4: dict[str, int] | None = None
    basis_e4: int | None = None
    #: Of check-ins: how many days in a row, this one included.
    streak: int = 0
