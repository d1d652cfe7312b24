from __future__ import annotations

import base64
import os
import stat
import threading
from pathlib import Path

import orjson
import pytest

from siyu.privacy.custodian import CustodyError, EnvironmentCustodian, FileCustodian, Wrapped, custodian_from
from siyu.privacy.custodian.transit import VaultTransitCustodian
from tests.living.vault import transit

KEYS = [os.urandom(48) for _ in range(3)]


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()


async def test_a_file_wraps_and_unwraps_through_a_rotation(tmp_path: Path) -> None:
    path = tmp_path / "root.keys"
    custodian = FileCustodian(path, create=True)
    old = await custodian.wrap(KEYS)
    other = FileCustodian(path)  # another process, open since before the rotation
    assert await custodian.add_version() == "2" == custodian.current_version
    new = await custodian.wrap(KEYS)
    assert {each.version for each in old} == {"1"}
    assert {each.version for each in new} == {"2"}
    assert await custodian.unwrap([*old, *new]) == KEYS * 2 == await other.unwrap([*old, *new])
    assert await FileCustodian(path, create=True).unwrap(old) == KEYS, "an existing file is never replaced"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["root.keys"], "no draft is left behind"


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o660, 0o601])
def test_a_file_that_others_can_use_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "root.keys"
    FileCustodian(path, create=True)
    path.chmod(mode)
    with pytest.raises(CustodyError, match="chmod 600"):
        FileCustodian(path)


def test_a_missing_file_is_not_made_in_silence(tmp_path: Path) -> None:
    with pytest.raises(CustodyError, match="restore it"):
        FileCustodian(tmp_path / "root.keys")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b'{"keys": []}',
        b'{"keys": [{"version": "1"}]}',
        orjson.dumps({"keys": [{"version": "1", "key": "AAAA"}]}),
        orjson.dumps({"keys": [{"version": "1", "key": "!"}]}),
    ],
)
def test_a_spoiled_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "root.keys"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(CustodyError):
        FileCustodian(path)


def test_two_first_starts_at_once_agree_on_one_key(tmp_path: Path) -> None:
    path, found = tmp_path / "root.keys", []
    threads = [threading.Thread(target=lambda: found.append(FileCustodian(path, create=True) and path.read_bytes())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


async def test_the_environment_wraps_with_its_first_version() -> None:
    one, two = os.urandom(32), os.urandom(32)
    before = EnvironmentCustodian(f"1:{_text(one)}")
    during = EnvironmentCustodian(f" 1:{_text(one)}, 2:{_text(two)} ")
    after = EnvironmentCustodian(f"2:{_text(two)},1:{_text(one)}")
    wrapped = [(await custodian.wrap(KEYS[:1]))[0] for custodian in (before, during, after)]
    assert [each.version for each in wrapped] == ["1", "1", "2"]
    assert await after.unwrap(wrapped) == await during.unwrap(wrapped) == KEYS[:1] * 3
    with pytest.raises(CustodyError, match="version 2"):
        await before.unwrap(wrapped)
    with pytest.raises(CustodyError, match="restart"):
        await after.add_version()


async def test_a_blob_under_another_roots_name_does_not_open() -> None:
    one, two = os.urandom(32), os.urandom(32)
    custodian = EnvironmentCustodian(f"1:{_text(one)},2:{_text(two)}")
    (wrapped,) = await custodian.wrap(KEYS[:1])
    with pytest.raises(CustodyError, match="another root key"):
        await custodian.unwrap([Wrapped("2", wrapped.blob)])


@pytest.mark.parametrize("value", ["", " , ", "1", "1:", ":AAAA", "1:AAAA", "1:not base64"])
def test_a_spoiled_variable_is_refused_without_being_repeated(value: str) -> None:
    with pytest.raises(CustodyError) as refused:
        EnvironmentCustodian(value)
    assert "AAAA" not in str(refused.value)
    key = _text(os.urandom(32))
    with pytest.raises(CustodyError) as twice:
        EnvironmentCustodian(f"1:{key},1:{key}")
    assert key not in str(twice.value)


async def test_vault_wraps_in_batches_and_numbers_its_versions() -> None:
    with transit(siyu=[os.urandom(32)]) as vault:
        custodian = VaultTransitCustodian(vault.url, vault.token, "siyu")
        await custodian.prepare()
        many = [os.urandom(48) for _ in range(1200)]
        old = await custodian.wrap(many)
        assert vault.asked == [("encrypt", 500), ("encrypt", 500), ("encrypt", 200)]
        assert await custodian.add_version() == "v2"
        new = await custodian.wrap(KEYS)
        assert {each.version for each in old} == {"v1"}
        assert {each.version for each in new} == {"v2"}
        assert await custodian.unwrap([*new, *old]) == [*KEYS, *many]
        assert custodian.describe()["versions"] == "v2"
        assert vault.token not in str(custodian.describe())


async def test_vault_errors_are_custody_errors_without_secrets() -> None:
    with transit(siyu=[os.urandom(32)]) as vault:
        custodian = VaultTransitCustodian(vault.url, vault.token, "siyu")
        await custodian.prepare()
        (wrapped,) = await custodian.wrap(KEYS[:1])
        spoiled = Wrapped(wrapped.version, wrapped.blob[:-4] + b"AAA=")
        with pytest.raises(CustodyError):
            await custodian.unwrap([wrapped, spoiled])
        with pytest.raises(CustodyError, match="Forbidden") as forbidden:
            await VaultTransitCustodian(vault.url, "s.wrong", "siyu").prepare()
        assert "s.wrong" not in str(forbidden.value)
        with pytest.raises(CustodyError):
            await VaultTransitCustodian(vault.url, vault.token, "unknown").prepare()
        vault.sealed = True
        with pytest.raises(CustodyError, match="VaultDown"):
            await custodian.wrap(KEYS)
    with pytest.raises(CustodyError, match="did not answer"):
        await custodian.wrap(KEYS)


async def test_the_address_chooses_the_custodian(tmp_path: Path) -> None:
    path = tmp_path / "a b" / "root.keys"
    file = custodian_from(f"file://{tmp_path}/a%20b/root.keys", variables={}, create=True)
    environment = custodian_from("env:ROOT", variables={"ROOT": f"1:{_text(os.urandom(32))}"})
    vault = custodian_from("vault://vault.example:8200/kv/keys/siyu", variables={}, vault_token="s.x")
    local = custodian_from("vault+http://127.0.0.1:8200/siyu", variables={}, vault_token="s.x")
    assert [each.name for each in (file, environment, vault, local)] == ["file", "environment", "vault", "vault"]
    assert path.exists()
    assert vault.describe()["where"] == "https://vault.example:8200, key siyu"
    for address in ("", "root.keys", "env:MISSING", "vault://host", "vault:///key", "vault+http://vault.example/key", "https://host/key"):
        with pytest.raises(CustodyError):
            custodian_from(address, variables={})
