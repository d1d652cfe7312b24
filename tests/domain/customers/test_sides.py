"""Whose value a merged profile shows. Pure."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.customers import MERGED, Side, sides

COLUMNS = [column for columns in MERGED.values() for column in columns]
EMPTY: dict[str, object] = dict.fromkeys(COLUMNS)
profiles = st.fixed_dictionaries({column: st.none() | st.sampled_from(["a", "b"]) for column in COLUMNS})


def of(**values: object) -> dict[str, object]:
    return {**EMPTY, **values}


@given(profiles, profiles, st.sets(st.sampled_from(sorted(MERGED))))
def test_every_field_that_either_has_is_somebodys(kept: dict[str, object], merged: dict[str, object], taken: set[str]) -> None:
    found = sides(kept, merged, taken)
    for name, columns in MERGED.items():
        mine, theirs = (any(profile[column] is not None for column in columns) for profile in (kept, merged))
        if name not in found:
            assert not mine
            assert not theirs or name == "address"
        elif found[name] is Side.MERGED:
            assert theirs
            assert not mine or name in taken or "address" in taken
        else:
            assert mine
            assert name not in taken or not theirs


def test_an_address_of_another_place_is_not_mixed_in() -> None:
    merged = of(line1="Needle Lane 1", city="上海", province="上海")
    assert sides(of(city="杭州"), merged, ()) == {"city": Side.KEPT, "province": Side.MERGED}
    assert sides(of(city="上海"), merged, ())["address"] is Side.MERGED
    assert sides(of(line1="Other Lane 2", city="杭州"), merged, ["address"]) == dict.fromkeys(("address", "city", "province"), Side.MERGED)


def test_nothing_is_taken_where_there_is_nothing() -> None:
    assert sides(of(phone="a"), EMPTY, ["phone", "email"]) == {"phone": Side.KEPT}
