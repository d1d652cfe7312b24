"""Deciding by hand who is in a segment and who is not: it beats the rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from siyu.domain import customers, rules
from siyu.domain.kernel.operation import operation
from siyu.domain.rules import HolderKind
from siyu.domain.segments import evaluating
from siyu.domain.segments.inputs import SegmentOverrideWish
from siyu.domain.segments.rules import CUSTOMERS_MAX, reason
from siyu.domain.segments.tables import Override, Segment, SegmentMember, SegmentOverride
from siyu.privacy import audit, consent, stricter
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, NotFound, Refusal, Refusals

_FIELDS: Final = ("Segment.members",)


@operation(Scope.SEGMENTS_WRITE, writes=True)
async def override(actor: Actor, wish: SegmentOverrideWish) -> UUID:
    """Put customers in, keep them out, or take back what was decided; the segment's id. Said again it changes nothing but the reason."""
    why = reason(wish.reason, ("input", "reason"))
    await rules.hold_things(actor, [wish.id])
    if not await Segment.exists(id=wish.id):
        raise NotFound("There is no such segment.", path=("input", "id"))
    await decide(actor, wish.id, wish.customer_ids, wish.override, why, path=("input",))
    return wish.id


async def decide(
    actor: Actor, segment_id: UUID, customer_ids: Sequence[UUID], decided: Override | None, why: str | None, *, path: tuple[str, ...]
) -> None:
    """Write down what was decided, and bring these customers in line; refuses, all at once, those of whom it can't be decided."""
    await rules.hold_things(actor, [segment_id])
    people = list(dict.fromkeys(customer_ids))
    at = (*path, "customer_ids")
    if len(people) > CUSTOMERS_MAX:
        raise Refusal(f"Name at most {CUSTOMERS_MAX:,} customers at once.", path=at, code=Code.LIMIT_EXCEEDED)
    await _known(actor, customer_ids, decided, at)
    if not people:
        return
    await SegmentOverride.filter(segment_id=segment_id, customer_id__in=people).delete()
    if decided is not None:
        rows = [
            SegmentOverride(segment_id=segment_id, customer_id=each, override=decided, reason=why, decided_by=actor.name) for each in people
        ]
        await SegmentOverride.bulk_create(rows)
    worker = Actor.worker("segments", Scope.JOBS_RUN, request=actor.request)
    await evaluating.keep_people(worker, [(HolderKind.SEGMENT, segment_id)], people)
    await _give_reason(segment_id, people, why if decided is Override.INCLUDE else None)
    action = f"segment.{decided.value.lower() if decided else 'override.taken_back'}"
    await audit.record(actor, action, subjects=people, detail={"segment": str(segment_id)})


async def _known(actor: Actor, customer_ids: Sequence[UUID], decided: Override | None, path: tuple[str, ...]) -> None:
    """Refuse those who are no customers, are not reached by the actor's purpose, or have restricted processing."""
    there = await customers.reserve(actor, set(customer_ids))
    restricted = await stricter.restricted(list(there)) if decided is Override.INCLUDE else {}
    under = await consent.grant(actor, [each for each in there if each not in restricted], fields=_FIELDS, sealed=False)
    refusals: list[Refusal] = []
    for number, each in enumerate(customer_ids):
        if each in restricted:
            refusals.append(Refusal("This person has restricted processing.", path=(*path, number), code=Code.RESTRICTED))
        elif each not in there or (decided is Override.INCLUDE and each not in under.subject_ids):
            refusals.append(NotFound("There is no such customer.", path=(*path, number)))
    if refusals:
        raise Refusals(refusals)


async def _give_reason(segment_id: UUID, people: Sequence[UUID], why: str | None) -> None:
    """Have memberships tell why somebody was put in by hand."""
    rows = await SegmentMember.filter(segment_id=segment_id, customer_id__in=people)
    changed = [row for row in rows if why is not None or row.reason is not None]
    for row in changed:
        row.reason = why  # sealed as it is saved
    if changed:
        await SegmentMember.bulk_create(changed, update_fields=["reason"], on_conflict=["id"])
