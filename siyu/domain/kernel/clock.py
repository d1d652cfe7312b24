"""What time it is. Everything in the house asks here, so that a test can say."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)


def today(timezone: str) -> date:
    """The calendar day that it is in the named time zone."""
    return datetime.now(ZoneInfo(timezone)).date()
