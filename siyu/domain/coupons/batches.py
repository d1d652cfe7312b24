"""Coupons for more customers than one call does: a job issues one page after the other, each in one transaction with how far it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from siyu.domain import segments, work
from siyu.domain.coupons import receiving
from siyu.domain.coupons.giving import give
from siyu.domain.coupons.rules import Template
from siyu.domain.coupons.tables import Coupon, CouponBatch, CouponBatchCustomer, CouponSource
from siyu.domain.kernel import clock
from siyu.domain.kernel.operation import operation
from siyu.privacy.actor import Actor, Scope

#: What the actor of the job holds; its purpose is that of whoever asked.
SCOPES: Final = (Scope.JOBS_RUN, Scope.SEGMENTS_READ)
_JOB: Final = "issue_coupons"
#: Customers of one transaction.
_PAGE: Final = 500
#: So long a job that was broken off may go on.
_KEPT: Final = timedelta(days=30)


@operation(writes=True)
async def at_once(actor: Actor, batch: CouponBatch, people: Sequence[UUID]) -> list[UUID]:
    """Issue the coupons of a batch to these customers, who are held; the coupons' ids, in the customers' order."""
    given = await _give(actor, batch, people)
    batch.done, batch.issued, batch.finished_at = len(people), len(given), clock.now()
    await batch.save(update_fields=["done", "issued", "finished_at"])
    return [given[each] for each in people if each in given]


@operation(writes=True)
async def begin(actor: Actor, batch: CouponBatch, customer_ids: Sequence[UUID]) -> UUID:
    """Have a job issue the coupons of a batch to these customers and to its segment's members; its work's id."""
    listed = dict.fromkeys(customer_ids)
    await CouponBatchCustomer.bulk_create([CouponBatchCustomer.fresh(batch_id=batch.id, customer_id=each) for each in listed])
    batch.work_id = await work.start(actor, _JOB, str(batch.id))
    await batch.save(update_fields=["work_id"])
    return batch.work_id


@operation(*SCOPES)
async def purpose_of(actor: Actor, batch_id: UUID) -> str | None:
    """For which purpose the members of a batch's segment are seen."""
    batch = await CouponBatch.get_or_none(id=batch_id)
    return batch.purpose if batch else None


@operation(*SCOPES)
async def run(actor: Actor, batch_id: UUID, *, progress: work.Progress) -> None:
    """Issue what is left of a batch, telling how many customers are done. Broken off, it goes on after the last that was done."""
    while (batch := await _step(actor, batch_id)) is not None:
        await progress(batch.done, message=f"{batch.issued:,} coupons issued.")


@operation(*SCOPES, writes=True)
async def _step(actor: Actor, batch_id: UUID) -> CouponBatch | None:
    """The next page; None when there is none left."""
    batch = await CouponBatch.filter(id=batch_id, finished_at=None).select_for_update().get_or_none()
    if batch is None:
        return None
    listed, members = await _next(actor, batch)
    if not listed and not members:
        batch.finished_at = clock.now()
        await batch.save(update_fields=["finished_at"])
        return None
    batch.issued += len(await _give(actor, batch, await receiving.present(actor, [*listed, *members])))
    if listed:
        await CouponBatchCustomer.filter(batch_id=batch.id, customer_id__in=listed).delete()
    batch.done += len(listed) + len(members)
    batch.last_id = members[-1] if members else batch.last_id
    await batch.save(update_fields=["done", "issued", "last_id"])
    return batch


async def _give(actor: Actor, batch: CouponBatch, people: Sequence[UUID]) -> dict[UUID, UUID]:
    """One coupon a person: who has one of the batch, from before a merge too, gets no other. The new ones."""
    had = set(await Coupon.filter(batch_id=batch.id, customer_id__in=list(people)).values_list("customer_id", flat=True))
    template = Template(batch.kind, batch.value_e4, batch.minimum_e4, batch.minimum_currency, batch.valid_days)
    wanted = {each: f"{batch.id}:{each}" for each in people if each not in had}
    return await give(actor, wanted, template, source=CouponSource.ISSUE, batch_id=batch.id)


async def _next(actor: Actor, batch: CouponBatch) -> tuple[list[UUID], list[UUID]]:
    """Customers who were listed, and when these are done, members of the segment by id."""
    rows = await CouponBatchCustomer.filter(batch_id=batch.id).order_by("customer_id").limit(_PAGE)
    listed = [row.customer_id for row in rows]
    if listed or batch.segment_id is None:
        return listed, []
    return [], await segments.members(actor, batch.segment_id, after=batch.last_id, limit=_PAGE)


@operation(Scope.JOBS_RUN, writes=True)
async def purge(actor: Actor) -> None:
    """Forget who was listed of batches that were given up; the batches stay, for their keys."""
    old = [batch.id for batch in await CouponBatch.filter(created_at__lt=clock.now() - _KEPT, finished_at=None)]
    if old:
        await CouponBatchCustomer.filter(batch_id__in=old).delete()
        await CouponBatch.filter(id__in=old).update(finished_at=clock.now())
