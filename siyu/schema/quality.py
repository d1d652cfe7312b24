"""Data quality and clean-ups in the SDL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import strawberry

from siyu.domain import quality, work
from siyu.domain.kernel.paging import Slice
from siyu.domain.quality import FEW, REJECTED_DAYS, SOURCES_MAX, Group, ItemState, Measured, PlanState, Rule
from siyu.schema import planned
from siyu.schema.binding import reads
from siyu.schema.connections import Connection
from siyu.schema.context import Info
from siyu.schema.customers import Customer
from siyu.schema.errors import Payload, mutation, query
from siyu.schema.planned import PageOf, RowOf
from siyu.schema.relay import Node
from siyu.schema.taking import Input, takes
from siyu.schema.work import Job

strawberry.enum(Rule, name="DataQualityRule", description="What can be wrong with what is stored of a customer.")
strawberry.enum(PlanState, name="DataCleanupState", description="Where a clean-up's plan stands.")
strawberry.enum(ItemState, name="DataCleanupItemState", description="What became of one customer in a clean-up.")


@strawberry.type(description="How many customers have a field filled.")
class FieldCompleteness:
    field: str = strawberry.field(description="The field of `Customer`.")
    filled: int = strawberry.field(description="Customers who have it.")
    ratio: float = strawberry.field(description="Their share of all, from 0 to 1; 0 where there is nobody.")


@strawberry.type(description="Values of a field that are no such value by today's rules.")
class InvalidValues:
    field: str = strawberry.field(description="`phone`, `email` or `birthday`.")
    stored: int = strawberry.field(description="Customers whose stored value is none, as the last inspection found.")
    rejected: int = strawberry.field(
        description=f"Cells that imports of the last {REJECTED_DAYS} days could not take; a file imported twice counts twice. By source"
        " for a week, then in the sum only."
    )


@strawberry.type(description="How good the data of one source is.")
class SourceQuality:
    source: str | None = strawberry.field(description="Where these customers came from, as `Customer.source`; null for those without one.")
    others: bool = strawberry.field(
        description=f"Whether it is all further sources together: those of fewer than {FEW} customers, and those beyond {SOURCES_MAX}."
    )
    customers: int = strawberry.field(description="How many they are.")
    completeness: list[FieldCompleteness] = strawberry.field(description="How many of them have each field filled.")
    invalid: list[InvalidValues] = strawberry.field(description="What is stored of them, or came for them, and is no such value.")
    stale: int = strawberry.field(description="Of how many nothing changed for the report's `staleSinceDays`.")

    @classmethod
    def of(cls, group: Group) -> SourceQuality:
        """From what was measured."""
        return cls(
            source=group.source,
            others=group.others,
            customers=group.customers,
            completeness=_completeness(group),
            invalid=_invalid(group),
            stale=group.stale,
        )


@strawberry.type(
    description="How complete, right and fresh what is known of customers is. Counted are all but visitors who have not said who they are,"
    " merged customers, and people who restricted processing. To an access token no number tells of fewer than ten people: 1 to 9 is shown"
    " as 0, and all but 1 to 9 as all."
)
class DataQualityReport:
    customers: int = strawberry.field(description="How many there are.")
    completeness: list[FieldCompleteness] = strawberry.field(
        description="How many have each field filled; whether the values are right is another matter."
    )
    invalid_phones: int = strawberry.field(
        description=f"Telephone numbers that are none: stored ones that fail today's rules, and those that imports of the last"
        f" {REJECTED_DAYS} days could not take. `invalid` has them apart."
    )
    invalid_emails: int = strawberry.field(description="The same of email addresses.")
    invalid: list[InvalidValues] = strawberry.field(description="Invalid values by field, stored and rejected apart.")
    duplicate_candidates: int = strawberry.field(description="Pairs of customers who may be one person, waiting for somebody to decide.")
    stale_since_days: int = strawberry.field(description="Days without any change after which a customer counts as stale: SIYU_STALE_DAYS.")
    stale: int = strawberry.field(description="Customers of whom nothing changed for so long.")
    by_source: list[SourceQuality] = strawberry.field(
        description=f"The same by source, the largest first. Sources of fewer than {FEW} customers are counted together, for everybody."
    )
    measured_at: datetime = strawberry.field(
        description="When it was measured: just now where that is quick, else within the last hour. `dataQualityMeasure` measures anew."
    )

    @classmethod
    def of(cls, found: Measured) -> DataQualityReport:
        """From what was measured."""
        total = found.total
        return cls(
            customers=total.customers,
            completeness=_completeness(total),
            invalid_phones=total.invalid.get("phone", 0) + total.rejected.get("phone", 0),
            invalid_emails=total.invalid.get("email", 0) + total.rejected.get("email", 0),
            invalid=_invalid(total),
            duplicate_candidates=found.duplicates,
            stale_since_days=found.stale_days,
            stale=total.stale,
            by_source=[SourceQuality.of(each) for each in found.by_source],
            measured_at=found.measured_at,
        )


def _completeness(group: Group) -> list[FieldCompleteness]:
    return [
        FieldCompleteness(field=name, filled=filled, ratio=round(filled / group.customers, 4) if group.customers else 0.0)
        for name, filled in group.filled.items()
    ]


def _invalid(group: Group) -> list[InvalidValues]:
    def of(counts: Mapping[str, int], name: str) -> int:
        return counts.get(name, 0)

    return [
        InvalidValues(field=name, stored=of(group.invalid, name), rejected=of(group.rejected, name))
        for name in ("phone", "email", "birthday")
    ]


@reads(quality.CLEANUP_ITEM)
class DataCleanupItem:
    state: ItemState
    customer: Customer


@reads(quality.CLEANUP_STEP)
class DataCleanupStep:
    rule: Rule
    does: str
    rows: int
    mended: int
    left: int
    sample: list[DataCleanupItem]


@reads(quality.CLEANUP_PLAN)
class DataCleanupPlan(Node):
    state: PlanState
    created_at: datetime
    expires_at: datetime
    steps: list[DataCleanupStep]
    job: Job | None


@takes
class DataCleanupPlanInput(Input[quality.CleanupPlanMake]):
    """What to plan."""


@takes
class DataCleanupRunInput(Input[quality.CleanupRun]):
    """Which plan to run."""


@strawberry.type(description="The plan that is being made: its steps are there when its job has ended.")
class DataCleanupPlanPayload(Payload):
    plan_id: strawberry.Private[UUID | None] = None
    plan: DataCleanupPlan | None = planned.written(quality.CLEANUP_PLAN, by="plan_id")


@strawberry.type(description="The job that was started.")
class DataQualityJobPayload(Payload):
    work_id: strawberry.Private[UUID | None] = None
    job: Job | None = planned.written(work.JOB, by="work_id")


@strawberry.type
class Query:
    @query
    async def data_quality(self, info: Info) -> DataQualityReport:
        """How good the data is. Scope `data_quality:read`."""
        return DataQualityReport.of(await quality.report(info.context.actor))

    @planned.query(DataCleanupPlan | None)
    def data_cleanup_plan(self, info: Info, id: strawberry.ID) -> RowOf:
        """What a clean-up would mend, or has mended; null when there is no such plan. Scope `data_quality:read`."""
        return RowOf(quality.CLEANUP_PLAN, planned.key("DataCleanupPlan", id))

    @planned.query(Connection[DataCleanupPlan])
    def data_cleanup_plans(self, info: Info, first: int | None = None, after: str | None = None) -> PageOf:
        """Plans of the last thirty days, newest first; one is made daily. Scope `data_quality:read`."""
        return PageOf(quality.CLEANUP_PLAN, piece=Slice(first, after))


def _wish(input: DataCleanupPlanInput | None) -> quality.CleanupPlanMake:
    return input.to_domain() if input is not None else quality.CleanupPlanMake()


@strawberry.type
class Mutation:
    @mutation
    async def data_quality_measure(self, info: Info) -> DataQualityJobPayload:
        """Look at what changed and measure anew, as a job. Scope `data_quality:write`."""
        return DataQualityJobPayload(work_id=await quality.remeasure(info.context.actor))

    @mutation
    async def data_cleanup_plan(self, info: Info, input: DataCleanupPlanInput | None = None) -> DataCleanupPlanPayload:
        """Write down what a clean-up would mend. Nothing is mended by it. Scope `data_quality:write`."""
        return DataCleanupPlanPayload(plan_id=await quality.plan(info.context.actor, _wish(input)))

    @mutation
    async def data_cleanup_run(self, info: Info, input: DataCleanupRunInput) -> DataQualityJobPayload:
        """Mend what a plan says, each customer looked at again first; repeated, it starts nothing new. Scope `data_quality:write`."""
        return DataQualityJobPayload(work_id=await quality.run(info.context.actor, input.to_domain()))
