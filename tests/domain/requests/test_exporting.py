"""Exports: what is in them, who opens them, how often, for how long."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
import pyzipper
import time_machine

from siyu.domain import files, requests
from siyu.domain.kernel import clock
from siyu.domain.kernel.boot import House
from siyu.domain.requests import DataRequestDownload, DataRequestKind, DataRequestState
from siyu.domain.requests.exporting import KEPT
from siyu.domain.requests.tables import DataRequest, DataRequestEvent, DataRequestStep
from siyu.privacy import consent, dossier
from siyu.privacy.actor import Actor
from siyu.privacy.refusal import Code, Forbidden, NotFound, Refusal
from tests import actors
from tests.domain.requests import people
from tests.domain.requests.conftest import WORKER, Open
from tests.domain.requests.people import Person


def read(path: Path, passphrase: str) -> dict[str, bytes]:
    with pyzipper.AESZipFile(path) as archive:
        archive.setpassword(passphrase.encode())
        return {name: archive.read(name) for name in archive.namelist()}


async def claimed(url: str) -> Path:
    return (await files.claim(actors.worker(), url.rsplit("/", 1)[1])).path


async def test_an_export_holds_every_value_of_one_person_and_none_of_another(
    house: House, admin: Actor, officer: Actor, ada: Person, opened: Open
) -> None:
    eve = await people.full(admin, 2)
    request_id = await opened(ada)
    await requests.run(WORKER, request_id)
    handed = await requests.download(officer, DataRequestDownload(id=request_id))
    members = read(await claimed(handed.url), handed.passphrase)
    for ending in ("json", "csv"):
        text = b"".join(content for name, content in members.items() if name.endswith(ending)).decode()
        assert [needle for needle in ada.needles[2:] if needle not in text and needle.replace('"', '""') not in text] == []
        assert not any(needle in text for needle in eve.needles)
    (customer,) = orjson.loads(members["json/customers.json"])
    assert (customer["phone"], customer["birthday"], customer["spent"]) == (ada.phone, "1987-03-04", "123.45")
    (request,) = orjson.loads(members["json/data_requests.json"])
    assert request["kind"] == "EXPORT"
    described = {table["name"]: table for table in orjson.loads(members["schema.json"])["tables"]}
    assert described["customers"]["columns"][1]["name"] in customer
    assert next(column for column in described["notes"]["columns"] if column["name"] == "body")["category"] == "FREE_TEXT"


async def test_cells_that_a_spreadsheet_would_run_are_defused(house: House, officer: Actor, ada: Person, opened: Open) -> None:
    request_id = await opened(ada)
    await requests.run(WORKER, request_id)
    handed = await requests.download(officer, DataRequestDownload(id=request_id))
    members = read(await claimed(handed.url), handed.passphrase)
    (row,) = csv.DictReader(io.StringIO(members["csv/notes.csv"].decode("utf-8-sig")))
    assert row["body"] == "'=cmd(needles 0001)"
    assert orjson.loads(members["json/notes.json"])[0]["body"] == "=cmd(needles 0001)"


async def test_the_archive_is_encrypted_and_no_clear_byte_was_on_the_disk(house: House, ada: Person, opened: Open) -> None:
    request_id = await opened(ada)
    await requests.run(WORKER, request_id)
    (path,) = (house.settings.data_dir / "exports").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    with pyzipper.AESZipFile(path) as archive:
        info = archive.infolist()[0]
        assert (info.wz_aes_version, info.wz_aes_strength) == (2, 3)
        assert info.CRC == 0, "a checksum of the plain text would stay readable"
        archive.setpassword(b"wrong")
        with pytest.raises(RuntimeError):
            archive.read(info)


async def test_link_and_passphrase_are_handed_out_once(house: House, officer: Actor, ada: Person, opened: Open) -> None:
    request_id = await opened(ada)
    await requests.run(WORKER, request_id)
    handed = await requests.download(officer, DataRequestDownload(id=request_id))
    assert handed.passphrase not in repr(handed)
    assert handed.expires_at == (await DataRequest.get(id=request_id)).export_expires_at
    with pytest.raises(Refusal) as again:
        await requests.download(officer, DataRequestDownload(id=request_id))
    assert again.value.code is Code.WRONG_STATE
    await claimed(handed.url)
    with pytest.raises(NotFound):
        await claimed(handed.url)
    assert (await DataRequest.get(id=request_id)).export_downloads == 1


async def test_two_exports_of_one_person_have_two_passphrases(house: House, officer: Actor, ada: Person, opened: Open) -> None:
    secrets = set()
    for _ in range(2):
        request_id = await opened(ada)
        await requests.run(WORKER, request_id)
        secrets.add((await requests.download(officer, DataRequestDownload(id=request_id))).passphrase)
    assert len(secrets) == 2


async def test_run_twice_is_run_once(house: House, ada: Person, opened: Open) -> None:
    request_id = await opened(ada)
    await requests.run(WORKER, request_id)
    first = await DataRequest.get(id=request_id)
    await requests.run(WORKER, request_id)
    again = await DataRequest.get(id=request_id)
    assert (first.export_sha256, first.export_expires_at) == (again.export_sha256, again.export_expires_at)
    assert [event.state for event in await DataRequestEvent.filter(request_id=request_id).order_by("created_at")] == [
        DataRequestState.SCHEDULED, DataRequestState.RUNNING, DataRequestState.COMPLETED,
    ]  # fmt: skip
    steps = {step.store: (step.rows, step.done) for step in await DataRequestStep.filter(request_id=request_id)}
    assert steps["customers"] == (1, True)
    assert steps["identities"] == (5, True)
    assert all(done for _, done in steps.values())


async def test_an_expired_archive_is_deleted_and_not_handed_out(house: House, officer: Actor, ada: Person, opened: Open) -> None:
    request_id = await opened(ada)
    await requests.run(WORKER, request_id)
    assert await requests.purge(WORKER) == 0
    with time_machine.travel(clock.now() + KEPT + timedelta(seconds=1), tick=False):
        with pytest.raises(Refusal) as refused:
            await requests.download(officer, DataRequestDownload(id=request_id))
        assert refused.value.code is Code.EXPIRED
        assert await requests.purge(WORKER) == 1
    assert list((house.settings.data_dir / "exports").iterdir()) == []


async def test_leftovers_of_broken_exports_go(house: House, ada: Person, opened: Open) -> None:
    request_id = await opened(ada)
    left = house.settings.data_dir / "exports" / f"{request_id}.0.part"
    left.parent.mkdir()
    left.write_bytes(b"half")
    assert await requests.purge(WORKER) == 1
    assert not left.exists()


async def test_an_erasure_has_nothing_to_download(house: House, officer: Actor, ada: Person, opened: Open) -> None:
    request_id = await opened(ada, DataRequestKind.ERASURE)
    with pytest.raises(Refusal) as refused:
        await requests.download(officer, DataRequestDownload(id=request_id))
    assert refused.value.code is Code.WRONG_STATE


async def test_whoever_may_not_gets_no_archive(house: House, admin: Actor, ada: Person, opened: Open) -> None:
    request_id = await opened(ada)
    with pytest.raises(Forbidden):
        await requests.run(admin, request_id)
    await requests.run(WORKER, request_id)
    with pytest.raises(Forbidden):
        await requests.download(actors.holder(), DataRequestDownload(id=request_id))
    assert (await DataRequest.get(id=request_id)).export_downloads == 0


async def test_only_compliance_reads_a_restricted_person(house: House, admin: Actor, ada: Person) -> None:
    with pytest.raises(consent.NotGranted):
        await dossier.opened(admin, ada.id)
