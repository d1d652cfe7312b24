"""Measuring the data, planning what to mend, and mending it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from siyu.domain import quality
from siyu.domain.quality import Rule
from siyu.jobs.queue import JobContext, job, scheduled
from siyu.privacy.actor import Actor, Purpose, Scope


def _actor(ctx: JobContext) -> Actor:
    return ctx.actor("quality", Scope.JOBS_RUN, *quality.SCOPES, purpose=Purpose.SERVICE)


@job
async def plan_cleanup(ctx: JobContext, work_id: str, plan_id: str) -> None:
    """Look at what changed and fill the plan, telling how far it is."""
    await quality.prepare(_actor(ctx), UUID(plan_id), progress=ctx.progress)


@job
async def run_cleanup(ctx: JobContext, work_id: str, plan_id: str, *rules: str) -> None:
    """Mend what the plan says, telling how far it is."""
    await quality.carry_out(_actor(ctx), UUID(plan_id), [Rule(rule) for rule in rules], progress=ctx.progress)


@job
async def measure_quality(ctx: JobContext, work_id: str) -> None:
    """Measure now, because somebody asked."""
    await quality.inspect(_actor(ctx), progress=ctx.progress)
    await quality.snapshot(_actor(ctx))


@scheduled(timedelta(hours=1))
async def measure_quality_hourly(ctx: JobContext) -> None:
    """Keep a snapshot of the numbers."""
    await quality.snapshot(_actor(ctx))


@scheduled(timedelta(days=1))
async def tend_quality(ctx: JobContext) -> None:
    """The day's plan, and what is switched on of it."""
    await quality.tend(_actor(ctx), progress=ctx.progress)
