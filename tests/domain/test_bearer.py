"""Bearer secrets."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu.domain.kernel import bearer, ids
from siyu.domain.kernel.bearer import Kind
from siyu.domain.kernel.boot import House

pytestmark = pytest.mark.on("sqlite")


async def test_a_secret_is_found_again_and_differs_each_time(house: House) -> None:
    row_id = ids.uuid7()
    one, two = bearer.mint(Kind.TOKEN, row_id), bearer.mint(Kind.TOKEN, row_id)
    assert one.text != two.text
    assert one.prefix == two.prefix
    shown = bearer.present(one.text)
    assert shown is not None
    assert (shown.kind, shown.id) == (Kind.TOKEN, row_id)
    assert bearer.same(one.digest, shown.digest)
    assert not bearer.same(two.digest, shown.digest)
    assert not bearer.same(None, shown.digest)


async def test_any_id_survives(house: House) -> None:
    for number in (0, 1, 2**128 - 1):
        shown = bearer.present(bearer.mint(Kind.REFRESH, UUID(int=number)).text)
        assert shown is not None
        assert shown.id == UUID(int=number)


async def test_a_typing_error_is_noticed_without_the_database(house: House) -> None:
    text = bearer.mint(Kind.TOKEN, ids.uuid7()).text
    for at in range(5, len(text)):
        other = "b" if text[at] != "b" else "a"
        assert bearer.present(text[:at] + other + text[at + 1 :]) is None


async def test_nothing_of_a_secret_is_in_a_repr(house: House) -> None:
    minted = bearer.mint(Kind.TOKEN, ids.uuid7())
    shown = bearer.present(minted.text)
    secret = minted.text.split("_")[2]
    for each in (repr(minted), repr(shown), repr(replace(minted, prefix="p"))):
        assert secret[:8] not in each
        assert repr(minted.digest) not in each


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)
@given(text=st.text(max_size=120) | st.from_regex(r"siyu_[a-z][0-9A-Za-z]{22}_[0-9A-Za-z]{49}", fullmatch=True))
async def test_nonsense_is_nobody(house: House, text: str) -> None:
    assert bearer.present(text) is None
