"""Long work in the SDL."""

from __future__ import annotations

from datetime import datetime

import strawberry

from siyu.domain import work
from siyu.schema import planned
from siyu.schema.binding import reads
from siyu.schema.context import Info
from siyu.schema.planned import RowOf
from siyu.schema.relay import Node

strawberry.enum(work.WorkState, name="JobState", description="Where a piece of long work is.")


@reads(work.JOB)
class Job(Node):
    kind: str
    state: work.WorkState
    done: int
    total: int | None
    message: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


@strawberry.type
class Query:
    @planned.query(Job | None)
    def job(self, info: Info, id: strawberry.ID) -> RowOf:
        """How far a piece of long work is; null when there is none of this id."""
        return RowOf(work.JOB, planned.key("Job", id))
