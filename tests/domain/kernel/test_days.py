"""Days of any time zone: when they begin, and their numbers in SQL."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from siyu.domain.kernel import days
from siyu.domain.kernel.dialect import Kind, Statement, encode

#: Whole hours, half an hour of summer time, three quarters, and clocks that were put forward at midnight.
ZONES = ("Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo", "UTC")
FIRST, LAST = datetime(2017, 1, 1, tzinfo=UTC), datetime(2019, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize("name", ZONES)
def test_numbers_are_those_of_the_calendar(name: str) -> None:
    zone = ZoneInfo(name)
    begun = [days.begins(days.day_of(FIRST, zone) + timedelta(days=n), zone) for n in range(2, 780)]
    moments = [*begun, *(each - timedelta(microseconds=1) for each in begun), *(each + timedelta(hours=11, minutes=7) for each in begun)]
    statement = Statement("sqlite")
    sql = days.numbered(statement, "g.at", zone, first=FIRST, last=LAST)
    given = statement.table("g", {"at": Kind.DATETIME}, [(each,) for each in moments])
    rows = sqlite3.connect(":memory:").execute(f"select g.at, {sql} from {given}", statement.args).fetchall()
    found = {at: days.numbered_day(number) for at, number in rows}
    assert found == {encode("sqlite", Kind.DATETIME, each): days.day_of(each, zone) for each in moments}
    for each in begun:
        assert days.day_of(each, zone) != days.day_of(each - timedelta(microseconds=1), zone), "A day begins with its first moment."


def test_days_ago_begin_there() -> None:
    assert days.ago(1, at=datetime(2026, 1, 1, 15, 59, tzinfo=UTC), zone=ZoneInfo("Asia/Shanghai")) == datetime(
        2025, 12, 30, 16, tzinfo=UTC
    )
