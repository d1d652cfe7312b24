"""Tags and segments for invented people, so that there is something to look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from siyu.domain import rules, segments, tags
from siyu.domain.kernel.operation import operation
from siyu.domain.kernel.reading import Reader
from siyu.domain.segments import SEGMENT, SegmentCreate
from siyu.domain.tags import TAG, TAG_GROUP, TagAssign, TagCreate, TagGroupCreate
from siyu.privacy.actor import Actor, Scope

_LEVELS: Final = "会员等级"
#: Tags by rule: the first two are of one exclusive group.
_BY_RULE: Final = (
    ("金卡", _LEVELS, "orders.total(last 365 days) >= 2500"),
    ("银卡", _LEVELS, "orders.total(last 365 days) >= 1000 and orders.total(last 365 days) < 2500"),
    ("老客户", None, "lifecycle stage (loyal)"),
)
#: Segments by code, others than those of the documents, so that their examples can be tried as they stand.
#: Whoever is in the first has the tag by hand.
_SEGMENTS: Final = (
    ("best", "Best customers", "orders.total(last 365 days) >= 2500 and orders.count(last 90 days) >= 1"),
    ("lapsed", "Lapsed customers", "orders.total >= 2000 and not orders.count(last 180 days) >= 1"),
    ("birthday-soon", "Birthday within a month", "anniversary(birthday) within 30 days"),
)
_BY_HAND: Final = "重点客户"


@dataclass(frozen=True, slots=True)
class Arranged:
    """What a call added."""

    tags: int
    segments: int


@operation(
    Scope.TAGS_READ, Scope.TAGS_WRITE, Scope.TAGS_ASSIGN, Scope.SEGMENTS_READ, Scope.SEGMENTS_WRITE, Scope.ORDERS_READ,
    Scope.CUSTOMER_BIRTHDAY_READ, writes=True,
)  # fmt: skip
async def arrange(actor: Actor) -> Arranged:
    """Add a few tags and segments, applied to whoever is there; nothing where there are tags or segments already."""
    reader = Reader(actor)
    if any([await reader.count(noun) for noun in (TAG, TAG_GROUP, SEGMENT)]):
        return Arranged(0, 0)
    group_id = await tags.group_create(actor, TagGroupCreate(name=_LEVELS, exclusive=True))
    for name, group, text in _BY_RULE:
        rule = (await rules.check(actor, None, text)).rule
        await tags.create(actor, TagCreate(name=name, group_id=group_id if group else None, rule=rule))
    await tags.create(actor, TagCreate(name=_BY_HAND, description="Put on by hand"))
    made = [await segments.create(actor, SegmentCreate(code=code, name=name, expression=text)) for code, name, text in _SEGMENTS]
    await tags.assign(actor, TagAssign(tags=[_BY_HAND], segment_id=made[0]))
    return Arranged(len(_BY_RULE) + 1, len(made))
