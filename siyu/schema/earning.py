"""What points are given for, and checking in, in the SDL."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from siyu.domain import customers, earning
from siyu.domain.earning import EarningTrigger, ReferralSide
from siyu.schema import planned
from siyu.schema.binding import reads
from siyu.schema.context import Info
from siyu.schema.errors import Payload, mutation
from siyu.schema.planned import RowsOf
from siyu.schema.relay import Node
from siyu.schema.segments import Segment
from siyu.schema.taking import Input, takes

if TYPE_CHECKING:
    from siyu.schema.customers import Customer

strawberry.enum(EarningTrigger, description="What a rule gives points for.")
strawberry.enum(ReferralSide, description="Who of the two gets the points of a referral.")


@reads(earning.EARNING_RULE)
class EarningRule(Node):
    name: str
    trigger: EarningTrigger
    event_name: str | None
    rate: Decimal | None
    fixed: int | None
    segment: Segment | None
    category: str | None
    side: ReferralSide | None
    multiplied: bool
    streak_days: int | None
    streak_bonus: int | None
    maximum_per_day: int | None
    active_from: datetime | None
    active_until: datetime | None
    enabled: bool
    version: int
    created_at: datetime
    updated_at: datetime


@takes
class EarningRuleSaveInput(Input[earning.EarningRuleSave]):
    """A rule to make, or to change: what is left out stays, null clears."""


@takes
class CheckInInput(Input[earning.CheckInGiven]):
    """Who checks in, today."""


@strawberry.type(description="The rule that was written.")
class EarningRulePayload(Payload):
    rule_id: strawberry.Private[UUID | None] = None
    earning_rule: EarningRule | None = planned.written(earning.EARNING_RULE, by="rule_id")


@strawberry.type(description="A customer's check-in of today.")
class CheckInPayload(Payload):
    customer_id: strawberry.Private[UUID | None] = None
    customer: Annotated[Customer, strawberry.lazy("siyu.schema.customers")] | None = planned.written(customers.CUSTOMER, by="customer_id")
    day: date | None = strawberry.field(default=None, description="The day, in the organisation's time zone.")
    streak: int = strawberry.field(default=0, description="How many days in a row, this one included.")
    points: int = strawberry.field(default=0, description="What the day's check-in brought.")
    replayed: bool = strawberry.field(default=False, description="Whether the customer had checked in today already; nothing was added.")


@strawberry.type
class Query:
    @planned.query(list[EarningRule])
    def earning_rules(self, info: Info) -> RowsOf:
        """All rules by which points are given, the oldest first. Scope `points:read`."""
        return RowsOf(earning.EARNING_RULE)


@strawberry.type
class Mutation:
    @mutation
    async def earning_rule_save(self, info: Info, input: EarningRuleSaveInput) -> EarningRulePayload:
        """Make a rule by which points are given, or change one; each change is a new version, and what was earned stays. Scope
        `points:write`, and `segments:read` where a segment is named."""
        return EarningRulePayload(rule_id=await earning.save(info.context.actor, input.to_domain()))

    @mutation
    async def check_in(self, info: Info, input: CheckInInput) -> CheckInPayload:
        """Note that a customer was here today; the first of a day counts, and brings what rules give for it. Scope `points:award`."""
        done = await earning.check_in(info.context.actor, input.to_domain())
        return CheckInPayload(
            customer_id=done.customer_id, day=done.day, streak=done.streak, points=done.points, replayed=done.replayed
        )  # fmt: skip
