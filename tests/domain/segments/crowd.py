"""Segments with members, as evaluation would leave them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from siyu.domain.customers import LifecycleStage
from siyu.domain.customers.tables import Customer
from siyu.domain.kernel import clock
from siyu.domain.segments.tables import Segment, SegmentChange, SegmentKind, SegmentMember
from siyu.privacy import consent
from tests import actors


async def people(stage: LifecycleStage, count: int, *, orders: int = 0, spent: int = 0, currency: str = "CNY") -> list[UUID]:
    """So many new customers at this stage, each with as many orders that come to `spent` whole units."""
    made = [Customer(lifecycle_stage=stage, orders_count=orders, spent_e4=spent * 10_000, spent_currency=currency) for _ in range(count)]
    await Customer.bulk_create(made)
    return [each.id for each in made]


async def segment(code: str, *members: Sequence[UUID], days_old: int = 0) -> Segment:
    """A segment that these people entered as it was made."""
    made = clock.now() - timedelta(days=days_old)
    row = await Segment.create(code=code, name=code, kind=SegmentKind.DYNAMIC, created_at=made)
    for each in members:
        await enter(row, each, made)
    return row


async def enter(row: Segment, who: Sequence[UUID], at: datetime) -> None:
    await SegmentMember.bulk_create([SegmentMember(segment_id=row.id, customer_id=each, entered_at=at) for each in who])
    await SegmentChange.bulk_create([SegmentChange(segment_id=row.id, customer_id=each, entered=True, at=at) for each in who])


async def leave(row: Segment, who: Sequence[UUID], at: datetime) -> None:
    await SegmentMember.filter(segment_id=row.id, customer_id__in=list(who)).delete()
    await SegmentChange.bulk_create([SegmentChange(segment_id=row.id, customer_id=each, entered=False, at=at) for each in who])


async def consenting(who: Sequence[UUID]) -> None:
    """They consent to marketing."""
    for each in who:
        await consent.record(actors.staff(), each, "marketing", granted=True, channel="test")
