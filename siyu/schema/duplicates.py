"""Duplicates in the SDL."""

from __future__ import annotations

from uuid import UUID

import strawberry

from siyu.domain import duplicates, work
from siyu.domain.kernel.paging import Slice
from siyu.schema import planned
from siyu.schema.binding import reads
from siyu.schema.connections import Connection
from siyu.schema.context import Info
from siyu.schema.customers import Customer
from siyu.schema.errors import Payload, mutation
from siyu.schema.planned import PageOf
from siyu.schema.relay import Node
from siyu.schema.taking import Input, takes
from siyu.schema.work import Job


@reads(duplicates.CANDIDATE)
class DuplicateCandidate(Node):
    left: Customer
    right: Customer
    score: float
    reasons: list[str]


@takes
class DuplicateDismissInput(Input[duplicates.DuplicateDismiss]):
    """Which two are not one person."""


@takes
class DuplicateSearchInput(Input[duplicates.DuplicateSearchStart]):
    """Whom to compare."""


@strawberry.type(description="The pair that was dismissed.")
class DuplicateDismissPayload(Payload):
    candidate_id: strawberry.Private[UUID | None] = None
    candidate: DuplicateCandidate | None = planned.written(duplicates.CANDIDATE, by="candidate_id")


@strawberry.type(description="The search that was started, or that runs already.")
class DuplicateSearchPayload(Payload):
    work_id: strawberry.Private[UUID | None] = None
    job: Job | None = planned.written(work.JOB, by="work_id")


@strawberry.type
class Query:
    @planned.query(Connection[DuplicateCandidate])
    def duplicate_candidates(self, info: Info, first: int | None = None, after: str | None = None) -> PageOf:
        """Customers who may be one person, the most probable first; not the dismissed, nor the merged. Scope `data_quality:read`."""
        return PageOf(duplicates.CANDIDATE, piece=Slice(first, after))


def _wish(input: DuplicateSearchInput | None) -> duplicates.DuplicateSearchStart | None:
    return input.to_domain() if input is not None else None


@strawberry.type
class Mutation:
    @mutation
    async def duplicate_dismiss(self, info: Info, input: DuplicateDismissInput) -> DuplicateDismissPayload:
        """Say that two are not one person. They are shown again only when something new speaks for it. Scope `customers:merge`."""
        return DuplicateDismissPayload(candidate_id=await duplicates.dismiss(info.context.actor, input.to_domain()))

    @mutation
    async def duplicate_search(self, info: Info, input: DuplicateSearchInput | None = None) -> DuplicateSearchPayload:
        """Look for duplicates now, which otherwise happens daily. Scope `data_quality:write`."""
        return DuplicateSearchPayload(work_id=await duplicates.search(info.context.actor, _wish(input)))
