"""Members are kept by differences: for everybody, for a few, by rule and by hand."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine

from siyu.domain import customers, segments
from siyu.domain.customers import CustomerUpdate
from siyu.domain.kernel import clock, database, ids
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.touching import Change, Touched
from siyu.domain.rules import HolderKind, Rule, SegmentCondition
from siyu.domain.segments import Override, SegmentCreate, SegmentOverrideWish, SegmentUpdate
from siyu.domain.segments.tables import Segment, SegmentChange, SegmentMember, SegmentOverride, SegmentSize
from siyu.privacy import consent
from siyu.privacy.actor import Actor, Role, Scope
from siyu.privacy.refusal import Code, Forbidden, Refusals
from tests import actors
from tests.domain.segments.kept import WORKER, city, made, members, members_at, person, work


async def apply(segment_id: UUID) -> None:
    assert await segments.apply(WORKER, (HolderKind.SEGMENT, segment_id)) is not None


async def decide(actor: Actor, segment_id: UUID, what: Override | None, *who: UUID, reason: str = "asked for it") -> None:
    wish = SegmentOverrideWish(id=segment_id, customer_ids=list(who), override=what, reason=reason)
    assert await segments.override(actor, wish) == segment_id


async def stored() -> list[object]:
    return [row for table in (SegmentMember, SegmentChange, SegmentSize) for row in await table.all().order_by("id").values()]


async def test_a_rule_keeps_its_members_and_says_who_was_in_when(house: House, admin: Actor) -> None:
    ada, eve, bob = [await person(admin, name) for name in ("Paris", "Paris", "Rome")]
    paris = await made(admin, "paris", city("Paris"))
    first = clock.now()
    assert await members(paris) == {ada, eve}
    await customers.update(admin, CustomerUpdate(id=eve, city="Rome"))
    await customers.update(admin, CustomerUpdate(id=bob, city="Paris"))
    await apply(paris)
    assert await members(paris) == {ada, bob}
    assert [await members_at(paris, moment) for moment in (first, clock.now())] == [{ada, eve}, {ada, bob}]
    assert await segments.counts(admin, [paris], as_of=first) == await segments.counts(admin, [paris]) == {paris: 2}
    (size,) = await SegmentSize.all()
    assert (size.count, size.entered, size.left) == (2, 3, 1)
    row = await Segment.get(id=paris)
    assert (row.failure, row.due, row.rule_version) == (None, False, 1)
    assert None not in (row.evaluated_at, row.evaluation_milliseconds)


async def test_what_does_not_change_is_not_written(house: House, admin: Actor) -> None:
    for _ in range(3):
        await person(admin)
    paris = await made(admin, "paris", city("Paris"))
    before = await stored()
    with database.counting() as few:
        await apply(paris)
    assert await stored() == before
    for _ in range(40):
        await person(admin, "Rome")
    with database.counting() as many:
        await apply(paris)
    assert len(few) == len(many)


async def test_what_is_decided_by_hand_beats_the_rule(house: House, admin: Actor) -> None:
    ada, bob, cat = [await person(admin, name) for name in ("Paris", "Rome", "Rome")]
    paris = await made(admin, "paris", city("Paris"))
    await decide(admin, paris, Override.INCLUDE, bob, bob, reason="A friend of the house")
    await decide(admin, paris, Override.EXCLUDE, ada)
    assert await members(paris) == {bob}
    changes = await SegmentChange.all().count()
    await decide(admin, paris, Override.INCLUDE, bob)
    await apply(paris)
    assert await members(paris) == {bob}
    assert await SegmentChange.all().count() == changes
    await customers.update(admin, CustomerUpdate(id=ada, city="Rome"))
    await customers.update(admin, CustomerUpdate(id=cat, city="Paris"))
    await segments.update(admin, SegmentUpdate(id=paris, rule=Rule(not_=city("Lyon"))))
    assert await members(paris) == {bob, cat}
    await decide(admin, paris, None, ada, bob)
    assert await members(paris) == {ada, bob, cat}
    assert await SegmentOverride.all().count() == 0
    member = await SegmentMember.get(segment_id=paris, customer_id=bob)
    assert member.reason is None


async def test_a_static_segment_is_kept_by_hand(house: House, admin: Actor) -> None:
    ada, bob = await person(admin), await person(admin)
    panel = await segments.create(admin, SegmentCreate(code="panel", name="Panel", customer_ids=[ada]))
    await decide(admin, panel, Override.INCLUDE, bob, reason="Volunteered")
    await apply(panel)
    assert await members(panel) == {ada, bob}
    row = await SegmentMember.get(segment_id=panel, customer_id=bob)
    under = await consent.grant(admin, [bob], fields=["reason"])
    assert consent.disclose(row, row.reason, under) == "Volunteered"
    await decide(admin, panel, None, ada)
    assert await members(panel) == {bob}


async def test_the_restricted_are_in_no_audience(house: House, admin: Actor) -> None:
    ada, bob = await person(admin), await person(admin)
    paris = await made(admin, "paris", city("Paris"))
    panel = await segments.create(admin, SegmentCreate(code="panel", name="Panel", customer_ids=[ada, bob]))
    await work(house)
    await consent.restrict(admin, ada, reason="DISPUTED")
    await work(house)
    assert (await members(paris), await members(panel)) == ({bob}, {bob})
    with pytest.raises(Refusals) as refused:
        await decide(admin, paris, Override.INCLUDE, ada, ids.uuid7())
    assert [(each.path, each.code) for each in refused.value.each()] == [
        (("input", "customer_ids", "0"), Code.RESTRICTED), (("input", "customer_ids", "1"), Code.NOT_FOUND),
    ]  # fmt: skip
    assert await SegmentOverride.filter(segment_id=paris).count() == 0
    await consent.unrestrict(admin, ada)
    await work(house)
    assert (await members(paris), await members(panel)) == ({ada, bob}, {ada, bob})


async def test_counts_are_of_whom_the_purpose_reaches_and_hide_few(house: House, admin: Actor) -> None:
    people = [await person(admin) for _ in range(10)]
    paris = await made(admin, "paris", city("Paris"))
    partner = actors.holder(Scope.SEGMENTS_READ)
    assert await segments.counts(partner, [paris]) == {paris: 10}
    for each in people[:9]:
        await consent.record(admin, each, "marketing", granted=True, channel="test")
    assert await segments.counts(actors.staff(Role.MARKETER), [paris]) == {paris: 9}
    assert await segments.counts(actors.holder(Scope.SEGMENTS_READ, purpose="marketing"), [paris]) == {paris: 0}
    with pytest.raises(Forbidden):
        await segments.counts(actors.holder(), [paris])


async def test_the_feed_gives_each_change_once(house: House, admin: Actor) -> None:
    ada, bob = await person(admin), await person(admin)
    paris = await made(admin, "paris", city("Paris"))
    assert await segments.changes(WORKER) == []  # too young: another machine's clock may be late
    with time_machine.travel(clock.now() + timedelta(seconds=2), tick=False):
        first = await segments.changes(WORKER, limit=1)
        rest = await segments.changes(WORKER, after=first[0].id)
        assert {each.customer_id for each in (*first, *rest)} == {ada, bob}
        assert all((each.segment_id, each.entered) == (paris, True) for each in (*first, *rest))
        assert await segments.changes(WORKER, after=rest[-1].id) == []
    with pytest.raises(Forbidden):
        await segments.changes(admin)


async def test_segments_of_segments(house: House, admin: Actor) -> None:
    ada, bob = await person(admin), await person(admin, "Rome")
    paris = await made(admin, "paris", city("Paris"))
    away = await made(admin, "away", Rule(segment=SegmentCondition(not_in=[paris])))
    assert await members(away) == {bob}
    await customers.update(admin, CustomerUpdate(id=bob, city="Paris"))
    await customers.update(admin, CustomerUpdate(id=ada, city="Rome"))
    await work(house)
    assert (await members(paris), await members(away)) == ({bob}, {ada})


async def test_at_the_same_time_nobody_is_lost_or_counted_twice(house: House, admin: Actor) -> None:
    people = [await person(admin, "Rome") for _ in range(4)]
    paris = await made(admin, "paris", city("Paris"))
    rest = await made(admin, "rest", Rule(segment=SegmentCondition(not_in=[paris])))

    async def move(number: int, customer_id: UUID) -> None:
        for name in ("Paris", "Rome", "Paris" if number % 2 else "Rome"):
            await customers.update(admin, CustomerUpdate(id=customer_id, city=name))
            await segments.follow(WORKER, [Touched(Change.PROFILE, (customer_id,))])

    async def everybody() -> None:
        for _ in range(2):
            await apply(paris)

    await asyncio.gather(everybody(), *(move(number, each) for number, each in enumerate(people)), everybody())
    await work(house)
    assert (await members(paris), await members(rest)) == (set(people[1::2]), set(people[::2]))
    for each in (paris, rest):
        assert await members_at(each, clock.now()) == await members(each)
        (size,) = await SegmentSize.filter(segment_id=each)
        assert (size.count, size.entered - size.left) == (2, 2)
