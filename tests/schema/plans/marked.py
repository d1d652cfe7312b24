"""Tags and segments of a furnished house: with and without everything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from siyu.domain.customers import ActivityState, LifecycleStage
from siyu.domain.customers.tables import Customer
from siyu.domain.kernel import clock
from siyu.domain.kernel.tables import Row
from siyu.domain.segments.tables import Override, Segment, SegmentChange, SegmentDrop, SegmentKind, SegmentMember, SegmentOverride
from siyu.domain.tags.tables import Tag, TagAssignment, TagChange, TagGroup, TagKind, TagSource
from siyu.schema.relay import encode
from tests.schema.plans.people import People


async def mark(people: People) -> dict[str, str]:
    """Tag people and put them in segments; the marks, by name."""
    group = TagGroup(name="Level", exclusive=True)
    await group.save(force_create=True)
    now = clock.now()
    vip = Tag(name="VIP", kind=TagKind.MANUAL, group_id=group.id, description="Very important")
    ruled = Tag(name="老客户", kind=TagKind.RULE, rule={"tag": {"any": ["VIP"]}}, expression='tag any ("VIP")', rule_version=2, due=True)
    old = Tag(name="old", kind=TagKind.MANUAL, archived_at=now)
    for tag in (vip, ruled, old):
        await tag.save(force_create=True)
    given = [
        (0, vip, TagSource.MANUAL),
        (0, ruled, TagSource.RULE),
        (1, vip, TagSource.API),
        (1, old, TagSource.IMPORT),
        (4, vip, TagSource.CHANNEL),
    ]
    for number, tag, source in given:
        key, at = people.keys[number], now - timedelta(hours=len(tag.name))
        version, by = (2, None) if source is TagSource.RULE else (None, "staff:1")
        made = TagAssignment(customer_id=key, tag_id=tag.id, source=source, assigned_at=at, rule_version=version, assigned_by=by)
        await made.save(force_create=True)
        await TagChange(customer_id=key, tag_id=tag.id, assigned=True, why=source.value, at=at).save(force_create=True)
    segments = [
        Segment(code="vips", name="VIPs", kind=SegmentKind.DYNAMIC, rule={"tag": {"any": ["VIP"]}}, expression='tag any ("VIP")'),
        Segment(code="none", name="Nobody", kind=SegmentKind.STATIC, description="空", failure="It failed."),
    ]
    for segment in segments:
        await segment.save(force_create=True)
    for number in (0, 1, 4):
        key, at = people.keys[number], now - timedelta(days=2)
        await SegmentMember(segment_id=segments[0].id, customer_id=key, entered_at=at).save(force_create=True)
        await SegmentChange(segment_id=segments[0].id, customer_id=key, entered=True, at=at).save(force_create=True)
    decided = SegmentOverride(
        segment_id=segments[0].id, customer_id=people.keys[1], override=Override.INCLUDE, reason="She asked for it.", decided_by="staff:1"
    )
    await decided.save()
    await SegmentDrop(segment_id=segments[0].id, before=40, after=3, rule_version=1, path="", condition='tag any ("VIP")', lost=37).save(
        force_create=True
    )
    await Customer.filter(id=people.keys[0]).update(lifecycle_stage=LifecycleStage.LOYAL, activity=ActivityState.SILENT)
    nouns: dict[str, Sequence[Row]] = {"TagGroup": [group], "Tag": [vip, ruled, old], "Segment": segments}
    return {f"{noun}{number}": encode(noun, row.id) for noun, rows in nouns.items() for number, row in enumerate(rows)}
