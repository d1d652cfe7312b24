"""Nouns that keep sums beside their rows say here how to bring them up to date, once rows have gone from one customer to another.

@joining.refreshes
async def refresh(actor: Actor, customer_ids: Sequence[UUID]) -> None: ...
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from uuid import UUID

from siyu.privacy.actor import Actor

Refresh = Callable[[Actor, Sequence[UUID]], Awaitable[None]]

#: Announced with the kept and the merged customer's id when they were merged or parted: what was known of either's rows is no more.
MERGED: Final = "merged"

_REFRESHES: Final[list[Refresh]] = []


def refreshes(function: Refresh) -> Refresh:
    """Have `function` called inside the transaction of a merge, or of its undoing, with both customers, after their rows have moved.

    It works out anew what its noun derives from a customer's rows, for just these customers; the actor holds no scope of the noun's.
    """
    _REFRESHES.append(function)
    return function


async def refresh(actor: Actor, customer_ids: Sequence[UUID]) -> None:
    """Call all that registered, in the order in which they did."""
    for function in _REFRESHES:
        await function(actor, customer_ids)
