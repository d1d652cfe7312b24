"""What is said to us of tiers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Final
from uuid import UUID

from annotated_doc import Doc

from siyu.domain.kernel.inputs import UNSET, Ref, Unset
from siyu.domain.tiers.tables import CODE_MAX, NAME_MAX, TierQualification

THRESHOLD_MAX: Final = 2_000_000_000
RANK_MAX: Final = 1_000
DAYS_MAX: Final = 3_650
BENEFITS_MAX: Final = 20
BENEFIT_MAX: Final = 200
MULTIPLIER_MAX: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class TierSave:
    id: Annotated[UUID | None, Ref("Tier"), Doc("The tier to change; a new one is made where it is left out.")] = None
    code: Annotated[
        str, Doc(f"Its name for programs and rules, at most {CODE_MAX} characters: letters A to Z, digits, `.`, `_` and `-`. It stays.")
    ]
    name: Annotated[str, Doc(f"Its name for people, at most {NAME_MAX} characters.")]
    rank: Annotated[int, Doc(f"Its place, 1 to {RANK_MAX:,}, each tier another: the highest that is reached is the customer's.")]
    threshold: Annotated[
        int,
        Doc(f"From how many on, 0 to {THRESHOLD_MAX:,}: points, or of `SPEND_IN_WINDOW` units of the organisation's currency."),
    ]
    qualification: Annotated[TierQualification, Doc("What is held against the threshold.")]
    window_days: Annotated[
        int | None,
        Doc(
            f"What was earned or spent since midnight so many days before today counts, 1 to {DAYS_MAX:,}; "
            "needed for `POINTS_IN_WINDOW` and `SPEND_IN_WINDOW`, and for these only."
        ),
    ] = None
    grace_days: Annotated[
        int | Unset | None,
        Doc(f"For so many days more somebody stays at it who no longer reaches it, 0 to {DAYS_MAX:,}; left out it stays, null is 0."),
    ] = UNSET
    benefits: Annotated[
        list[str] | Unset | None,
        Doc(f"What it brings, at most {BENEFITS_MAX} lines of {BENEFIT_MAX} characters; left out they stay, null is none."),
    ] = UNSET
    earning_multiplier: Annotated[
        Decimal | Unset | None,
        Doc(f"What points that rules give are multiplied by, 0 to {MULTIPLIER_MAX}, four decimals; left out it stays, null is 1."),
    ] = UNSET
