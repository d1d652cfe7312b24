"""Making and changing customers."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from tortoise.exceptions import IntegrityError

from siyu.domain import attributes, staff
from siyu.domain.customers import profile, rules
from siyu.domain.customers.inputs import CustomerCreate, CustomerUpdate, CustomerUpsert, IdentityAdd, IdentityGiven, IdentityRemove
from siyu.domain.customers.queries import holder_of, refuse_merged, spell
from siyu.domain.customers.recognising import kinds
from siyu.domain.customers.referring import refer
from siyu.domain.customers.tables import Customer, Identity, IdentityKind
from siyu.domain.customers.tagging import tag
from siyu.domain.kernel import clock, ids
from siyu.domain.kernel.operation import operation, touch
from siyu.domain.kernel.touching import Change
from siyu.privacy import keyring
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, NotFound, Refusal, Taken


@operation(Scope.CUSTOMERS_WRITE, writes=True)
async def create(actor: Actor, new: CustomerCreate, *, path: tuple[str, ...] = ("input",)) -> UUID:
    """A new customer with an own key; the id.

    Refuses a value that another customer is known by (`TAKEN`), and whatever does not fit its field.
    """
    customer = Customer(id=ids.uuid7())
    spelled = profile.spelled(new, path)
    await keyring.current().create([customer.id])
    profile.apply(customer, spelled)
    await _check_owner(actor, customer, path)
    identities = new.identities or []
    rules.few_enough(identities)
    customer.anonymous = rules.anonymous([*rules.contacts(spelled), *kinds(identities)])
    await customer.save(force_create=True)
    await _write_contacts(customer.id, spelled, path)
    for number, each in enumerate(identities):
        await _add_identity(customer.id, each, (*path, "identities", str(number)))
    await _write_attributes(actor, customer.id, new.attributes, path)
    touch(Change.STANDING, [customer.id])
    touch(Change.IDENTITY, [customer.id])
    await tag(actor, customer.id, new.tags, (*path, "tags"))
    await refer(actor, customer.id, new.referral_code, (*path, "referral_code"))
    return customer.id


@operation(Scope.CUSTOMERS_WRITE, writes=True)
async def update(actor: Actor, change: CustomerUpdate, *, path: tuple[str, ...] = ("input",)) -> UUID:
    """Change what is given; what is left out stays, null clears. The id."""
    customer = await _present(change.id, (*path, "id"))
    spelled = profile.spelled(change, path)
    profile.apply(customer, spelled)
    customer.anonymous = customer.anonymous and not rules.contacts(spelled)
    customer.updated_at = clock.now()
    await _check_owner(actor, customer, path)
    await customer.save()
    await _write_contacts(customer.id, spelled, path)
    await _write_attributes(actor, customer.id, change.attributes, path)
    touch(Change.PROFILE, [customer.id])
    return customer.id


@operation(Scope.CUSTOMERS_WRITE, writes=True)
async def upsert(actor: Actor, wish: CustomerUpsert) -> UUID:
    """Change the customer who is known by `match`, or make one who is. The id."""
    holder = await holder_of(wish.match, ("input", "match"))
    path = ("input", "set")
    if holder is None:
        found = await create(actor, wish.set, path=path)
        if await holder_of(wish.match, ("input", "match")) != found:
            await _add_identity(found, wish.match, ("input", "match"))
            held = cast(list[IdentityKind], await Identity.filter(customer_id=found).values_list("kind", flat=True))
            await Customer.filter(id=found).update(anonymous=rules.anonymous(held))
        return found
    rest = {name: getattr(wish.set, name) for name in profile.FIELDS}
    await update(actor, CustomerUpdate(id=holder, **rest), path=path)
    for number, each in enumerate(wish.set.identities or []):
        await _add_identity(holder, each, (*path, "identities", str(number)))
    await tag(actor, holder, wish.set.tags, (*path, "tags"))
    await refer(actor, holder, wish.set.referral_code, (*path, "referral_code"))
    return holder


@operation(Scope.CUSTOMERS_WRITE, writes=True)
async def identity_add(actor: Actor, wish: IdentityAdd) -> UUID:
    """Have the customer known by one more value. A repeated call changes nothing. The customer's id."""
    await _present(wish.customer_id, ("input", "customer_id"))
    await _add_identity(wish.customer_id, wish.identity, ("input", "identity"))
    await Customer.filter(id=wish.customer_id).update(updated_at=clock.now())
    touch(Change.PROFILE, [wish.customer_id])
    return wish.customer_id


