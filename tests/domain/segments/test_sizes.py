"""How large a segment was, day by day, and for whom."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from siyu.domain import segments
from siyu.domain.customers import LifecycleStage
from siyu.domain.kernel import boot, clock, database
from siyu.domain.kernel.boot import House
from siyu.domain.segments import Size
from siyu.domain.segments.tables import Segment, SegmentDrop, SegmentSize
from siyu.privacy.actor import Scope
from siyu.privacy.refusal import Code, Forbidden, Refusal
from tests import actors
from tests.domain.segments.crowd import consenting, enter, leave, people, segment


def zone() -> ZoneInfo:
    return ZoneInfo(boot.current().settings.timezone)


def today() -> date:
    return clock.today(zone().key)


def ago(days: int) -> date:
    return today() - timedelta(days=days)


def at(days: int, hour: int = 0, second: int = 0) -> datetime:
    """A moment of the day so many days ago, in the organisation's time zone."""
    return datetime.combine(ago(days), time(hour, 0, second), zone())


async def kept(row: Segment, days: int, count: int, entered: int, left: int) -> None:
    await SegmentSize.create(segment_id=row.id, day=ago(days), count=count, entered=entered, left=left)


def figures(sizes: list[Size]) -> list[tuple[int, int, int]]:
    return [(size.count, size.entered, size.left) for size in sizes]


async def test_a_day_without_change_carries_the_number_on(house: House) -> None:
    row, young = await segment("a", days_old=40), await segment("b", days_old=1)
    await kept(row, 40, 50, 50, 0)
    await kept(row, 35, 60, 12, 2)
    await kept(row, 2, 4, 0, 56)
    await SegmentDrop.create(segment_id=row.id, before=60, after=4, rule_version=1, created_at=at(2, 9))
    found = await segments.history(actors.staff(), [row.id, young.id], since=ago(4), until=ago(1))
    assert [size.date for size in found[row.id]] == [ago(4), ago(3), ago(2), ago(1)]
    assert figures(found[row.id]) == [(60, 0, 0), (60, 0, 0), (4, 0, 56), (4, 0, 0)]
    assert [size.drop is not None for size in found[row.id]] == [False, False, True, False]
    # No day is before the segment was made, nor after today.
    assert figures(found[young.id]) == [(0, 0, 0)]
    whole = (await segments.history(actors.staff(), [row.id], since=ago(41), until=today() + timedelta(days=9)))[row.id]
    assert (whole[0].date, whole[-1].date, whole[0].count, whole[5].count) == (ago(40), today(), 50, 60)
    with database.counting() as count:
        usual = await segments.history(actors.staff(), [row.id, young.id])
    assert len([sql for sql in count.sent if "segment" in sql]) == 3
    assert len(usual[row.id]) == 30
    partner = await segments.history(actors.holder(Scope.SEGMENTS_READ), [row.id], since=ago(2))
    assert figures(partner[row.id]) == [(0, 0, 56), (0, 0, 0), (0, 0, 0)]


async def test_under_consent_those_count_who_consented(house: House) -> None:
    who = await people(LifecycleStage.NEW, 6)
    await consenting(who[:4])
    row = await segment("a", days_old=9)
    await enter(row, who[:3], at(8, 23))
    await enter(row, who[3:], at(3, 0))  # the first moment of its day
    await leave(row, who[1:2], at(3, 23, 59))
    await leave(row, who[4:5], at(2, 5))
    await kept(row, 8, 3, 3, 0)
    await kept(row, 3, 5, 3, 1)
    marketer = actors.staff(purpose="marketing")
    found = (await segments.history(marketer, [row.id], since=ago(5), until=ago(1)))[row.id]
    assert figures(found) == [(3, 0, 0), (3, 0, 0), (3, 1, 1), (3, 0, 0), (3, 0, 0)]
    assert figures((await segments.history(marketer, [row.id], until=ago(7)))[row.id]) == [(0, 0, 0), (3, 3, 0), (3, 0, 0)]
    assert figures((await segments.history(actors.staff(), [row.id], since=ago(3)))[row.id])[0] == (5, 3, 1)
    nobody = (await segments.history(actors.staff(purpose="unheard"), [row.id], since=ago(3)))[row.id]
    assert {size.count for size in nobody} == {0}


@pytest.mark.on("sqlite")
async def test_what_is_refused(house: House) -> None:
    with pytest.raises(Forbidden):
        await segments.history(actors.holder(Scope.ORDERS_READ), [])
    with pytest.raises(Refusal) as refused:
        await segments.history(actors.staff(), [], since=ago(731))
    assert (refused.value.code, refused.value.path) == (Code.LIMIT_EXCEEDED, ("from",))
    old = (await segment("old")).id
    for since in (None, date.min):
        assert await segments.history(actors.staff(), [old], since=since, until=date.min) == {old: []}, "there was nothing then"
    assert await segments.history(actors.staff(), [], since=ago(730)) == {}
    row = await segment("a", days_old=9)
    for purpose in ("service", "marketing"):
        assert await segments.history(actors.staff(purpose=purpose), [row.id], since=ago(1), until=ago(2)) == {row.id: []}
