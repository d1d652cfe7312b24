"""Rounds of slices, one server after the other, each bracketed by the control; ratios are taken within a round."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import fmean, median

from benchmarks import load
from benchmarks.load import Seen, Wish
from benchmarks.servers.running import Server
from benchmarks.shapes import Shape


@dataclass(frozen=True, slots=True)
class Pace:
    """How long it takes."""

    rounds: int
    warm_seconds: float
    seconds: float
    connections: int = 32


@dataclass(frozen=True, slots=True)
class Slice:
    """One server under load for some seconds. CPU and waiting are microseconds a request."""

    rate: float
    cpu: float
    database_cpu: float
    median: float
    p99: float
    bytes: float

    @classmethod
    def of(cls, seen: Seen) -> Slice:
        """What was seen, a request."""
        micro = 1e6 / seen.requests
        return cls(
            rate=seen.requests / seen.seconds,
            cpu=seen.server_cpu * micro,
            database_cpu=seen.database_cpu * micro,
            median=seen.median * 1e6,
            p99=seen.p99 * 1e6,
            bytes=seen.bytes / seen.requests,
        )


@dataclass(slots=True)
class Measured:
    """All slices of one server for one shape, and the control's around each."""

    server: str
    shape: Shape
    slices: list[Slice] = field(default_factory=list)
    #: Of each round, the control's mean before and after: requests a second, CPU.
    around: list[tuple[float, float]] = field(default_factory=list)

    def against(self, other: Measured, of: Callable[[Slice], float]) -> list[float]:
        """This one's figure over another's, round by round."""
        return [of(mine) / of(its) for mine, its in zip(self.slices, other.slices, strict=True)]

    def middle(self, of: Callable[[Slice], float]) -> float:
        """The median of something over the rounds."""
        return median(of(each) for each in self.slices)

    @property
    def cpu_ratios(self) -> list[float]:
        """CPU a request against the control's, round by round; nothing for the control itself."""
        return [each.cpu / cpu for each, (_, cpu) in zip(self.slices, self.around, strict=False)]

    @property
    def rate_ratios(self) -> list[float]:
        """Requests a second against the control's, round by round."""
        return [each.rate / rate for each, (rate, _) in zip(self.slices, self.around, strict=False)]


def shape(
    asked: Shape, control: Server, of_control: Shape, servers: list[Server], database: int, pace: Pace, told: Callable[[], None]
) -> list[Measured]:
    """All rounds of one shape; the control's own slices come first. `told` is called after each slice."""

    def run(server: Server, wanted: Shape) -> Slice:
        wish = Wish(
            port=server.port,
            requests=[request.decode() for request in server.requests(wanted)],
            warm_seconds=pace.warm_seconds,
            seconds=pace.seconds,
            server=[server.pid],
            database=database,
            connections=pace.connections,
        )
        seen = Slice.of(load.run(wish))
        told()
        return seen

    found = [Measured(control.name, asked), *(Measured(server.name, asked) for server in servers)]
    before = run(control, of_control)
    found[0].slices.append(before)
    for _ in range(pace.rounds):
        fresh = [run(server, asked) for server in servers]
        after = run(control, of_control)
        around = fmean((before.rate, after.rate)), fmean((before.cpu, after.cpu))
        for measured, seen in zip(found[1:], fresh, strict=True):
            measured.slices.append(seen)
            measured.around.append(around)
        found[0].slices.append(after)
        before = after
    return found


def slices(pace: Pace, servers: int) -> int:
    """How many slices a shape takes."""
    return 1 + pace.rounds * (servers + 1)
