"""What becomes of an export: repeated, cancelled, killed, expired, and cleared when somebody is erased."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import time_machine

from siyu.domain import customers, exports, files, requests, work
from siyu.domain.customers import CustomerCreate, CustomerFilter
from siyu.domain.exports import DOWNLOADS_MAX, ExportCancel, running, storing
from siyu.domain.exports.commands import AT_ONCE_MAX
from siyu.domain.exports.tables import Export as Row
from siyu.domain.kernel import clock
from siyu.domain.requests import DataRequestApprove, DataRequestKind, DataRequestOpen, Jurisdiction
from siyu.domain.work import WorkState, WorkStopped
from siyu.privacy import sealedfile, vault
from siyu.privacy.actor import Actor, Role
from siyu.privacy.refusal import Code, NotFound, Refusal
from tests import actors
from tests.domain.exports.conftest import JOB, quietly
from tests.domain.exports.test_grants import Ids, meanwhile, names, wish
from tests.domain.requests.conftest import WORKER

VISITOR = actors.worker()


@pytest.fixture
async def people(admin: Actor, boss: Actor, monkeypatch: pytest.MonkeyPatch) -> Ids:
    """Five people, read two a page."""
    monkeypatch.setattr(running, "PAGE_MAX", 2)
    return [await customers.create(admin, CustomerCreate(display_name=f"N{n}", phone=f"1380000{n:04}")) for n in range(5)]


async def finished(boss: Actor, **more: object) -> UUID:
    export_id = await exports.start(boss, wish("displayName", **more))
    await exports.run(JOB, export_id, progress=quietly)
    return export_id


async def fetched(boss: Actor, export_id: UUID) -> bytes:
    url = await exports.link(boss, export_id)
    assert url is not None
    claimed = await files.claim(VISITOR, url.rsplit("/", 1)[1])
    assert claimed.opened is not None
    content = b"".join(claimed.opened.blocks)
    assert len(content) == claimed.opened.size_bytes
    return content


async def test_the_same_wish_runs_once_and_another_beside_it(people: Ids, boss: Actor) -> None:
    first = await exports.start(boss, wish("id", filter=CustomerFilter(phone="13800000001")))
    assert await exports.start(boss, wish("id", filter=CustomerFilter(phone="13800000001"))) == first
    others = [await exports.start(boss, wish("id", filter=CustomerFilter(phone=f"1380000000{n}"))) for n in range(2, AT_ONCE_MAX + 1)]
    assert len({first, *others}) == AT_ONCE_MAX
    with pytest.raises(Refusal) as refused:
        await exports.start(boss, wish("phone"))
    assert refused.value.code is Code.LIMIT_EXCEEDED
    await exports.run(JOB, first, progress=quietly)
    row = await Row.get(id=first)
    await exports.run(JOB, first, progress=quietly)
    assert (await Row.get(id=first)).stored == row.stored, "a job that runs twice writes once"
    await work.finish(JOB, row.work_id)
    assert await exports.start(boss, wish("id", filter=CustomerFilter(phone="13800000001"))) != first, "data may have changed"


async def test_on_the_disk_it_lies_sealed_and_opens_for_its_key_alone(people: Ids, boss: Actor) -> None:
    export_id = await finished(boss)
    row = await Row.get(id=export_id)
    (file,) = storing.files()
    assert file.stat().st_mode & 0o777 == 0o600
    sealed = file.read_bytes()
    assert b"N1" not in sealed
    assert b"displayName" not in sealed
    assert row.key is not None
    with pytest.raises(vault.Unreadable):
        sealedfile.key_of(row.work_id, bytes(row.key))
    for damaged in (sealed[:-1], sealed[:60] + b"x" + sealed[61:], b"x" + sealed[1:]):
        file.write_bytes(damaged)
        with pytest.raises(vault.Unreadable):
            list(storing.blocks(file, sealedfile.key_of(export_id, bytes(row.key))))
    file.write_bytes(sealed)
    assert names(await fetched(boss, export_id)) == ["N0", "N1", "N2", "N3", "N4"]


async def test_a_link_works_once_and_a_file_a_few_times(people: Ids, boss: Actor) -> None:
    export_id = await finished(boss)
    url = await exports.link(boss, export_id)
    assert url is not None
    secret = url.rsplit("/", 1)[1]
    await files.claim(VISITOR, secret)
    with pytest.raises(NotFound):
        await files.claim(VISITOR, secret)
    for _ in range(DOWNLOADS_MAX - 1):
        await fetched(boss, export_id)
    assert await exports.link(boss, export_id) is None


async def test_it_expires_and_the_file_goes(people: Ids, boss: Actor) -> None:
    export_id = await finished(boss)
    url = await exports.link(boss, export_id)
    assert url is not None
    assert await exports.purge(JOB) == 0
    assert len(storing.files()) == 1
    with time_machine.travel(clock.now() + timedelta(hours=72, minutes=1)):
        assert await exports.link(boss, export_id) is None
        with pytest.raises(NotFound):
            await files.claim(VISITOR, url.rsplit("/", 1)[1])
        assert await exports.purge(JOB) == 1
    row = await Row.get(id=export_id)
    assert (row.key, row.stored, row.rows) == (None, None, 5)
    assert storing.files() == {}


async def test_cancelled_it_stops_and_leaves_nothing(people: Ids, boss: Actor) -> None:
    export_id = await exports.start(boss, wish("id"))
    row = await Row.get(id=export_id)

    async def progress(done: int, total: int | None = None, message: str | None = None) -> None:
        await work.advance(JOB, row.work_id, done=done, total=total)
        if done == 2:
            await exports.cancel(boss, ExportCancel(id=export_id))

    with contextlib.suppress(WorkStopped):
        await exports.run(JOB, export_id, progress=progress)
    found = await work.find(boss, row.work_id)
    assert found is not None
    assert (found.state, found.done, found.total) == (WorkState.CANCELLED, 2, 5)
    assert storing.files() == {}
    assert (await Row.get(id=export_id)).key is None
    await exports.cancel(boss, ExportCancel(id=export_id))
    with pytest.raises(NotFound):
        await exports.cancel(actors.staff(), ExportCancel(id=export_id))
    done = await finished(boss)
    await exports.cancel(boss, ExportCancel(id=done))
    assert storing.files() == {}
    assert await exports.link(boss, done) is None


async def test_broken_off_it_begins_anew_and_no_half_file_is_offered(people: Ids, boss: Actor) -> None:
    export_id = await exports.start(boss, wish("displayName"))

    class Broken(Exception):
        pass

    async def act() -> None:
        raise Broken

    with pytest.raises(Broken):
        await exports.run(JOB, export_id, progress=meanwhile(act))
    assert storing.files() == {}
    orphan = storing.folder() / storing.named(export_id)
    orphan.write_bytes(b"what a killed worker left")
    assert await exports.link(boss, export_id) is None
    await exports.purge(JOB)
    assert orphan.exists(), "somebody may be writing it"
    await exports.run(JOB, export_id, progress=quietly)
    assert names(await fetched(boss, export_id)) == ["N0", "N1", "N2", "N3", "N4"]
    await exports.purge(JOB)
    assert not orphan.exists()
    assert len(storing.files()) == 1


async def _erase(person: UUID) -> None:
    officer, second = actors.staff(Role.COMPLIANCE_OFFICER), actors.staff(Role.COMPLIANCE_OFFICER)
    wish = DataRequestOpen(kind=DataRequestKind.ERASURE, customer_id=person, jurisdiction=Jurisdiction.CN)
    request_id = await requests.open(officer, wish)
    await requests.approve(second, DataRequestApprove(id=request_id))
    await requests.run(WORKER, request_id)


async def test_an_erasure_removes_every_file(people: Ids, boss: Actor) -> None:
    export_id = await finished(boss)
    url = await exports.link(boss, export_id)
    assert url is not None
    await _erase(people[3])
    assert storing.files() == {}
    assert (await Row.get(id=export_id)).key is None
    with pytest.raises(NotFound):
        await files.claim(VISITOR, url.rsplit("/", 1)[1])


async def test_an_erasure_midway_begins_the_file_anew(people: Ids, boss: Actor) -> None:
    chosen = CustomerFilter(not_=CustomerFilter(phone="13800000004"))
    export_id = await exports.start(boss, wish("displayName", filter=chosen))
    before = await Row.get(id=export_id)

    async def act() -> None:
        await _erase(people[0])

    await exports.run(JOB, export_id, progress=meanwhile(act))
    after = await Row.get(id=export_id)
    assert (after.epoch, after.rows) == (1, 3)
    assert after.key != before.key, "what was written so far opens no more"
    assert names(await fetched(boss, export_id)) == ["N1", "N2", "N3"]


async def test_what_failed_for_good_is_cleared(people: Ids, boss: Actor) -> None:
    export_id = await exports.start(boss, wish("id"))
    row = await Row.get(id=export_id)
    await work.fail(JOB, row.work_id, message="broken")
    assert await exports.purge(JOB) == 1
    assert (await Row.get(id=export_id)).ended_at is not None


async def test_files_of_many_chunks_come_back(tmp_path: Path, boss: Actor) -> None:
    owner = boss.id
    assert owner is not None
    key = sealedfile.key_of(owner, sealedfile.made(owner))
    path = tmp_path / "f"
    for size in (0, 1, sealedfile.CHUNK_BYTES - 1, sealedfile.CHUNK_BYTES, sealedfile.CHUNK_BYTES + 1, 3 * sealedfile.CHUNK_BYTES):
        plain = bytes(n % 251 for n in range(size))
        with path.open("wb") as file:
            writing = sealedfile.Writing(file, key)
            for at in range(0, size, 10_007):
                writing.write(plain[at : at + 10_007])
            assert writing.tell() == size
            writing.close()
        assert b"".join(storing.blocks(path, key)) == plain
    sealed = path.read_bytes()
    path.write_bytes(sealed[: -(sealedfile.CHUNK_BYTES + vault.NONCE_BYTES + vault.TAG_BYTES)])
    with pytest.raises(vault.Unreadable):
        list(storing.blocks(path, key))
