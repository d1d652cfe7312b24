"""Referrals in the SDL."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from siyu.domain import referrals
from siyu.domain.kernel.dialect import money_from_e4
from siyu.domain.referrals import ReferralState
from siyu.schema import planned
from siyu.schema.binding import reads
from siyu.schema.context import Info
from siyu.schema.errors import Payload, mutation, query
from siyu.schema.relay import Node
from siyu.schema.taking import Input, takes

if TYPE_CHECKING:
    from siyu.schema.customers import Customer

strawberry.enum(ReferralState, description="How far a referral has come.")


@reads(referrals.REFERRAL)
class Referral(Node):
    advocate: Annotated[Customer, strawberry.lazy("siyu.schema.customers")]
    friend: Annotated[Customer, strawberry.lazy("siyu.schema.customers")] | None
    state: ReferralState
    created_at: datetime
    expires_at: datetime | None
    qualified_at: datetime | None


@strawberry.type(description="When a referral qualifies. What both sides get for it, rules of `REFERRAL_QUALIFIED` say.")
class ReferralProgram:
    minimum_order: Decimal = strawberry.field(
        description="The friend's first paid order of at least so much, in the organisation's currency, qualifies."
    )
    expire_after_days: int | None = strawberry.field(description="Within so many days it must be placed; null: no such limit.")

    @classmethod
    def of(cls, found: referrals.Program) -> ReferralProgram:
        """From what the domain tells."""
        return cls(minimum_order=money_from_e4(found.minimum_e4), expire_after_days=found.expire_after_days)


@takes
class ReferralBindInput(Input[referrals.ReferralBind]):
    """Who was referred, by whose code."""


@takes
class ReferralProgramUpdateInput(Input[referrals.ReferralProgramUpdate]):
    """What is left out stays; null clears."""


@strawberry.type(description="The referral that was written.")
class ReferralPayload(Payload):
    referral_id: strawberry.Private[UUID | None] = None
    referral: Referral | None = planned.written(referrals.REFERRAL, by="referral_id")


@strawberry.type(description="The program as it is now.")
class ReferralProgramPayload(Payload):
    referral_program: ReferralProgram | None = strawberry.field(default=None, description="The program; null when it was refused.")


@strawberry.type
class Query:
    @query
    async def referral_program(self, info: Info) -> ReferralProgram:
        """When a referral qualifies. Scope `points:read`."""
        return ReferralProgram.of(await referrals.program(info.context.actor))


@strawberry.type
class Mutation:
    @mutation
    async def referral_bind(self, info: Info, input: ReferralBindInput) -> ReferralPayload:
        """Say by whose code a customer came: once, before they buy. Repeated, it changes nothing. Scope `customers:write`."""
        return ReferralPayload(referral_id=await referrals.bind(info.context.actor, input.to_domain()))

    @mutation
    async def referral_program_update(self, info: Info, input: ReferralProgramUpdateInput) -> ReferralProgramPayload:
        """Change when referrals qualify. Scope `points:write`."""
        done = await referrals.program_update(info.context.actor, input.to_domain())
        return ReferralProgramPayload(referral_program=ReferralProgram.of(done))
