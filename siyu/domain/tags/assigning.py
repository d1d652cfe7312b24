"""Putting tags on customers and taking them off, by hand or by a program."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from siyu.domain import customers, segments
from siyu.domain.customers import IdentityGiven, Unknown
from siyu.domain.kernel import clock
from siyu.domain.kernel.operation import operation
from siyu.domain.tags import pending, rules
from siyu.domain.tags.batches import begin
from siyu.domain.tags.inputs import TagAssign, TagRemove
from siyu.domain.tags.naming import chosen
from siyu.domain.tags.tables import Tag, TagSource
from siyu.domain.tags.writing import put, take
from siyu.privacy import stricter
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, NotFound, Refusal, Refusals

_TAGS = ("input", "tags")
_RESTRICTED: Final = "This person has restricted processing."


@dataclass(frozen=True, slots=True)
class Changed:
    """How many assignments have begun, changed or ended; what is left to do is done by this work."""

    changed: int = 0
    work_id: UUID | None = None


@operation(Scope.TAGS_ASSIGN, writes=True)
async def assign(actor: Actor, wish: TagAssign) -> Changed:
    """Put tags on customers, on a segment, on whoever is known by identities. Repeated, it changes nothing.

    Refuses unknown and archived tags, unknown, merged and restricted customers, each by its path: then nothing is done. More than
    `AT_ONCE_MAX` customers are left to a job.
    """
    _something(wish.customer_ids, wish.segment_id, wish.identities)
    if wish.expires_at is not None and wish.expires_at <= clock.now():
        raise Refusal("It would end before it begins.", path=("input", "expires_at"))
    tags = await chosen(wish.tags, _TAGS, assigning=True)
    known, waiting = await _known(actor, wish.identities or [])
    people = await _people(actor, wish.customer_ids, wish.segment_id)
    await _refuse_restricted(wish.customer_ids or ())
    source = rules.source_of(actor)
    changed = await pending.wait(waiting, tags, by=actor.name, expires_at=wish.expires_at) if waiting else 0
    changed += await _put(actor, tags, [*known, *(people or ())], source=source, by=actor.name, expires_at=wish.expires_at)
    if people is not None:
        return Changed(changed)
    work_id = await begin(actor, list(tags), wish.customer_ids, wish.segment_id, assigned=True, source=source, expires_at=wish.expires_at)
    return Changed(changed, work_id)


@operation(Scope.TAGS_ASSIGN, writes=True)
async def remove(actor: Actor, wish: TagRemove) -> Changed:
    """Take tags off customers, or off a segment. What a rule has put on it leaves off from then on. Repeated, it changes nothing."""
    _something(wish.customer_ids, wish.segment_id)
    tags = await chosen(wish.tags, _TAGS, assigning=False)
    people = await _people(actor, wish.customer_ids, wish.segment_id)
    if people is not None:
        return Changed(await take(actor, people, tags, by=actor.name))
    work_id = await begin(actor, list(tags), wish.customer_ids, wish.segment_id, assigned=False, source=rules.source_of(actor))
    return Changed(0, work_id)


@operation(writes=True)
async def assign_all(actor: Actor, wanted: Mapping[UUID, Collection[UUID]], *, source: TagSource) -> int:
    """Put on each of these customers, who are there, the tags with these ids; how many assignments are new. For files and programs,
    which have checked a scope of their own. Of two tags of one exclusive group the last counts."""
    tags = {tag.id: tag for tag in await Tag.filter(id__in=list({each for ids in wanted.values() for each in ids}), archived_at=None)}
    now = clock.now()
    wishes = {
        (customer_id, tag_id): rules.until(tags[tag_id].expires_after_days, None, now)
        for customer_id, tag_ids in wanted.items()
        for tag_id in tag_ids
        if tag_id in tags
    }
    return await put(actor, wishes, tags, source=source, by=actor.name) if wishes else 0


@customers.tagger
@operation(Scope.TAGS_ASSIGN, writes=True)
async def tagged(actor: Actor, customer_id: UUID, names: Sequence[str], path: tuple[str, ...]) -> int:
    """Put the tags of these names on a customer who is being written; unknown ones are refused below `path`."""
    tags = await chosen(names, path, assigning=True)
    if await stricter.restricted([customer_id]):
        raise Refusal(_RESTRICTED, path=path, code=Code.RESTRICTED)
    return await _put(actor, tags, [customer_id], source=rules.source_of(actor), by=actor.name, expires_at=None)


async def _put(
    actor: Actor, tags: Mapping[UUID, Tag], people: Sequence[UUID], *, source: TagSource, by: str, expires_at: datetime | None
) -> int:
    now = clock.now()
    wishes = {
        (customer_id, tag.id): rules.until(tag.expires_after_days, expires_at, now) for customer_id in people for tag in tags.values()
    }
    return await put(actor, wishes, tags, source=source, by=by, renews=expires_at is not None) if wishes else 0


def _something(*given: object) -> None:
    if not any(given):
        raise Refusal("Say on whom.", path=("input", "customer_ids"), code=Code.BLANK)


async def _people(actor: Actor, customer_ids: Sequence[UUID] | None, segment_id: UUID | None) -> list[UUID] | None:
    """Whom it concerns, held until the transaction ends; None when they are too many to do at once."""
    given = list(dict.fromkeys(customer_ids or ()))
    if len(given) > rules.CUSTOMERS_MAX:
        message = f"At most {rules.CUSTOMERS_MAX:,} customers at once; make a segment of them."
        raise Refusal(message, path=("input", "customer_ids"), code=Code.LIMIT_EXCEEDED)
    await _check_customers(actor, given, customer_ids or ())
    members: list[UUID] = []
    if segment_id is not None:
        await segments.require(actor, segment_id, path=("input", "segment_id"))
        members = await segments.members(actor, segment_id, limit=rules.AT_ONCE_MAX + 1)
    together = list(dict.fromkeys([*given, *members]))
    return together if len(together) <= rules.AT_ONCE_MAX else None


async def _check_customers(actor: Actor, distinct: Sequence[UUID], given: Sequence[UUID]) -> None:
    stands = await customers.hold(actor, distinct) if distinct else {}
    refusals: list[Refusal] = []
    for place, customer_id in enumerate(given):
        at = ("input", "customer_ids", place)
        if customer_id not in stands:
            refusals.append(NotFound("There is no such customer.", path=at))
        elif stands[customer_id] != customer_id:
            message = "This customer was merged into another: name that one, which `mergedInto` tells."
            refusals.append(Refusal(message, path=at, code=Code.WRONG_STATE))
    if refusals:
        raise Refusals(refusals)


async def _refuse_restricted(given: Sequence[UUID]) -> None:
    """Who has restricted processing is not sorted any more."""
    restricted = await stricter.restricted(list(given)) if given else {}
    if restricted:
        refusals = [
            Refusal(_RESTRICTED, path=("input", "customer_ids", str(place)), code=Code.RESTRICTED)
            for place, customer_id in enumerate(given)
            if customer_id in restricted
        ]
        raise Refusals(refusals)


async def _known(actor: Actor, identities: Sequence[IdentityGiven]) -> tuple[list[UUID], list[customers.Key]]:
    """Who is known by these, and the keys of those that nobody is known by yet."""
    if len(identities) > rules.IDENTITIES_MAX:
        message = f"At most {rules.IDENTITIES_MAX:,} identities at once."
        raise Refusal(message, path=("input", "identities"), code=Code.LIMIT_EXCEEDED)
    found = await customers.recognise(actor, identities, unknown=Unknown.REFUSE) if identities else []
    wrong = [
        Refusal(each.refusal.message, path=("input", "identities", place, *each.refusal.path), code=each.refusal.code)
        for place, each in enumerate(found)
        if each.refusal is not None and each.refusal.code is not Code.NOT_FOUND
    ]
    if wrong:
        raise Refusals(wrong)
    people = [each.customer_id for each in found if each.customer_id is not None]
    held = await customers.hold(actor, people) if people else {}
    waiting = [customers.keyed(given) for given, each in zip(identities, found, strict=True) if each.customer_id is None]
    return list(dict.fromkeys(held.values())), list(dict.fromkeys(waiting))
