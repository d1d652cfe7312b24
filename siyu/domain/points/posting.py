"""Points that other nouns give and take: their callers have checked a scope of their own."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from siyu.domain.kernel.operation import operation
from siyu.domain.points.inputs import Posted, Posting
from siyu.privacy.actor import Actor


@operation(writes=True)
async def credit(actor: Actor, postings: Sequence[Posting]) -> list[Posted]:
    """Give points (EARN): one answer a posting, in their order. One that is refused (NOT_FOUND, RESTRICTED, CONFLICT) never loses the others.

    A fixed number of statements, however many.
    """
    raise NotImplementedError


@operation(writes=True)
async def debit(actor: Actor, posting: Posting) -> Posted:
    """Take points (REDEEM). Raises a refusal: INSUFFICIENT_POINTS, RESTRICTED, NOT_FOUND or CONFLICT."""
    raise NotImplementedError


@operation(writes=True)
async def claw_back(
    actor: Actor, entry_id: UUID, points: int | None, *, source: str, key: str, about_id: UUID | None = None, reason: str | None = None
) -> Posted:
    """Take back a part of an EARN, or with None all that is left of it (REVERSE); by the program's policy where too few points are there.

    Several parts may follow each other; more than is left is taken as what is left. Raises a refusal: WRONG_STATE where nothing is left
    or it is no credit, INSUFFICIENT_POINTS where the policy is FORBID, NOT_FOUND, CONFLICT.
    """
    raise NotImplementedError


@operation(writes=True)
async def give_back(actor: Actor, entry_id: UUID, *, source: str, key: str, reason: str | None = None) -> Posted:
    """Take a debit back (REVERSE): a redemption that is called off. Raises a refusal: WRONG_STATE where it was taken back, NOT_FOUND, CONFLICT."""
    raise NotImplementedError
