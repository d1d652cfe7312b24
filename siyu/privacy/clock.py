"""What time it is. The kernel has a clock too, which the mechanism may not know."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)
