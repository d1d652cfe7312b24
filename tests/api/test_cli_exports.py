"""`siyu export` as an operator runs it: in a process of its own, killed and all."""

from __future__ import annotations

import csv
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pyarrow.parquet
import pytest
from typer.testing import CliRunner

from siyu.api.cli import app
from siyu.domain.kernel.settings import Settings

_ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.on("sqlite")


def _start(settings: Settings, *words: str | Path) -> subprocess.Popen[bytes]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SIYU_", "DATABASE_", "KEYSTORE_", "REDIS_"))}
    environment |= {"SIYU_DATA_DIR": str(settings.data_dir), "SIYU_LEASE_SECONDS": "2"}
    line = [sys.executable, "-m", "siyu", *map(str, words)]
    return subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=_ROOT)


def _done(process: subprocess.Popen[bytes]) -> bytes:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err.decode()
    return out


def _count(settings: Settings, sql: str) -> int:
    connection = sqlite3.connect(settings.data_dir / "siyu.db")
    try:
        return int(connection.execute(sql).fetchone()[0])
    finally:
        connection.close()


@pytest.fixture
def people(settings: Settings) -> Settings:
    """A house with an administrator and 900 invented customers."""
    _done(_start(settings, "staff", "create", "admin@example.com"))
    _done(_start(settings, "demo", "--customers", "900"))
    return settings


def test_files_are_whole_or_not_there(people: Settings, tmp_path: Path) -> None:
    settings = people
    to = tmp_path / "all.csv"
    dying = _start(settings, "export", "customers", "--out", to, "--fields", "id,displayName,phone,city")
    until = time.monotonic() + 60
    while not _count(settings, "select coalesce(max(done), 0) from work"):
        assert time.monotonic() < until
        time.sleep(0.01)
    dying.send_signal(signal.SIGKILL)
    dying.communicate(timeout=20)
    assert not to.exists()
    assert _count(settings, "select count(*) from exports where stored is not null") == 0

    told = orjson.loads(_done(_start(settings, "export", "customers", "--out", to, "--fields", "id,displayName,phone,city", "--json")))
    assert (told["rows"], told["state"]) == (900, "SUCCEEDED")
    assert _count(settings, "select count(*) from exports") == 1, "the same wish goes on with the export that was broken off"
    with to.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["id"] for row in rows}) == 900
    assert to.stat().st_mode & 0o777 == 0o600
    assert _count(settings, "select count(*) from exports where stored is not null or key is not null") == 0, "the house keeps no copy"

    few = tmp_path / "few.parquet"
    city = rows[0]["city"]
    words = ("--filter", orjson.dumps({"city": [city]}).decode(), "--fields", "city,orderSummary.totalSpent.amount")
    assert b"rows" in _done(_start(settings, "export", "customers", "--out", few, *words))
    table = pyarrow.parquet.read_table(few)
    assert table.num_rows == sum(row["city"] == city for row in rows)
    assert set(table["city"].to_pylist()) == {city}


def test_what_is_wrong_is_said_in_one_line(settings: Settings, tmp_path: Path) -> None:
    _done(_start(settings, "staff", "create", "admin@example.com"))
    to = tmp_path / "x.csv"
    scopes = ("--scope", "customers:export", "--scope", "customers:read")
    secret = orjson.loads(_done(_start(settings, "token", "create", "--name", "t", *scopes, "--json")))["secret"]
    for words, reason in (
        (("--fields", "nothing"), "fields.0: There is no such field"),
        (("--fields", "phone", "--token", secret), "phone needs the scope customer.phone:read."),
        (("--filter", '{"nothing": 1}'), "nothing"),
    ):
        process = _start(settings, "export", "customers", "--out", to, *words)
        _, err = process.communicate(timeout=60)
        assert process.returncode == 1, err.decode()
        assert reason in " ".join(err.decode().split())
        assert b"Traceback" not in err
    assert not to.exists()


def test_what_makes_no_sense_is_a_usage_error(tmp_path: Path) -> None:
    for words, reason in (
        (("--out", str(tmp_path / "x.csv"), "--filter", "{"), "no JSON"),
        (("--out", str(tmp_path / "x.csv"), "--filter", "[]"), "JSON object"),
        (("--out", str(tmp_path / "x")), "--format"),
        ((), "--out"),
    ):
        got = CliRunner().invoke(app, ["export", "customers", *words])
        assert (got.exit_code, reason in got.output) == (2, True), got.output
