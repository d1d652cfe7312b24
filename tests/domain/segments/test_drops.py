"""Sudden losses: noticed, blamed on a condition, told as far as the caller may know."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from siyu.domain import rules, segments
from siyu.domain.customers import LifecycleStage
from siyu.domain.customers.tables import Customer
from siyu.domain.kernel import clock, database, days
from siyu.domain.kernel.boot import House
from siyu.domain.rules import HolderKind
from siyu.domain.segments.drops import culprit, sudden
from siyu.domain.segments.evaluating import evaluate, keep_people
from siyu.domain.segments.tables import Segment, SegmentDrop, SegmentSize
from siyu.privacy.actor import Scope
from tests import actors
from tests.domain.segments.crowd import people, segment

#: In a city, and bought something or is loyal.
RULE = rules.Rule(
    all=[
        rules.Rule(profile=rules.ProfileCondition(field=rules.ProfileField.CITY, is_=rules.Comparison.EQ, values=["杭州"])),
        rules.Rule(
            any=[
                rules.Rule(lifecycle=rules.LifecycleCondition(stages=[LifecycleStage.RETURNING])),
                rules.Rule(lifecycle=rules.LifecycleCondition(stages=[LifecycleStage.LOYAL])),
            ]
        ),
    ]
)
WORKER = actors.worker(Scope.JOBS_RUN)


@pytest.mark.parametrize(
    ("before", "after", "expected"), [(100, 80, True), (100, 81, False), (30, 11, False), (20, 0, True), (0, 9, False)]
)
def test_sudden_is_many_and_a_fifth(before: int, after: int, expected: bool) -> None:
    assert sudden(before, after) is expected


def test_blame_goes_to_what_tells_the_lost_from_those_who_stayed() -> None:
    lost = {"all.0": ("a", 0.1), "all.1.any.0": ("b", 1.0), "all.1.any.1": ("c", 1.0)}
    assert culprit(lost, {"all.1.any.0": 0.05, "all.1.any.1": 0.95}) == ("all.1.any.0", "b", 1.0)
    assert culprit(lost, {"all.1.any.1": 0.05, "all.1.any.0": 0.95}) == ("all.1.any.1", "c", 1.0)
    assert culprit({"": ("a", 0.5)}, {}) is None
    assert culprit({}, {}) is None


async def filled(code: str, who: list[UUID]) -> Segment:
    """A segment that these people, of its city, have been in for three days."""
    await Customer.filter(id__in=who).update(city="杭州")
    row = await segment(code, who, days_old=3)
    await Segment.filter(id=row.id).update(rule=rules.stored(RULE), rule_version=3)
    await SegmentSize.create(segment_id=row.id, day=days.day_of(row.created_at, days.here()), count=len(who), entered=len(who))
    return row


async def lose(row: Segment, who: list[UUID], **values: object) -> list[str]:
    """These change, and the rule is applied to everybody; where in the rule a warning says that it was lost."""
    await Customer.filter(id__in=who).update(**values)
    with capture_logs() as logs:
        await evaluate(WORKER, (HolderKind.SEGMENT, row.id))
    assert "杭州" not in str(logs)
    return [each["path"] for each in logs if each["event"] == "segment_dropped" and each["log_level"] == "warning"]


async def test_a_drop_is_written_down_with_the_condition_that_lost_most(house: House) -> None:
    who = await people(LifecycleStage.RETURNING, 90)
    row = await filled("a", who)
    assert await lose(row, who[:17], lifecycle_stage=LifecycleStage.NEW) == [], "not a fifth yet"
    assert await lose(row, who[17:22], city="上海") == ["all.1.any.0"], "and now it is, within the same day"
    (told,) = (await segments.drops(actors.staff(), [row.id]))[row.id]
    assert (told.before, told.after, told.ratio, told.rule_version, told.share) == (90, 68, 0.2444, 3, 0.77)
    assert told.condition == rules.condition_text(RULE.all[1].any[0])  # type: ignore[index]  # as it is written above
    assert await lose(row, who[22:30], city="上海") == []
    # The same loss goes on: still one of this day, with what most of all the lost fail.
    assert await lose(row, who[30:60], city="上海") == ["all.0"]
    (told,) = (await segments.drops(actors.staff(), [row.id]))[row.id]
    assert (told.before, told.after, told.path) == (90, 30, "all.0")
    today = (await segments.history(actors.staff(), [row.id]))[row.id][-1]
    assert (today.count, today.entered, today.left, today.drop) == (30, 0, 60, told)


async def test_a_drop_need_not_come_at_once(house: House) -> None:
    who = await people(LifecycleStage.LOYAL, 50)
    row = await filled("a", who)
    told: list[str] = []
    for start in range(0, 25, 5):
        few = who[start : start + 5]
        await Customer.filter(id__in=few).update(lifecycle_stage=LifecycleStage.NEW)
        with capture_logs() as logs:
            await keep_people(WORKER, [(HolderKind.SEGMENT, row.id)], few)
        told += [each["path"] for each in logs if each["event"] == "segment_dropped"]
    assert told == ["all.1.any.1"]


async def test_whom_a_drop_is_told_to(house: House) -> None:
    row, other = await segment("a"), await segment("b")
    for age, after in ((5, 4), (1, 50)):
        at = clock.now() - timedelta(days=age)
        await SegmentDrop.create(segment_id=row.id, before=100, after=after, rule_version=1, created_at=at)
    with database.counting() as count:
        staff = await segments.drops(actors.staff(), [row.id, other.id])
    assert len([sql for sql in count.sent if "segment_drops" in sql]) == 1
    assert ([each.after for each in staff[row.id]], staff[other.id]) == ([50, 4], [])
    partner = (await segments.drops(actors.holder(Scope.SEGMENTS_READ), [row.id]))[row.id]
    assert [(each.after, each.ratio) for each in partner] == [(50, 0.5), (0, 1.0)]
    marketer = (await segments.drops(actors.staff(purpose="marketing"), [row.id]))[row.id]
    assert [(each.before, each.after, each.ratio) for each in marketer] == [(None, None, 0.5), (None, None, 0.96)]
