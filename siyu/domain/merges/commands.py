"""Merging two customers into one, and parting them again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Final, TypedDict, cast
from uuid import UUID

from siyu.domain import customers, requests
from siyu.domain.customers import Marks
from siyu.domain.kernel import clock, ids, joining
from siyu.domain.kernel.operation import announce, operation
from siyu.domain.merges import telling
from siyu.domain.merges.inputs import CustomerMerge, CustomerUnmerge, FieldFrom, Outcome
from siyu.domain.merges.planning import Plan, planned
from siyu.domain.merges.tables import Merge, MergeMove
from siyu.privacy import audit, consent, stricter, transfer
from siyu.privacy.actor import Actor, ActorKind, Purpose, Scope
from siyu.privacy.refusal import Code, NotFound, Refusal, Refusals
from siyu.privacy.stricter import Joining

#: Keys of one row that says what has moved.
_KEYS_MAX: Final = 1_000
_MERGED: Final = ("input", "merged_id")


class _Snapshot(TypedDict):
    """What is kept of the time before."""

    marks: Marks
    said: dict[str, stricter.Said]


@operation(Scope.CUSTOMERS_MERGE, writes=True)
async def merge(actor: Actor, wish: CustomerMerge) -> Outcome:
    """Make two customers one, or with `dry_run` say what that would do; both by one plan, so that they say the same.

    Everything of the merged one moves, sealed anew; consents join, the stricter one wins. What stands in its way is in `blocking`:
    then nothing was done. Of fields and stores those are named that the caller may read. Refuses unknown customers and fields, and a
    customer with themselves.
    """
    taken = wish.take_from_merged or []
    unknown = [number for number, name in enumerate(taken) if name not in customers.MERGED]
    if unknown:
        known = ", ".join(customers.MERGED)
        path = ("input", "take_from_merged")
        raise Refusals([Refusal(f"There is no such field; there are: {known}.", path=(*path, number)) for number in unknown])
    if wish.keep_id == wish.merge_id:
        raise Refusal("Nobody is merged with themselves.", path=("input", "merge_id"))
    plan = await planned(actor, wish.keep_id, wish.merge_id, taken)
    fields, moved = telling.fields(actor, plan.fields), telling.stores(actor, plan.moved)
    if wish.dry_run or plan.blocking:
        return Outcome(None, fields, moved, plan.blocking, () if wish.dry_run else plan.blocking)
    await carry_out(actor, plan)
    return Outcome(plan.kept.id, fields, moved)


async def carry_out(actor: Actor, plan: Plan) -> None:
    """Do what is planned and nothing blocks, in the transaction in which it was planned."""
    kept, merged = plan.kept, plan.merged
    assert not plan.blocking, "a plan that is blocked is not carried out"
    await transfer.move(merged.id, kept.id, plan.rows)
    await stricter.say(kept.id, plan.said.after)
    marks = await customers.unite(actor, kept, merged, plan.columns)
    row = Merge(
        customer_id=kept.id,
        merged_id=merged.id,
        by_id=actor.id if actor.kind is ActorKind.STAFF else None,
        actor=actor.name,
        snapshot=dict(_Snapshot(marks=marks, said=asdict(plan.said))),
    )
    await row.save(force_create=True)
    await MergeMove.bulk_create(
        [
            MergeMove(customer_id=kept.id, merged_id=merged.id, merge_id=row.id, store=store, keys=list(keys[start : start + _KEYS_MAX]))
            for store, keys in plan.rows.items()
            for start in range(0, len(keys), _KEYS_MAX)
        ]
    )
    await _told(actor, "customer.merged", row, plan.moved)


@operation(Scope.CUSTOMERS_MERGE, writes=True)
async def unmerge(actor: Actor, wish: CustomerUnmerge) -> Outcome:
    """Bring a merged customer and the one they went into back to what they were; what came after the merge stays with the latter.

    `fields` names what the kept profile got back. Where the kept one was itself merged later, that has to be undone first.
    """
    row = await Merge.get_or_none(merged_id=wish.merged_id, undone_at=None)
    both = await customers.mergeable(actor, [wish.merged_id, *([row.customer_id] if row else [])])
    if wish.merged_id not in both:
        raise NotFound("There is no such customer.", path=_MERGED)
    if row is None or not await Merge.exists(id=row.id, undone_at=None):
        raise Refusal("This customer is not merged into another.", path=_MERGED, code=Code.WRONG_STATE)
    blocking = await _blocking(actor, row, both[row.customer_id].merged_into_id)
    if blocking:
        return Outcome(blocking=blocking, refused=blocking)
    moves = await MergeMove.filter(merge_id=row.id)
    rows: dict[str, list[str]] = {}
    for each in moves:
        rows.setdefault(each.store, []).extend(each.keys)
    moved = await transfer.move(row.customer_id, row.merged_id, rows)
    restored = await _give_back(actor, row)
    since = (await stricter.restricted([row.customer_id])).get(row.customer_id)
    if since is not None and since > row.created_at:
        await consent.restrict(actor, row.merged_id, reason="RESTRICTED_WHILE_MERGED")
    row.undone_at, row.snapshot = clock.now(), None
    await row.save(update_fields=["undone_at", "snapshot"])
    await MergeMove.filter(merge_id=row.id).delete()
    await _told(actor, "customer.unmerged", row, moved)
    fields = [name for name, columns in customers.MERGED.items() if set(columns) & set(restored)]
    counts = {store: count for store, count in moved.items() if count}
    given_back = [FieldFrom(name, row.customer_id) for name in fields]
    return Outcome(row.merged_id, telling.fields(actor, given_back), telling.stores(actor, counts))


async def _blocking(actor: Actor, row: Merge, into: UUID | None) -> tuple[Refusal, ...]:
    found = []
    if into is not None:
        kept = ids.spelled("Customer", row.customer_id)
        message = f"The one they went into was itself merged later: undo that first, with `mergedId: {kept}`."
        found.append(Refusal(message, path=_MERGED, code=Code.WRONG_STATE))
    for number in (await requests.under_way(actor, [row.customer_id, row.merged_id])).values():
        found.append(Refusal(f"The data request {number} is under way.", path=_MERGED, code=Code.WRONG_STATE))
    return tuple(found)


async def _give_back(actor: Actor, row: Merge) -> list[str]:
    """Restore profile and consents, and mend what later merges into the same customer remember; the columns that were given back."""
    later = await Merge.filter(customer_id=row.customer_id, undone_at=None, id__gt=row.id).order_by("id")
    own, *rest = await _snapshots(actor, [row, *later])
    now = (await stricter.said_by(row.customer_id))[0]
    kept, merged, joinings = stricter.parted(Joining(**own["said"]), [Joining(**each["said"]) for each in rest], now)
    await stricter.say(row.customer_id, kept)
    await stricter.say(row.merged_id, merged)
    restored = await customers.part(actor, row.customer_id, row.merged_id, own["marks"], [each["marks"] for each in rest])
    for each, snapshot, said in zip(later, rest, joinings, strict=True):
        each.snapshot = dict(_Snapshot(marks=snapshot["marks"], said=asdict(said)))
        await each.save(update_fields=["snapshot"])
    return restored


async def _snapshots(actor: Actor, rows: Sequence[Merge]) -> list[_Snapshot]:
    """What is kept of the time before, opened: to put things right, whatever the purpose for which the actor sees people."""
    righting = replace(actor, purpose=Purpose.COMPLIANCE)
    under = await consent.grant(righting, [rows[0].customer_id], fields=["merges.snapshot"], action="customer.snapshot.read")
    return [cast(_Snapshot, consent.disclose(row, row.snapshot, under)) for row in rows]


async def _told(actor: Actor, action: str, row: Merge, moved: dict[str, int]) -> None:
    """Audit line, sums of nouns, and every process's caches."""
    detail: audit.Detail = {"merge": str(row.id), "rows": sum(moved.values())}
    await audit.record(actor, action, subjects=[row.customer_id, row.merged_id], detail=detail)
    await joining.refresh(actor, [row.customer_id, row.merged_id])
    announce(joining.MERGED, str(row.customer_id), str(row.merged_id))
