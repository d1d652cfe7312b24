"""What the tracking API counts; labels of a fixed few values."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Mapping
from time import perf_counter
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram

from siyu.domain.tracking import Type

_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_TYPES: Final = (*(type_.value for type_ in Type), "unknown")
OUTCOMES: Final = ("accepted", "duplicate", "rejected")


class TrackingMetrics:
    """Counts of one process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        messages = Counter("siyu_tracking_messages", "Messages of the tracking API.", ["type", "outcome"], registry=registry)
        self._messages = {(type_, outcome): messages.labels(type_, outcome) for type_ in _TYPES for outcome in OUTCOMES}
        self._requests = Counter("siyu_tracking_requests", "Requests of the tracking API.", ["status"], registry=registry)
        self._traits = Counter("siyu_tracking_left_out", "Traits that were left out of profiles.", registry=registry)
        self._seconds = Histogram("siyu_tracking_seconds", "Time to the answer of a request.", buckets=_BUCKETS, registry=registry)

    def messages(self, counts: Mapping[tuple[str, str], int]) -> None:
        """Count messages by type and outcome."""
        for key, number in counts.items():
            self._messages[key].inc(number)

    def left_out(self, number: int) -> None:
        """Count traits that were left out."""
        self._traits.inc(number)

    def request(self, status: int, started: float) -> None:
        """Count one request that began at `started` on the performance counter."""
        self._requests.labels(str(status)).inc()
        self._seconds.observe(perf_counter() - started)


#: Messages by type and outcome.
Counts = Tally[tuple[str, str]]
