"""Tiers of membership in the SDL."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import strawberry

from siyu.domain import tiers
from siyu.domain.tiers import TierQualification
from siyu.schema import planned
from siyu.schema.binding import reads
from siyu.schema.context import Info
from siyu.schema.errors import Payload, mutation
from siyu.schema.planned import RowsOf
from siyu.schema.relay import Node
from siyu.schema.taking import Input, takes

strawberry.enum(TierQualification, description="What of a customer is held against a tier's threshold.")


@reads(tiers.TIER)
class Tier(Node):
    code: str
    name: str
    rank: int
    threshold: int
    qualification: TierQualification
    window_days: int | None
    grace_days: int
    benefits: list[str]
    earning_multiplier: Decimal
    customers_count: int


@reads(tiers.TIER_CHANGE)
class TierChange:
    at: datetime
    was: Tier | None
    became: Tier | None


@takes
class TierSaveInput(Input[tiers.TierSave]):
    """A tier to make, or to change."""


@strawberry.type(description="The tier that was written.")
class TierPayload(Payload):
    tier_id: strawberry.Private[UUID | None] = None
    tier: Tier | None = planned.written(tiers.TIER, by="tier_id")


@strawberry.type
class Query:
    @planned.query(list[Tier])
    def tiers(self, info: Info) -> RowsOf:
        """The tiers of membership, the lowest first. Scope `points:read`."""
        return RowsOf(tiers.TIER)


@strawberry.type
class Mutation:
    @mutation
    async def tier_save(self, info: Info, input: TierSaveInput) -> TierPayload:
        """Make a tier, or change one; a job then brings everybody in line. A code or a rank that another tier has is refused as `TAKEN`.
        Scope `points:write`."""
        return TierPayload(tier_id=await tiers.save(info.context.actor, input.to_domain()))