@operation(Scope.CUSTOMERS_WRITE, writes=True)
async def identity_remove(actor: Actor, wish: IdentityRemove) -> UUID:
    """Have the customer known by it no longer; the profile's own phone, email and external id are changed in the profile."""
    await _present(wish.customer_id, ("input", "customer_id"))
    found = await Identity.get_or_none(id=wish.identity_id, customer_id=wish.customer_id)
    if found is None:
        raise NotFound("The customer is not known by this identity.", path=("input", "identity_id"))
    if found.profile:
        raise Refusal("This is the profile's own; change or clear it with customerUpdate.", path=("input", "identity_id"), code=Code.IN_USE)
    await found.delete()
    await Customer.filter(id=wish.customer_id).update(updated_at=clock.now())
    touch(Change.PROFILE, [wish.customer_id])
    return wish.customer_id


async def _present(customer_id: UUID, path: tuple[str, ...]) -> Customer:
    """The customer, held until the transaction ends: nobody merges or changes it meanwhile."""
    customer = await Customer.filter(id=customer_id).select_for_update().get_or_none()
    if customer is None:
        raise NotFound("There is no such customer.", path=path)
    refuse_merged(customer.merged_into_id, path)
    return customer


async def _check_owner(actor: Actor, customer: Customer, path: tuple[str, ...]) -> None:
    if customer.owner_id is not None and not await staff.known(actor, customer.owner_id):
        raise NotFound("There is no such member of staff.", path=(*path, "owner_id"))


async def _write_attributes(actor: Actor, customer_id: UUID, values: object, path: tuple[str, ...]) -> None:
    if isinstance(values, list) and values:
        await attributes.assign(actor, customer_id, values, path=(*path, "attributes"))


async def _write_contacts(customer_id: UUID, spelled: dict[str, object], path: tuple[str, ...]) -> None:
    """The identities that mirror the profile's phone, email and external id."""
    if rules.CONTACTS.keys() & spelled.keys():
        touch(Change.IDENTITY, [customer_id])
    for name, kind in rules.CONTACTS.items():
        if name not in spelled:
            continue
        value = spelled[name]
        await Identity.filter(customer_id=customer_id, kind=kind, profile=True).delete()
        if isinstance(value, str):
            await _claim(customer_id, kind, "", value, (*path, name), profile=True)


async def _add_identity(customer_id: UUID, identity: IdentityGiven, path: tuple[str, ...]) -> None:
    kind, app_id, value = spell(identity, path)
    if await Identity.filter(customer_id=customer_id).count() >= rules.IDENTITIES_MAX:
        raise Refusal(f"A customer has at most {rules.IDENTITIES_MAX} identities.", path=path, code=Code.LIMIT_EXCEEDED)
    await _claim(customer_id, kind, app_id, value, path)
    touch(Change.IDENTITY, [customer_id])
    if rules.named([kind]):
        await Customer.filter(id=customer_id, anonymous=True).update(anonymous=False)


async def _claim(customer_id: UUID, kind: IdentityKind, app_id: str, value: str, path: tuple[str, ...], *, profile: bool = False) -> None:
    """Make the value this customer's, unless it is somebody else's; the unique index decides between two at once."""
    taken = Taken("Another customer is known by this.", path=path)
    holder = await Identity.get_or_none(kind=kind, app_id=app_id, value_index=value)
    if holder is None:
        try:
            await Identity(customer_id=customer_id, kind=kind, app_id=app_id, value=value, profile=profile).save(force_create=True)
        except IntegrityError:
            raise taken from None
    elif holder.customer_id != customer_id:
        raise taken
    elif profile and not holder.profile:
        await Identity.filter(id=holder.id).update(profile=True)
