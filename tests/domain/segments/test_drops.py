"""Sudden losses: noticed, blamed on a condition, told as far as the caller may know."""

from __future__ import annotations

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from siyu.domain import rules, segments
from siyu.domain.customers import LifecycleStage
from siyu.domain.customers.tables import Customer
from siyu.domain.kernel import clock, database
from siyu.domain.kernel.boot import House
from siyu.domain.rules import Held, Keeping, Kept
from siyu.domain.segments.drops import culprit, notice, sudden
from siyu.domain.segments.tables import SegmentDrop
from siyu.privacy.actor import Scope
from tests import actors
from tests.domain.segments.crowd import leave, people, segment

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
KEEPING = Keeping(table="segment_members", changes="segment_changes", owner="segment_id", entered="entered", since="entered_at")
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


async def test_a_drop_is_written_down_with_the_condition_that_lost_most(house: House) -> None:
    stayed, gone = await people(LifecycleStage.RETURNING, 30), await people(LifecycleStage.NEW, 25)
    moved = await people(LifecycleStage.RETURNING, 5)
    await Customer.filter(id__in=[*stayed, *gone]).update(city="杭州")
    row, now = await segment("a", stayed, gone, moved), clock.now() + timedelta(seconds=1)
    await leave(row, [*gone, *moved], now)
    held = Held(
        id=row.id, version=3, tree=rules.stored(RULE), keeping=KEEPING, due=False, failure=None, evaluated_at=None
    )  # fmt: skip
    with capture_logs() as logs, database.counting() as count:
        await notice(WORKER, held, Kept(0, 9, now), after=30)
    assert (logs, len(count)) == ([], 0), "a loss of few costs nothing"
    with capture_logs() as logs:
        await notice(WORKER, held, Kept(2, 32, now), after=30)
    (drop,) = await SegmentDrop.all()
    assert (drop.before, drop.after, drop.rule_version, drop.path, drop.lost) == (60, 30, 3, "all.1.any.0", 25)
    assert [(each["event"], each["log_level"], each["path"]) for each in logs] == [("segment_dropped", "warning", "all.1.any.0")]
    assert "杭州" not in str(logs)
    (told,) = (await segments.drops(actors.staff(), [row.id]))[row.id]
    assert (told.before, told.after, told.ratio, told.share) == (60, 30, 0.5, 0.83)
    assert told.condition is not None
    assert "RETURNING" in told.condition.upper()


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
