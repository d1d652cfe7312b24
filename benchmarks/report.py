"""What was measured, as a table for people and JSON for scripts."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from statistics import median

from rich.table import Table

from benchmarks.measure import Measured, Pace


def _spread(ratios: Sequence[float]) -> str:
    return f"{median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})" if len(ratios) > 1 else f"{median(ratios):.2f}"


def _against(ratios: Sequence[float], *, most: float | None = None, least: float | None = None) -> str:
    """The ratios, green where they reach what they must."""
    middle, shown = median(ratios), _spread(ratios)
    if most is None and least is None:
        return shown
    reached = (most is None or middle <= most) and (least is None or middle >= least)
    goal = f"≤{most}" if most is not None else f"≥{least}"
    return f"[{'green' if reached else 'red'}]{shown}[/] {goal}"


def table(found: Sequence[Measured]) -> Table:
    """One line a shape and server. Only the ratios say anything beyond this run."""
    shown = Table(title="Ratios are taken within a round: median (least–most)")
    for name in ("shape", "server", "req/s", "CPU µs", "database µs", "p50 ms", "p99 ms", "CPU", "req/s "):
        shown.add_column(name, justify="left" if name in ("shape", "server") else "right", no_wrap=True)
    for each in found:
        control = not each.around
        shown.add_row(
            f"[bold]{each.shape.name}[/]" if control else "",
            f"raw {each.shape.control}" if control else each.server,
            f"{each.middle(lambda slice_: slice_.rate):,.0f}",
            f"{each.middle(lambda slice_: slice_.cpu):,.0f}",
            f"{each.middle(lambda slice_: slice_.database_cpu):,.0f}",
            f"{each.middle(lambda slice_: slice_.median) / 1000:.1f}",
            f"{each.middle(lambda slice_: slice_.p99) / 1000:.1f}",
        )
        for of, cpu, rate in _ratios(each, found):
            shown.add_row("", f"  [dim]over {of}[/]", "", "", "", "", "", cpu, rate)
    return shown


def _ratios(measured: Measured, found: Sequence[Measured]) -> Iterator[tuple[str, str, str]]:
    """What it is over, CPU and requests a second: ours over the control and over each peer, a peer over the control."""
    shape = measured.shape
    if not measured.around:
        return
    if measured.server != "ours":
        yield "raw", _against(measured.cpu_ratios), _against(measured.rate_ratios)
        return
    yield "raw", _against(measured.cpu_ratios, most=shape.cpu_most), _against(measured.rate_ratios, least=shape.rate_least)
    for peer in found:
        if peer.shape.name == shape.name and peer.around and peer.server != "ours":
            cpu = measured.against(peer, lambda slice_: slice_.cpu)
            rate = measured.against(peer, lambda slice_: slice_.rate)
            yield peer.server, _against(cpu, most=shape.peer_cpu_most), _against(rate, least=shape.peer_rate_least)


def facts(found: Iterable[Measured], pace: Pace, rows: dict[str, float]) -> dict[str, object]:
    """All of it, for a file."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"system": platform.platform(), "python": platform.python_version(), "cores": os.cpu_count()},
        "pace": pace,
        "rows": rows,
        "shapes": [
            {
                "shape": each.shape.name,
                "about": each.shape.about,
                "server": each.server,
                "slices": each.slices,
                "cpu_ratios": each.cpu_ratios,
                "rate_ratios": each.rate_ratios,
            }
            for each in found
        ],
    }
