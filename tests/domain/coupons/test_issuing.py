"""Issuing coupons: one a person, however often it is asked for."""

from __future__ import annotations

import asyncio

import pytest

from siyu.domain import coupons, customers, merges
from siyu.domain.coupons import CouponIssue, CouponKind
from siyu.domain.coupons.tables import Coupon, CouponBatch, CouponBatchCustomer
from siyu.domain.customers import CustomerCreate
from siyu.domain.kernel import database, ids
from siyu.domain.kernel.boot import House
from siyu.domain.merges import CustomerMerge
from siyu.domain.work.tables import Work
from siyu.privacy import consent
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, Forbidden, Refusal
from tests import actors
from tests.domain.coupons.issued import code, issue, people, template


async def test_each_gets_one_and_the_same_request_is_answered_again(house: House, admin: Actor) -> None:
    whom = await people(admin, 3)
    first = await issue(admin, [*whom, whom[0]])
    assert (len(first.coupon_ids), first.replayed) == (3, False)
    again = await issue(admin, whom[::-1])
    assert (set(again.coupon_ids), again.replayed) == (set(first.coupon_ids), True)
    with pytest.raises(Refusal) as refused:
        await issue(admin, whom, value="11")
    assert (refused.value.code, refused.value.path) == (Code.CONFLICT, ("input", "idempotency_key"))
    assert await Coupon.all().count() == 3
    assert len({await code(admin, each) for each in first.coupon_ids}) == 3
    assert len((await issue(admin, whom, "second")).coupon_ids) == 3, "another issue is another coupon"
    with database.counting() as few:
        await issue(admin, whom[:1], "third")
    with database.counting() as many:
        await issue(admin, whom, "fourth")
    assert len(few) == len(many) <= 12


async def test_twins_are_one(house: House, admin: Actor) -> None:
    whom = await people(admin, 2)
    answers = await asyncio.gather(*(issue(admin, whom) for _ in range(4)))
    assert len({frozenset(each.coupon_ids) for each in answers}) == 1
    assert sorted(each.replayed for each in answers) == [False, True, True, True]
    assert (await Coupon.all().count(), await CouponBatch.all().count()) == (2, 1)


async def test_what_makes_no_sense_is_refused_and_nothing_is_issued(house: House, admin: Actor) -> None:
    ada, eve = await people(admin, 2)
    await consent.restrict(admin, eve, reason="ASKED")
    for more, path, why in (
        ({"value": "0"}, "value", Code.INVALID),
        ({"kind": CouponKind.PERCENT, "value": "100.5"}, "value", Code.INVALID),
        ({"days": 0}, "valid_days", Code.INVALID),
        ({"minimum": "-1"}, "minimum_spend", Code.INVALID),
    ):
        with pytest.raises(Refusal) as refused:
            await issue(admin, [ada], **more)
        assert (refused.value.path[:3], refused.value.code) == (("input", "template", path), why)
    with pytest.raises(Refusal) as refused:
        await issue(admin, [ada, eve, ids.uuid7()])
    assert [(each.path[-1], each.code) for each in refused.value.each()] == [("1", Code.RESTRICTED), ("2", Code.NOT_FOUND)]
    with pytest.raises(Refusal) as refused:
        await issue(admin, [])
    assert refused.value.code is Code.BLANK
    with pytest.raises(Forbidden):
        await issue(actors.holder(Scope.COUPONS_READ), [ada])
    assert (await Coupon.all().count(), await CouponBatch.all().count()) == (0, 0), "a refused request leaves its key free"
    assert len((await issue(admin, [ada])).coupon_ids) == 1


async def test_many_are_issued_by_a_job_that_may_break_off(house: House, admin: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("siyu.domain.coupons.rules.AT_ONCE_MAX", 3)
    monkeypatch.setattr("siyu.domain.coupons.batches._PAGE", 2)
    whom = await people(admin, 5)
    wish = CouponIssue(template=template(), customer_ids=whom, idempotency_key="many")
    done = await coupons.issue(admin, wish)
    assert (done.coupon_ids, await Work.filter(id=done.work_id).count()) == ((), 1)
    assert (await coupons.issue(admin, wish)).work_id == done.work_id
    batch = await CouponBatch.get(work_id=done.work_id)
    worker = actors.worker(*coupons.SCOPES)

    async def dies(done: int, total: int | None = None, message: str | None = None) -> None:
        raise ConnectionError

    async def goes_on(done: int, total: int | None = None, message: str | None = None) -> None:
        return None

    for _ in range(2):
        with pytest.raises(ConnectionError):
            await coupons.run(worker, batch.id, progress=dies)
    assert await Coupon.all().count() == 4
    # Who has one already becomes the same person as who has none yet: they have one.
    waiting = (await CouponBatchCustomer.get(batch_id=batch.id)).customer_id
    had = next(each for each in whom if each != waiting)
    await merges.merge(admin, CustomerMerge(keep_id=had, merge_id=waiting))
    for _ in range(2):
        await coupons.run(worker, batch.id, progress=goes_on)
    batch = await CouponBatch.get(id=batch.id)
    assert (await Coupon.all().count(), batch.issued, batch.finished_at is None) == (4, 4, False)
    assert await CouponBatchCustomer.all().count() == 0


async def test_merged_people_have_both_coupons_of_one_issue(house: House, admin: Actor) -> None:
    ada = await customers.create(admin, CustomerCreate(external_id="ada"))
    eve = await customers.create(admin, CustomerCreate(external_id="eve"))
    first = await issue(admin, [ada, eve])
    await merges.merge(admin, CustomerMerge(keep_id=ada, merge_id=eve))
    assert {row.customer_id for row in await Coupon.all()} == {ada}
    assert len({await code(admin, each) for each in first.coupon_ids}) == 2, "sealed anew, and open"
