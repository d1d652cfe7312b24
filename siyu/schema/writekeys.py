"""Write keys in the SDL."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from siyu.domain import writekeys
from siyu.domain.kernel.paging import Slice
from siyu.schema import planned
from siyu.schema.binding import reads
from siyu.schema.connections import Connection
from siyu.schema.context import Info
from siyu.schema.errors import Payload, mutation
from siyu.schema.planned import PageOf
from siyu.schema.relay import Node
from siyu.schema.staff import Staff
from siyu.schema.taking import Input, takes


@reads(writekeys.WRITE_KEY)
class WriteKey(Node):
    name: str
    channel: str
    prefix: str
    last_four: str
    profiles: bool
    created_by: Staff | None
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@takes
class WriteKeyCreateInput(Input[writekeys.WriteKeyCreate]):
    """A key for a site, an app or a server that sends behaviour."""


@takes
class WriteKeyRevokeInput(Input[writekeys.WriteKeyRevoke]):
    """The end of a write key."""


@strawberry.type(description="The write key and its secret, which is shown once.")
class WriteKeyCreatePayload(Payload):
    write_key_id: strawberry.Private[UUID | None] = None
    write_key: WriteKey | None = planned.written(writekeys.WRITE_KEY, by="write_key_id")
    secret: str | None = strawberry.field(default=None, description="What an SDK is given as its write key; never shown again.")


@strawberry.type(description="The write key as it is now.")
class WriteKeyPayload(Payload):
    write_key_id: strawberry.Private[UUID | None] = None
    write_key: WriteKey | None = planned.written(writekeys.WRITE_KEY, by="write_key_id")


@strawberry.type
class Query:
    @planned.query(Connection[WriteKey])
    def write_keys(self, info: Info, first: int | None = None, after: str | None = None) -> PageOf:
        """Write keys of the tracking API, newest first, ended ones too. Scope `tokens:read`."""
        return PageOf(writekeys.WRITE_KEY, piece=Slice(first, after))


@strawberry.type
class Mutation:
    @mutation
    async def write_key_create(self, info: Info, input: WriteKeyCreateInput) -> WriteKeyCreatePayload:
        """Make a write key for the tracking API. Scope `tokens:write`."""
        issued = await writekeys.create(info.context.actor, input.to_domain())
        return WriteKeyCreatePayload(write_key_id=issued.id, secret=issued.secret)

    @mutation
    async def write_key_revoke(self, info: Info, input: WriteKeyRevokeInput) -> WriteKeyPayload:
        """End a write key: within a second nothing takes it. Scope `tokens:write`."""
        return WriteKeyPayload(write_key_id=await writekeys.revoke(info.context.actor, input.to_domain()))
