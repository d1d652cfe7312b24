"""What holds of orders: which status may follow which, what counts, what may be paid back. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Final
from uuid import UUID

from siyu.domain.orders.tables import OrderStatus
from siyu.privacy.refusal import Code, Refusal

#: Orders that count in a customer's sums.
COUNTED: Final = (OrderStatus.PLACED, OrderStatus.PAID, OrderStatus.FULFILLED, OrderStatus.PARTLY_REFUNDED)

#: How far an order has come. Where nobody tells which word is newer, the one that is further counts.
_RANK: Final = {
    status: rank
    for rank, status in enumerate(
        (
            OrderStatus.PLACED,
            OrderStatus.PAID,
            OrderStatus.FULFILLED,
            OrderStatus.PARTLY_REFUNDED,
            OrderStatus.CANCELLED,
            OrderStatus.REFUNDED,
        )
    )
}
#: A newer word may take these back.
_TAKEN_BACK: Final = frozenset({OrderStatus.PAID, OrderStatus.FULFILLED, OrderStatus.CANCELLED})
#: A newer word that says less leaves these as they are, and changes the rest: money that was paid back is.
_STAYING: Final = frozenset(
    {
        *((OrderStatus.PARTLY_REFUNDED, said) for said in (OrderStatus.PLACED, OrderStatus.PAID, OrderStatus.FULFILLED)),
        (OrderStatus.REFUNDED, OrderStatus.CANCELLED),
    }
)


class Late(Enum):
    """The type of `LATE`."""

    LATE = auto()


#: The word is older than what is known: nothing of it is taken.
LATE: Final = Late.LATE


def next_status(
    now: OrderStatus, said: OrderStatus, *, known_at: datetime | None = None, said_at: datetime | None = None
) -> OrderStatus | Late:
    """What a word about an order makes of its status; `known_at` and `said_at` are when the source knew the one and the other.

    Refuses (`WRONG_STATE`) a newer word that takes back what can't be undone.
    """
    newer = None if known_at is None or said_at is None or known_at == said_at else said_at > known_at
    if newer is False:
        return LATE
    if _RANK[said] >= _RANK[now]:
        return said
    if newer is None:
        return LATE
    if now in _TAKEN_BACK:
        return said
    if (now, said) in _STAYING:
        return now
    raise Refusal(f"An order that is {now} does not become {said} again.", path=("status",), code=Code.WRONG_STATE)


@dataclass(frozen=True, slots=True)
class Share:
    """What one order adds to its customer's sum in its currency: amounts after refunds, in ten-thousandths."""

    count: int = 0
    spent_e4: int = 0
    unconverted_count: int = 0
    unconverted_e4: int = 0
    worth_e4: int = 0

    def __add__(self, other: Share) -> Share:
        return Share(
            self.count + other.count,
            self.spent_e4 + other.spent_e4,
            self.unconverted_count + other.unconverted_count,
            self.unconverted_e4 + other.unconverted_e4,
            self.worth_e4 + other.worth_e4,
        )

    def __neg__(self) -> Share:
        return Share(-self.count, -self.spent_e4, -self.unconverted_count, -self.unconverted_e4, -self.worth_e4)


NOTHING: Final = Share()
#: A customer's sum in one currency.
SumKey = tuple[UUID, str]


def share(status: OrderStatus, total_e4: int, refunded_e4: int, worth_e4: int | None) -> Share:
    """What an order adds. `worth_e4` is what is left of it in the organisation's currency, None without a rate."""
    if status not in COUNTED:
        return NOTHING
    left = total_e4 - refunded_e4
    return Share(1, left, 1, left, 0) if worth_e4 is None else Share(1, left, 0, 0, worth_e4)


def refunded_status(now: OrderStatus, total_e4: int, refunded_e4: int) -> OrderStatus:
    """The status once so much of an order was paid back. A cancelled one stays so until all of it was: it counts no more than before."""
    if refunded_e4 >= total_e4:
        return OrderStatus.REFUNDED
    return now if now is OrderStatus.CANCELLED else OrderStatus.PARTLY_REFUNDED


def refundable(status: OrderStatus, total_e4: int, refunded_e4: int, amount_e4: int) -> None:
    """Refuse to pay back nothing, more than is left, or what was paid back in full."""
    if status is OrderStatus.REFUNDED:
        raise Refusal("This order was paid back in full.", path=("order_id",), code=Code.WRONG_STATE)
    if amount_e4 == 0:
        raise Refusal("Nothing can't be paid back.", path=("amount", "amount"))
    if amount_e4 > total_e4 - refunded_e4:
        raise Refusal("This is more than is left of the order.", path=("amount", "amount"))


def digest(text: bytes) -> bytes:
    """By what a text is known again without being kept."""
    return hashlib.sha256(text).digest()
