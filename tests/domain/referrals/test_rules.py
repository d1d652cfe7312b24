"""Referrals, as far as they need no database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.kernel import ids
from siyu.domain.orders import Payment
from siyu.domain.referrals import Program, ReferralProgramUpdate
from siyu.domain.referrals.rules import bindable, changed, expires, qualifying
from siyu.privacy.refusal import Code, Refusal

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
PAYMENTS = st.lists(
    st.tuples(st.integers(-3, 12), st.booleans(), st.one_of(st.none(), st.integers(0, 100))).map(
        lambda each: Payment(ids.uuid7(), ids.uuid7(), AT + timedelta(days=each[0]), each[1], 1 if each[1] else -1, each[2])
    ),
    max_size=6,
)


@given(PAYMENTS, st.integers(0, 100), st.one_of(st.none(), st.integers(1, 10)))
def test_the_first_order_that_is_enough_and_in_time_qualifies(payments: list[Payment], minimum: int, days: int | None) -> None:
    payments.sort(key=lambda each: each.placed_at)
    until = expires(Program(minimum, days), AT)
    fitting = [
        each
        for each in payments
        if each.paid and (each.worth_e4 if each.worth_e4 is not None else -1) >= minimum and each.placed_at >= AT
        if days is None or each.placed_at < AT + timedelta(days=days)
    ]
    assert qualifying(payments, minimum_e4=minimum, since=AT, until=until) == (fitting[0] if fitting else None)


def test_nobody_refers_themselves_or_whoever_referred_them() -> None:
    friend, advocate, above = ids.uuid7(), ids.uuid7(), ids.uuid7()
    bindable(friend, advocate, {above}, ("input",))
    with pytest.raises(Refusal):
        bindable(friend, friend, set(), ("input",))
    with pytest.raises(Refusal) as caught:
        bindable(above, advocate, {above}, ("input",))
    assert caught.value.code is Code.CONFLICT


def test_a_program_changes_by_what_is_said() -> None:
    now = Program(50_000, 30)
    assert changed(now, ReferralProgramUpdate()) == now
    assert changed(now, ReferralProgramUpdate(minimum_order=None, expire_after_days=None)) == Program(0, None)
    assert changed(now, ReferralProgramUpdate(minimum_order=Decimal("12.5"))) == Program(125_000, 30)
    for wish in (ReferralProgramUpdate(minimum_order=Decimal(-1)), ReferralProgramUpdate(expire_after_days=0)):
        with pytest.raises(Refusal):
            changed(now, wish)
