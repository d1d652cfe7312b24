"""Segments and tags by rule, kept up to date: right after a change, and where time moves who is in them."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from siyu.domain import lifecycle, scoring, segments
from siyu.domain.rules import HolderKind
from siyu.jobs.queue import JobContext, job, scheduled
from siyu.privacy.actor import Actor, Scope


@job
async def follow_changes(ctx: JobContext, *changes: str) -> None:
    """Apply the rules that these changes concern to just the people who were changed."""
    await segments.follow(_actor(ctx), segments.read(changes))


@job
async def mark_due(ctx: JobContext, *owners: str) -> None:
    """Have the next run apply these rules to everybody, because very many were changed at once."""
    await segments.mark(_actor(ctx), segments.owners_read(owners))


@job
async def apply_rule(ctx: JobContext, kind: str, owner_id: str) -> None:
    """Apply the rule of one segment or tag to everybody."""
    await segments.apply(_actor(ctx), (HolderKind(kind), UUID(owner_id)))


@job
async def evaluate_segment(ctx: JobContext, work_id: str, segment_id: str) -> None:
    """The same because somebody asked for it, who watches."""
    await ctx.progress(0, 1)
    await segments.apply(_actor(ctx), (HolderKind.SEGMENT, UUID(segment_id)))
    await ctx.progress(1, 1)


@scheduled(timedelta(minutes=15))
async def keep_segments(ctx: JobContext) -> None:
    """Bring up to date what time or many changes have moved: stages, scores, then rules in the order of dependence."""
    actor = _actor(ctx)
    if await lifecycle.due(actor):
        await lifecycle.apply(actor)
    if await scoring.due(actor):
        await scoring.score(actor)
    await segments.evaluate_due(actor, progress=ctx.progress)


def _actor(ctx: JobContext) -> Actor:
    return ctx.actor("segments", Scope.JOBS_RUN)
