"""What was measured, as a table for people and JSON for scripts."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
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


def table(found: Iterable[Measured]) -> Table:
    """One line a shape and server. Only the ratios say anything beyond this run."""
    shown = Table(title="Ratios are to raw in the same round: median (least–most)")
    for name in ("shape", "server", "req/s", "CPU µs", "database µs", "p50 ms", "p99 ms", "CPU / raw", "req/s / raw"):
        shown.add_column(name, justify="left" if name in ("shape", "server") else "right", no_wrap=True)
    for each in found:
        goals = each.shape if each.server == "ours" else None
        ratios = ("", "")
        if each.around:
            cpu = _against(each.cpu_ratios, most=goals.cpu_most if goals else None)
            ratios = (cpu, _against(each.rate_ratios, least=goals.rate_least if goals else None))
        shown.add_row(
            each.shape.name if each.around else f"[bold]{each.shape.name}[/]",
            each.server if each.around else f"raw {each.shape.control}",
            f"{each.middle(lambda slice_: slice_.rate):,.0f}",
            f"{each.middle(lambda slice_: slice_.cpu):,.0f}",
            f"{each.middle(lambda slice_: slice_.database_cpu):,.0f}",
            f"{each.middle(lambda slice_: slice_.median) / 1000:.1f}",
            f"{each.middle(lambda slice_: slice_.p99) / 1000:.1f}",
            *ratios,
        )
    return shown


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
