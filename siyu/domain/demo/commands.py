"""Putting invented people into the house, by the same doors as an import."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from siyu.domain import customers, orders
from siyu.domain.customers import IdentityGiven, IdentityKind, PersonGiven
from siyu.domain.demo.people import Person, people
from siyu.domain.kernel import clock, ids
from siyu.domain.kernel.operation import operation
from siyu.domain.orders import OrderGiven
from siyu.privacy.actor import Actor, Scope

#: People a call: one transaction.
BATCH_MAX: Final = 1_000
_WHO: Final = ("family_name", "given_name", "display_name", "phone", "email", "gender", "birthday", "occupation")
_PROFILE: Final = (*_WHO, "city", "province", "source")


@dataclass(frozen=True, slots=True)
class Sown:
    """What a call added."""

    customers: int
    orders: int


@operation(Scope.CUSTOMERS_IMPORT, Scope.ORDERS_IMPORT, writes=True)
async def sow(actor: Actor, *, first: int, count: int, seed: int = 0, until: datetime | None = None) -> Sown:
    """Add the invented people numbered from `first` on, with their orders; who is there already stays as they are.

    Call it batch by batch: at most `BATCH_MAX` people a call. `until` is when the last orders were placed; now, without.
    """
    assert count <= BATCH_MAX, f"Sow at most {BATCH_MAX} at once."
    invented = list(people(first, count, seed=seed, until=until or clock.now()))
    phones = [IdentityGiven(kind=IdentityKind.PHONE, value=person.phone) for person in invented]
    emails = [IdentityGiven(kind=IdentityKind.EMAIL, value=person.email) for person in invented]
    known = await customers.holders(actor, [*phones, *emails])
    fresh = [
        (ids.uuid7(), person)
        for person, by_phone, by_email in zip(invented, known[: len(phones)], known[len(phones) :], strict=True)
        if by_phone is None and by_email is None
    ]
    await customers.write_batch(actor, [_given(customer_id, person) for customer_id, person in fresh])
    recorded = await orders.record_batch(actor, [order for customer_id, person in fresh for order in _orders(customer_id, person)])
    return Sown(len(fresh), recorded.recorded)


def _given(customer_id: UUID, person: Person) -> PersonGiven:
    identities = [
        IdentityGiven(kind=IdentityKind.PHONE, value=person.phone),
        IdentityGiven(kind=IdentityKind.EMAIL, value=person.email),
    ]
    if person.member_no is not None:
        identities.append(IdentityGiven(kind=IdentityKind.MEMBER_NO, value=person.member_no))
    values: dict[str, object] = {name: getattr(person, name) for name in _PROFILE}
    values.update(country="中国", locale="zh-CN", timezone="Asia/Shanghai")
    return PersonGiven(id=customer_id, new=True, values=values, fills={}, identities=identities)


def _orders(customer_id: UUID, person: Person) -> list[OrderGiven]:
    return [
        OrderGiven(
            external_id=bought.external_id,
            customer_id=customer_id,
            total_e4=bought.total_e4,
            currency="CNY",
            status=bought.status,
            channel=bought.channel,
            placed_at=bought.placed_at,
            items_count=bought.items_count,
        )
        for bought in person.purchases
    ]
