"""What holds of rewards: numbers and dates that make sense, and who may have one. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from siyu.privacy.refusal import Code, Refusal

#: Points, pieces and times: less than would not fit into four bytes.
NUMBER_MAX: Final = 1_000_000_000
_REWARD: Final = ("input", "reward_id")


def number(given: int, path: Sequence[str], *, least: int) -> int:
    """A whole number that makes sense there."""
    if not least <= given <= NUMBER_MAX:
        raise Refusal(f"From {least} to {NUMBER_MAX:,}.", path=path)
    return given


@dataclass(frozen=True, slots=True)
class Offer:
    """What of a reward decides whether somebody may have it, beside their points."""

    stock: int | None
    per_customer_limit: int | None
    active_from: datetime | None
    active_until: datetime | None


@dataclass(frozen=True, slots=True)
class Taker:
    """What of a customer decides it: how many they have had, and whether they are in the segment and at the tier that it asks for."""

    had: int
    in_segment: bool
    at_tier: bool


def available(offer: Offer, taker: Taker, at: datetime) -> None:
    """Refuse what this customer can't have now."""
    if offer.active_from is not None and at < offer.active_from:
        raise Refusal("This reward can't be had yet.", path=_REWARD, code=Code.WRONG_STATE)
    if offer.active_until is not None and at >= offer.active_until:
        raise Refusal("This reward can't be had any more.", path=_REWARD, code=Code.EXPIRED)
    if not (taker.in_segment and taker.at_tier):
        raise Refusal("This reward is not for this customer.", path=("input", "customer_id"), code=Code.WRONG_STATE)
    if offer.per_customer_limit is not None and taker.had >= offer.per_customer_limit:
        raise Refusal(f"A customer has this reward at most {offer.per_customer_limit} times.", path=_REWARD, code=Code.LIMIT_EXCEEDED)
    if offer.stock == 0:
        raise sold_out()


def sold_out() -> Refusal:
    """None is left."""
    return Refusal("None of this reward is left.", path=_REWARD, code=Code.OUT_OF_STOCK)
