"""Two customers who turn out to be one, and back: memberships and their log are brought in line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from siyu.domain import customers
from siyu.domain.kernel import clock
from siyu.domain.kernel.joining import refreshes
from siyu.domain.kernel.operation import operation, touch
from siyu.domain.kernel.touching import Change
from siyu.domain.rules import Kept
from siyu.domain.segments.holding import sized
from siyu.domain.segments.tables import SegmentChange, SegmentMember
from siyu.privacy.actor import Actor


@refreshes
@operation(writes=True)
async def refresh(actor: Actor, customer_ids: Sequence[UUID]) -> None:
    """Have the log of each say that they entered what they are in once more than they left it, and have rules look at them anew.

    Who was merged into somebody else is in nothing; what was decided of them by hand waits for the merge's undoing. Whether rules hold
    for whoever is left a job asks right after.
    """
    stands = await customers.hold(actor, customer_ids)
    gone = [each for each in customer_ids if stands.get(each) != each]
    for left in await SegmentMember.filter(customer_id__in=gone) if gone else ():
        await left.delete()
        await sized(left.segment_id, Kept(0, 1, clock.now()))
    await _balance(customer_ids)
    touch(Change.STANDING, customer_ids, "merged")


async def _balance(customer_ids: Sequence[UUID]) -> None:
    """Take from the log what both had said, and add what neither did; the latest of too many words go first. Three statements."""
    among = {"customer_id__in": list(customer_ids)}
    present = await SegmentMember.filter(**among).values_list("segment_id", "customer_id", "entered_at")
    members = {(segment_id, customer_id): entered_at for segment_id, customer_id, entered_at in present}
    log = await SegmentChange.filter(**among).order_by("at", "id")
    sums: Counter[tuple[UUID, UUID]] = Counter()
    last: dict[tuple[UUID, UUID], datetime] = {}
    spare: list[UUID] = []
    for each in log:
        key, step = (each.segment_id, each.customer_id), 1 if each.entered else -1
        if sums[key] + step in (0, 1):
            sums[key] += step
            last[key] = each.at
        else:
            spare.append(each.id)
    if spare:
        await SegmentChange.filter(id__in=spare).delete()
    now = clock.now()
    missing = [
        SegmentChange(segment_id=key[0], customer_id=key[1], entered=True, at=max(entered_at, last.get(key, entered_at)))
        for key, entered_at in members.items()
        if sums[key] == 0
    ]
    missing += [
        SegmentChange(segment_id=segment_id, customer_id=customer_id, entered=False, at=now)
        for (segment_id, customer_id), total in sums.items()
        if total == 1 and (segment_id, customer_id) not in members
    ]
    if missing:
        await SegmentChange.bulk_create(missing)
