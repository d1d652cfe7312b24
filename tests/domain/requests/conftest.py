"""People with data, and officers who handle their requests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from siyu.domain import requests
from siyu.domain.kernel.boot import House
from siyu.domain.requests import DataRequestApprove, DataRequestKind, DataRequestOpen, Jurisdiction
from siyu.privacy.actor import Actor, Purpose, Role, Scope
from tests import actors
from tests.domain.requests import people
from tests.domain.requests.people import Person

#: As the job of data requests acts.
WORKER = Actor.worker("data-requests", Scope.DATA_REQUESTS_RUN, Scope.JOBS_RUN, Scope.CUSTOMERS_IMPORT, purpose=Purpose.COMPLIANCE)

Open = Callable[..., Awaitable[UUID]]


@pytest.fixture
def officer() -> Actor:
    return actors.staff(Role.COMPLIANCE_OFFICER)


@pytest.fixture
def second() -> Actor:
    return actors.staff(Role.COMPLIANCE_OFFICER)


@pytest.fixture
async def ada(house: House, admin: Actor) -> Person:
    """A customer with all kinds of data."""
    await people.define(admin)
    return await people.full(admin, 1)


@pytest.fixture
def opened(officer: Actor) -> Open:
    """Opens a request."""

    async def open(person: Person, kind: DataRequestKind = DataRequestKind.EXPORT) -> UUID:
        return await requests.open(officer, DataRequestOpen(kind=kind, customer_id=person.id, jurisdiction=Jurisdiction.CN))

    return open


@pytest.fixture
def approved(opened: Open, second: Actor) -> Open:
    """Opens an erasure and has a second person agree."""

    async def open(person: Person) -> UUID:
        request_id = await opened(person, DataRequestKind.ERASURE)
        return await requests.approve(second, DataRequestApprove(id=request_id, note="seen the passport"))

    return open
