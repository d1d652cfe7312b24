"""Many customers at once, for imports: a few statements whatever the number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast
from uuid import UUID

from siyu.domain.customers import profile, rules
from siyu.domain.customers.inputs import IdentityGiven
from siyu.domain.customers.recognising import kinds
from siyu.domain.customers.rules import CONTACTS
from siyu.domain.customers.tables import Customer, Gender, Identity
from siyu.domain.kernel import clock
from siyu.domain.kernel.operation import operation, touch
from siyu.domain.kernel.touching import Change
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.sealed import BlindIndexField


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonGiven:
    """What is said of one customer, by column of the profile, every value in its normal spelling already."""

    id: UUID
    #: Whether there is no such customer yet; the id was made by the caller.
    new: bool
    #: Replaces what is there.
    values: Mapping[str, object]
    #: Goes where nothing is.
    fills: Mapping[str, object]
    #: Identities that nobody has yet, those of `values` and `fills` among them.
    identities: Sequence[IdentityGiven]


@operation(Scope.CUSTOMERS_IMPORT, writes=True)
async def write_batch(actor: Actor, people: Sequence[PersonGiven]) -> None:
    """Make the new ones, with a key each, and change the others.

    An identity that somebody else got meanwhile raises the ORM's `IntegrityError`: look the holders up again.
    """
    made = [_made(person) for person in people if person.new]
    changes = await _changes([person for person in people if not person.new])
    identities = [
        _identity(person.id, each, {**person.fills, **person.values}) for person in people if person.new for each in person.identities
    ]
    identities.extend(changes.identities)
    if made:
        await Customer.bulk_create(made)
    if changes.rows:
        await Customer.bulk_create(changes.rows, update_fields=sorted(changes.columns), on_conflict=["id"])
    if changes.stale:
        await Identity.filter(id__in=changes.stale).delete()
    if changes.promoted:
        await Identity.filter(id__in=changes.promoted).update(profile=True)
    if identities:
        await Identity.bulk_create(identities)
    touch(Change.STANDING, [row.id for row in made])
    touch(Change.PROFILE, [row.id for row in changes.rows])
    touch(Change.IDENTITY, [row.customer_id for row in identities])


def _made(person: PersonGiven) -> Customer:
    customer = Customer.fresh(id=person.id)
    profile.apply(customer, _columns({**person.fills, **person.values}))
    customer.anonymous = rules.anonymous(kinds(person.identities))
    return customer


def _columns(said: Mapping[str, object]) -> dict[str, object]:
    columns = dict(said)
    gender = columns.get("gender")
    if isinstance(gender, str):
        columns["gender"] = Gender(gender)
    return columns


def _identity(customer_id: UUID, given: IdentityGiven, said: Mapping[str, object]) -> Identity:
    own = any(kind is given.kind and said.get(name) == given.value for name, kind in CONTACTS.items())
    return Identity.fresh(customer_id=customer_id, kind=given.kind, app_id=given.app_id or "", value=given.value, profile=own)


@dataclass(slots=True)
class _Changes:
    rows: list[Customer] = field(default_factory=list)
    columns: set[str] = field(default_factory=lambda: {"updated_at"})
    identities: list[Identity] = field(default_factory=list)
    #: Identities that were the profile's own and are replaced.
    stale: list[UUID] = field(default_factory=list)
    #: Identities that become the profile's own.
    promoted: list[UUID] = field(default_factory=list)


async def _changes(people: Sequence[PersonGiven]) -> _Changes:
    changes = _Changes()
    if not people:
        return changes
    held = Customer.filter(id__in=[person.id for person in people], merged_into_id=None).order_by("id").select_for_update()
    by_id = {row.id: row for row in await held}
    contacts = await _contacts(by_id)
    for person in people:
        customer = by_id.get(person.id)
        if customer is None:
            continue  # merged or erased since its holder was looked up
        said = dict(person.values)
        said.update((name, value) for name, value in person.fills.items() if getattr(customer, name) is None)
        said = _columns({name: value for name, value in said.items() if _differs(customer, name, value)})
        for name in CONTACTS.keys() & said.keys():
            if _keep_contact(changes, contacts.get(person.id, ()), name, cast(str, said[name])):
                del said[name]
        changes.identities.extend(_identity(person.id, each, said) for each in person.identities)
        if said or person.identities:
            before = dict(customer.__dict__)
            profile.apply(customer, said)
            customer.updated_at = clock.now()
            if rules.named(kinds(person.identities)):
                customer.anonymous = False
            changes.columns.update(
                name for name, value in customer.__dict__.items() if name in Customer._meta.fields_map and before.get(name) is not value
            )
            changes.rows.append(customer)
    return changes


async def _contacts(customers: Iterable[UUID]) -> dict[UUID, list[Identity]]:
    found: dict[UUID, list[Identity]] = {}
    for row in await Identity.filter(customer_id__in=list(customers), kind__in=list(CONTACTS.values())):
        found.setdefault(row.customer_id, []).append(row)
    return found


def _differs(customer: Customer, name: str, value: object) -> bool:
    """Whether a clear column holds something else; what a sealed one holds is not looked at."""
    return name in Customer._sealing or getattr(customer, name) != value


def _keep_contact(changes: _Changes, identities: Sequence[Identity], name: str, value: str) -> bool:
    """Have the identities follow the profile's phone, email or external id; True when it is the same as before."""
    token = cast(BlindIndexField, Identity._meta.fields_map["value_index"]).token(value)
    own = [row for row in identities if row.kind is CONTACTS[name]]
    if any(row.profile and bytes(row.value_index) == token for row in own):
        return True
    changes.stale.extend(row.id for row in own if row.profile)
    changes.promoted.extend(row.id for row in own if not row.profile and bytes(row.value_index) == token)
    return False
