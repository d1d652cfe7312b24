"""`siyu import` as an operator runs it; where it is killed or one of two, in a process of its own."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from siyu.domain.kernel.settings import Settings
from tests.api.cli.calling import placed, siyu, told
from tests.domain.imports.samples import first_rows

_ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.on("sqlite")


@pytest.fixture(autouse=True)
def _environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with placed(monkeypatch, settings.data_dir):
        yield


def _command(*words: str | Path) -> subprocess.Popen[bytes]:
    line = [sys.executable, "-m", "siyu", "import", *map(str, words), "--json"]
    return subprocess.Popen(line, env=dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=_ROOT)


def _answer(process: subprocess.Popen[bytes]) -> dict[str, object]:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err.decode()
    found: dict[str, object] = orjson.loads(out)
    return found


def _count(settings: Settings, sql: str) -> int:
    connection = sqlite3.connect(settings.data_dir / "siyu.db")
    try:
        return int(connection.execute(sql).fetchone()[0])
    finally:
        connection.close()


def test_killed_at_any_moment_it_goes_on(settings: Settings, tmp_path: Path) -> None:
    source = first_rows(tmp_path / "slice.csv", 4_000)
    dying = _command("customers", source)
    until = time.monotonic() + 60
    while not _count(settings, "select coalesce(max(read), 0) from imports"):
        assert time.monotonic() < until
        time.sleep(0.02)
    dying.send_signal(signal.SIGKILL)
    dying.communicate(timeout=20)
    assert _count(settings, "select count(*) from imports where finished_at is null") == 1

    done = told("import", "customers", str(source))
    counters = [done[name] for name in ("created", "updated", "skipped", "rejected")]
    assert sum(int(str(number)) for number in counters) == 4_000 == done["read"]
    assert _count(settings, "select count(*) from imports") == 1
    assert _count(settings, "select count(*) from customers") == done["created"]
    assert _count(settings, "select count(*) from (select distinct kind, app_id, value_index from identities)") == _count(
        settings, "select count(*) from identities"
    )


def test_two_processes_write_at_the_same_time(settings: Settings, tmp_path: Path) -> None:
    source = first_rows(tmp_path / "slice.csv", 1_500)
    lines = source.read_text(encoding="utf-8").split("\nM00701,", 1)
    other = tmp_path / "other.csv"
    other.write_text(lines[0].split("\n", 1)[0] + "\nM00701," + lines[1], encoding="utf-8")
    source.write_text(lines[0] + "\n", encoding="utf-8")
    both = [_command("customers", source), _command("customers", other)]
    made = sum(int(str(_answer(process)["created"])) for process in both)
    assert _count(settings, "select count(*) from customers") == made


def test_what_is_wrong_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    file = str(tmp_path / "x.csv")
    for words, code, reason in (
        (("customers", file), 1, "No column is known"),
        (("orders", file, "--map", "nonsense"), 1, "COLUMN=FIELD"),
    ):
        assert reason in " ".join(siyu("import", *words, code=code).output.split())
