"""Two customers become one, and two again: memberships and the log stay in line."""

from __future__ import annotations

from uuid import UUID

from siyu.domain import merges, segments
from siyu.domain.kernel import clock
from siyu.domain.kernel.boot import House
from siyu.domain.merges import CustomerMerge, CustomerUnmerge
from siyu.domain.segments import Override, SegmentCreate, SegmentOverrideWish
from siyu.domain.segments.tables import SegmentChange, SegmentMember, SegmentSize
from siyu.privacy import dossier
from siyu.privacy.actor import Actor, Purpose
from tests import actors
from tests.domain.segments.kept import city, made, members, members_at, person, work


async def in_line(*segment_ids: UUID) -> None:
    """The log says of now what the members are, and never anything impossible; the size of the day is their number."""
    for each in segment_ids:
        assert await members_at(each, clock.now()) == await members(each)
        size = await SegmentSize.filter(segment_id=each).order_by("-day").first()
        assert size is not None
        assert size.count == len(await members(each))


async def test_members_and_log_follow_a_merge_and_its_undoing(house: House, admin: Actor) -> None:
    kept, merged, other = await person(admin, "Rome"), await person(admin), await person(admin)
    paris, rome = await made(admin, "paris", city("Paris")), await made(admin, "rome", city("Rome"))
    panel = await segments.create(admin, SegmentCreate(code="panel", name="Panel", customer_ids=[kept, merged]))
    vips = await segments.create(admin, SegmentCreate(code="vips", name="VIPs", customer_ids=[merged]))
    everyone = (paris, rome, panel, vips)
    await work(house)
    await segments.override(admin, SegmentOverrideWish(id=panel, customer_ids=[kept], override=None, reason="left"))
    await segments.override(admin, SegmentOverrideWish(id=panel, customer_ids=[kept], override=Override.INCLUDE, reason="is back"))
    before = [await members(each) for each in everyone]
    done = await merges.merge(admin, CustomerMerge(keep_id=kept, merge_id=merged))
    assert done.customer_id == kept
    await in_line(*everyone)
    await work(house)
    await in_line(*everyone)
    assert [await members(each) for each in everyone] == [{other}, {kept}, {kept}, {kept}]
    assert await SegmentMember.filter(customer_id=merged).count() == 0
    await merges.unmerge(admin, CustomerUnmerge(merged_id=merged))
    await work(house)
    await in_line(*everyone)
    assert [await members(each) for each in everyone] == before
    assert await SegmentChange.filter(customer_id__in=[kept, merged]).count() > 0


async def test_a_person_is_shown_the_names_of_their_segments(house: House, admin: Actor) -> None:
    ada = await person(admin)
    await segments.create(admin, SegmentCreate(code="vips", name="Our VIPs", customer_ids=[ada]))
    told = {
        table._meta.db_table: [row["segment_id"] for row in found]
        async for table, found in dossier.collect(actors.staff(purpose=Purpose.COMPLIANCE), ada)
        if table._meta.db_table.startswith("segment_")
    }
    assert told == {name: ["Our VIPs"] for name in ("segment_members", "segment_changes", "segment_overrides")}
