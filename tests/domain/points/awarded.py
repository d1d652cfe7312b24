"""Points, for tests, and what the tables come to."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import Final
from uuid import UUID

from siyu.domain import points
from siyu.domain.points import PointsAdjust, PointsAward, PointsRedeem, PointsReverse, PointsTransfer, Posted
from siyu.domain.points.tables import PointsAccount, PointsEntry, PointsLot
from siyu.privacy.actor import Actor

_KEYS: Final = count()


def fresh_key() -> str:
    """A key that nobody used."""
    return f"key {next(_KEYS)}"


async def award(actor: Actor, customer_id: UUID, number: int, *, key: str | None = None, available_at: datetime | None = None,
                expires_at: datetime | None = None) -> Posted:  # fmt: skip
    """Points for somebody."""
    wish = PointsAward(customer_id=customer_id, points=number, reason="because", idempotency_key=key or fresh_key(),
                       available_at=available_at, expires_at=expires_at)  # fmt: skip
    return await points.award(actor, wish)


async def redeem(actor: Actor, customer_id: UUID, number: int, *, key: str | None = None) -> Posted:
    """Points spent."""
    return await points.redeem(
        actor, PointsRedeem(customer_id=customer_id, points=number, reason="a mug", idempotency_key=key or fresh_key())
    )


async def adjust(actor: Actor, customer_id: UUID, number: int, *, key: str | None = None) -> Posted:
    """A balance put right."""
    return await points.adjust(
        actor, PointsAdjust(customer_id=customer_id, points=number, reason="a mistake", idempotency_key=key or fresh_key())
    )


async def reverse(actor: Actor, posted: Posted, *, key: str | None = None) -> Posted:
    """An entry taken back."""
    assert posted.entry_id is not None
    return await points.reverse(actor, PointsReverse(entry_id=posted.entry_id, reason="undone", idempotency_key=key or fresh_key()))


async def transfer(actor: Actor, giver: UUID, receiver: UUID, number: int, *, key: str | None = None) -> Posted:
    """Points from one to another."""
    given = key or fresh_key()
    wish = PointsTransfer(from_customer_id=giver, to_customer_id=receiver, points=number, reason="a gift", idempotency_key=given)
    return await points.transfer(actor, wish)


async def stands(customer_id: UUID) -> tuple[int, int, int]:
    """Balance, pending and lifetime of the account; zeros without one."""
    row = await PointsAccount.get_or_none(customer_id=customer_id)
    return (0, 0, 0) if row is None else (row.balance, row.pending, row.lifetime_earned)


async def lines(customer_id: UUID) -> list[tuple[str, int, int, int]]:
    """Kind, points, change and balance after of each entry."""
    rows = await PointsEntry.filter(customer_id=customer_id).order_by("account_id", "sequence")
    return [(str(row.kind), row.points, row.change, row.balance_after) for row in rows]


async def left(customer_id: UUID) -> list[int]:
    """What is left of each lot, in the order in which they were made."""
    return [row.remaining for row in await PointsLot.filter(customer_id=customer_id).order_by("id")]
