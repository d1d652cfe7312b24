"""Keeping apart what is personal: nothing of it stays in the clear, and nothing is lost."""

from __future__ import annotations

import copy
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from siyu.domain.events.splitting import joined, personal, split, suspicious
from siyu.domain.kernel import normal

PHONE, MAIL, CARD = "13800001111", "a.b@example.com", "110101199003078515"
_SOMEBODY = st.sampled_from([
    PHONE, "+86 138 0000 1111", "138-0000-1111", "１３８００００１１１１", "+44 20 7946 0000", MAIL, CARD, f"call {PHONE} now",
    "\n+442079460000", f"https://x.example/?email={quote(MAIL)}&a=1", "/p?to=%2B8613800001111", quote(quote(MAIL)), "tel=138+0000+1111",
    f"x\\{PHONE}", f'"{MAIL}"', int(PHONE), 8613800001111, int(CARD), 13800001111.0, 1.1010119900307e17, "13٠٠٠٠٠1111",
    f"\x01{PHONE}", f"春{PHONE}天", "138.0000.1111", "138\u200b0000\u200b1111", "me\u2060@qq.com",
])  # fmt: skip
_HARMLESS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=12),
    st.sampled_from(["2026-01-31T09:30:00+08:00", "100%", "a+b", "SKU-1", "0f8fad5b-d9cb-469f-a165-70867728950e", 1767225600000, "C:\\x"]),
)  # fmt: skip
_NAMES = st.one_of(
    st.sampled_from(["a", "b", "phone", "a/b", "~1", "~", "to", "0"]), st.text(min_size=1, max_size=5), st.sampled_from([PHONE, MAIL])
)
_VALUES = st.recursive(
    st.one_of(_HARMLESS, _SOMEBODY),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_NAMES, inner, max_size=4)),
    max_leaves=12,
)
PROPERTIES = st.dictionaries(_NAMES, _VALUES, max_size=5)


def texts(value: Any) -> list[object]:
    """All names, and all values that are neither objects nor lists."""
    if isinstance(value, dict):
        return [*value, *(text for each in value.values() for text in texts(each))]
    return [text for each in value for text in texts(each)] if isinstance(value, list) else [value]


@settings(max_examples=200, deadline=None)
@given(PROPERTIES, st.frozensets(st.sampled_from(["a", "to", "phone", "0"]), max_size=2))
@example({"n": [{"x": PHONE}, [MAIL]], PHONE: {"deep": 1}, "a/b": {"~1": CARD}}, frozenset())
def test_nothing_personal_stays_and_nothing_is_lost(properties: dict[str, Any], defined: frozenset[str]) -> None:
    before = copy.deepcopy(properties)
    found = split(properties, defined)
    assert properties == before, "what was given is not touched"
    assert not any(personal(text) for text in texts(found.clear))
    assert not normal.looks_personal(orjson.dumps(found.clear).decode())
    assert joined(orjson.loads(orjson.dumps(found.clear)), orjson.loads(orjson.dumps(found.sealed))) == orjson.loads(orjson.dumps(before))
    assert not any(personal(name) for name in found.seen)
    assert not any(personal(place) for place in found.places)


@settings(max_examples=200, deadline=None)
@given(PROPERTIES)
@example({"x": "\n+8613800001111"})
@example({"x": f"\x01{PHONE}"})
@example({"x": 1.1010119900307e17})
@example({"x": "13٠٠٠٠٠1111"})
def test_the_first_look_misses_nothing_that_the_second_finds(properties: dict[str, Any]) -> None:
    if split(properties, frozenset()).sealed:
        assert suspicious(orjson.dumps(properties))


@pytest.mark.parametrize(
    "usual",
    [
        {"sku": "SKU-10042", "price": 299.5, "at": "2026-01-31T09:30:00.123456Z", "ms": 176722560},
        {"title": "春季新款连衣裙", "size": "165/88A", "colour": "米白色", "stock": 1200},
    ],
)
def test_usual_properties_are_looked_at_once(usual: dict[str, object]) -> None:
    assert not suspicious(orjson.dumps(usual))


def test_a_member_defined_as_personal_is_sealed_whole_at_whatever_depth() -> None:
    found = split({"user": {"name": "Lily", "age": 30}, "list": [{"name": {"first": "L"}}], "name": None}, frozenset({"name"}))
    assert found.clear == {"user": {"name": None, "age": 30}, "list": [{"name": None}], "name": None}
    assert found.sealed == {"/user/name": "Lily", "/list/0/name": {"first": "L"}}
    assert found.seen == set()


def test_a_name_that_looks_personal_leaves_no_trace() -> None:
    found = split({"by": {PHONE: {"calls": 2}, "x": 1}}, frozenset())
    assert (found.clear, found.sealed, found.seen, found.places) == ({"by": {"x": 1}}, {f"/by/{PHONE}": {"calls": 2}}, {"by"}, ["/by"])
