"""Up at once, down at the end of the period and its grace: by the days of the organisation's time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from siyu.domain.tiers.rules import Measure, Progress, Rung, Standing, placed, progress
from siyu.domain.tiers.tables import TierQualification

BERLIN = ZoneInfo("Europe/Berlin")
BALANCE, SPEND = (TierQualification.BALANCE, None), (TierQualification.SPEND_IN_WINDOW, 30)
WINDOW: Measure = (TierQualification.POINTS_IN_WINDOW, 30)


def rung(rank: int, threshold: int, measure: Measure, grace_days: int = 0) -> Rung:
    return Rung(UUID(int=rank), f"t{rank}", f"T{rank}", rank, threshold, *measure, grace_days)


LOW, HIGH = rung(1, 100, BALANCE, 2), rung(2, 1_000, WINDOW, 5)
RUNGS = (LOW, HIGH)
#: Half past eleven in the evening in Berlin, the day before the clocks go forward.
NOW = datetime(2026, 3, 28, 22, 30, tzinfo=UTC)


def stands(was: Standing, balance: int, earned: int = 0, at: datetime = NOW) -> Standing:
    return placed(RUNGS, was, {BALANCE: balance, WINDOW: earned}, at=at, zone=BERLIN)


def test_a_tier_without_a_window_holds_while_it_is_reached_and_for_its_grace() -> None:
    assert stands(Standing(), 99) == Standing()
    low = stands(Standing(), 100)
    assert low == Standing(LOW.id, NOW, None)
    assert stands(low, 10**6) == low
    falling = stands(low, 99)
    # The rest of the day, and two days: the last of them ends in summer time.
    assert falling == Standing(LOW.id, NOW, datetime(2026, 3, 30, 22, 0, tzinfo=UTC))
    assert falling.until is not None
    assert stands(falling, 99, at=falling.until - timedelta(microseconds=1)) == falling
    assert stands(falling, 100, at=falling.until) == low
    assert stands(falling, 99, at=falling.until) == Standing()


def test_a_tier_with_a_window_holds_for_its_period_and_is_renewed() -> None:
    later = NOW + timedelta(days=1)
    high = stands(Standing(LOW.id, NOW, None), 100, 1_000, at=later)
    # The day, 30 days of the period and 5 of grace, to a midnight of summer time.
    until = datetime(2026, 5, 4, 22, 0, tzinfo=UTC)
    assert high == Standing(HIGH.id, later, until)
    assert stands(high, 0, 0, at=until - timedelta(seconds=1)) == high
    assert stands(high, 0, 1_000, at=until) == Standing(HIGH.id, later, datetime(2026, 6, 9, 22, 0, tzinfo=UTC))
    assert stands(high, 100, 999, at=until) == Standing(LOW.id, until, None)
    assert stands(high, 99, 999, at=until) == Standing()


def test_periods_end_at_midnight_when_clocks_go_back() -> None:
    at = datetime(2026, 9, 24, 12, 0, tzinfo=UTC)
    until = stands(Standing(), 0, 1_000, at=at).until
    assert until == datetime(2026, 10, 29, 23, 0, tzinfo=UTC)


def test_who_was_at_a_tier_that_now_has_a_window_gets_a_period() -> None:
    assert stands(Standing(HIGH.id, NOW, None), 0, 0).until == datetime(2026, 5, 2, 22, 0, tzinfo=UTC)
    assert stands(Standing(UUID(int=77), NOW, None), 100).tier_id == LOW.id


@pytest.mark.parametrize(
    ("tier", "balance", "spent_e4", "expected"),
    [
        (None, 40, 0, Progress(LOW.id, 60)),
        (None, 400, 0, Progress(LOW.id, 0)),
        (LOW.id, 400, 10_000_001, Progress(UUID(int=3), 1_000)),
        (LOW.id, 400, 10_000_000, Progress(UUID(int=3), 1_000)),
        (LOW.id, 400, 9_999_999, Progress(UUID(int=3), 1_001)),
        (UUID(int=3), 0, 0, None),
    ],
)
def test_progress_is_what_is_missing_for_the_next_tier(tier: UUID | None, balance: int, spent_e4: int, expected: Progress | None) -> None:
    spending = rung(3, 2_000, SPEND)
    assert progress((spending, LOW), tier, {BALANCE: balance, SPEND: spent_e4}) == expected
