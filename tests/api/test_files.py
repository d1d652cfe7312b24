"""Uploads and downloads over HTTP, and what is left of them."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import time_machine

from siyu.domain import files
from siyu.domain.files.rules import filename, nameless
from siyu.domain.files.tables import Download, Upload
from siyu.domain.kernel import clock
from siyu.domain.kernel.boot import House
from siyu.privacy.actor import Actor, Role, Scope
from siyu.privacy.refusal import NotFound
from siyu.schema import relay
from tests.api.conftest import Client, MakeMember, Member

WORKER = Actor.worker("imports", Scope.CUSTOMERS_IMPORT, Scope.JOBS_RUN)


async def send(client: Client, member: Member | None, content: bytes, **headers: str) -> httpx.Response:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if member:
        sent["authorization"] = f"Bearer {member.access}"
    return await client.http.post("/uploads", content=content, headers=sent)


def folder(house: House) -> list[Path]:
    return sorted((house.settings.data_dir / "uploads").glob("*"))


async def test_an_upload_is_kept_for_whoever_sent_it(client: Client, ada: Member, house: House, member: MakeMember) -> None:
    answer = await send(client, ada, "姓名\n王芳".encode(), x_filename="../%E5%AE%A2%E6%88%B7.csv")
    assert answer.status_code == 201
    shown = answer.json()
    assert (shown["filename"], shown["sizeBytes"]) == ("客户.csv", 13)
    upload_id = relay.decode("Upload", shown["id"])
    path = await files.path(ada.actor, upload_id)
    assert path.read_bytes() == "姓名\n王芳".encode()
    assert (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)) == (0o600, 0o700)
    assert await files.path(WORKER, upload_id) == path
    bo = await member(Role.ADMIN, "bo@example.com", "Bo")
    with pytest.raises(NotFound):
        await files.path(bo.actor, upload_id)


async def test_a_form_is_streamed(client: Client, ada: Member, house: House) -> None:
    content = b"a,b\r\n" + b"--not the boundary\r\n" * 50_000
    answer = await client.http.post(
        "/uploads",
        data={"note": "ignored"},
        files={"file": ("c:\\tmp\\orders.csv", content, "text/csv")},
        headers={"authorization": f"Bearer {ada.access}"},
    )
    assert (answer.status_code, answer.json()["filename"]) == (201, "orders.csv")
    assert folder(house)[0].read_bytes() == content


@pytest.mark.on("sqlite")
@pytest.mark.parametrize(
    ("kind", "content", "status"),
    [
        ("multipart/form-data", b"", 400),
        ("multipart/form-data; boundary=x", b"", 400),
        ("multipart/form-data; boundary=x", b"nonsense", 400),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n', 400),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"; filename="f"\r\n\r\nhalf', 400),
        ("text/csv", b"", 400),
    ],
)
async def test_a_bad_upload_leaves_nothing(client: Client, ada: Member, house: House, kind: str, content: bytes, status: int) -> None:
    answer = await send(client, ada, content, content_type=kind)
    assert answer.status_code == status
    assert answer.json()["errors"][0]["code"] in ("INVALID", "BLANK")
    assert folder(house) == []
    assert await Upload.all().count() == 0


@pytest.mark.on("sqlite")
async def test_a_file_that_is_too_large_leaves_nothing(client: Client, ada: Member, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house, "settings", house.settings.model_copy(update={"upload_bytes_max": 1024}))
    answer = await send(client, ada, b"x" * 1025)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (413, "LIMIT_EXCEEDED")
    assert folder(house) == []
    assert (await send(client, ada, b"x" * 1024)).status_code == 201


@pytest.mark.on("sqlite")
async def test_strangers_and_those_without_the_scope_leave_nothing(client: Client, house: House, member: MakeMember) -> None:
    stranger = await send(client, None, b"x")
    assert (stranger.status_code, stranger.headers["www-authenticate"]) == (401, 'Bearer realm="siyu"')
    bo = await member(Role.MARKETER)
    assert (await send(client, bo, b"x")).status_code == 403
    assert folder(house) == []


async def test_a_dropped_upload_is_gone_and_dropping_twice_is_once(client: Client, ada: Member, house: House) -> None:
    upload_id = relay.decode("Upload", (await send(client, ada, b"x")).json()["id"])
    await files.drop(ada.actor, upload_id)
    dropped_at = (await Upload.get()).deleted_at
    await files.drop(ada.actor, upload_id)
    assert (folder(house), (await Upload.get()).deleted_at) == ([], dropped_at)
    with pytest.raises(NotFound):
        await files.path(ada.actor, upload_id)


async def test_what_nobody_imports_is_removed_after_a_day(client: Client, ada: Member, house: House) -> None:
    upload_id = relay.decode("Upload", (await send(client, ada, b"x")).json()["id"])
    assert await files.purge(WORKER) == 0
    assert await files.path(WORKER, upload_id)
    with time_machine.travel(clock.now() + files.UNUSED + timedelta(seconds=1)):
        assert await files.purge(WORKER) == 1
        assert await files.purge(WORKER) == 0
    assert folder(house) == []


async def offered(house: House, *, owned: bool = False, lives: timedelta = timedelta(hours=1)) -> str:
    path = house.settings.data_dir / "rejected.csv"
    path.write_bytes(b"row,why\n")
    return (await files.offer(WORKER, path, filename="rejected 行.csv", lives=lives, owned=owned)).removeprefix(
        f"http://{house.settings.host}:{house.settings.port}"
    )


async def test_a_link_works_once(client: Client, house: House) -> None:
    url = await offered(house)
    answer = await client.http.get(url)
    assert (answer.status_code, answer.content) == (200, b"row,why\n")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["cache-control"] == "no-store"
    assert (await client.http.get(url)).status_code == 404


async def test_a_link_expires_and_its_file_goes_with_it(client: Client, house: House) -> None:
    url = await offered(house, owned=True)
    with time_machine.travel(clock.now() + timedelta(hours=1, seconds=1)):
        assert (await client.http.get(url)).status_code == 404
        assert await files.purge(WORKER) == 1
    assert await Download.all().count() == 0
    assert not (house.settings.data_dir / "rejected.csv").exists()


@pytest.mark.on("sqlite")
@pytest.mark.parametrize("secret", ["x", "siyu_d" + "0" * 22 + "_" + "0" * 49, "..%2Fsiyu.db", ""])
async def test_no_other_link_opens_anything(client: Client, house: House, secret: str) -> None:
    await offered(house)
    assert (await client.http.get(f"/downloads/{secret}")).status_code == 404


@pytest.mark.on("sqlite")
async def test_only_files_of_the_data_folder_are_offered(house: House, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "secret"
    elsewhere.write_text("x")
    with pytest.raises(AssertionError):
        await files.offer(WORKER, elsewhere, filename="x", lives=timedelta(hours=1))


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("a.csv", "a.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\客户 表.xlsx", "客户 表.xlsx"),
        ("", "file"),
        ("..", "file"),
        ('a"b\r\nc:d.csv', "a_b c_d.csv"),
        ("x" * 300 + ".csv", "x" * 196 + ".csv"),
        ("/", "file"),
    ],
)
def test_a_filename_is_only_a_name(given: str, shown: str) -> None:
    assert filename(given) == shown


@pytest.mark.parametrize(
    ("given", "shown"),
    [("王芳.csv", "file.csv"), ("a.b.XLSX", "file.xlsx"), ("王芳", "file"), ("list.王芳", "file"), ("x.csv138000", "file")],
)
def test_a_nameless_file_keeps_its_ending(given: str, shown: str) -> None:
    assert nameless(given) == shown


async def test_a_cleared_house_has_no_upload_and_no_files_name(client: Client, ada: Member, house: House) -> None:
    await send(client, ada, b"x", x_filename="wangfang.csv")
    assert await files.clear(WORKER) == 1
    assert folder(house) == []
    assert [(row.filename, row.deleted_at is None) for row in await Upload.all()] == [("file.csv", False)]
    assert await files.clear(WORKER) == 0
