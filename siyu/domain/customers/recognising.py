"""Whose identities these are, many at once: known people are found, unknown ones made where the caller wants it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import cast
from uuid import UUID

from siyu.domain.customers import rules
from siyu.domain.customers.holding import as_id
from siyu.domain.customers.inputs import IdentityGiven
from siyu.domain.customers.queries import spell
from siyu.domain.customers.tables import Customer, Identity, IdentityKind
from siyu.domain.kernel import database, ids
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.kernel.operation import operation, touch
from siyu.domain.kernel.touching import Change
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import NotFound, Refusal
from siyu.privacy.sealed import BlindIndexField

#: Kind, app and blind token of a value: what names a person without telling who it is.
Key = tuple[str, str, bytes]


class Unknown(StrEnum):
    """What becomes of an identity that nobody is known by."""

    CREATE = "CREATE"
    REFUSE = "REFUSE"


@dataclass(frozen=True, slots=True)
class Recognised:
    """Whose an identity is. Without a customer there is a refusal: `NOT_FOUND`, or what is wrong with the identity, by its own path."""

    customer_id: UUID | None
    created: bool = False
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class _Spelled:
    kind: IdentityKind
    app_id: str
    value: str


@operation(writes=True)
async def recognise(actor: Actor, given: Sequence[IdentityGiven], *, unknown: Unknown, source: str | None = None) -> list[Recognised]:
    """Whose these identities are, in their order; the caller has checked a scope of its own.

    One statement where all are known. With `CREATE`, those whom nobody is known by become customers, anonymous ones where it is
    an anonymous id: a fixed number of statements more. The same identity twice is one customer, and so is one that
    somebody else makes at the same moment. `source` is where new ones came from.
    """
    spelled: list[tuple[Key, _Spelled] | Refusal] = [_spelled(each) for each in given]
    values = dict(each for each in spelled if not isinstance(each, Refusal))
    held = await held_by(values)
    made: frozenset[Key] = frozenset()
    lacking = sorted(values.keys() - held.keys())
    if lacking and unknown is Unknown.CREATE:
        made = await _made(held, {key: values[key] for key in lacking}, source)
    return [_recognised(each, held, made) for each in spelled]


@operation(Scope.CUSTOMERS_IMPORT)
async def holders(actor: Actor, identities: Sequence[IdentityGiven]) -> list[UUID | None]:
    """Whose these identities are, in their order; the values are in their normal spelling. One statement."""
    keys = [key_of(each.kind, each.app_id or "", each.value) for each in identities]
    held = await held_by(keys)
    return [held.get(key) for key in keys]


def key_of(kind: IdentityKind, app_id: str, value: str) -> Key:
    """The key of a value in its normal spelling."""
    index = cast(BlindIndexField, Identity._meta.fields_map["value_index"])
    return kind.value, app_id, index.token(value)


async def held_by(keys: Collection[Key]) -> dict[Key, UUID]:
    """The holders of those that somebody is known by. One statement."""
    if not keys:
        return {}
    statement = Statement(database.dialect())
    sought = statement.sought("identities", "value_index", list(dict.fromkeys(token for _, _, token in keys)), Kind.BYTES)
    found = await database.rows(f"select t.kind, t.app_id, t.value_index, t.customer_id from {sought}", statement.args)  # noqa: S608  # bound values only
    return {(kind, app_id, bytes(token)): as_id(holder) for kind, app_id, token, holder in found}


def _spelled(given: IdentityGiven) -> tuple[Key, _Spelled] | Refusal:
    try:
        kind, app_id, value = spell(given, ())
    except Refusal as refusal:
        return refusal
    return key_of(kind, app_id, value), _Spelled(kind, app_id, value)


async def _made(held: dict[Key, UUID], lacking: Mapping[Key, _Spelled], source: str | None) -> frozenset[Key]:
    """Make a customer for each, or learn of who was faster, into `held`; the keys of those that were made here.

    Identities go first: the unique index decides between two at once, and only the winner makes a customer. They go in the order
    of their keys, so that no two batches wait for each other.
    """
    fresh = {key: ids.uuid7() for key in lacking}
    await Identity.bulk_create([_identity(fresh[key], each) for key, each in lacking.items()], ignore_conflicts=True)
    held.update(await held_by(lacking))
    won = frozenset(key for key in lacking if held[key] == fresh[key])
    await Customer.bulk_create([_customer(fresh[key], each, source) for key, each in lacking.items() if key in won])
    made = [fresh[key] for key in won]
    touch(Change.STANDING, made)
    touch(Change.IDENTITY, made)
    return won


def _identity(customer_id: UUID, each: _Spelled) -> Identity:
    profile = each.kind in rules.CONTACTS.values()
    return Identity.fresh(customer_id=customer_id, kind=each.kind, app_id=each.app_id, value=each.value, profile=profile)


def _customer(customer_id: UUID, each: _Spelled, source: str | None) -> Customer:
    customer = Customer.fresh(id=customer_id, source=source, anonymous=rules.anonymous([each.kind]))
    for name in (name for name, kind in rules.CONTACTS.items() if kind is each.kind):
        setattr(customer, name, each.value)
    return customer


def _recognised(each: tuple[Key, _Spelled] | Refusal, held: Mapping[Key, UUID], made: Collection[Key]) -> Recognised:
    if isinstance(each, Refusal):
        return Recognised(None, refusal=each)
    holder = held.get(each[0])
    if holder is None:
        return Recognised(None, refusal=NotFound("No customer is known by this."))
    return Recognised(holder, created=each[0] in made)


def kinds(identities: Iterable[IdentityGiven] | None) -> list[IdentityKind]:
    """Of what kinds they are."""
    return [each.kind for each in identities or ()]
