"""Access tokens in the SDL."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from siyu.domain import tokens
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


@reads(tokens.ACCESS_TOKEN)
class AccessToken(Node):
    name: str
    partner: str
    prefix: str
    last_four: str
    scopes: list[str]
    created_by: Staff
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@takes
class AccessTokenCreateInput(Input[tokens.AccessTokenCreateInput]):
    """A token for a partner, or for a program of our own."""


@takes
class AccessTokenRotateInput(Input[tokens.AccessTokenRotateInput]):
    """A new secret for a token."""


@takes
class AccessTokenRevokeInput(Input[tokens.AccessTokenRevokeInput]):
    """The end of a token."""


@strawberry.type(description="The token and its secret, which is shown once.")
class AccessTokenCreatePayload(Payload):
    token_id: strawberry.Private[UUID | None] = None
    token: AccessToken | None = planned.written(tokens.ACCESS_TOKEN, by="token_id")
    secret: str | None = strawberry.field(default=None, description="For the header `Authorization: Bearer …`; never shown again.")


@strawberry.type(description="The token as it is now.")
class AccessTokenPayload(Payload):
    token_id: strawberry.Private[UUID | None] = None
    token: AccessToken | None = planned.written(tokens.ACCESS_TOKEN, by="token_id")


@strawberry.type
class Query:
    @planned.query(Connection[AccessToken])
    def access_tokens(self, info: Info, first: int | None = None, after: str | None = None) -> PageOf:
        """Access tokens, newest first, ended ones too. Scope `tokens:read`."""
        return PageOf(tokens.ACCESS_TOKEN, piece=Slice(first, after))


@strawberry.type
class Mutation:
    @mutation
    async def access_token_create(self, info: Info, input: AccessTokenCreateInput) -> AccessTokenCreatePayload:  # the SDL's name
        """Make an access token with some of your own scopes. Scope `tokens:write`."""
        issued = await tokens.create(info.context.actor, input.to_domain())
        return AccessTokenCreatePayload(token_id=issued.id, secret=issued.secret)

    @mutation
    async def access_token_rotate(self, info: Info, input: AccessTokenRotateInput) -> AccessTokenCreatePayload:
        """Give a token a new secret; the old one works on for a while. Scope `tokens:write`."""
        issued = await tokens.rotate(info.context.actor, input.to_domain())
        return AccessTokenCreatePayload(token_id=issued.id, secret=issued.secret)

    @mutation
    async def access_token_revoke(self, info: Info, input: AccessTokenRevokeInput) -> AccessTokenPayload:
        """End a token: within a second nothing takes it. Scope `tokens:write`."""
        return AccessTokenPayload(token_id=await tokens.revoke(info.context.actor, input.to_domain()))
