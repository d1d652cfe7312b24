"""Redeeming coupons once, revoking them, and their end."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from siyu.domain import coupons
from siyu.domain.coupons import CouponRedeem, CouponRevoke, CouponState, Done
from siyu.domain.coupons.tables import Coupon
from siyu.domain.kernel import clock
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.money import MoneyGiven
from siyu.privacy import consent
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, Forbidden, Refusal
from tests import actors
from tests.domain.coupons.issued import code, issue, people


async def redeem(actor: Actor, text: str, key: str = "till 1", *, spend: str | None = None, currency: str = "CNY", **more: Any) -> Done:
    money = MoneyGiven(amount=Decimal(spend), currency=currency) if spend else None
    return await coupons.redeem(actor, CouponRedeem(code=text, spend=money, idempotency_key=key, **more))


async def refused(*args: Any, **more: Any) -> tuple[Code, tuple[str, ...]]:
    with pytest.raises(Refusal) as no:
        await redeem(*args, **more)
    return no.value.code, no.value.path[1:]


async def test_a_coupon_is_redeemed_once(house: House, admin: Actor) -> None:
    ada, eve = await people(admin, 2)
    one, two = (await issue(admin, [ada, eve], minimum="100")).coupon_ids
    text, other = await code(admin, one), await code(admin, two)
    till = actors.holder(Scope.COUPONS_REDEEM)
    assert await refused(till, "0000-0000-0000-0000") == (Code.NOT_FOUND, ("code",))
    assert await refused(till, text) == (Code.INVALID, ("spend",))
    assert await refused(till, text, spend="99.99") == (Code.INVALID, ("spend", "amount"))
    assert await refused(till, text, spend="100", currency="EUR") == (Code.INVALID, ("spend", "currency"))
    with pytest.raises(Forbidden):
        await redeem(actors.holder(Scope.COUPONS_READ), text, spend="100")
    assert (await Coupon.get(id=one)).state is CouponState.ISSUED
    done = await redeem(till, text.lower().replace("-", " "), spend="100", order_external_id="A-1")
    assert done == Done(one)
    assert await redeem(till, text, spend="100", order_external_id="A-1") == Done(one, replayed=True)
    assert await refused(till, text, spend="101", order_external_id="A-1") == (Code.CONFLICT, ("idempotency_key",))
    assert await refused(till, other, spend="100", order_external_id="A-1") == (Code.CONFLICT, ("idempotency_key",))
    assert await refused(till, text, "till 2", spend="100") == (Code.WRONG_STATE, ("code",))
    row = await Coupon.get(id=one)
    assert (row.state, row.order_external_id, row.spend_e4) == (CouponState.REDEEMED, "A-1", 1_000_000)
    await consent.restrict(admin, eve, reason="ASKED")
    assert await refused(till, other, "till 3", spend="100") == (Code.RESTRICTED, ("code",))


async def test_of_many_at_once_one_redeems_it(house: House, admin: Actor) -> None:
    (one,) = (await issue(admin, await people(admin, 1))).coupon_ids
    text = await code(admin, one)
    answers = await asyncio.gather(*(redeem(admin, text, f"till {n % 2}") for n in range(6)), return_exceptions=True)
    done = [each for each in answers if isinstance(each, Done)]
    no = [each.code for each in answers if isinstance(each, Refusal)]
    assert sorted(each.replayed for each in done) == [False, True, True]
    assert no == [Code.WRONG_STATE] * 3


async def test_what_is_revoked_or_over_can_not_be_redeemed(house: House, admin: Actor) -> None:
    one, two, three = (await issue(admin, await people(admin, 3))).coupon_ids
    texts = [await code(admin, each) for each in (one, two, three)]
    wish = CouponRevoke(code=texts[0], reason="Sent by mistake to 13800000001.")
    assert await coupons.revoke(admin, wish) == Done(one)
    assert await coupons.revoke(admin, wish) == Done(one, replayed=True)
    assert await refused(admin, texts[0]) == (Code.WRONG_STATE, ("code",))
    await Coupon.filter(id=two).update(valid_until=clock.now() - timedelta(seconds=1))
    assert await refused(admin, texts[1]) == (Code.EXPIRED, ("code",)), "the job has not come yet"
    worker = actors.worker(Scope.JOBS_RUN)
    assert [await coupons.expire(worker), await coupons.expire(worker)] == [1, 0]
    assert {row.id: row.state for row in await Coupon.all()} == {
        one: CouponState.REVOKED, two: CouponState.EXPIRED, three: CouponState.ISSUED,
    }  # fmt: skip
    assert await refused(admin, texts[1]) == (Code.EXPIRED, ("code",))
    await redeem(admin, texts[2])
    for text in texts[1:]:
        with pytest.raises(Refusal) as no:
            await coupons.revoke(admin, CouponRevoke(code=text, reason="too late"))
        assert no.value.code is Code.WRONG_STATE
