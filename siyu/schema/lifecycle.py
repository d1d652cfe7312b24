"""Stages of customers and their activity, in the SDL."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from siyu.domain import lifecycle, work
from siyu.domain.customers import ActivityState, LifecycleStage
from siyu.domain.lifecycle import Axis
from siyu.schema import planned
from siyu.schema.binding import reads
from siyu.schema.context import Info
from siyu.schema.errors import Payload, mutation, query
from siyu.schema.taking import Input, takes
from siyu.schema.work import Job

strawberry.enum(
    LifecycleStage,
    description="How far along a customer is as a buyer, by the lifecycle policy: PROSPECT bought nothing, NEW once and "
    "lately, LOYAL often, RETURNING is between.",
)
strawberry.enum(
    ActivityState,
    description="Whether a customer bought or did anything lately, by the lifecycle policy: ACTIVE did, SILENT not for a "
    "while, CHURNED not for long.",
)
strawberry.enum(Axis, name="LifecycleAxis", description="What of a customer moved: the stage, or the activity.")


@strawberry.type(description="How many customers are at a stage.")
class StageCount:
    stage: LifecycleStage = strawberry.field(description="The stage.")
    count: int = strawberry.field(description="How many customers; to an access token 0 where it would tell of fewer than ten.")


@reads(lifecycle.LIFECYCLE_CHANGE)
class LifecycleChange:
    axis: Axis
    was: str
    became: str
    at: datetime


@strawberry.type(description="By what customers are at a stage and active. Days are those of the calendar in the organisation's time zone.")
class LifecyclePolicy:
    new_within_days: int = strawberry.field(
        description="Whoever ordered once is `NEW` up to so many days after it, and `RETURNING` from then on."
    )
    loyal_orders: int = strawberry.field(description="Whoever has so many orders is `LOYAL`.")
    silent_after_days: int = strawberry.field(description="`SILENT` once the last order or event is so many days ago.")
    churned_after_days: int = strawberry.field(description="`CHURNED` once it is so many days ago.")
    counts: list[StageCount] = strawberry.field(description="How many customers of your purpose are at each stage.")

    @classmethod
    def of(cls, found: lifecycle.Standing) -> LifecyclePolicy:
        """From what the domain tells."""
        return cls(
            new_within_days=found.policy.new_within_days,
            loyal_orders=found.policy.loyal_orders,
            silent_after_days=found.policy.silent_after_days,
            churned_after_days=found.policy.churned_after_days,
            counts=[StageCount(stage=stage, count=count) for stage, count in found.counts],
        )


@takes
class LifecyclePolicyUpdateInput(Input[lifecycle.LifecyclePolicyUpdate]):
    """What to change of the policy: what is left out stays, null brings the default back."""


@strawberry.type(description="The policy as it is now, and the work that applies it to everybody.")
class LifecyclePolicyPayload(Payload):
    lifecycle_policy: LifecyclePolicy | None = strawberry.field(default=None, description="The policy; null when it was refused.")
    work_id: strawberry.Private[UUID | None] = None
    job: Job | None = planned.written(work.JOB, by="work_id")

    @classmethod
    def of(cls, done: lifecycle.Updated) -> LifecyclePolicyPayload:
        """From what the domain did."""
        return cls(lifecycle_policy=LifecyclePolicy.of(done.standing), work_id=done.work_id)


@strawberry.type
class Query:
    @query
    async def lifecycle_policy(self, info: Info) -> LifecyclePolicy:
        """The lifecycle policy, and how many customers are at each stage. Scope `orders:read`."""
        return LifecyclePolicy.of(await lifecycle.standing(info.context.actor))


@strawberry.type
class Mutation:
    @mutation
    async def lifecycle_policy_update(self, info: Info, input: LifecyclePolicyUpdateInput) -> LifecyclePolicyPayload:
        """Change the lifecycle policy; a job applies it to everybody, null where nothing changed. Scopes `segments:write` and
        `orders:read`."""
        return LifecyclePolicyPayload.of(await lifecycle.update(info.context.actor, input.to_domain()))
