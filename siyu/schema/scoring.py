"""Scores of recency, frequency and money, in the SDL."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import strawberry

from siyu.domain import scoring, work
from siyu.schema import (
    planned,
    ranges,  # noqa: F401  # the input of groups is made of it
)
from siyu.schema.binding import reads
from siyu.schema.context import Info
from siyu.schema.errors import Payload, mutation, query
from siyu.schema.taking import Input, takes
from siyu.schema.work import Job


@reads(scoring.RFM_SCORE)
class RfmScore:
    recency: int
    frequency: int
    monetary: int
    group: str
    days_since_last_order: int
    orders: int
    spent: Decimal
    scored_at: datetime


@reads(scoring.RFM_CHANGE)
class RfmChange:
    at: datetime
    recency: int | None
    frequency: int | None
    monetary: int | None
    group: str | None


@strawberry.type(description="Scores from one to another, both included.")
class IntSpan:
    min: int = strawberry.field(description="The least.")
    max: int = strawberry.field(description="The most.")

    @classmethod
    def of(cls, span: scoring.Span) -> IntSpan:
        """From the domain's."""
        return cls(min=span.min, max=span.max)


@strawberry.type(
    description="A named group of scores. Groups are tried in their order: the first that takes all three scores is the customer's."
)
class RfmGroup:
    name: str = strawberry.field(description="Its name.")
    recency: IntSpan = strawberry.field(description="Scores of recency that it takes.")
    frequency: IntSpan = strawberry.field(description="Scores of frequency that it takes.")
    monetary: IntSpan = strawberry.field(description="Scores of money spent that it takes.")
    customers_count: int = strawberry.field(
        description="How many customers of your purpose are in it; to an access token only as many as the cells of ten and more have."
    )


@strawberry.type(description="Customers who share all three scores.")
class RfmCell:
    recency: int = strawberry.field(description="Their score of recency.")
    frequency: int = strawberry.field(description="Their score of frequency.")
    monetary: int = strawberry.field(description="Their score of money spent.")
    count: int = strawberry.field(description="How many they are.")


@strawberry.type(
    description="By what customers are scored: what those who bought in the window bought last, how often and for how much, each as a score"
    " by rank among them all."
)
class RfmModel:
    window_days: int = strawberry.field(description="Orders placed since midnight so many days before today count.")
    bins: int = strawberry.field(description="Scores go from 1, the least, to this.")
    groups: list[RfmGroup] = strawberry.field(description="The named groups, in the order in which they are tried.")
    counts: list[RfmCell] = strawberry.field(
        description="Customers of your purpose by score; cells without any are left out, to an access token those of fewer than ten too."
    )
    scored_at: datetime | None = strawberry.field(description="When everybody was last scored; null while nobody was.")
    warnings: list[str] = strawberry.field(description="Groups that no cell reaches, cells that no group takes; empty when all is well.")

    @classmethod
    def of(cls, found: scoring.Standing) -> RfmModel:
        """From what the domain tells."""
        return cls(
            window_days=found.model.window_days,
            bins=found.model.bins,
            groups=[_group(group, count) for group, count in found.groups],
            counts=[RfmCell(recency=r, frequency=f, monetary=m, count=count) for (r, f, m), count in found.cells],
            scored_at=found.scored_at,
            warnings=list(found.warnings),
        )


def _group(group: scoring.Group, count: int) -> RfmGroup:
    return RfmGroup(
        name=group.name,
        recency=IntSpan.of(group.recency),
        frequency=IntSpan.of(group.frequency),
        monetary=IntSpan.of(group.monetary),
        customers_count=count,
    )


@takes
class RfmGroupInput(Input[scoring.RfmGroupGiven]):
    """A named group of scores."""


@takes
class RfmModelUpdateInput(Input[scoring.RfmModelUpdate]):
    """What to change of the model: what is left out stays, null brings the default back."""


@strawberry.type(description="The model as it is now, and the work that scores everybody by it.")
class RfmModelPayload(Payload):
    rfm_model: RfmModel | None = strawberry.field(default=None, description="The model; null when it was refused.")
    work_id: strawberry.Private[UUID | None] = None
    job: Job | None = planned.written(work.JOB, by="work_id")

    @classmethod
    def of(cls, done: scoring.Updated) -> RfmModelPayload:
        """From what the domain did."""
        return cls(rfm_model=RfmModel.of(done.standing), work_id=done.work_id)


@strawberry.type
class Query:
    @query
    async def rfm_model(self, info: Info) -> RfmModel:
        """The model of scores, and how many customers have which. Scope `orders:read`."""
        return RfmModel.of(await scoring.standing(info.context.actor))


@strawberry.type
class Mutation:
    @mutation
    async def rfm_model_update(self, info: Info, input: RfmModelUpdateInput) -> RfmModelPayload:
        """Change the model of scores; a job scores everybody by it, null where nothing changed. Scopes `segments:write` and
        `orders:read`."""
        return RfmModelPayload.of(await scoring.update(info.context.actor, input.to_domain()))
