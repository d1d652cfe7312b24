"""From traits to fields of a profile."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.domain.customers import Gender
from siyu.domain.tracking import traits
from tests.domain.tracking.test_messages import json

SHANGHAI = ZoneInfo("Asia/Shanghai")


def said(given: dict[str, object]) -> dict[str, object]:
    found, refusals = traits.read(given, SHANGHAI)
    assert refusals == []
    return {each.target: each.value for each in found}


def test_reserved_traits_have_their_fields() -> None:
    given: dict[str, object] = {
        "email": "a@b.co",
        "phone": 13800001111,
        "firstName": "Ada",
        "lastName": "Lovelace",
        "name": "Ada L.",
        "gender": "F",
        "birthday": "1990-12-10",
        "title": "Analyst",
        "address": {"street": "1 Road", "city": "Shanghai", "state": "SH", "postalCode": 200000, "country": "CN"},
        "createdAt": "2020-01-01",
        "id": "7",
    }
    assert said(given) == {
        "email": "a@b.co",
        "phone": "13800001111",
        "given_name": "Ada",
        "family_name": "Lovelace",
        "display_name": "Ada L.",
        "gender": Gender.FEMALE,
        "birthday": date(1990, 12, 10),
        "occupation": "Analyst",
        "line1": "1 Road",
        "city": "Shanghai",
        "province": "SH",
        "postal_code": "200000",
        "country": "CN",
    }


def test_null_clears() -> None:
    assert said({"email": None, "birthday": None, "address": {"street": None}}) == {"email": None, "birthday": None, "line1": None}


def test_others_are_attributes_of_the_same_key() -> None:
    got = said({"favoriteColor": "green", "Member Level": 3, "company": {"name": "Tea Ltd", "id": 7}, "plan": None})
    assert got == {
        "attribute:favorite_color": "green",
        "attribute:member_level": 3,
        "attribute:company": "Tea Ltd",
        "attribute:plan": None,
    }


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1990-12-10", date(1990, 12, 10)),
        ("1990-12-10T00:00:00.000Z", date(1990, 12, 10)),
        ("1990-12-09T16:00:00.000Z", date(1990, 12, 10)),
        ("1990-12-10T05:30:00", date(1990, 12, 10)),
    ],
)
def test_a_birthday_that_a_program_made_a_moment_of_is_that_day(text: str, day: date) -> None:
    assert said({"birthday": text}) == {"birthday": day}


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"birthday": "in spring"}, ("traits", "birthday")),
        ({"gender": "7"}, ("traits", "gender")),
        ({"gender": True}, ("traits", "gender")),
        ({"email": ["a@b.co"]}, ("traits", "email")),
        ({"address": "1 Road"}, ("traits", "address")),
        ({"address": {"city": []}}, ("traits", "address", "city")),
        ({"ada@example.com": 1, "13800001111": 2}, None),
        ({"爱好": "tea"}, ("traits", "?")),
        ({"plan": "a\0b"}, ("traits", "plan")),
    ],
)
def test_a_bad_trait_is_refused_alone(given: dict[str, object], path: tuple[str, ...] | None) -> None:
    found, refusals = traits.read({**given, "firstName": "Ada"}, SHANGHAI)
    assert "Ada" in [each.value for each in found]
    assert [refusal.path for refusal in refusals] == ([path] if path else [])
    assert not [each for each in found if "@" in each.trait or each.trait.isdigit()], "a name that tells who somebody is is not said back"


def test_there_is_an_end_of_traits() -> None:
    found, refusals = traits.read({f"t{number}": 1 for number in range(traits.TRAITS_MAX + 5)}, SHANGHAI)
    assert (len(found), [refusal.path for refusal in refusals]) == (traits.TRAITS_MAX, [("traits",)])


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.sampled_from(["email", "birthday", "address", "gender", "company", "x", "_", ""]), json, max_size=6))
def test_whatever_is_said_is_a_field_or_a_refusal(given: dict[str, object]) -> None:
    found, refusals = traits.read(given, SHANGHAI)
    assert all(each.target for each in found)
    assert all(refusal.path[0] == "traits" for refusal in refusals)
