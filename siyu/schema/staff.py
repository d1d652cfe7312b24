"""Staff in the SDL: signing in, inviting, changing."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from siyu.domain import staff
from siyu.domain.kernel.paging import Slice
from siyu.privacy.actor import Role
from siyu.schema import planned
from siyu.schema.binding import reads
from siyu.schema.connections import Connection
from siyu.schema.context import Info
from siyu.schema.errors import Payload, mutation
from siyu.schema.planned import PageOf
from siyu.schema.relay import Node
from siyu.schema.taking import Input, takes

strawberry.enum(Role, description="What a member of staff may do, in short.")


@reads(staff.STAFF)
class Staff(Node):
    name: str
    email: str
    role: Role
    active: bool
    last_seen_at: datetime | None
    created_at: datetime


@takes
class StaffLoginInput(Input[staff.StaffLoginInput]):
    """Who signs in."""


@takes
class StaffRefreshInput(Input[staff.StaffRefreshInput]):
    """How to stay signed in."""


@takes
class StaffInviteInput(Input[staff.StaffInviteInput]):
    """Who is invited."""


@takes
class StaffInviteAcceptInput(Input[staff.StaffInviteAcceptInput]):
    """The answer to an invitation."""


@takes
class StaffUpdateInput(Input[staff.StaffUpdateInput]):
    """What is left out stays."""


@strawberry.type(description="A new pair of secrets, shown once.")
class StaffLoginPayload(Payload):
    access_token: str | None = strawberry.field(default=None, description="For the header `Authorization: Bearer …`.")
    refresh_token: str | None = strawberry.field(default=None, description="For `staffRefresh`, once.")
    expires_at: datetime | None = strawberry.field(default=None, description="When the access token ends; refresh before.")

    @classmethod
    def of(cls, signed_in: staff.SignedIn) -> StaffLoginPayload:
        """From the domain's pair."""
        return cls(access_token=signed_in.access_token, refresh_token=signed_in.refresh_token, expires_at=signed_in.expires_at)


@strawberry.type(description="Whether there was a login to end.")
class StaffLogoutPayload(Payload):
    ended: bool = strawberry.field(default=False, description="False when the caller came with an access token instead of a login.")


@strawberry.type(description="The member of staff, and the link of an invitation.")
class StaffPayload(Payload):
    staff_id: strawberry.Private[UUID | None] = None
    staff: Staff | None = planned.written(staff.STAFF, by="staff_id")
    invite_url: str | None = strawberry.field(
        default=None, description="The link of an invitation: shown once, works once, for seven days."
    )


@strawberry.type(description="Whether the invitation was accepted.")
class StaffInviteAcceptPayload(Payload):
    accepted: bool = strawberry.field(default=False, description="True when the password was set: sign in with it.")


@strawberry.type
class Query:
    @planned.query(Connection[Staff])
    def staff(self, info: Info, first: int | None = None, after: str | None = None) -> PageOf:
        """Members of staff, newest first. Scope `staff:read`."""
        return PageOf(staff.STAFF, piece=Slice(first, after))


@strawberry.type
class Mutation:
    @mutation
    async def staff_login(self, info: Info, input: StaffLoginInput) -> StaffLoginPayload:  # the SDL's name
        """Sign in with a password. Too many wrong ones lock the login for a while. Open to strangers."""
        return StaffLoginPayload.of(await staff.login(info.context.visitor, input.to_domain()))

    @mutation
    async def staff_refresh(self, info: Info, input: StaffRefreshInput) -> StaffLoginPayload:
        """Exchange a refresh token for a new pair. Open to strangers."""
        return StaffLoginPayload.of(await staff.refresh(info.context.visitor, input.to_domain()))

    @mutation
    async def staff_logout(self, info: Info) -> StaffLogoutPayload:
        """End the login that this request came with, on every device that it was refreshed on."""
        return StaffLogoutPayload(ended=await staff.logout(info.context.actor, info.context.credential))

    @mutation
    async def staff_invite(self, info: Info, input: StaffInviteInput) -> StaffPayload:
        """Invite somebody: hand them the link. Inviting again before it was accepted makes a new link. Scope `staff:write`."""
        invited = await staff.invite(info.context.actor, input.to_domain())
        return StaffPayload(staff_id=invited.id, invite_url=f"{info.context.base_url}/invite#{invited.secret}")

    @mutation
    async def staff_invite_accept(self, info: Info, input: StaffInviteAcceptInput) -> StaffInviteAcceptPayload:
        """Accept an invitation by choosing a password. Open to strangers."""
        await staff.accept_invite(info.context.visitor, input.to_domain())
        return StaffInviteAcceptPayload(accepted=True)

    @mutation
    async def staff_update(self, info: Info, input: StaffUpdateInput) -> StaffPayload:
        """Change a member of staff; nobody changes their own role. Scope `staff:write`."""
        return StaffPayload(staff_id=await staff.update(info.context.actor, input.to_domain()))
