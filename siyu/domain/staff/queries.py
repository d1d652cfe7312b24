"""Reading staff."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from siyu.domain.kernel import clock, normal
from siyu.domain.kernel.operation import operation
from siyu.domain.kernel.reading import Ask, Reader, Row
from siyu.domain.staff.tables import Staff
from siyu.privacy.actor import ROLE_PURPOSE, ROLE_SCOPES, Actor, ActorKind, Scope
from siyu.privacy.refusal import NotFound


@operation()
async def me(actor: Actor, ask: Ask) -> Row | None:
    """The member of staff who asks, whatever their scopes; None for a token or a job."""
    if actor.kind is not ActorKind.STAFF or actor.id is None:
        return None
    return (await Reader(replace(actor, scopes=actor.scopes | {Scope.STAFF_READ})).by_ids(ask, [actor.id]))[0]


@operation(Scope.STAFF_READ)
async def acting(actor: Actor, *, email: str) -> Actor:
    """The actor that the active member of staff of this address is when signed in: for the command line."""
    who = await Staff.get_or_none(email=normal.email(email), active=True)
    if who is None:
        raise NotFound("There is no active member of staff of this email address.")
    return _signed_in(who, actor.request)


def _signed_in(who: Staff, request: str) -> Actor:
    return Actor(ActorKind.STAFF, who.id, who.name, ROLE_SCOPES[who.role], ROLE_PURPOSE[who.role], request)


@operation()
async def standing(actor: Actor, staff_id: UUID) -> Actor | None:
    """Who this member of staff is at this moment, for work that goes on after their call; None once they are active no longer."""
    who = await Staff.get_or_none(id=staff_id, active=True)
    return _signed_in(who, actor.request) if who else None


@operation()
async def seen(actor: Actor, staff_ids: Collection[UUID]) -> None:
    """Note that these members of staff asked for something just now."""
    await Staff.filter(id__in=list(staff_ids)).update(last_seen_at=clock.now())


@operation()
async def known(actor: Actor, staff_id: UUID) -> bool:
    """Whether this is an active member of staff: for nouns that name one."""
    return await Staff.exists(id=staff_id, active=True)


@operation(Scope.STAFF_READ)
async def anybody(actor: Actor) -> bool:
    """Whether there is any member of staff yet."""
    return await Staff.exists()
