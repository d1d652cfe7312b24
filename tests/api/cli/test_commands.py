"""The command line, as a script reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.cli.calling import siyu, told


def test_migrating_twice() -> None:
    assert len(told("migrate")["ran"]) >= 2
    assert told("migrate") == {"ran": []}
    assert told("migrate", "--check") == {"pending": [], "drift": []}
    assert "up to date" in siyu("migrate").stdout


def test_the_doctor_says_what_is_missing_before_and_that_all_is_well_after() -> None:
    before = {each["about"]: each for each in told("doctor", code=1)}
    assert before["migrations"]["health"] == "bad"
    assert "siyu migrate" in before["migrations"]["told"]
    siyu("migrate")
    after = {each["about"]: each["health"] for each in told("doctor")}
    assert set(after.values()) <= {"good", "note"}
    assert {"versions", "mode", "database", "key store", "key custody", "queue", "migrations", "jobs"} <= after.keys()
    assert "good" in siyu("doctor").stdout


def test_the_doctor_finds_a_key_store_that_is_no_store_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DATABASE_URL", "KEYSTORE_URL"):
        monkeypatch.setenv(name, f"sqlite://{tmp_path}/one.db")
    found = {each["about"]: each for each in told("doctor", code=1)}
    assert "backup" in found["key store"]["told"]


def test_an_unreachable_database_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:hunter2@127.0.0.1:1/x")
    result = siyu("migrate", code=1)
    assert "DATABASE_URL" in result.output
    assert "hunter2" not in result.output


def test_staff_tokens_and_rotation() -> None:
    member = told("staff", "create", "li@example.com", "--name", "Li Na")
    assert member["email"] == "li@example.com"
    assert len(member["password"]) >= 12
    token = told("token", "create", "--name", "Site", "--partner", "Shop", "--scope", "customers:read", "--as", "li@example.com")
    assert token["secret"].startswith("siyu_")
    assert "scope" in siyu("token", "create", "--name", "x", "--scope", "no:such", "--as", "li@example.com", code=1).output
    siyu("token", "create", "--name", "x", "--as", "nobody@example.com", code=1)
    first, second = told("keys", "rotate"), told("keys", "rotate")
    assert first["keys"] >= 1
    assert first["version"] != second["version"]
    assert told("keys", "rotate", "--resume") == {"version": second["version"], "keys": 0}
    assert {each["health"] for each in told("doctor")} <= {"good", "note"}


def test_a_new_root_key_serves_from_the_environment_and_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MY_KEYS", siyu("keys", "new").stdout.strip())
    monkeypatch.setenv("SIYU_ROOT_KEYS", "env:MY_KEYS")
    siyu("migrate")
    assert {each["about"]: each["told"] for each in told("doctor")}["key custody"].startswith("custodian environment")
    file = tmp_path / "keyring.json"
    siyu("keys", "new", "--file", str(file))
    assert file.stat().st_mode & 0o177 == 0
    assert "there" in siyu("keys", "new", "--file", str(file), code=1).output
    monkeypatch.setenv("SIYU_ROOT_KEYS", f"file://{file}")
    assert "key custody" in {each["about"] for each in told("doctor", code=1) if each["health"] == "bad"}, "another key opens nothing"


def test_the_schema_is_printed() -> None:
    sdl = siyu("schema", "print").stdout
    assert "type Query {" in sdl
    assert "@requiresScope" in sdl
    assert "member" in siyu("schema", "print", "--member", code=1).output


def test_help_names_every_command() -> None:
    said = siyu("--help").stdout
    for command in ("serve", "worker", "migrate", "demo", "import", "token", "staff", "schema", "keys", "doctor"):
        assert command in said


def test_a_worker_of_its_own_wants_a_queue() -> None:
    assert "REDIS_URL" in siyu("worker", code=1).output


def test_a_version() -> None:
    assert siyu("--version").stdout.strip().count(".") == 2
