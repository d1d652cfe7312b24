from __future__ import annotations

from datetime import date

import pytest

from siyu.privacy import consent
from siyu.privacy.keyring import Keyring
from tests import actors
from tests.privacy.tables import Person


async def test_what_was_saved_is_disclosed_under_a_grant(ring: Keyring) -> None:
    person = await Person.create(name="Ada 王", phone="+8613912345678", birthday=date(1990, 2, 3), likes={"tea": ["green"]}, city="Wuhan")
    found = await Person.get(phone_index="+8613912345678")
    under = await consent.grant(actors.staff(), [person.id], fields=["name"])
    assert [consent.disclose(found, value, under) for value in (found.name, found.phone, found.birthday, found.likes)] == [
        "Ada 王",
        "+8613912345678",
        date(1990, 2, 3),
        {"tea": ["green"]},
    ]
