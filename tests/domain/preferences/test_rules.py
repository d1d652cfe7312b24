"""From counts to preferences."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.preferences import rules

SHANGHAI = ZoneInfo("Asia/Shanghai")


@given(st.dictionaries(st.text(min_size=1, max_size=3), st.integers(0, 9), max_size=8))
def test_the_first_few_are_those_that_count_most(counts: dict[str, int]) -> None:
    found = rules.first(Counter(counts))
    assert len(found) == min(rules.FIRST, sum(count > 0 for count in counts.values()))
    assert [each["count"] for each in found] == sorted((count for count in counts.values() if count), reverse=True)[: rules.FIRST]
    assert all(each["count"] == counts[each["value"]] for each in found)
    assert sum(each["share"] for each in found) <= 1.001


def test_equal_ones_are_in_the_order_of_the_alphabet() -> None:
    assert [each["value"] for each in rules.first(Counter({"b": 1, "a": 1, "d": 1, "c": 2}))] == ["c", "a", "b"]


def test_an_hour_and_a_weekday_are_the_organisations() -> None:
    late = datetime(2026, 1, 4, 23, 30, tzinfo=UTC)  # a Sunday there, Monday morning here
    assert rules.hours([late], SHANGHAI) == Counter({"7": 1})
    assert rules.weekdays([late], SHANGHAI) == Counter({"MONDAY": 1})
