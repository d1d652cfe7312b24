"""Coupons that come by themselves, once an occasion."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from siyu.domain import customers, gifts, segments
from siyu.domain.coupons.tables import Coupon, CouponSource
from siyu.domain.customers import CustomerCreate
from siyu.domain.gifts import CouponGiftSave, GiftOccasion, rules
from siyu.domain.gifts.tables import CouponGift
from siyu.domain.kernel import clock, days
from siyu.domain.kernel.boot import House
from siyu.domain.segments import SegmentCreate
from siyu.privacy import consent
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, Forbidden, Refusal
from tests import actors
from tests.domain.coupons.issued import people, template


async def gift(actor: Actor, **more: Any) -> None:
    await gifts.save(actor, CouponGiftSave(**{"name": "Cake", "occasion": GiftOccasion.BIRTHDAY, "coupon": template(), **more}))


def test_days_and_rounds() -> None:
    assert rules.born(date(2027, 2, 27), 1) == [(2, 28), (2, 29)]
    assert rules.born(date(2028, 2, 27), 1) == [(2, 28)]
    assert rules.born(date(2026, 12, 31), 1) == [(1, 1)]
    assert rules.round_of(GiftOccasion.BIRTHDAY, date(2026, 12, 31), 1) == "2027"
    assert rules.round_of(GiftOccasion.MONTHLY, date(2026, 3, 1), 0) == "2026-03"
    assert rules.outstanding(date(2026, 1, 1), date(2026, 1, 3)) == [date(2026, 1, 2), date(2026, 1, 3)]
    assert rules.outstanding(date(2026, 1, 3), date(2026, 1, 3)) == []
    assert len(rules.outstanding(date(2025, 1, 3), date(2026, 1, 3))) == rules.MISSED_DAYS + 1


async def test_birthdays_are_remembered_once_a_year(house: House, admin: Actor) -> None:
    today = days.day_of(clock.now(), days.here())
    soon = today + timedelta(days=3)
    born = [date(1988, soon.month, soon.day), date(1990, soon.month, soon.day), date(1990, (soon.month % 12) + 1, 1)]
    ada, eve, _ = [await customers.create(admin, CustomerCreate(birthday=each)) for each in born]
    await consent.restrict(admin, eve, reason="ASKED")
    await gift(admin, days_before=3)
    await gift(admin, name="Rests", days_before=3, active=False)
    worker = actors.worker(*gifts.SCOPES)
    assert await gifts.give_due(worker) == 2
    assert await gifts.give_due(worker) == 0, "done for the day"
    await CouponGift.all().update(given_on=today - timedelta(days=1))
    assert await gifts.give_due(worker) == 2, "as after a crash"
    (coupon,) = await Coupon.all()
    assert (coupon.customer_id, coupon.source) == (ada, CouponSource.GIFT)


async def test_a_segment_gets_its_own_each_month(house: House, admin: Actor) -> None:
    ada, _ = await people(admin, 2)
    vip = await segments.create(admin, SegmentCreate(code="vip", name="VIP", customer_ids=[ada]))
    for member, more in (
        ("segment_id", {"occasion": GiftOccasion.MONTHLY}),
        ("day_of_month", {"day_of_month": 29}),
        ("days_before", {"days_before": 31}),
    ):
        with pytest.raises(Refusal) as no:
            await gift(admin, **more)
        assert no.value.path == ("input", member)
    with pytest.raises(Forbidden):
        await gift(actors.holder(Scope.COUPONS_READ))
    assert await CouponGift.all().count() == 0
    today = days.day_of(clock.now(), days.here())
    await gift(admin, occasion=GiftOccasion.MONTHLY, segment_id=vip, day_of_month=min(today.day, 28))
    with pytest.raises(Refusal) as no:
        await gift(admin)
    assert no.value.code is Code.TAKEN
    await CouponGift.all().update(given_on=today - timedelta(days=4))  # on the 29th and later the 28th has passed
    worker = actors.worker(*gifts.SCOPES)
    assert (await gifts.give_due(worker), await gifts.give_due(worker)) == (1, 0)
    assert [row.customer_id for row in await Coupon.all()] == [ada]
