"""Putting tags on and taking them off."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from siyu.domain import customers, segments, tags
from siyu.domain.customers import CustomerCreate, CustomerUpsert
from siyu.domain.kernel import clock, database, ids
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.tables import Outbox
from siyu.domain.segments import SegmentCreate
from siyu.domain.tags import TagArchive, TagAssign, TagGroupCreate, TagSource, batches
from siyu.domain.tags.tables import PendingTag, TagAssignment, TagBatch, TagBatchCustomer, TagChange
from siyu.privacy import consent
from siyu.privacy.actor import Actor, Purpose, Scope
from siyu.privacy.refusal import Code, Forbidden, Refusal
from tests import actors
from tests.domain.tags.tagged import having, log, people, phone, put, tag, take


def problems(refusal: Refusal) -> list[tuple[str, Code]]:
    return [(".".join(one.path), one.code) for one in refusal.each()]


async def test_tags_are_put_on_and_taken_off(house: House, admin: Actor) -> None:
    ada, eve = await people(admin, 2)
    await tag(admin, "VIP")
    await tag(admin, "老客户", expires_after_days=30)
    assert await put(admin, ["VIP", " 老客户 "], ada, eve, ada) == tags.Changed(4)
    assert await put(admin, ["VIP", "老客户"], ada, eve) == tags.Changed(0)
    assert await having(ada) == {"VIP": "MANUAL", "老客户": "MANUAL"}
    row = await TagAssignment.get(customer_id=ada, expires_at__isnull=False)
    assert row.assigned_by == admin.name
    assert abs(row.expires_at - clock.now() - timedelta(days=30)) < timedelta(minutes=1)  # type: ignore[operator]  # it has one
    later = clock.now() + timedelta(days=90)
    assert await put(admin, ["老客户"], ada, expires_at=later) == tags.Changed(1)
    assert await put(admin, ["老客户"], ada, expires_at=later) == tags.Changed(0)
    assert await take(admin, ["VIP"], ada) == tags.Changed(1)
    assert await take(admin, ["VIP"], ada) == tags.Changed(0)
    assert await having(ada) == {"老客户": "MANUAL"}
    assert await log(ada) == [(True, "MANUAL"), (True, "MANUAL"), (False, "REMOVED")]
    token = actors.holder(Scope.TAGS_ASSIGN)
    assert await put(token, ["VIP"], ada) == tags.Changed(1)
    assert (await having(ada))["VIP"] == "API"


async def test_what_is_refused_leaves_nothing(house: House, admin: Actor) -> None:
    (ada,) = await people(admin, 1)
    await tags.archive(admin, TagArchive(id=await tag(admin, "old")))
    group = await tags.group_create(admin, TagGroupCreate(name="level", exclusive=True))
    for name in ("gold", "silver"):
        await tag(admin, name, group_id=group)
    nobody = uuid4()
    for wish, expected in (
        (TagAssign(tags=["gold"]), [("input.customer_ids", Code.BLANK)]),
        (TagAssign(tags=[], customer_ids=[ada]), [("input.tags", Code.BLANK)]),
        (TagAssign(tags=["gold"] * 51, customer_ids=[ada]), [("input.tags", Code.LIMIT_EXCEEDED)]),
        (
            TagAssign(tags=["gold", "none", "old"], customer_ids=[ada]),
            [("input.tags.1", Code.NOT_FOUND), ("input.tags.2", Code.WRONG_STATE)],
        ),
        (TagAssign(tags=["gold", "silver"], customer_ids=[ada]), [("input.tags.1", Code.CONFLICT)]),
        (TagAssign(tags=["gold"], customer_ids=[ada, nobody]), [("input.customer_ids.1", Code.NOT_FOUND)]),
        (TagAssign(tags=["gold"], customer_ids=[ada], segment_id=nobody), [("input.segment_id", Code.NOT_FOUND)]),
        (TagAssign(tags=["gold"], customer_ids=[ada], expires_at=clock.now()), [("input.expires_at", Code.INVALID)]),
        (
            TagAssign(tags=["gold"], customer_ids=[ada], identities=[phone(1), phone(123456789)]),
            [("input.identities.1.value", Code.INVALID)],
        ),
    ):
        with pytest.raises(Refusal) as refused:
            await tags.assign(admin, wish)
        assert problems(refused.value) == expected
    await consent.restrict(admin, ada, reason="TEST")
    with pytest.raises(Refusal) as refused:
        await put(admin, ["gold"], ada)
    assert problems(refused.value) == [("input.customer_ids.0", Code.RESTRICTED)]
    assert await put(admin, ["gold"], identities=[phone(1)]) == tags.Changed(0)
    reader = actors.holder(Scope.TAGS_READ, Scope.TAGS_WRITE)
    with pytest.raises(Forbidden):
        await put(reader, ["gold"], ada)
    with pytest.raises(Forbidden):
        await take(reader, ["gold"], ada)
    assert await TagAssignment.all().count() == await TagChange.all().count() == await PendingTag.all().count() == 0


async def test_an_exclusive_group_has_one_tag_of_each_customer(house: House, admin: Actor) -> None:
    ada, eve = await people(admin, 2)
    group = await tags.group_create(admin, TagGroupCreate(name="level", exclusive=True))
    for name in ("gold", "silver"):
        await tag(admin, name, group_id=group)
    await tag(admin, "other")
    await put(admin, ["gold", "other"], ada)
    assert await put(admin, ["silver"], ada, eve) == tags.Changed(2)
    assert await having(ada) == {"silver": "MANUAL", "other": "MANUAL"}
    assert (await log(ada))[2:] == [(False, "REPLACED"), (True, "MANUAL")]
    (joe,) = await people(admin, 1, start=3)
    await asyncio.gather(*(put(admin, [name], joe) for name in ("gold", "silver", "gold", "silver")))
    assert len(await having(joe)) == 1, "at once as well"


async def test_a_thousand_customers_are_a_handful_of_statements(house: House, admin: Actor) -> None:
    names = [f"t{number}" for number in range(10)]
    for name in names:
        await tag(admin, name)
    crowd = [ids.uuid7() for _ in range(1_001)]
    await customers.write_batch(admin, [customers.PersonGiven(id=each, new=True, values={}, fills={}, identities=[]) for each in crowd])
    with database.counting() as count:
        assert await put(admin, names, *crowd[:1_000]) == tags.Changed(10_000)
    assert len(count.sent) <= 8, count.sent
    with database.counting() as count:
        assert await take(admin, names[:5], *crowd[:1_000]) == tags.Changed(5_000)
    assert len(count.sent) <= 8, count.sent
    done = await put(admin, names[:1], *crowd)
    assert done.work_id is not None
    assert await TagBatchCustomer.all().count() == 1_001
    steps: list[tuple[int, int | None]] = []

    async def progress(done: int, total: int | None = None, message: str | None = None) -> None:
        steps.append((done, total))
        if len(steps) == 1:
            raise InterruptedError

    batch, worker = await TagBatch.get(), actors.worker(*tags.SCOPES)
    with pytest.raises(InterruptedError):
        await tags.run(worker, batch.id, progress=progress)
    assert (await TagBatch.get()).changed == 1_000
    for _ in range(2):
        await tags.run(worker, batch.id, progress=progress)
    assert (steps, (await TagBatch.get()).changed, await TagBatchCustomer.all().count()) == ([(1_000, 1_001), (1_001, 1_001)], 1_001, 0)


async def test_a_segment_is_gone_through_as_the_purpose_reaches(house: House, admin: Actor) -> None:
    crowd = await people(admin, 3)
    vip = await tag(admin, "VIP")
    made = await segments.create(admin, SegmentCreate(code="some", name="Some", customer_ids=crowd))
    await consent.record(admin, crowd[1], Purpose.MARKETING, granted=True, channel="test")
    marketer = actors.staff(purpose=Purpose.MARKETING)

    told: list[tuple[int, int | None]] = []

    async def progress(done: int, total: int | None = None, message: str | None = None) -> None:
        told.append((done, total))

    for actor, assigned, changed in ((marketer, True, 1), (admin, True, 2), (admin, True, 0), (admin, False, 3)):
        await batches.begin(actor, [vip], None, made, assigned=assigned, source=TagSource.MANUAL)
        batch = await TagBatch.all().order_by("-id").first()
        assert batch is not None
        worker = Actor.worker("tags", *tags.SCOPES, purpose=await tags.purpose_of(actors.worker(*tags.SCOPES), batch.id))
        await tags.run(worker, batch.id, progress=progress)
        batch = await TagBatch.get(id=batch.id)
        assert (batch.changed, batch.finished_at is not None) == (changed, True)
    assert told == [(1, 1), (3, 3), (3, 3), (3, 3)]
    await TagBatch.all().update(created_at=clock.now() - batches.KEPT)
    await tags.purge(actors.worker(Scope.JOBS_RUN))
    assert await TagBatch.all().count() == 0


async def test_whoever_comes_later_has_what_waited_for_them(house: House, admin: Actor) -> None:
    (ada,) = await people(admin, 1)
    await tag(admin, "VIP")
    gone = await tag(admin, "gone")
    later = clock.now() + timedelta(days=9)
    assert await put(admin, ["VIP", "gone"], identities=[phone(1), phone(2), phone(3)], expires_at=later) == tags.Changed(6)
    assert await put(admin, ["VIP", "gone"], identities=[phone(1), phone(2), phone(3)], expires_at=later) == tags.Changed(0)
    assert sorted(await having(ada)) == ["VIP", "gone"]
    assert await Outbox.filter(job="attach_tags").count() == 0
    assert phone(2).value not in str([row.__dict__ for row in await PendingTag.all()]), "who is waited for stands nowhere"
    await tags.archive(admin, TagArchive(id=gone))
    eve = await customers.create(admin, CustomerCreate(phone=phone(2).value))
    joe = await customers.create(admin, CustomerCreate(phone=phone(3).value))
    worker = actors.worker(Scope.JOBS_RUN)
    assert [row.args for row in await Outbox.filter(job="attach_tags").order_by("id")] == [[str(eve)], [str(joe)]]
    for _ in range(2):
        await tags.attach(worker, [eve])
    assert await having(eve) == {"VIP": "PENDING"}
    row = await TagAssignment.get(customer_id=eve)
    assert (row.expires_at, row.assigned_by, await having(joe)) == (later, admin.name, {})
    await put(admin, ["VIP"], identities=[phone(4)])
    eva = await customers.create(admin, CustomerCreate(phone=phone(4).value))
    await consent.restrict(admin, eva, reason="TEST")
    assert await tags.sweep(worker) is None
    with pytest.raises(Refusal) as refused:
        await customers.upsert(admin, CustomerUpsert(match=phone(4), set=CustomerCreate(tags=["VIP"])))
    assert (refused.value.code, await having(eva)) == (Code.RESTRICTED, {}), "who has restricted processing is not sorted"
    assert await having(joe) == {"VIP": "PENDING"}, "a job that was lost is made up for"
    assert await PendingTag.all().count() == 0


async def test_assignments_end_by_themselves(house: House, admin: Actor) -> None:
    ada, eve = await people(admin, 2)
    await tag(admin, "VIP")
    await put(admin, ["VIP"], ada, eve, expires_at=clock.now() + timedelta(days=1))
    await TagAssignment.filter(customer_id=ada).update(expires_at=clock.now() - timedelta(seconds=1))
    worker = actors.worker(Scope.JOBS_RUN)
    assert [await tags.expire(worker) for _ in range(2)] == [1, 0]
    assert (await having(ada), await having(eve)) == ({}, {"VIP": "MANUAL"})
    assert (await log(ada))[-1] == (False, "EXPIRED")


async def test_tags_come_with_a_customer(house: House, admin: Actor) -> None:
    await tag(admin, "VIP")
    await tag(admin, "new")
    ada = await customers.create(admin, CustomerCreate(phone=phone(1).value, tags=["VIP"]))
    assert await customers.upsert(admin, CustomerUpsert(match=phone(1), set=CustomerCreate(tags=["new"]))) == ada
    assert sorted(await having(ada)) == ["VIP", "new"]
    with pytest.raises(Refusal) as refused:
        await customers.upsert(admin, CustomerUpsert(match=phone(2), set=CustomerCreate(tags=["VIP", "none"])))
    assert problems(refused.value) == [("input.set.tags.1", Code.NOT_FOUND)]
    writer = actors.holder(Scope.CUSTOMERS_WRITE)
    with pytest.raises(Forbidden):
        await customers.create(writer, CustomerCreate(phone=phone(3).value, tags=["VIP"]))
    assert await TagAssignment.all().count() == 2
    assert await customers.find(admin, phone(2)) is None
