"""Reading access tokens."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from siyu.domain.kernel.operation import operation
from siyu.domain.kernel.reading import Ask, Reader, Row
from siyu.domain.tokens.tables import AccessToken
from siyu.privacy.actor import Actor, ActorKind, Scope


@operation()
async def me(actor: Actor, ask: Ask) -> Row | None:
    """The token that asks, whatever its scopes; None for staff or a job."""
    if actor.kind is not ActorKind.TOKEN or actor.id is None:
        return None
    return (await Reader(replace(actor, scopes=actor.scopes | {Scope.TOKENS_READ})).by_ids(ask, [actor.id]))[0]


@operation()
async def maker(actor: Actor, token_id: UUID) -> UUID | None:
    """The member of staff who made this token; None when it is no token's id."""
    found = await AccessToken.get_or_none(id=token_id).only("created_by_id")
    return found.created_by_id if found else None
