"""Comparing and blocking: what one person looks like twice, and what two people look like."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.domain.duplicates import blocking, rules
from siyu.domain.duplicates.person import Person, latin, person
from tests.domain.duplicates.corrupting import Record, corrupted, records

BORN = date(1984, 6, 17)


@given(st.data(), records)
@settings(max_examples=60, deadline=None)
def test_a_person_with_a_few_mistakes_is_found(data: st.DataObject, record: Record) -> None:
    left, right = record.read(), data.draw(corrupted(record)).read()
    assert blocking.tokens(left) & blocking.tokens(right), "They would never be compared."
    likeness = rules.compare(left, right)
    assert likeness.score >= rules.THRESHOLD
    assert likeness.reasons


@given(records, records)
@settings(max_examples=60, deadline=None)
def test_two_people_are_two_and_order_says_nothing(one: Record, other: Record) -> None:
    there, back = rules.compare(one.read(), other.read()), rules.compare(other.read(), one.read())
    assert there.score == back.score
    assert 0 <= there.score <= 1
    if one.birthday != other.birthday and one.given_name != other.given_name:
        assert there.score < rules.THRESHOLD


@given(records)
@settings(max_examples=30, deadline=None)
def test_reasons_hold_no_value(record: Record) -> None:
    told = " ".join(rules.compare(record.read(), record.read()).reasons)
    for value in (record.family_name, record.given_name, record.line1, record.postal_code, str(record.birthday)):
        assert value is not None
        assert value not in told


@pytest.mark.parametrize(
    ("left", "right", "least", "most"),
    [
        # The same Chinese name is common: alone it says little, with a birthday much.
        (person(display_name="王芳"), person(display_name="王芳"), 0.0, 0.5),
        (person(display_name="王芳", birthday=BORN), person(display_name="王芳", birthday=BORN), 0.95, 1.0),
        (person(display_name="王 芳", birthday=BORN), person(family_name="王", given_name="芳", birthday=BORN), 0.95, 1.0),
        (person(display_name="Wang Fang", birthday=BORN), person(display_name="王芳", birthday=BORN), 0.95, 1.0),
        (person(display_name="王方", birthday=BORN), person(display_name="王芳", birthday=BORN), 0.9, 1.0),
        # Near sounds are no near names.
        (person(display_name="王林", birthday=BORN, city="上海"), person(display_name="王柳", birthday=BORN, city="上海"), 0.0, 0.5),
        (person(display_name="李秀梅", birthday=BORN), person(display_name="李秀梅", birthday=date(1984, 6, 18)), 0.5, 0.8),
        # One number, whatever the name hides.
        (person(display_name="潘**", phone="+8617955000123"), person(display_name="潘丽娟", phone="+8617955000123"), 0.85, 1.0),
        (person(), person(), 0.0, 0.01),
    ],
)
def test_what_counts(left: Person, right: Person, least: float, most: float) -> None:
    assert least <= rules.compare(left, right).score <= most


def test_a_household_is_no_person() -> None:
    home = {"line1": "23 Gundulu Place", "line2": "Curringa", "postal_code": "2193", "city": "Utakarra", "province": "WA"}
    one = person(family_name="Vijiaraj", given_name="Kyle", birthday=date(1987, 10, 31), **home)
    other = person(family_name="Vijiaraj", given_name="Anthony", birthday=date(1959, 4, 2), **home)
    assert rules.compare(one, other).score < rules.THRESHOLD


def test_scripts_meet() -> None:
    assert latin("王芳") == latin("Wáng Fāng") == "wangfang"
    assert blocking.tokens(person(display_name="王芳", birthday=BORN)) & blocking.tokens(person(display_name="Wang Fang", birthday=BORN))


@pytest.mark.parametrize(
    ("score", "reasons", "back"),
    [(0.9, ["same birthday"], False), (0.94, ["same birthday"], False), (0.95, ["same birthday"], True), (0.9, ["same phone"], True)],
)
def test_a_dismissed_pair_comes_back_for_something_new_only(score: float, reasons: list[str], back: bool) -> None:
    assert rules.comes_back(score, reasons, dismissed_score=0.9, dismissed_reasons=["same birthday"]) is back
    assert not rules.comes_back(0.9, ["same phone"], dismissed_score=0.9, dismissed_reasons=["same phone"])
