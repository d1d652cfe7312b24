"""Filtering customers by tags, segment, stage and activity: by plan and by the engine the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from siyu.domain import customers
from siyu.domain.customers import ActivityState, CustomerCreate, LifecycleStage
from siyu.domain.customers.tables import Customer
from siyu.domain.kernel import clock
from siyu.domain.kernel.boot import House
from siyu.domain.segments.tables import Segment, SegmentKind, SegmentMember
from siyu.domain.tags.tables import Tag, TagAssignment, TagKind, TagSource
from siyu.privacy.actor import Actor, Scope
from siyu.schema.plans import Planner
from siyu.schema.relay import encode
from tests import actors
from tests.schema.conftest import schema
from tests.schema.plans.bothways import both_ways, same
from tests.schema.plans.test_same_answer import CALLERS

FOUND = "query ($f: CustomerFilter) { customers(filter: $f, sort: CREATED_AT_ASC) { totalCount nodes { id } } }"
#: Who has which tags.
TAGGED = ("VIP", "VIP 老客户", "老客户", "", "new")


async def _furnished(admin: Actor) -> tuple[list[UUID], UUID]:
    """Five customers, of whom the last two are in a segment; its id."""
    keys = [await customers.create(admin, CustomerCreate(source=f"s{n}")) for n in range(len(TAGGED))]
    tags = {name: Tag(name=name, kind=TagKind.MANUAL) for name in ("VIP", "老客户", "new")}
    for each in tags.values():
        await each.save(force_create=True)
    for key, names in zip(keys, TAGGED, strict=True):
        for name in names.split():
            await TagAssignment(customer_id=key, tag_id=tags[name].id, source=TagSource.MANUAL).save(force_create=True)
    segment = Segment(code="last", name="Last", kind=SegmentKind.STATIC)
    await segment.save(force_create=True)
    for key in keys[3:]:
        await SegmentMember(segment_id=segment.id, customer_id=key, entered_at=clock.now()).save(force_create=True)
    await Customer.filter(id=keys[1]).update(lifecycle_stage=LifecycleStage.LOYAL, activity=ActivityState.CHURNED)
    return keys, segment.id


async def test_tags_segment_stage_and_activity(house: House, admin: Actor) -> None:
    keys, segment = await _furnished(admin)
    planner, ids = Planner(schema()), [encode("Customer", key) for key in keys]
    expected: list[tuple[Mapping[str, Any], list[int]]] = [
        ({"tagsAny": ["VIP"]}, [0, 1]),
        ({"tagsAny": ["VIP", "老客户", "VIP", "nowhere"]}, [0, 1, 2]),
        ({"tagsAny": ["vip"]}, []),
        ({"tagsAny": []}, []),
        ({"tagsAll": ["VIP", "老客户"]}, [1]),
        ({"tagsAll": ["VIP", "VIP"]}, [0, 1]),
        ({"tagsAll": ["VIP", "nowhere"]}, []),
        ({"tagsAll": []}, [0, 1, 2, 3, 4]),
        ({"tagsNone": ["VIP", "new"]}, [2, 3]),
        ({"tagsNone": ["nowhere"]}, [0, 1, 2, 3, 4]),
        ({"tagsNone": []}, [0, 1, 2, 3, 4]),
        ({"tagsAny": ["VIP"], "tagsNone": ["老客户"]}, [0]),
        ({"not": {"tagsAll": ["VIP", "老客户"]}, "any": [{"tagsAny": ["VIP"]}, {"source": ["s3"]}]}, [0, 3]),
        ({"segment": encode("Segment", segment)}, [3, 4]),
        ({"segment": encode("Segment", keys[0])}, []),
        ({"segment": encode("Segment", segment), "tagsAny": ["new"]}, [4]),
        ({"lifecycleStage": ["LOYAL", "NEW"]}, [1]),
        ({"activity": ["ACTIVE"], "lifecycleStage": ["PROSPECT"], "tagsAny": ["VIP"]}, [0]),
    ]
    for given, found in expected:
        got = await both_ways(planner, admin, FOUND, {"f": given})
        same(got)
        assert got.planned is not None, given
        assert got.engine["data"]["customers"] == {"totalCount": len(found), "nodes": [{"id": ids[n]} for n in found]}, given
        assert len([sql for sql in got.statements if "customers" in sql]) == 1, "filtered and counted at once"


async def test_filtering_needs_the_scope_of_what_it_tells(house: House, admin: Actor) -> None:
    _, segment = await _furnished(admin)
    planner = Planner(schema())
    allowed = actors.holder(Scope.CUSTOMERS_READ, Scope.TAGS_READ)
    for given, scope in (
        ({"tagsAny": ["VIP"]}, "tags:read"),
        ({"not": {"tagsNone": ["VIP"]}}, "tags:read"),
        ({"segment": encode("Segment", segment)}, "segments:read"),
        ({"lifecycleStage": ["NEW"]}, "orders:read"),
        ({"activity": ["ACTIVE"]}, "orders:read"),
    ):
        for actor in (CALLERS["reader"], allowed):
            got = await both_ways(planner, actor, FOUND, {"f": given})
            same(got)
            refused = actor is not allowed or scope != "tags:read"
            assert [error["message"] for error in got.engine["errors"]] == [f"Filtering by this needs the scope {scope}."] * refused
            assert not any("tag_assignments" in sql or "segment_members" in sql for sql in got.statements) or not refused
    got = await both_ways(planner, admin, FOUND, {"f": {"segment": encode("Customer", segment), "tagsAll": ["\0"]}})
    same(got)
    assert [error["message"] for error in got.engine["errors"]] == ["This is no id of a Segment."]
    got = await both_ways(planner, admin, FOUND, {"f": {"tagsAll": ["\0"]}})
    same(got)
    assert [error["message"] for error in got.engine["errors"]] == ["A text holds no NUL character."]
