"""Tags for people whom nobody knows yet: they wait under the keyed hash of an identity, and are put on when the customer comes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from siyu.domain import customers
from siyu.domain.customers import IdentityKind, Key
from siyu.domain.kernel import clock, ids, outbox
from siyu.domain.kernel.believing import Belief
from siyu.domain.kernel.operation import announce, operation
from siyu.domain.kernel.outbox import Due
from siyu.domain.kernel.touching import Change, Touched, follows
from siyu.domain.tags import rules
from siyu.domain.tags.tables import PendingTag, Tag, TagBatch, TagSource
from siyu.domain.tags.writing import put
from siyu.privacy.actor import Actor, Scope

#: How long a tag waits for somebody.
KEPT: Final = timedelta(days=365)
_JOB: Final = outbox.of_many("attach_tags")
_TOPIC: Final = "tag_pending"
#: Customers of one job, and rows that are looked at in one transaction.
_BATCH: Final = 500


async def wait(keys: Sequence[Key], tags: Mapping[UUID, Tag], *, by: str, expires_at: datetime | None) -> int:
    """Have these tags wait for whoever comes to be known by these; how many were not waiting yet. In the current operation."""
    kinds, tokens = {kind for kind, _, _ in keys}, [token for _, _, token in keys]
    there = {
        (row.kind.value, row.app_id, bytes(row.value_index), row.tag_id)
        for row in await PendingTag.filter(kind__in=list(kinds), value_index__in=tokens, tag_id__in=list(tags))
    }
    fresh = [
        PendingTag(
            id=ids.uuid7(), kind=IdentityKind(kind), app_id=app_id, value_index=token, tag_id=tag_id, assigned_by=by, expires_at=expires_at
        )
        for kind, app_id, token in keys
        for tag_id in tags
        if (kind, app_id, token, tag_id) not in there
    ]
    if fresh:
        await PendingTag.bulk_create(fresh, ignore_conflicts=True)
        announce(_TOPIC)
    return len(fresh)


async def _anything() -> bool:
    """Whether anything waits at all: where nothing does, a customer's write costs no statement."""
    return await PendingTag.exists()


_ANYTHING: Final = Belief(_TOPIC, _anything)


@follows
async def _identified(touched: Sequence[Touched]) -> list[Due]:
    """Whoever is known by something more may be waited for."""
    people = [customer_id for each in touched if each.change is Change.IDENTITY for customer_id in each.customer_ids]
    if not people or not await _ANYTHING.now():
        return []
    return [
        outbox.due(_JOB, *(str(customer_id) for customer_id in people[start : start + _BATCH])) for start in range(0, len(people), _BATCH)
    ]


@operation(Scope.JOBS_RUN, writes=True)
async def attach(actor: Actor, customer_ids: Collection[UUID]) -> int:
    """Put on these customers what waited for them; how many assignments are new. Twice is the same as once."""
    stands = await customers.hold(actor, customer_ids)
    known = await customers.keys(actor, list(dict.fromkeys(stands.values())))
    tokens = [token for _, _, token in known]
    return await _attach(actor, known, await PendingTag.filter(value_index__in=tokens).order_by("id") if tokens else [])


@operation(writes=True)
async def forget(actor: Actor, customer_ids: Collection[UUID]) -> None:
    """Drop what still waits for these, while it is known by what they are known, and have no batch name one of them: an erasure asks so,
    and has checked a scope of its own."""
    await TagBatch.filter(last_id__in=list(customer_ids)).update(last_id=None)  # begun anew, where it goes on
    known = await customers.keys(actor, customer_ids)
    alike = await PendingTag.filter(value_index__in=[token for _, _, token in known]) if known else []
    mine = [row.id for row in alike if _key(row) in known]
    if mine:
        await PendingTag.filter(id__in=mine).delete()


@operation(Scope.JOBS_RUN, writes=True)
async def sweep(actor: Actor, *, after: UUID | None = None) -> UUID | None:
    """Look whether the next of those that wait are known by now, in case a job for one was lost, and drop what waits in vain. The last
    that was looked at, None at the end."""
    now = clock.now()
    if after is None:
        await PendingTag.filter(created_at__lt=now - KEPT).delete()
        await PendingTag.filter(expires_at__lte=now).delete()
    found = PendingTag.filter(id__gt=after) if after else PendingTag.all()
    rows = await found.order_by("id").limit(_BATCH)
    known = await customers.keyholders(actor, [_key(row) for row in rows]) if rows else {}
    if known:
        stands = await customers.hold(actor, list(set(known.values())))
        await _attach(actor, {key: stands[holder] for key, holder in known.items() if holder in stands}, rows)
    if after is None and not rows:
        announce(_TOPIC)
    return rows[-1].id if len(rows) == _BATCH else None


async def _attach(actor: Actor, known: Mapping[Key, UUID], waiting: Sequence[PendingTag]) -> int:
    """Put on what waited for these, by whoever said so, and have it wait no more."""
    now = clock.now()
    met = [row for row in waiting if _key(row) in known]
    alive = [row for row in met if row.expires_at is None or row.expires_at > now]
    tags = {tag.id: tag for tag in await Tag.filter(id__in=list({row.tag_id for row in alive}), archived_at=None)} if alive else {}
    changed = 0
    for by in dict.fromkeys(row.assigned_by for row in alive):
        wishes = {
            (known[_key(row)], row.tag_id): rules.until(tags[row.tag_id].expires_after_days, row.expires_at, now)
            for row in alive
            if row.assigned_by == by and row.tag_id in tags
        }
        changed += await put(actor, wishes, tags, source=TagSource.PENDING, by=by) if wishes else 0
    if met:
        await PendingTag.filter(id__in=[row.id for row in met]).delete()
        announce(_TOPIC)
    return changed


def _key(row: PendingTag) -> Key:
    return row.kind.value, row.app_id, bytes(row.value_index)
