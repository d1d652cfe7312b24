"""Making and ending write keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

from annotated_doc import Doc

from siyu.domain.kernel import bearer, clock, ids
from siyu.domain.kernel.bearer import Kind
from siyu.domain.kernel.inputs import UNSET, Ref, Unset
from siyu.domain.kernel.operation import announce, operation
from siyu.domain.writekeys import rules
from siyu.domain.writekeys.tables import WriteKey
from siyu.privacy import audit
from siyu.privacy.actor import Actor, ActorKind, Scope
from siyu.privacy.refusal import NotFound, Taken

#: Announced with the ids of write keys that were revoked.
REVOKED = "write-key-revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteKeyCreate:
    name: Annotated[str, Doc("What it is called here; one name a key.")]
    channel: Annotated[str, Doc("Where what it sends comes from, such as `web` or `mini-program`: events carry it.")]
    profiles: Annotated[
        bool | Unset | None,
        Doc("Whether `identify` through it may write traits into profiles; true when left out. False for a key that strangers can read."),
    ] = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteKeyRevoke:
    id: Annotated[UUID, Ref("WriteKey"), Doc("Which key.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A key's id and its secret, shown once."""

    id: UUID
    secret: str = field(repr=False)


@operation(Scope.TOKENS_WRITE, writes=True)
async def create(actor: Actor, wish: WriteKeyCreate) -> Issued:
    """A new write key. It may send to the tracking API, and nothing else."""
    name, channel = rules.name(wish.name), rules.channel(wish.channel)
    if await WriteKey.filter(name=name, revoked_at__isnull=True).exists():
        raise Taken("There is a write key of this name.", path=("input", "name"))
    row_id = ids.uuid7()
    secret = bearer.mint(Kind.WRITE_KEY, row_id)
    await WriteKey.create(
        id=row_id,
        name=name,
        channel=channel,
        prefix=secret.prefix,
        last_four=secret.last_four,
        profiles=wish.profiles is not False,
        created_by_id=actor.id if actor.kind is ActorKind.STAFF else None,
        digest=secret.digest,
    )
    await audit.record(actor, "write_key.create", detail={"write_key": str(row_id), "channel": channel})
    return Issued(id=row_id, secret=secret.text)


@operation(Scope.TOKENS_WRITE, writes=True)
async def revoke(actor: Actor, wish: WriteKeyRevoke) -> UUID:
    """End a write key: within a second nothing takes it any more. Ending it twice is the same as once."""
    found = await WriteKey.filter(id=wish.id).select_for_update().first()
    if found is None:
        raise NotFound("There is no such write key.", path=("input", "id"))
    if found.revoked_at is None:
        found.revoked_at = clock.now()
        await found.save(update_fields=["revoked_at"])
        announce(REVOKED, str(found.id))
        await audit.record(actor, "write_key.revoke", detail={"write_key": str(found.id)})
    return found.id
