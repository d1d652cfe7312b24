"""Who sent a request: the bearer secret in its `Authorization` header."""

from __future__ import annotations

from siyu.domain import tokens
from siyu.domain.kernel import bearer
from siyu.domain.tokens import Caller
from siyu.privacy.actor import Actor
from siyu.privacy.refusal import Unauthenticated

#: Root fields that a stranger may ask for: they sign somebody in, or say nothing.
OPEN = frozenset({"staffLogin", "staffRefresh", "staffInviteAccept", "__typename"})


async def caller(authorization: str, *, request: str) -> Caller | None:
    """Who the header stands for; None when there is none. Raises `Unauthenticated` for one that is no good.

    `request` is the correlation id, which the actor carries into the audit trail.
    """
    if not authorization:
        return None
    scheme, _, secret = authorization.partition(" ")
    if scheme.lower() == "bearer":
        known = tokens.recall(secret, request=request)
        if known is not None:
            return known
        shown = bearer.present(secret.strip())
        if shown is not None:
            return await tokens.authenticate(Actor.worker("door", request=request), shown, text=secret.strip())
    raise Unauthenticated("Send `Authorization: Bearer <access token>`; this is no access token of ours.")


async def required(authorization: str, *, request: str) -> Actor:
    """Like `caller`, but a stranger is refused."""
    found = await caller(authorization, request=request)
    if found is None:
        raise Unauthenticated("Sign in, or send an access token.")
    return found.actor
