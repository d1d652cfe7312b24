"""Earning, as far as it needs no database: rounding, limits, refunds, streaks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.earning.inputs import Occasion
from siyu.domain.earning.rules import (
    E4,
    EARNED_MAX,
    Terms,
    exact_e4,
    fitting,
    kept,
    shares,
    streak,
    streak_bonus,
    within_day,
)
from siyu.domain.earning.tables import EarningTrigger, ReferralSide
from siyu.domain.kernel import ids
from siyu.domain.kernel.days import birthdays_of
from siyu.privacy.refusal import Refusals

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
amounts = st.integers(0, 10**13)
rates = st.integers(1, 1_000 * E4)
multipliers = st.integers(0, 10 * E4)


def paid(amount_e4: int, **more: object) -> Occasion:
    return Occasion(
        customer_id=ids.uuid7(), trigger=EarningTrigger.ORDER_PAID, key="order:1", at=AT, amount_e4=amount_e4, **more,  # type: ignore[arg-type]  # as given
    )  # fmt: skip


def order(**terms: object) -> Terms:
    return Terms(trigger=EarningTrigger.ORDER_PAID, **terms)  # type: ignore[arg-type]  # as given


@given(amount=amounts, rate=rates, fixed=st.integers(0, 1000), multiplier=multipliers)
def test_an_order_is_rounded_down_once(amount: int, rate: int, fixed: int, multiplier: int) -> None:
    exact = (Fraction(rate, E4) * Fraction(amount, E4) + fixed) * Fraction(multiplier, E4)
    found = exact_e4(order(rate_e4=rate, fixed=fixed or None), paid(amount), multiplier)
    assert found // E4 == min(exact.__floor__(), EARNED_MAX)
    assert found >= 0


def test_a_tier_multiplies_only_what_is_to_be_multiplied() -> None:
    assert exact_e4(order(rate_e4=E4), paid(99_990), 15_000) // E4 == 14, "9.999 × 1.5, not 9 × 1.5"
    assert exact_e4(order(rate_e4=E4, multiplied=False), paid(99_990), 15_000) // E4 == 9


def test_a_category_counts_by_its_articles_alone() -> None:
    by_category = shares({"tea": 30, "": 60, "cups": 10}, 100 * E4)
    assert by_category == {"tea": 30 * E4, "cups": 10 * E4}
    assert exact_e4(order(rate_e4=E4, category="tea"), paid(100 * E4, by_category_e4=by_category), E4) == 30 * E4
    assert exact_e4(order(fixed=5, category="cake"), paid(100 * E4, by_category_e4=by_category), E4) == 0
    assert shares({}, 100) == {} == shares({"tea": 0}, 100)


@given(st.dictionaries(st.text(max_size=2), st.integers(0, 10**9), max_size=5), amounts)
def test_shares_never_come_to_more_than_the_order(costs: dict[str, int], amount: int) -> None:
    assert sum(shares(costs, amount).values()) <= amount


@given(exact=st.integers(0, 10**12), basis=st.integers(0, 10**12), lefts=st.lists(st.integers(0, 10**12), max_size=5))
def test_refunds_take_back_their_share(exact: int, basis: int, lefts: list[int]) -> None:
    falling = sorted((min(left, basis) for left in lefts), reverse=True)
    stays = [kept(exact, basis, left) for left in (basis, *falling)]
    assert stays[0] == exact // E4
    assert stays == sorted(stays, reverse=True)
    assert kept(exact, basis, -1 if basis == 0 else 0) == 0
    assert kept(exact, basis, basis + 1) == exact // E4, "an order that grows earns no more"


@given(st.lists(st.integers(0, 100), max_size=8), st.integers(1, 150))
def test_a_days_limit_is_reached_and_never_passed(wishes: list[int], maximum: int) -> None:
    had = 0
    for points in wishes:
        had += within_day(points, had, maximum)
        assert had <= maximum
    assert had == min(sum(wishes), maximum)
    assert within_day(7, 1_000, None) == 7


@given(st.sets(st.integers(0, 40)), st.integers(0, 40))
def test_a_streak_is_as_long_as_no_day_is_missing(numbers: set[int], today: int) -> None:
    first = date(2028, 2, 20)  # over a leap day
    found = streak([first + timedelta(days=each) for each in numbers], first + timedelta(days=today))
    assert all(today - each in numbers for each in range(found))
    assert today - found not in numbers


def test_each_so_many_days_in_a_row_bring_the_bonus() -> None:
    assert [streak_bonus(length, 3, 10) for length in range(8)] == [0, 0, 0, 10, 0, 0, 10, 0]
    assert streak_bonus(3, None, None) == 0


def test_who_was_born_on_a_leap_day_has_a_birthday_each_year() -> None:
    assert birthdays_of(date(2027, 2, 28)) == [(2, 28), (2, 29)]
    assert birthdays_of(date(2028, 2, 28)) == [(2, 28)]
    assert birthdays_of(date(2028, 2, 29)) == [(2, 29)]
    assert birthdays_of(date(2028, 12, 31)) == [(12, 31)]


def test_a_rule_speaks_of_what_happens_while_it_is_in_force() -> None:
    said = paid(1)
    assert order(fixed=1, active_from=AT, active_until=AT + timedelta(seconds=1)).speaks_of(said)
    assert not order(fixed=1, active_until=AT).speaks_of(said)
    assert not order(fixed=1, active_from=AT + timedelta(seconds=1)).speaks_of(said)
    assert not order(fixed=1, enabled=False).speaks_of(said)
    assert not Terms(trigger=EarningTrigger.SIGN_UP, fixed=1).speaks_of(said)
    friend = Occasion(customer_id=ids.uuid7(), trigger=EarningTrigger.REFERRAL_QUALIFIED, key="r", at=AT, side=ReferralSide.FRIEND)
    sides = (None, ReferralSide.BOTH, ReferralSide.FRIEND, ReferralSide.ADVOCATE)
    assert [Terms(trigger=EarningTrigger.REFERRAL_QUALIFIED, fixed=1, side=side).speaks_of(friend) for side in sides] == [True] * 3 + [
        False
    ]


@pytest.mark.parametrize(
    ("terms", "at"),
    [
        (order(), "fixed"),
        (order(fixed=0), "fixed"),
        (order(rate_e4=0), "rate"),
        (order(fixed=1, event_name="x"), "event_name"),
        (Terms(trigger=EarningTrigger.EVENT, fixed=1), "event_name"),
        (Terms(trigger=EarningTrigger.SIGN_UP, rate_e4=E4), "rate"),
        (Terms(trigger=EarningTrigger.SIGN_UP, fixed=1, category="tea"), "category"),
        (Terms(trigger=EarningTrigger.CHECK_IN, fixed=1, streak_days=7), "streak_days"),
        (Terms(trigger=EarningTrigger.CHECK_IN, streak_days=1, streak_bonus=1), "streak_days"),
        (order(fixed=1, maximum_per_day=0), "maximum_per_day"),
        (order(fixed=1, active_from=AT, active_until=AT), "active_until"),
    ],
)
def test_terms_that_make_no_sense_are_refused_where_they_are_wrong(terms: Terms, at: str) -> None:
    with pytest.raises(Refusals) as caught:
        fitting(terms)
    assert ("input", at) in [each.path for each in caught.value.refusals]
