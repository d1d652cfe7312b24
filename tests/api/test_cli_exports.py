"""`siyu export` as an operator runs it; where it is killed, in a process of its own."""

from __future__ import annotations

import asyncio
import csv
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import orjson
import pyarrow.parquet
import pytest

from siyu.domain import customers, segments
from siyu.domain.customers import CustomerCreate
from siyu.domain.kernel import boot
from siyu.domain.kernel.settings import Settings
from siyu.domain.segments import SegmentCreate
from tests import actors
from tests.api.cli.calling import placed, siyu, told

_ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.on("sqlite")


@pytest.fixture(autouse=True)
def _environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with placed(monkeypatch, settings.data_dir):
        yield


def _start(*words: str | Path) -> subprocess.Popen[bytes]:
    line = [sys.executable, "-m", "siyu", *map(str, words)]
    return subprocess.Popen(line, env=dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=_ROOT)


def _count(settings: Settings, sql: str) -> int:
    connection = sqlite3.connect(settings.data_dir / "siyu.db")
    try:
        return int(connection.execute(sql).fetchone()[0])
    finally:
        connection.close()


@pytest.fixture
def people(settings: Settings) -> Settings:
    """A house with an administrator and 900 invented customers."""
    siyu("staff", "create", "admin@example.com")
    siyu("demo", "--customers", "900")
    return settings


def test_files_are_whole_or_not_there(people: Settings, tmp_path: Path) -> None:
    settings = people
    to = tmp_path / "all.csv"
    dying = _start("export", "customers", "--out", to, "--fields", "id,displayName,phone,city")
    until = time.monotonic() + 60
    while not _count(settings, "select coalesce(max(done), 0) from work"):
        assert time.monotonic() < until
        time.sleep(0.01)
    dying.send_signal(signal.SIGKILL)
    dying.communicate(timeout=20)
    assert not to.exists()
    assert _count(settings, "select count(*) from exports where stored is not null") == 0

    done = told("export", "customers", "--out", str(to), "--fields", "id,displayName,phone,city")
    assert (done["rows"], done["state"]) == (900, "SUCCEEDED")
    assert _count(settings, "select count(*) from exports") == 1, "the same wish goes on with the export that was broken off"
    with to.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["id"] for row in rows}) == 900
    assert to.stat().st_mode & 0o777 == 0o600
    assert _count(settings, "select count(*) from exports where stored is not null or key is not null") == 0, "the house keeps no copy"

    few = tmp_path / "few.parquet"
    city = rows[0]["city"]
    words = ("--filter", orjson.dumps({"city": [city]}).decode(), "--fields", "city,orderSummary.totalSpent.amount")
    assert "rows" in siyu("export", "customers", "--out", str(few), *words).output
    table = pyarrow.parquet.read_table(few)
    assert table.num_rows == sum(row["city"] == city for row in rows)
    assert set(table["city"].to_pylist()) == {city}


def test_a_segment_by_its_code(settings: Settings, tmp_path: Path) -> None:
    async def prepared() -> None:
        async with boot.running(settings):
            people = [await customers.create(actors.staff(), CustomerCreate(display_name=name, city="上海")) for name in ("A", "B", "C")]
            await segments.create(actors.staff(), SegmentCreate(code="VIP", name="Very important", customer_ids=people[1:]))

    siyu("staff", "create", "admin@example.com")
    asyncio.run(prepared())
    to = tmp_path / "vip.jsonl"
    for words, found in (
        (["customers", "--fields", "displayName,segments"], [b"B", b"C"]),
        (["customers", "--fields", "displayName,segments", "--filter", '{"name": "C"}'], [b"C"]),
        (["orders"], []),
    ):
        siyu("export", *words, "--segment", "VIP", "--out", str(to))
        assert to.read_bytes().splitlines() == [b'{"displayName":"%s","segments":["VIP"]}' % name for name in found]
    none = siyu("export", "customers", "--segment", "NONE", "--out", str(tmp_path / "none.csv"), code=1)
    assert "There is no segment with the code NONE." in " ".join(none.output.split())
    assert not (tmp_path / "none.csv").exists()


def test_what_is_wrong_is_said_in_one_line(tmp_path: Path) -> None:
    siyu("staff", "create", "admin@example.com")
    to = tmp_path / "x.csv"
    scopes = ("--scope", "customers:export", "--scope", "customers:read")
    secret = told("token", "create", "--name", "t", *scopes)["secret"]
    for words, reason in (
        (("--fields", "nothing"), "fields.0: There is no such field"),
        (("--fields", "phone", "--token", secret), "phone needs the scope customer.phone:read."),
        (("--filter", '{"nothing": 1}'), "nothing"),
    ):
        said = siyu("export", "customers", "--out", str(to), *words, code=1).output
        assert reason in " ".join(said.split())
    assert not to.exists()


def test_what_makes_no_sense_is_a_usage_error(tmp_path: Path) -> None:
    for words, reason in (
        (("--out", str(tmp_path / "x.csv"), "--filter", "{"), "no JSON"),
        (("--out", str(tmp_path / "x.csv"), "--filter", "[]"), "JSON object"),
        (("--out", str(tmp_path / "x")), "--format"),
        ((), "--out"),
    ):
        assert reason in siyu("export", "customers", *words, code=2).output
