"""Tags on more customers than one call does: a job does a thousand after the other, each in one transaction with how far it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from siyu.domain import customers, segments, work
from siyu.domain.kernel import clock
from siyu.domain.kernel.operation import operation
from siyu.domain.tags import rules
from siyu.domain.tags.tables import Tag, TagBatch, TagBatchCustomer, TagSource
from siyu.domain.tags.writing import put, take
from siyu.privacy.actor import Actor, Scope

#: What the actor of the job holds; its purpose is that of whoever asked.
SCOPES: Final = (Scope.JOBS_RUN, Scope.SEGMENTS_READ)
_JOB: Final = "tag_batch"
#: A batch is done long before.
KEPT: Final = timedelta(days=30)


@operation(writes=True)
async def begin(
    actor: Actor,
    tag_ids: Sequence[UUID],
    customer_ids: Sequence[UUID] | None,
    segment_id: UUID | None,
    *,
    assigned: bool,
    source: TagSource,
    expires_at: datetime | None = None,
) -> UUID:
    """Have a job put these tags on, or take them off; the caller has checked all of it. Its work's id."""
    batch = await TagBatch.create(
        tag_ids=[str(tag_id) for tag_id in tag_ids],
        assigned=assigned,
        segment_id=segment_id,
        source=source,
        by=actor.name,
        purpose=actor.purpose,
        expires_at=expires_at,
    )
    listed = dict.fromkeys(customer_ids or ())
    await TagBatchCustomer.bulk_create([TagBatchCustomer.fresh(batch_id=batch.id, customer_id=each) for each in listed])
    return await work.start(actor, _JOB, str(batch.id))


@operation(*SCOPES)
async def purpose_of(actor: Actor, batch_id: UUID) -> str | None:
    """For which purpose the members of a batch's segment are seen."""
    batch = await TagBatch.get_or_none(id=batch_id)
    return batch.purpose if batch else None


@operation(*SCOPES)
async def run(actor: Actor, batch_id: UUID, *, progress: work.Progress) -> None:
    """Do what is left of a batch, telling how many customers are done, of how many. Broken off, it goes on after the last that was done."""
    total = await _total(actor, batch_id)
    while (batch := await _step(actor, batch_id)) is not None:
        await progress(batch.done, max(total, batch.done), f"{batch.changed:,} assignments changed.")


async def _total(actor: Actor, batch_id: UUID) -> int:
    """How many customers there are to do, those that are done among them; of a segment, as many as it has now."""
    batch = await TagBatch.get_or_none(id=batch_id)
    if batch is None:
        return 0
    members = 0 if batch.segment_id is None else (await segments.counts(actor, [batch.segment_id])).get(batch.segment_id, 0)
    if batch.last_id is not None:
        return members
    return batch.done + await TagBatchCustomer.filter(batch_id=batch_id).count() + members


@operation(*SCOPES, writes=True)
async def _step(actor: Actor, batch_id: UUID) -> TagBatch | None:
    """The next thousand; None when there are none left."""
    batch = await TagBatch.filter(id=batch_id, finished_at=None).select_for_update().get_or_none()
    if batch is None:
        return None
    listed, people = await _next(actor, batch)
    if not listed and not people:
        batch.finished_at = clock.now()
        await batch.save(update_fields=["finished_at"])
        return None
    there = list(dict.fromkeys((await customers.hold(actor, [*listed, *people])).values()))
    tags = {tag.id: tag for tag in await Tag.filter(id__in=batch.tag_ids)}
    if batch.assigned:
        now, tags = clock.now(), {key: tag for key, tag in tags.items() if tag.archived_at is None}
        wishes = {(each, tag.id): rules.until(tag.expires_after_days, batch.expires_at, now) for each in there for tag in tags.values()}
        batch.changed += await put(actor, wishes, tags, source=batch.source, by=batch.by, renews=batch.expires_at is not None)
    else:
        batch.changed += await take(actor, there, tags, by=batch.by)
    if listed:
        await TagBatchCustomer.filter(batch_id=batch.id, customer_id__in=listed).delete()
    batch.done += len(listed) + len(people)
    batch.last_id = people[-1] if people else batch.last_id
    await batch.save(update_fields=["done", "changed", "last_id"])
    return batch


@operation(Scope.JOBS_RUN, writes=True)
async def purge(actor: Actor) -> None:
    """Forget batches that are old: done, or stopped by somebody."""
    old = [batch.id for batch in await TagBatch.filter(created_at__lt=clock.now() - KEPT)]
    if old:
        await TagBatchCustomer.filter(batch_id__in=old).delete()
        await TagBatch.filter(id__in=old).delete()


async def _next(actor: Actor, batch: TagBatch) -> tuple[list[UUID], list[UUID]]:
    """Customers who were listed, and when these are done, members of the segment by id."""
    first = TagBatchCustomer.filter(batch_id=batch.id).order_by("customer_id").limit(rules.AT_ONCE_MAX)
    listed = [row.customer_id for row in await first]
    if listed or batch.segment_id is None:
        return listed, []
    return [], await segments.members(actor, batch.segment_id, after=batch.last_id, limit=rules.AT_ONCE_MAX)
