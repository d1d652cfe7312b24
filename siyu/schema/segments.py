"""Segments in the SDL."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from siyu.domain import segments, work
from siyu.domain.kernel.paging import Slice
from siyu.domain.segments import Override, SegmentKind
from siyu.schema import planned
from siyu.schema.binding import reads
from siyu.schema.connections import Connection
from siyu.schema.context import Info
from siyu.schema.deleting import DeletePayload
from siyu.schema.errors import Payload, mutation
from siyu.schema.insight import SegmentDrop, SegmentExplanation, SegmentInsight, SegmentSize
from siyu.schema.insight import dependants as speaking
from siyu.schema.planned import PageOf, RowOf
from siyu.schema.relay import Node
from siyu.schema.rules import SegmentRule
from siyu.schema.taking import Input, takes
from siyu.schema.work import Job

if TYPE_CHECKING:
    from siyu.schema.customers import Customer

Code = Annotated[str | None, strawberry.argument(description="The segment's code. Instead of `id`.")]
Search = Annotated[str | None, strawberry.argument(description="A part of name or code, in any case.")]

strawberry.enum(SegmentKind, description="By a rule, which is kept up to date, or by hand.")


@reads(segments.SEGMENT)
class Segment(Node):
    code: str
    name: str
    description: str | None
    kind: SegmentKind
    rule: SegmentRule | None
    expression: str | None
    rule_version: int
    customers_count: int
    customers: Connection[Annotated[Customer, strawberry.lazy("siyu.schema.customers")]]
    history: list[SegmentSize]
    insight: SegmentInsight
    explain: SegmentExplanation
    drops: list[SegmentDrop]
    dependants: list[Node] = strawberry.field(
        resolver=speaking, description="The segments and tags whose rules speak of it, as far as you may read them."
    )
    evaluated_at: datetime | None
    evaluation_milliseconds: int | None
    stale: bool
    failure: str | None
    created_at: datetime
    updated_at: datetime


@reads(segments.MEMBERSHIP)
class SegmentMembership:
    segment: Segment
    entered_at: datetime
    override: Override | None
    reason: str | None


@takes
class SegmentCreateInput(Input[segments.SegmentCreate]):
    """A segment to make: by a rule, as a tree or as text, or of named customers."""


@takes
class SegmentUpdateInput(Input[segments.SegmentUpdate]):
    """What is left out stays; null clears the description."""


@takes
class SegmentDeleteInput(Input[segments.SegmentDelete]):
    """Which segment is to be deleted."""


@takes
class SegmentEvaluateInput(Input[segments.SegmentEvaluate]):
    """Which segment's rule is to be applied."""


@takes
class SegmentOverrideInput(Input[segments.SegmentOverrideWish]):
    """What is decided by hand about some customers; it beats the rule."""


@strawberry.type(description="The segment that was written.")
class SegmentPayload(Payload):
    segment_id: strawberry.Private[UUID | None] = None
    segment: Segment | None = planned.written(segments.SEGMENT, by="segment_id")


@strawberry.type(description="The segment whose rule was applied, or the job that does it.")
class SegmentEvaluatePayload(Payload):
    segment_id: strawberry.Private[UUID | None] = None
    work_id: strawberry.Private[UUID | None] = None
    segment: Segment | None = planned.written(segments.SEGMENT, by="segment_id")
    job: Job | None = planned.written(work.JOB, by="work_id")


@strawberry.type
class Query:
    @planned.query(Segment | None)
    async def segment(self, info: Info, id: strawberry.ID | None = None, code: Code = None) -> RowOf:
        """One segment, by id or by its code; null when there is none. Scope `segments:read`."""
        return RowOf(segments.SEGMENT, await segments.resolve(info.context.actor, planned.key("Segment", id), code))

    @planned.query(Connection[Segment])
    def segments(self, info: Info, first: int | None = None, after: str | None = None, search: Search = None) -> PageOf:
        """Segments, by name; with `search` those whose name or code holds it. Scope `segments:read`."""
        return PageOf(segments.SEGMENT, segments.SegmentFilter(search=search) if search else None, None, Slice(first, after))


@strawberry.type
class Mutation:
    @mutation
    async def segment_create(self, info: Info, input: SegmentCreateInput) -> SegmentPayload:
        """Make a segment. Its rule is applied at once, with very many customers by a job right after. A code that another has is refused
        as `TAKEN`, each fault of a rule by its path. Scope `segments:write`, and those of what the rule speaks of."""
        return SegmentPayload(segment_id=await segments.create(info.context.actor, input.to_domain()))

    @mutation
    async def segment_update(self, info: Info, input: SegmentUpdateInput) -> SegmentPayload:
        """Change a segment. Another rule makes another version, and is applied as a new segment's. Scope `segments:write`, and those of
        what the rule speaks of."""
        return SegmentPayload(segment_id=await segments.update(info.context.actor, input.to_domain()))

    @mutation
    async def segment_delete(self, info: Info, input: SegmentDeleteInput) -> DeletePayload:
        """Delete a segment and what is known of who was in it. Refused as `IN_USE` while rules speak of it, which are named. Scope
        `segments:write`."""
        return DeletePayload.of("Segment", await segments.delete(info.context.actor, input.to_domain()))

    @mutation
    async def segment_evaluate(self, info: Info, input: SegmentEvaluateInput) -> SegmentEvaluatePayload:
        """Apply the segment's rule to everybody now; with very many customers a job does it. Scope `segments:write`."""
        wish = input.to_domain()
        return SegmentEvaluatePayload(segment_id=wish.id, work_id=await segments.evaluate(info.context.actor, wish))

    @mutation
    async def segment_override(self, info: Info, input: SegmentOverrideInput) -> SegmentPayload:
        """Put customers in or keep them out, whatever the rule says, or take that back. Scope `segments:write`."""
        return SegmentPayload(segment_id=await segments.override(info.context.actor, input.to_domain()))
