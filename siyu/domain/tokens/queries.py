"""Reading access tokens."""

from __future__ import annotations

from dataclasses import replace

from siyu.domain.kernel.operation import operation
from siyu.domain.kernel.reading import Ask, Reader, Row
from siyu.privacy.actor import Actor, ActorKind, Scope


@operation()
async def me(actor: Actor, ask: Ask) -> Row | None:
    """The token that asks, whatever its scopes; None for staff or a job."""
    if actor.kind is not ActorKind.TOKEN or actor.id is None:
        return None
    return (await Reader(replace(actor, scopes=actor.scopes | {Scope.TOKENS_READ})).by_ids(ask, [actor.id]))[0]
