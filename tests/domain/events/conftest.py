"""People who do things, and what they do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest

from siyu.domain import customers
from siyu.domain.customers import CustomerCreate, IdentityGiven, IdentityKind
from siyu.domain.events import EventGiven, EventRow
from siyu.domain.kernel import clock
from siyu.domain.kernel.boot import House
from siyu.privacy.actor import Actor, Scope
from tests import actors

TRACKER = actors.holder(Scope.EVENTS_TRACK)
HOUR = timedelta(hours=1)

Row = Callable[..., EventRow]
Person = Callable[[str], Awaitable[UUID]]


@pytest.fixture
def person(house: House, admin: Actor) -> Person:
    """Makes a customer known by an external id."""

    async def make(external_id: str) -> UUID:
        return await customers.create(admin, CustomerCreate(external_id=external_id))

    return make


def given(key: str, *, who: str = "ada", name: str = "product_viewed", ago: timedelta = HOUR, properties: object = None) -> EventGiven:
    """An event of somebody known by an external id."""
    identity = IdentityGiven(kind=IdentityKind.EXTERNAL_ID, value=who)
    return EventGiven(customer=identity, name=name, occurred_at=clock.now() - ago, properties=properties, idempotency_key=key)


def row(
    customer_id: UUID, key: str, *, name: str = "product_viewed", ago: timedelta = HOUR, properties: object = None, position: int = 0
) -> EventRow:
    """An event of a customer."""
    assert properties is None or isinstance(properties, dict)
    return EventRow(
        customer_id=customer_id, name=name, occurred_at=clock.now() - ago, properties=properties or {}, key=key, position=position
    )
