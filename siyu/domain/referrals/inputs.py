"""What is said to us of referrals. `UNSET` is "left out": it stays as it is; null clears."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from annotated_doc import Doc

from siyu.domain.kernel.inputs import UNSET, Ref, Unset


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralBind:
    customer_id: Annotated[UUID, Ref("Customer"), Doc("The friend.")]
    code: Annotated[str, Doc("The advocate's code, `Customer.referralCode`; case, spaces and hyphens do not count.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralProgramUpdate:
    minimum_order: Annotated[
        Decimal | Unset | None,
        Doc("The friend's first paid order of at least so much, in the organisation's currency, qualifies; null: any paid order."),
    ] = UNSET
    expire_after_days: Annotated[
        int | Unset | None, Doc("For new referrals: the order must be placed within so many days, 1 to 3,650; null: no such limit.")
    ] = UNSET
