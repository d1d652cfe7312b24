"""What is said to us of points, and what another noun posts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from annotated_doc import Doc

from siyu.domain.kernel.inputs import UNSET, Personal, Ref, Unset
from siyu.domain.points.tables import NegativeBalancePolicy
from siyu.privacy.personal import Category
from siyu.privacy.refusal import Refusal

#: Characters of a reason, of an idempotency key, and the most points that one entry moves.
REASON_MAX: Final = 300
KEY_MAX: Final = 200
POINTS_MAX: Final = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """Points that a noun of ours gives or takes; the caller has checked a scope of its own.

    `source` is a short code of what made it (`order_paid`, `coupon`); `key` is unique in the whole house: begin it with the source and a
    colon. The same key with the same posting is answered as it was the first time, with another one it is refused with CONFLICT.
    `available_at` and `expires_at` are for credits; None is what the program says.
    """

    customer_id: UUID
    points: int
    source: str
    key: str
    reason: str | None = None
    about_id: UUID | None = None
    rule_id: UUID | None = None
    rule_version: int | None = None
    available_at: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of a posting. `entry_id` is None where it was refused; `customer_id` is who has it now: whom they were merged into."""

    entry_id: UUID | None
    customer_id: UUID
    replayed: bool = False
    refusal: Refusal | None = None


_KEY: Final = Doc(f"Yours alone, at most {KEY_MAX} characters: the same input sent again under the same key changes nothing.")
_REASON: Final = Doc(f"Why, for people to read, at most {REASON_MAX} characters.")
_CUSTOMER: Final = Doc("Whose points.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsAward:
    customer_id: Annotated[UUID, Ref("Customer"), _CUSTOMER]
    points: Annotated[int, Doc("How many, above zero.")]
    reason: Annotated[str, Personal(Category.FREE_TEXT), _REASON]
    idempotency_key: Annotated[str, _KEY]
    available_at: Annotated[datetime | None, Doc("From when they can be spent; by the program where it is left out.")] = None
    expires_at: Annotated[datetime | None, Doc("When they expire; by the program where it is left out.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsRedeem:
    customer_id: Annotated[UUID, Ref("Customer"), _CUSTOMER]
    points: Annotated[int, Doc("How many, above zero.")]
    reason: Annotated[str, Personal(Category.FREE_TEXT), _REASON]
    idempotency_key: Annotated[str, _KEY]


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsAdjust:
    customer_id: Annotated[UUID, Ref("Customer"), _CUSTOMER]
    points: Annotated[int, Doc("How many to add, or, below zero, to take away.")]
    reason: Annotated[str, Personal(Category.FREE_TEXT), _REASON]
    idempotency_key: Annotated[str, _KEY]


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsReverse:
    entry_id: Annotated[UUID, Ref("PointsEntry"), Doc("The entry to take back.")]
    reason: Annotated[str, Personal(Category.FREE_TEXT), _REASON]
    idempotency_key: Annotated[str, _KEY]


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsTransfer:
    from_customer_id: Annotated[UUID, Ref("Customer"), Doc("Who gives them.")]
    to_customer_id: Annotated[UUID, Ref("Customer"), Doc("Who gets them; they expire as they would have.")]
    points: Annotated[int, Doc("How many, above zero.")]
    reason: Annotated[str, Personal(Category.FREE_TEXT), _REASON]
    idempotency_key: Annotated[str, _KEY]


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsProgramUpdate:
    name: Annotated[str | Unset, Doc("What customers know it by.")] = UNSET
    expire_after_days: Annotated[int | Unset | None, Doc("How many days new points last; null: for ever.")] = UNSET
    pending_days: Annotated[int | Unset, Doc("How many days new points wait before they can be spent.")] = UNSET
    negative_balance: Annotated[NegativeBalancePolicy | Unset, Doc("What becomes of a claw-back that finds too few points.")] = UNSET
