"""`siyu serve` as a person starts it: a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import psutil

ROOT = Path(__file__).parents[2]
_START_SECONDS = 90
_OURS = ("PORT", "HOST", "DATABASE_URL", "KEYSTORE_URL", "REDIS_URL", "COLUMNS")


def environment(**told: str) -> dict[str, str]:
    """This process's environment without any setting of Siyu but those told."""
    rest = {name: value for name, value in os.environ.items() if not name.startswith("SIYU_") and name not in _OURS}
    return {**rest, "PYTHONPATH": str(ROOT), "PORT": "0", "PYTHONWARNINGS": "always", **told}


class Served:
    """A running server and what it has printed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said = ""
        self.url = ""

    def await_url(self) -> str:
        """The address that it printed. Fails with all that it said when it ends before."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            if found:
                self.url = found[0]
            if "Ctrl-C" in line:
                return self.url
        raise AssertionError(f"it ended with {self.process.wait()}:\n{self.said}")

    def rest(self) -> str:
        """What else it said until its end."""
        assert self.process.stdout is not None
        self.said += self.process.stdout.read()  # not communicate(): it would miss what was read ahead
        self.process.wait(_START_SECONDS)
        return self.said

    def get(self, path: str) -> tuple[int, bytes]:
        with urlopen(self.url + path, timeout=20) as answer:  # it answers, or the test fails
            return answer.status, answer.read()

    def family(self) -> list[psutil.Process]:
        """The process and all that it started."""
        own = psutil.Process(self.process.pid)
        return [own, *own.children(recursive=True)]

    def stop(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=60)


def gone(family: list[psutil.Process], *, within: float = 10) -> bool:
    """Whether none of them is left after a while."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if not any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in family if psutil.pid_exists(each.pid)):
            return True
        time.sleep(0.05)
    return False


@contextmanager
def served(told: Mapping[str, str], *arguments: str) -> Iterator[Served]:
    """`siyu serve` in an environment of its own; killed after the block where it still runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "siyu", "serve", *arguments],
        env=environment(**told),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield Served(process)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
