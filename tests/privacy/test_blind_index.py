from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu.privacy.columns import BlindIndexField, folded
from siyu.privacy.keyring import Keyring
from tests.privacy.tables import Person

Raw = Callable[..., Awaitable[list[dict[str, Any]]]]
PHONE = cast(BlindIndexField, Person._meta.fields_map["phone_index"])
NAME = cast(BlindIndexField, Person._meta.fields_map["name_index"])


async def test_spellings_of_one_value_find_it(ring: Keyring) -> None:
    ada = await Person.create(name="  Ｌｉ Na ", phone="１３９-1")
    for name in ("li na", "LI NA", "Li Na", "ｌｉ Ｎａ"):
        assert await Person.filter(name_index=name).count() == 1
    assert (await Person.get(phone_index="139-1")).id == ada.id
    assert (await Person.get_or_none(phone_index__in=["139-1", "139-2"])) is not None
    assert not await Person.exists(phone_index="139-2")
    assert await Person.filter(phone_index__not="139-2").count() == 1


async def test_a_truncated_index_tells_little(ring: Keyring, raw: Raw) -> None:
    await Person.bulk_create([Person(name=f"Name {n}") for n in range(200)])
    stored = {row["name_index"] for row in await raw("SELECT name_index FROM test_people")}
    assert {len(token) for token in stored} == {2}
    assert all(token[1] < 2**3 for token in stored), "11 bits: a byte and three bits of the next"
    assert len(stored) > 150


async def test_an_index_is_of_its_own_column(ring: Keyring) -> None:
    assert PHONE.token("x")[:1] + PHONE.token("y")[:1] != NAME.token("x")[:1] + NAME.token("y")[:1]
    assert len(PHONE.token("x")) == 32


async def test_what_cannot_be_searched_is_not_indexed(ring: Keyring, raw: Raw) -> None:
    await Person.create(name="  ", phone="")
    assert [row["phone_index"] for row in await raw("SELECT phone_index FROM test_people")] == [None]
    assert not await Person.exists(phone_index="")
    assert not await Person.exists(phone_index="   ")


@given(st.text())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.on("sqlite")
async def test_the_same_text_has_the_same_token(ring: Keyring, text: str) -> None:
    if folded(text) is None:
        assert PHONE.token(text) == b""
    else:
        assert PHONE.token(text) == PHONE.token(f" {text.strip()} ")
        assert len(PHONE.token(text)) == 32
