"""The embedded mode starts from nothing and leaves nothing running; several processes serve beside each other."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from siyu.domain.kernel import boot
from siyu.domain.kernel.settings import Settings
from tests.api.cli.calling import placed, siyu
from tests.api.serving_process import gone, served


def viewer(url: str, token: str) -> dict[str, object]:
    body = json.dumps({"query": "{ viewer { kind name } }"}).encode()
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    with urlopen(Request(f"{url}/graphql", body, headers), timeout=20) as answer:
        found: dict[str, object] = json.load(answer)
        return found


def test_a_first_start_makes_all_that_it_needs_and_a_signal_ends_all_of_it(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with served({"SIYU_DATA_DIR": str(folder)}) as first:
        first.await_url()
        assert folder.stat().st_mode & 0o077 == 0
        assert (folder / "root.keys").stat().st_mode & 0o177 == 0
        assert first.get("/healthz")[0] == 200
        assert first.get("/readyz")[0] == 200
        family = first.family()
        assert len(family) == 2, "the process and its Redis-protocol server"
        assert first.stop(signal.SIGTERM) == 0
        assert gone(family)
        said = first.rest()
    token = re.search(r"siyu_\w+", said)
    assert token is not None
    assert "admin@example.com" in said
    assert not re.search("Traceback|Warning", said)
    with served({"SIYU_DATA_DIR": str(folder)}) as second:
        second.await_url()
        assert viewer(second.url, token[0]) == {"data": {"viewer": {"kind": "TOKEN", "name": "Administrator: First token"}}}
        family = second.family()
        assert second.stop(signal.SIGINT) == 0
        assert gone(family)
        assert "Password" not in second.rest()
        assert token[0] not in second.said


def test_kill_9_orphans_nothing(tmp_path: Path) -> None:
    with served({"SIYU_DATA_DIR": str(tmp_path)}) as server:
        server.await_url()
        family = server.family()
        server.stop(signal.SIGKILL)
        assert gone(family)
    with served({"SIYU_DATA_DIR": str(tmp_path)}) as again:
        again.await_url()
        assert again.get("/readyz")[0] == 200


def test_a_port_in_use_is_said_in_one_line(tmp_path: Path) -> None:
    with served({"SIYU_DATA_DIR": str(tmp_path / "a")}) as server:
        port = server.await_url().rpartition(":")[2]
        with served({"SIYU_DATA_DIR": str(tmp_path / "b"), "PORT": port}) as late:
            said = late.rest()
            assert late.process.returncode == 1
            assert f"Port {port}" in said
            assert not re.search("Traceback|Warning", said)


def test_a_wrong_setting_is_named_and_its_value_is_not_repeated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with placed(monkeypatch, tmp_path):
        monkeypatch.setenv("DATABASE_URL", "mysql://user:hunter2@somewhere/x")
        said = siyu("serve", code=2).output
    assert "DATABASE_URL" in said
    assert "hunter2" not in said


def test_several_processes_want_databases_by_url(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with placed(monkeypatch, tmp_path):
        assert "REDIS_URL" in siyu("serve", "--workers", "2", code=1).output


@pytest.mark.on("postgres")
async def test_several_processes_serve_beside_each_other(settings: Settings, clean: None, redis_server: str) -> None:
    told = {
        "DATABASE_URL": settings.database_url,
        "KEYSTORE_URL": settings.keystore_url,
        "REDIS_URL": redis_server,
        "SIYU_DATA_DIR": str(settings.data_dir),
        "SIYU_ROOT_KEYS": settings.custodian_url,
        "PORT": "0",
    }
    async with boot.running(settings):
        pass
    with ThreadPoolExecutor(1) as thread:
        await asyncio.get_running_loop().run_in_executor(thread, _serve_two, told)


def _serve_two(told: dict[str, str]) -> None:
    port = _free_port()
    with served({**told, "PORT": str(port)}, "--workers", "2") as server:
        server.url = f"http://127.0.0.1:{port}"
        _await_answer(server.url)
        family = server.family()
        assert len(family) >= 3, "a supervisor and two servers"
        assert server.get("/readyz")[0] == 200
        server.stop(signal.SIGTERM)
        assert gone(family)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_answer(url: str) -> None:
    for _ in range(600):
        with suppress(OSError), urlopen(f"{url}/healthz", timeout=5):
            return
        time.sleep(0.1)
    raise AssertionError("no process answered")
