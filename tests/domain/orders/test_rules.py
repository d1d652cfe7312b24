"""Rules of orders, without a database."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.orders import OrderStatus
from siyu.domain.orders.rules import LATE, NOTHING, Share, next_status, refundable, refunded_status, share
from siyu.privacy.refusal import Code, Refusal
from tests.domain.orders.said import START

S = OrderStatus
LATER = START + timedelta(hours=1)
statuses = st.sampled_from(list(OrderStatus))


def arrived(*said: OrderStatus) -> OrderStatus:
    now, *rest = said
    for each in rest:
        found = next_status(now, each)
        if isinstance(found, OrderStatus):
            now = found
    return now


@given(st.lists(statuses, min_size=1, max_size=5))
def test_without_moments_the_end_is_the_same_in_whatever_order_words_arrive(said: list[OrderStatus]) -> None:
    assert len({arrived(*each) for each in permutations(said)}) == 1


@given(statuses, statuses)
def test_an_older_word_is_late_and_the_same_word_changes_nothing(now: OrderStatus, said: OrderStatus) -> None:
    assert next_status(now, said, known_at=LATER, said_at=START) is LATE
    assert next_status(now, now, known_at=START, said_at=LATER) is now
    assert next_status(now, now) is now


@pytest.mark.parametrize(
    ("now", "said", "becomes"),
    [
        (S.PLACED, S.PAID, S.PAID),
        (S.PAID, S.PLACED, S.PLACED),
        (S.FULFILLED, S.PAID, S.PAID),
        (S.CANCELLED, S.PAID, S.PAID),
        (S.CANCELLED, S.REFUNDED, S.REFUNDED),
        (S.PARTLY_REFUNDED, S.FULFILLED, S.PARTLY_REFUNDED),
        (S.PARTLY_REFUNDED, S.CANCELLED, S.CANCELLED),
        (S.REFUNDED, S.CANCELLED, S.REFUNDED),
    ],
)
def test_a_newer_word_takes_back_what_can_be_undone(now: OrderStatus, said: OrderStatus, becomes: OrderStatus) -> None:
    assert next_status(now, said, known_at=START, said_at=LATER) is becomes


@pytest.mark.parametrize("said", [S.PLACED, S.PAID, S.FULFILLED, S.PARTLY_REFUNDED])
def test_what_was_paid_back_in_full_stays_so(said: OrderStatus) -> None:
    with pytest.raises(Refusal) as refused:
        next_status(S.REFUNDED, said, known_at=START, said_at=LATER)
    assert (refused.value.code, refused.value.path) == (Code.WRONG_STATE, ("status",))
    assert next_status(S.REFUNDED, said) is LATE


def test_what_counts_is_what_is_left() -> None:
    assert share(S.PARTLY_REFUNDED, 10, 4, 42) == Share(1, 6, 0, 0, 42)
    assert share(S.PAID, 10, 0, None) == Share(1, 10, 1, 10, 0)
    assert share(S.CANCELLED, 10, 0, 10) == share(S.REFUNDED, 10, 10, 0) == NOTHING


def test_paying_back_ends_at_the_total() -> None:
    assert refunded_status(S.FULFILLED, 10, 9) is S.PARTLY_REFUNDED
    assert refunded_status(S.FULFILLED, 10, 10) is S.REFUNDED
    assert refunded_status(S.CANCELLED, 10, 9) is S.CANCELLED
    refundable(S.PARTLY_REFUNDED, 10, 9, 1)
    for status, amount, code in ((S.PAID, 2, Code.INVALID), (S.PAID, 0, Code.INVALID), (S.REFUNDED, 1, Code.WRONG_STATE)):
        with pytest.raises(Refusal) as refused:
            refundable(status, 10, 9, amount)
        assert refused.value.code is code
