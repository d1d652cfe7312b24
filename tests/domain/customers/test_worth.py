"""What a customer is worth."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from siyu.domain.customers import worth
from siyu.domain.kernel import clock

FIRST = datetime(2026, 1, 1, tzinfo=UTC)


def test_the_pace_of_orders() -> None:
    last = FIRST + timedelta(days=73.05)
    assert worth.days_between(3, FIRST, last) == 36.5
    assert worth.orders_per_year(3, FIRST, last) == 10.0


def test_of_too_few_orders_there_is_no_pace() -> None:
    for count, first, last in ((None, FIRST, FIRST), (0, None, None), (1, FIRST, FIRST)):
        assert worth.days_between(count, first, last) is None
        assert worth.orders_per_year(count, first, last) is None


def test_of_orders_at_one_moment_none_a_year_is_told() -> None:
    assert worth.days_between(2, FIRST, FIRST) == 0
    assert worth.orders_per_year(2, FIRST, FIRST) is None


def test_days_since_the_last_order_are_whole() -> None:
    assert worth.days_since(clock.now() - timedelta(days=4, hours=23)) == 4
    assert worth.days_since(None) is None
