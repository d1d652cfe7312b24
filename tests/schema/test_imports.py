"""Imports through GraphQL: start, watch, read what is wrong, fetch what was rejected."""

from __future__ import annotations

from pathlib import Path

from siyu.domain import files, imports
from siyu.domain.customers.tables import Customer
from siyu.domain.imports.tables import Import
from siyu.domain.kernel import ids
from siyu.privacy.actor import Actor
from siyu.schema import relay
from tests import actors
from tests.domain.imports.conftest import JOB, kept, quietly
from tests.schema.conftest import Run

START = """
mutation ($input: CustomersImportInput!) {
  customersImport(input: $input) { import { id job { state total } filename created } userErrors { field code message } }
}
"""
LOOK = """
query ($id: ID!) {
  import(id: $id) {
    job { state done } filename created updated skipped rejected
    errors(first: 2) { row column value message } rejectedRowsUrl
  }
}
"""


def _file(tmp_path: Path) -> Path:
    path = tmp_path / "members.csv"
    path.write_text("会员,电话\nM1,13800001111\nM2,12345\nM3,13800001111\nshort\n", encoding="utf-8")
    return path


def _input(upload: object) -> dict[str, object]:
    mapping = [{"column": "会员", "field": "memberNo"}]
    return {"upload": upload, "mapping": mapping, "matchOn": ["PHONE", "MEMBER_NO"], "mode": "UPSERT"}


async def test_from_upload_to_rejected_rows(run: Run, admin: Actor, tmp_path: Path) -> None:
    upload = relay.encode("Upload", await kept(admin, _file(tmp_path)))
    started = await run(admin, START, input=_input(upload))
    assert started.errors == []
    payload = started.data["customersImport"]
    assert payload["userErrors"] == []
    assert payload["import"]["filename"] == "members.csv"
    assert payload["import"]["job"] == {"state": "QUEUED", "total": 4}

    await imports.run(JOB, (await Import.all().first()).id, progress=quietly)  # type: ignore[union-attr]  # there is one
    found = (await run(admin, LOOK, id=payload["import"]["id"])).data["import"]
    assert [found[name] for name in ("created", "updated", "skipped", "rejected")] == [2, 1, 0, 1]
    assert found["errors"] == [
        {"row": 3, "column": "电话", "value": "1… (5 characters)", "message": "The phone number has too few digits."},
        {"row": 5, "column": None, "value": None, "message": "The row has 1 cells, the header has 2."},
    ]
    secret = found["rejectedRowsUrl"].rsplit("/", 1)[1]
    claimed = await files.claim(admin, secret)
    assert claimed.filename == "members-rejected.csv"
    assert claimed.path.read_text(encoding="utf-8-sig").splitlines()[1].startswith("3,")
    assert await Customer.all().count() == 2


async def test_mistakes_are_user_errors(run: Run, admin: Actor, tmp_path: Path) -> None:
    upload = relay.encode("Upload", await kept(admin, _file(tmp_path)))
    for more, field in (
        ({"mapping": [{"column": "nothing", "field": "phone"}]}, ["input", "mapping"]),
        ({"matchOn": ["ANONYMOUS_ID"]}, ["input", "matchOn"]),
        ({"upload": relay.encode("Customer", ids.uuid7())}, ["input", "upload"]),
    ):
        got = (await run(admin, START, input={**_input(upload), **more})).data["customersImport"]
        assert (got["import"], [error["field"] for error in got["userErrors"]]) == (None, [field])


async def test_who_may_not_import_neither_starts_nor_looks(run: Run, admin: Actor, tmp_path: Path) -> None:
    upload = relay.encode("Upload", await kept(admin, _file(tmp_path)))
    started = await run(admin, START, input=_input(upload))
    stranger = actors.holder()
    assert (await run(stranger, START, input=_input(upload))).codes == ["FORBIDDEN"]
    looked = await run(stranger, LOOK, id=started.data["customersImport"]["import"]["id"])
    assert looked.codes == ["FORBIDDEN"]
