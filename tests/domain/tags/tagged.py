"""Tags and who has them, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from siyu.domain import customers, tags
from siyu.domain.customers import CustomerCreate, IdentityGiven, IdentityKind
from siyu.domain.tags import Changed, TagAssign, TagCreate, TagRemove
from siyu.domain.tags.tables import Tag, TagAssignment, TagChange
from siyu.privacy.actor import Actor


def phone(number: int) -> IdentityGiven:
    return IdentityGiven(kind=IdentityKind.PHONE, value=f"138{number:08}")


async def people(actor: Actor, count: int, *, start: int = 1) -> list[UUID]:
    """Customers whose phones are numbered from `start`."""
    return [await customers.create(actor, CustomerCreate(phone=phone(number).value)) for number in range(start, start + count)]


async def tag(actor: Actor, name: str, **more: Any) -> UUID:
    return await tags.create(actor, TagCreate(name=name, **more))


async def put(actor: Actor, names: Sequence[str], *whom: UUID, **more: Any) -> Changed:
    return await tags.assign(actor, TagAssign(tags=list(names), customer_ids=list(whom) or None, **more))


async def take(actor: Actor, names: Sequence[str], *whom: UUID, **more: Any) -> Changed:
    return await tags.remove(actor, TagRemove(tags=list(names), customer_ids=list(whom) or None, **more))


async def having(customer_id: UUID) -> dict[str, str]:
    """The names of a customer's tags, and how each came."""
    rows = await TagAssignment.filter(customer_id=customer_id)
    names = dict(await Tag.filter(id__in=[row.tag_id for row in rows]).values_list("id", "name"))
    return {names[row.tag_id]: row.source.value for row in rows}


async def log(customer_id: UUID) -> list[tuple[bool, str]]:
    """Whether something was put on or taken off, and why, in order."""
    rows = await TagChange.filter(customer_id=customer_id).order_by("at", "id")
    return [(row.assigned, row.why) for row in rows]
