"""From counts to preferences. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Final, TypedDict
from zoneinfo import ZoneInfo

#: How many of each kind are kept.
FIRST: Final = 3
WEEKDAYS: Final = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")


class Liking(TypedDict):
    """One value, how often it was counted, and its part of all that was counted, from 0 to 1."""

    value: str
    count: int
    share: float


def first(counts: Counter[str]) -> list[Liking]:
    """The values that count most, most first; of equal ones, in the order of the alphabet."""
    total = counts.total()
    ranked = sorted(((value, count) for value, count in counts.items() if count > 0), key=lambda each: (-each[1], each[0]))
    return [Liking(value=value, count=count, share=round(count / total, 4)) for value, count in ranked[:FIRST]]


def hours(moments: Iterable[datetime], zone: ZoneInfo) -> Counter[str]:
    """How many of the moments are in each hour of the day there."""
    return Counter(str(moment.astimezone(zone).hour) for moment in moments)


def weekdays(moments: Iterable[datetime], zone: ZoneInfo) -> Counter[str]:
    """How many of the moments are on each day of the week there."""
    return Counter(WEEKDAYS[moment.astimezone(zone).weekday()] for moment in moments)
