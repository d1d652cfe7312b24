"""Whose day it is, and what a gift is given for. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from siyu.domain.gifts.tables import GiftOccasion
from siyu.domain.kernel.days import birthdays_of

DAYS_BEFORE_MAX: Final = 30
DAY_OF_MONTH_MAX: Final = 28
#: Days that are made good where the job did not run.
MISSED_DAYS: Final = 7


def born(day: date, days_before: int) -> list[tuple[int, int]]:
    """Whose birthday is celebrated so many days after this one, as month and day: 29 February on 28 February of other years."""
    return birthdays_of(day + timedelta(days=days_before))


def round_of(occasion: GiftOccasion, day: date, days_before: int) -> str:
    """What a customer gets the gift for once: the year of the birthday, or the month."""
    if occasion is GiftOccasion.BIRTHDAY:
        return str((day + timedelta(days=days_before)).year)
    return f"{day.year}-{day.month:02}"


def outstanding(given_on: date, today: date) -> list[date]:
    """The local days that are to be done, the oldest first."""
    first = max(given_on + timedelta(days=1), today - timedelta(days=MISSED_DAYS))
    return [first + timedelta(days=number) for number in range((today - first).days + 1)]
