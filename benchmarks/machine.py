"""This machine: where things are kept, which core is whose, how much time a process has used."""

from __future__ import annotations

import os
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def cache() -> Path:
    """The folder of databases and peers, outside the repository: SIYU_BENCH_CACHE, or one of the usual caches.

    PostgreSQL doesn't run as root, so root's own cache, which nobody else may enter, is not it.
    """
    named = os.environ.get("SIYU_BENCH_CACHE")
    if named:
        return Path(named).absolute()
    return Path("/var/cache/siyu-bench") if os.geteuid() == 0 else Path.home() / ".cache" / "siyu-bench"


def _cores() -> list[int]:
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]


def core(of: str) -> int:
    """PostgreSQL has a core of its own where there are two; the load has its own where there are three."""
    cores = _cores()
    return {"server": cores[0], "database": cores[1 % len(cores)], "load": cores[2 if len(cores) > 2 else 0]}[of]


def pinned(of: str) -> Callable[[], None] | None:
    """For `preexec_fn`: keeps the new process on its core; None where the system can't."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    chosen = core(of)
    return lambda: os.sched_setaffinity(0, {chosen})


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def used_seconds(pids: Iterable[int]) -> float:
    """The CPU seconds, user and system, that these processes have used so far, all threads of them."""
    ticks = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / _TICK


def family(pid: int) -> list[int]:
    """The process and its children."""
    found = [pid]
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[1]) == pid:
                found.append(int(entry.name))
    return found


def await_answer(url: str, alive: Callable[[], bool], seconds: float = 60.0) -> None:
    """Return once something answers at `url`; raises when the process has died or the time is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            assert alive(), "The server ended before it answered; its output is above."
            time.sleep(0.1)
    raise TimeoutError(f"Nothing answers at {url}.")
