"""Jobs that run by themselves: each period's run is one outbox row, however many workers there are."""

from __future__ import annotations

from datetime import datetime, timedelta

from siyu.domain.kernel import clock, outbox
from siyu.jobs.queue import SCHEDULE


def latest(now: datetime, period: timedelta) -> datetime:
    """The last moment, at or before `now`, that a job of this period was due: counted from midnight UTC."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + ((now - midnight) // period) * period


async def write_due() -> None:
    """Write down what is due and was not written for this period yet."""
    now = clock.now()
    for name, every in SCHEDULE.items():
        await outbox.write_once(name, at=latest(now, every.period))
