"""Scores, stages and activity: for everybody because something was changed, and for just those who did something."""

from __future__ import annotations

from uuid import UUID

from siyu.domain import lifecycle, scoring
from siyu.jobs.queue import JobContext, job
from siyu.privacy.actor import Scope


@job
async def score_customers(ctx: JobContext, work_id: str) -> None:
    """Score everybody by the model as it is now, telling how far it is."""
    await scoring.score(ctx.actor("scores", Scope.JOBS_RUN), progress=ctx.progress)


@job
async def apply_lifecycle(ctx: JobContext, work_id: str) -> None:
    """Apply the lifecycle policy to everybody, telling how far it is."""
    await lifecycle.apply(ctx.actor("lifecycle", Scope.JOBS_RUN), progress=ctx.progress)


@job
async def settle_buyers(ctx: JobContext, *customer_ids: str) -> None:
    """Score just these customers, whose orders changed, and put them where they are now."""
    people = [UUID(each) for each in customer_ids]
    await scoring.settle(ctx.actor("scores", Scope.JOBS_RUN), people)
    await lifecycle.settle(ctx.actor("lifecycle", Scope.JOBS_RUN), people)


@job
async def settle_lifecycle(ctx: JobContext, *customer_ids: str) -> None:
    """Put just these customers where they are now, who did something."""
    await lifecycle.settle(ctx.actor("lifecycle", Scope.JOBS_RUN), [UUID(each) for each in customer_ids])
