"""Where our server's time goes under load: a sampling profile by py-spy, by function and by room."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from rich.console import Console
from rich.table import Table

from benchmarks import dataset, load, shapes
from benchmarks.load import Wish
from benchmarks.rows import Spec
from benchmarks.servers import running

_out = Console(highlight=False, width=150)
_SHOWN = 45
#: Functions that nearly all samples are in say nothing.
_OUTER = 0.9

Stacks = Counter[tuple[str, ...]]


@contextmanager
def _under(wish: Wish) -> Iterator[None]:
    thread = Thread(target=load.run, args=(wish,))
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _recorded(pid: int, seconds: int) -> Stacks:
    py_spy = shutil.which("py-spy")
    assert py_spy, "Install py-spy, and put it on the PATH."
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stacks"
        how = ["--format", "raw", "--rate", "500", "--duration", str(seconds), "--nonblocking", "--output", str(path)]
        subprocess.run([py_spy, "record", *how, "--pid", str(pid)], check=True, capture_output=True)
        stacks: Stacks = Counter()
        for line in path.read_text().splitlines():
            frames, _, samples = line.rpartition(" ")
            stacks[tuple(map(_function, frames.split(";")))] += int(samples)
        return stacks


def _function(frame: str) -> str:
    """`name (folder/file.py)`, without the line."""
    name, _, place = frame.partition(" (")
    return f"{name.replace('<locals>.', '')} ({'/'.join(place.partition(':')[0].split('/')[-2:])})"


def run(spec: Spec, shape: str, seconds: int) -> None:
    """Print the functions in which most of the server's time goes, by themselves and with what they call."""
    with dataset.opened("postgres", spec) as data:
        assert data.server is not None
        asked = next(each for each in shapes.shapes(spec) if each.name.rstrip("'") == shape.rstrip("'"))
        with running.ours(data, asyncio.run(running.token(data))) as server:
            requests = [request.decode() for request in server.requests(asked)]
            wish = Wish(
                port=server.port,
                requests=requests,
                warm_seconds=2,
                seconds=seconds + 4,
                server=[server.pid],
                database=data.server.pid,
            )
            with _under(wish):
                stacks = _recorded(server.pid, seconds)
    _out.print(_table(f"{asked.name} {asked.about}", stacks))


def _table(title: str, stacks: Stacks) -> Table:
    total = sum(stacks.values())
    alone: Counter[str] = Counter()
    within: Counter[str] = Counter()
    for stack, samples in stacks.items():
        alone[stack[-1]] += samples
        for frame in set(stack):
            within[frame] += samples
    shown = Table(title=f"{title}: {total} samples")
    for name in ("%", "itself", "% ", "and what it calls"):
        shown.add_column(name, justify="right" if "%" in name else "left", no_wrap=True, min_width=4)
    inner = [(frame, samples) for frame, samples in within.most_common() if samples < _OUTER * total]
    for (one, n), (other, m) in zip(alone.most_common(_SHOWN), inner, strict=False):
        shown.add_row(f"{100 * n / total:.1f}", one, f"{100 * m / total:.1f}", other)
    return shown
