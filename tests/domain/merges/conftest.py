"""Two customers who turn out to be one."""

from __future__ import annotations

import pytest

from siyu.domain.kernel.boot import House
from siyu.privacy import consent
from siyu.privacy.actor import Actor
from tests.domain.requests import people
from tests.domain.requests.people import Person


@pytest.fixture
async def ada(house: House, admin: Actor) -> Person:
    """A customer with all kinds of data."""
    await people.define(admin)
    found = await people.full(admin, 1)
    await consent.unrestrict(admin, found.id)
    return found


@pytest.fixture
async def eve(admin: Actor, ada: Person) -> Person:
    """Another one."""
    found = await people.full(admin, 2)
    await consent.unrestrict(admin, found.id)
    return found
