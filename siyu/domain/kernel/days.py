"""Days of the organisation's time zone: no database is asked about time zones. Pure, but for `here`."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from siyu.domain.kernel import boot
from siyu.domain.kernel.dialect import Kind, Statement, epoch

_DAY_SECONDS: Final = 86_400
_EPOCH: Final = date(1970, 1, 1).toordinal()


def here() -> ZoneInfo:
    """The organisation's time zone."""
    return ZoneInfo(boot.current().settings.timezone)


def begins(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of the day there, as UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """The calendar day that it is there at the moment."""
    return moment.astimezone(zone).date()


def ago(days: int, *, at: datetime, zone: ZoneInfo) -> datetime:
    """The first moment of the day so many days before the day of `at`, as UTC."""
    return begins(day_of(at, zone) - timedelta(days=days), zone)


def birthdays_of(day: date) -> list[tuple[int, int]]:
    """Whose birthday is on that day, as month and day: 29 February on 28 February of other years."""
    found = [(day.month, day.day)]
    if found == [(2, 28)] and (day + timedelta(days=1)).month == 3:
        found.append((2, 29))
    return found


def numbered_day(days: int) -> date:
    """The day that is so many days after 1 January 1970."""
    return date.fromordinal(_EPOCH + days)


def numbered(statement: Statement, moment: str, zone: ZoneInfo, *, first: datetime, last: datetime) -> str:
    """SQL of the number of the calendar day there of a moment (SQL), which lies between `first` and `last`."""
    changes = list(_offsets(zone, first, last))
    offset = str(changes[0][1])
    if len(changes) > 1:
        cases = " ".join(f"when {moment} >= {statement.bind(since, Kind.DATETIME)} then {seconds}" for since, seconds in changes[:0:-1])
        offset = f"case {cases} else {offset} end"
    return f"(({epoch(statement.dialect, moment)} + {offset}) / {_DAY_SECONDS})"


def _offsets(zone: ZoneInfo, first: datetime, last: datetime) -> list[tuple[datetime, int]]:
    """From when which offset holds, in seconds: the one of `first`, and each that follows it until `last`."""
    found, at = [(first, _offset(first, zone))], first
    while at < last:
        then = min(at + timedelta(days=1), last)
        if _offset(then, zone) != found[-1][1]:
            since = _changed(at, then, zone)
            found.append((since, _offset(since, zone)))
            then = max(since, then) if _offset(then, zone) == found[-1][1] else since
        at = then
    return found


def _changed(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first second between the two at which the offset is another one than it was before."""
    offset = _offset(before, zone)
    low, high = int(before.timestamp()), int(after.timestamp()) + 1
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(datetime.fromtimestamp(middle, UTC), zone) == offset:
            low = middle
        else:
            high = middle
    return datetime.fromtimestamp(high, UTC)


def _offset(moment: datetime, zone: ZoneInfo) -> int:
    found = moment.astimezone(zone).utcoffset()
    assert found is not None, "a zone has an offset"
    return int(found.total_seconds())
