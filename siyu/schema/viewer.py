"""Who is asking."""

from __future__ import annotations

from enum import Enum

import strawberry

from siyu.domain import staff, tokens
from siyu.privacy.actor import Actor
from siyu.schema import planned
from siyu.schema.context import Info
from siyu.schema.errors import query
from siyu.schema.staff import Staff
from siyu.schema.tokens import AccessToken


@strawberry.enum(description="What a caller is.")
class ViewerKind(Enum):
    STAFF = "STAFF"
    TOKEN = "TOKEN"  # noqa: S105  # a kind


@strawberry.type(description="Who is asking, and what they may do.")
class Viewer:
    kind: ViewerKind = strawberry.field(description="A member of staff, or an access token.")
    name: str = strawberry.field(description="Their name; for a token its partner and its own.")
    scopes: list[str] = strawberry.field(description="All that they may do and see.")

    @query
    async def staff(self, info: Info) -> Staff | None:
        """The member of staff who asks; null for a token."""
        return await staff.me(info.context.actor, planned.asked(info, staff.STAFF))  # type: ignore[return-value]  # a row

    @query
    async def token(self, info: Info) -> AccessToken | None:
        """The token that asks; null for staff."""
        return await tokens.me(info.context.actor, planned.asked(info, tokens.ACCESS_TOKEN))  # type: ignore[return-value]  # a row

    @classmethod
    def of(cls, actor: Actor) -> Viewer:
        """From the request's actor."""
        return cls(kind=ViewerKind[actor.kind.name], name=actor.name, scopes=sorted(actor.scopes))


@strawberry.type
class Query:
    @query
    async def viewer(self, info: Info) -> Viewer:
        """Who is asking: a member of staff, or an access token."""
        return Viewer.of(info.context.actor)
