"""Days of the organisation's time zone as moments in UTC: no database is asked about time zones. Pure, but for `asked`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from siyu.domain.kernel import boot, clock
from siyu.domain.rules.inputs import Window

#: Stand for days that no calendar has.
EARLIEST: Final = datetime(1, 1, 2, tzinfo=UTC)
LATEST: Final = datetime(9999, 12, 30, tzinfo=UTC)
#: No anniversary of an earlier year is looked for.
_FIRST_YEAR: Final = 1970

#: From a first moment on, before another one.
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Asked:
    """When a rule is asked, and where a day begins: a rule means the same for as long as it is asked of one of these."""

    now: datetime
    zone: ZoneInfo

    @property
    def today(self) -> date:
        """The calendar day that it is."""
        return self.now.astimezone(self.zone).date()

    def begins(self, days: int) -> datetime:
        """The first moment of the day so many days from today, as UTC; `EARLIEST` or `LATEST` beyond the calendar."""
        try:
            return self.first(self.today + timedelta(days=days))
        except OverflowError:
            return LATEST if days > 0 else EARLIEST

    def first(self, day: date) -> datetime:
        """The first moment of a day, as UTC."""
        if not EARLIEST.date() < day < LATEST.date():
            return LATEST if day >= LATEST.date() else EARLIEST
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def after(self, day: date) -> datetime:
        """The first moment after a day, as UTC."""
        return self.first(day + timedelta(days=1)) if day < LATEST.date() else LATEST

    def day_of(self, moment: datetime) -> date:
        """The calendar day of a moment."""
        return moment.astimezone(self.zone).date()


def asked() -> Asked:
    """Asked now, of the organisation's own days."""
    return Asked(clock.now(), ZoneInfo(boot.current().settings.timezone))


def bounds(window: Window | None, at: Asked) -> tuple[datetime | None, datetime | None]:
    """The first moment that is in, and the first that is out; None: no such end."""
    if window is None:
        return None, None
    if window.last_days is not None:
        return at.begins(-window.last_days), window.before
    return window.from_, window.before


def near(at: Asked, within_days: int) -> list[tuple[int, int, int]]:
    """The days of the calendar from today to so many days on, as year, month, day; 29 February beside 28 February of other years."""
    days = [at.today + timedelta(days=number) for number in range(within_days + 1)]
    found = [(day.year, day.month, day.day) for day in days]
    return [*found, *((year, 2, 29) for year, month, day in found if (month, day) == (2, 28) and not _leap(year))]


def anniversaries(at: Asked, within_days: int) -> list[Span]:
    """Of moments whose day's anniversary is near, at least one year later: disjoint spans, the latest first."""
    near_days = near(at, within_days)
    found = {
        date(year, month, day) for of, month, day in near_days for year in range(_FIRST_YEAR, of) if (month, day) != (2, 29) or _leap(year)
    }
    spans: list[tuple[date, date]] = []
    for day in sorted(found):
        if spans and day - spans[-1][1] == timedelta(days=1):
            spans[-1] = (spans[-1][0], day)
        else:
            spans.append((day, day))
    return [(at.first(first), at.after(last)) for first, last in reversed(spans)]


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
