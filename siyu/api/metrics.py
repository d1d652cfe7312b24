"""What the process counts, for `/metrics`: a registry of our own, labels of a fixed few values, nothing of anybody's data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from siyu.domain.kernel import statements
from siyu.schema.documents import Documents
from siyu.schema.plans import Planner

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
KINDS = ("query", "mutation", "none")
OUTCOMES = ("done", "errors", "refused")


class _Read(Collector):
    """Numbers that are kept elsewhere, read when they are asked for."""

    def __init__(self, families: Callable[[], Iterator[Metric]]) -> None:
        self.families = families

    def collect(self) -> Iterator[Metric]:
        return self.families()


class Metrics:
    """Counts of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        own = self.registry
        requests = Counter("siyu_requests", "GraphQL requests, by kind of operation and outcome.", ["kind", "outcome"], registry=own)
        seconds = Histogram("siyu_request_seconds", "Time to the answer of a GraphQL request.", ["kind"], buckets=_BUCKETS, registry=own)
        self._requests = {(kind, outcome): requests.labels(kind, outcome) for kind in KINDS for outcome in OUTCOMES}
        self._seconds = {kind: seconds.labels(kind) for kind in KINDS}
        self.registry.register(_Read(_statements))

    def request(self, kind: str, outcome: str, started: float) -> None:
        """Count one request that began at `started` on the performance counter."""
        self._requests[kind, outcome].inc()
        self._seconds[kind].observe(perf_counter() - started)

    def watch_documents(self, documents: Documents) -> None:
        """Show what the cache of documents does."""
        self.registry.register(_Read(lambda: _documents(documents)))

    def watch_plans(self, planner: Planner) -> None:
        """Show what the planner does."""
        self.registry.register(_Read(lambda: _plans(planner)))

    def text(self, *more: Metric) -> bytes:
        """All of it in Prometheus' text format, with what was just counted elsewhere."""
        shown = generate_latest(self.registry)
        if more:
            extra = CollectorRegistry()
            extra.register(_Read(lambda: iter(more)))
            shown += generate_latest(extra)
        return shown


def gauge(name: str, text: str, label: str, values: dict[str, float]) -> Metric:
    """One gauge with one label."""
    family = GaugeMetricFamily(name, text, labels=[label])
    for value, number in values.items():
        family.add_metric([value], number)
    return family


def _statements() -> Iterator[Metric]:
    yield CounterMetricFamily("siyu_statements", "SQL statements that this process has sent.", value=statements.total())


def _plans(planner: Planner) -> Iterator[Metric]:
    counters = planner.counters
    family = CounterMetricFamily("siyu_plans", "Look-ups in the cache of compiled operations.", labels=["event"])
    for event in ("hits", "misses", "evictions"):
        family.add_metric([event], getattr(counters, event))
    yield family
    yield CounterMetricFamily("siyu_plans_compile_seconds", "Seconds spent compiling operations.", value=counters.compile_seconds)
    yield CounterMetricFamily("siyu_plans_fallbacks", "Operations left to the engine.", value=counters.fallbacks_total)
    yield GaugeMetricFamily("siyu_plans_kept", "Compiled operations in the cache.", value=len(planner))


def _documents(documents: Documents) -> Iterator[Metric]:
    counters = documents.counters
    family = CounterMetricFamily("siyu_documents", "Look-ups in the cache of parsed and validated documents.", labels=["event"])
    for event in ("hits", "misses", "evictions", "invalid"):
        family.add_metric([event], getattr(counters, event))
    yield family
    yield GaugeMetricFamily("siyu_documents_kept", "Documents in the cache.", value=len(documents))
