"""Who is to get coupons: there, not merged into another, and not restricted."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from siyu.domain import customers, segments
from siyu.domain.coupons import rules
from siyu.domain.kernel.operation import operation
from siyu.privacy import stricter
from siyu.privacy.actor import Actor
from siyu.privacy.refusal import Code, NotFound, Refusal, Refusals

_CUSTOMERS = ("input", "customer_ids")
_SEGMENT = ("input", "segment_id")


@operation(writes=True)
async def named(actor: Actor, customer_ids: Sequence[UUID]) -> list[UUID]:
    """These customers, each once, held until the transaction ends. Unknown, merged and restricted ones are refused, each by its path."""
    if len(customer_ids) > rules.CUSTOMERS_MAX:
        message = f"At most {rules.CUSTOMERS_MAX:,} customers at once; make a segment of them."
        raise Refusal(message, path=_CUSTOMERS, code=Code.LIMIT_EXCEEDED)
    distinct = list(dict.fromkeys(customer_ids))
    stands = await customers.hold(actor, distinct) if distinct else {}
    restricted = await stricter.restricted(distinct) if distinct else {}
    refusals: list[Refusal] = []
    for place, customer_id in enumerate(customer_ids):
        path = (*_CUSTOMERS, place)
        if customer_id not in stands:
            refusals.append(NotFound("There is no such customer.", path=path))
        elif stands[customer_id] != customer_id:
            message = "This customer was merged into another: name that one, which `mergedInto` tells."
            refusals.append(Refusal(message, path=path, code=Code.WRONG_STATE))
        elif customer_id in restricted:
            refusals.append(Refusal("This person has restricted processing.", path=path, code=Code.RESTRICTED))
    if refusals:
        raise Refusals(refusals)
    return distinct


@operation(writes=True)
async def chosen(actor: Actor, customer_ids: Sequence[UUID] | None, segment_id: UUID | None) -> list[UUID] | None:
    """Who is to get one, held until the transaction ends; None when they are too many to do at once."""
    if not customer_ids and segment_id is None:
        raise Refusal("Say to whom.", path=_CUSTOMERS, code=Code.BLANK)
    people = await named(actor, customer_ids or ())
    if segment_id is not None:
        await segments.require(actor, segment_id, path=_SEGMENT)
        members = await segments.members(actor, segment_id, limit=rules.AT_ONCE_MAX + 1)
        people = list(dict.fromkeys([*people, *members]))
    if len(people) > rules.AT_ONCE_MAX:
        return None
    return await present(actor, people)


@operation(writes=True)
async def present(actor: Actor, customer_ids: Sequence[UUID]) -> list[UUID]:
    """Who these are now, each once, held until the transaction ends, without those who are gone or restricted."""
    there = list(dict.fromkeys((await customers.hold(actor, customer_ids)).values())) if customer_ids else []
    restricted = await stricter.restricted(there) if there else {}
    return [each for each in there if each not in restricted]
