"""Tags that are named while a customer is written: another noun keeps them, and says here how.

@customers.tagger
async def tagged(actor: Actor, customer_id: UUID, names: Sequence[str], path: tuple[str, ...]) -> None: ...
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from uuid import UUID

from siyu.privacy.actor import Actor

#: Puts the tags of these names on the customer, in the current transaction; refuses unknown ones below `path`.
Tagger = Callable[[Actor, UUID, Sequence[str], tuple[str, ...]], Awaitable[object]]

_TAGGERS: Final[list[Tagger]] = []


def tagger(function: Tagger) -> Tagger:
    """Have `function` called for the tags that are named for a customer."""
    _TAGGERS.append(function)
    return function


async def tag(actor: Actor, customer_id: UUID, names: Sequence[str] | None, path: tuple[str, ...]) -> None:
    """Put the named tags on; nothing happens without names."""
    for function in _TAGGERS if names else ():
        await function(actor, customer_id, names or (), path)
