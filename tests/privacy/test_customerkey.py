from __future__ import annotations

import copy
import pickle
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.privacy import vault
from siyu.privacy.customerkey import HEADER, CustomerKey, padded, place

PHONE = place("customers", "phone", "text")
ANNA, ROW = uuid4(), uuid4()
SECRET = bytes(range(32))
KEY = CustomerKey(ANNA.bytes, SECRET)

#: Version, algorithm, key version; nonce; tag.
_OVERHEAD = 3 + 12 + 16


@given(st.text())
def test_what_was_sealed_opens_in_its_place(plain: str) -> None:
    sealed = KEY.seal(PHONE, ROW, plain.encode("utf-8", "surrogatepass"))
    assert KEY.open(PHONE, ROW, sealed) == plain.encode("utf-8", "surrogatepass")
    assert KEY.open(PHONE, str(ROW), sealed) == KEY.open(PHONE, ROW, sealed), "SQLite's spelling of an id is as good"


@given(st.binary(max_size=200))
def test_any_bytes_survive_the_padding(plain: bytes) -> None:
    assert KEY.open(PHONE, ROW, KEY.seal(PHONE, ROW, plain)) == plain
    assert KEY.open(PHONE, ROW, KEY.seal(PHONE, ROW, plain + b"\x80")) == plain + b"\x80"
    assert KEY.open(PHONE, ROW, KEY.seal(PHONE, ROW, plain + b"\x00")) == plain + b"\x00"


@given(st.integers(0, 300))
def test_a_length_shows_no_more_than_its_step(length: int) -> None:
    assert len(padded(bytes(length))) == (length // 16 + 1) * 16
    assert len(KEY.seal(PHONE, ROW, bytes(length))) == _OVERHEAD + (length // 16 + 1) * 16


@pytest.mark.parametrize(
    ("key", "at", "row"),
    [
        (KEY, place("customers", "phone", "text"), uuid4()),
        (KEY, place("customers", "email", "text"), ROW),
        (KEY, place("members", "phone", "text"), ROW),
        (KEY, place("customers", "phone", "json"), ROW),
        (CustomerKey(uuid4().bytes, SECRET), PHONE, ROW),
        (CustomerKey(ANNA.bytes, bytes(32)), PHONE, ROW),
    ],
    ids=["row", "column", "table", "format", "person", "key"],
)
def test_a_value_that_was_moved_does_not_open(key: CustomerKey, at: object, row: UUID) -> None:
    sealed = KEY.seal(PHONE, ROW, b"+8613912345678")
    with pytest.raises(vault.Unreadable):
        key.open(at, row, sealed)  # type: ignore[arg-type]  # a place, of each case


def test_no_two_places_spell_the_same() -> None:
    spelled = {place(*parts).bound for parts in [("a", "bc", "text"), ("ab", "c", "text"), ("a", "b", "ctext"), ("abc", "", "text")]}
    assert len(spelled) == 4


def test_a_flipped_bit_anywhere_is_noticed() -> None:
    sealed = KEY.seal(PHONE, ROW, b"+8613912345678")
    assert sealed.startswith(HEADER)
    for bit in range(len(sealed) * 8):
        spoiled = bytearray(sealed)
        spoiled[bit // 8] ^= 1 << (bit % 8)
        with pytest.raises(vault.Unreadable):
            KEY.open(PHONE, ROW, bytes(spoiled))


@given(st.binary(max_size=80))
def test_rubbish_does_not_open(rubbish: bytes) -> None:
    for candidate in (rubbish, HEADER + rubbish):
        with pytest.raises(vault.Unreadable):
            KEY.open(PHONE, ROW, candidate)


def test_the_same_value_never_looks_the_same() -> None:
    assert len({KEY.seal(PHONE, ROW, b"same") for _ in range(100)}) == 100


def test_a_key_shows_nothing_and_stays_where_it_is() -> None:
    for secret in (KEY, vault.Mac(SECRET), vault.Cipher(SECRET), vault.Root(SECRET), vault.Wrapping(SECRET), vault.Signing(SECRET)):
        assert str(secret) == repr(secret) == f"<{type(secret).__name__}>"
        with pytest.raises(TypeError):
            pickle.dumps(secret)
        with pytest.raises(TypeError):
            copy.copy(secret)
        assert not hasattr(secret, "__dict__")
