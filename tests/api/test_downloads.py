"""Fetching the file of an export over HTTP: opened on its way, once."""

from __future__ import annotations

import pytest

from siyu.domain import customers, exports
from siyu.domain.customers import CustomerCreate
from siyu.domain.exports import ExportFormat, ExportKind, Wish, storing
from siyu.domain.exports.tables import Export
from siyu.privacy.actor import Role
from tests.api.conftest import Client, MakeMember, Member
from tests.domain.exports.conftest import JOB, quietly


@pytest.mark.on("sqlite")
async def test_a_sealed_file_is_opened_on_its_way(client: Client, ada: Member, member: MakeMember) -> None:
    await customers.create(ada.actor, CustomerCreate(phone="13800001111", display_name="王芳"))
    export_id = await exports.start(ada.actor, Wish(kind=ExportKind.CUSTOMERS, format=ExportFormat.CSV, fields=("displayName",), bom=True))
    await exports.run(JOB, export_id, progress=quietly)
    url = await exports.link(ada.actor, export_id)
    assert url is not None
    path = "/downloads/" + url.rsplit("/", 1)[1]
    answer = await client.http.get(path)
    assert (answer.status_code, answer.content) == (200, "\ufeffdisplayName\r\n王芳\r\n".encode())
    row = await Export.get(id=export_id)
    assert answer.headers["content-length"] == str(row.size_bytes)
    assert answer.headers["content-disposition"] == f'attachment; filename="{row.filename}"'
    assert (answer.headers["cache-control"], answer.headers["content-security-policy"]) == ("no-store", "default-src 'none'; sandbox")
    assert (await client.http.get(path)).status_code == 404

    again = await exports.link(ada.actor, export_id)
    assert again is not None
    bo = await member(Role.ADMIN, "bo@example.com", "Bo")
    assert await exports.link(bo.actor, export_id) is None
    (storing.folder() / str(row.stored)).unlink()
    assert (await client.http.get("/downloads/" + again.rsplit("/", 1)[1])).status_code == 404
