"""A customer becomes known by more: what rules of joining add without asking anybody."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from siyu.domain.customers import rules
from siyu.domain.customers.inputs import IdentityGiven
from siyu.domain.customers.queries import refuse_merged, spell
from siyu.domain.customers.recognising import held_by, key_of
from siyu.domain.customers.tables import Customer, Identity, IdentityKind
from siyu.domain.kernel import clock
from siyu.domain.kernel.operation import operation, touch
from siyu.domain.kernel.touching import Change
from siyu.privacy.actor import Actor
from siyu.privacy.refusal import Code, NotFound, Refusal


@operation(writes=True)
async def known_by(actor: Actor, customer_id: UUID, given: Sequence[IdentityGiven]) -> bool:
    """Have the customer be known by these, too; the caller has checked a scope of its own, and that they fit.

    A phone, email or external id goes into the profile where that has none. Refuses more identities than one person may have.
    False when somebody else is known by one of them: that one is left alone.
    """
    keys = {key_of(*spelled): spelled for spelled in (spell(each, ()) for each in given)}
    held = await held_by(keys)
    lacking = {key: keys[key] for key in sorted(keys.keys() - held.keys())}
    if not lacking:
        return all(holder == customer_id for holder in held.values())
    customer = await Customer.filter(id=customer_id).select_for_update().get_or_none()
    if customer is None:
        raise NotFound("There is no such customer.")
    refuse_merged(customer.merged_into_id, ())
    if await Identity.filter(customer_id=customer_id).count() + len(lacking) > rules.IDENTITIES_MAX:
        raise Refusal(f"A customer has at most {rules.IDENTITIES_MAX} identities.", code=Code.LIMIT_EXCEEDED)
    rows = [Identity.fresh(customer_id=customer_id, kind=kind, app_id=app, value=value) for kind, app, value in lacking.values()]
    await Identity.bulk_create(rows, ignore_conflicts=True)
    held |= await held_by(lacking)
    added = [spelled for key, spelled in lacking.items() if held.get(key) == customer_id]
    await _follow(customer, added)
    return all(holder == customer_id for holder in held.values())


async def _follow(customer: Customer, added: Sequence[tuple[IdentityKind, str, str]]) -> None:
    """Have the profile follow what was added."""
    changed = ["updated_at"]
    customer.updated_at = clock.now()
    if customer.anonymous and rules.named([kind for kind, _, _ in added]):
        customer.anonymous = False
        changed.append("anonymous")
    for name, kind in rules.CONTACTS.items():
        value = next((value for of, _, value in added if of is kind), None)
        if value is not None and getattr(customer, name) is None:
            setattr(customer, name, value)
            changed.append(name)
            await Identity.filter(customer_id=customer.id, kind=kind, value_index=value).update(profile=True)
    await customer.save(update_fields=changed)
    touch(Change.PROFILE, [customer.id])
    touch(Change.IDENTITY, [customer.id])
