"""Write keys through HTTP: made, used, ended; what they may not, and who may not."""

from __future__ import annotations

import base64
from typing import Any
from uuid import UUID

import pytest
import time_machine

from siyu.domain import writekeys
from siyu.domain.kernel import announcements, clock, database
from siyu.domain.kernel.announcements import Announcement
from siyu.domain.writekeys.tables import WriteKey
from siyu.privacy.actor import Actor, Role
from siyu.schema import relay
from tests.api.conftest import Client, MakeMember, Member

CREATE = """mutation ($input: WriteKeyCreateInput!) { writeKeyCreate(input: $input) {
  writeKey { id name channel prefix lastFour profiles createdBy { email } lastUsedAt revokedAt } secret userErrors { field code }
} }"""
REVOKE = """mutation ($input: WriteKeyRevokeInput!) {
  writeKeyRevoke(input: $input) { writeKey { id revokedAt } userErrors { field code } }
}"""


async def make(client: Client, access: str, **more: object) -> dict[str, Any]:
    wish = {"input": {"name": "Shop", "channel": "web", **more}}
    got: dict[str, Any] = (await client.run(CREATE, wish, access=access))["data"]["writeKeyCreate"]
    return got


async def status(client: Client, secret: str) -> int:
    """What a batch with nothing in it is answered with."""
    basic = base64.b64encode(f"{secret}:".encode()).decode()
    return (await client.http.post("/v1/batch", json={"batch": []}, headers={"authorization": f"Basic {basic}"})).status_code


async def test_a_write_key_sends_and_reads_nothing(client: Client, ada: Member) -> None:
    got = await make(client, ada.access)
    key, secret = got["writeKey"], got["secret"]
    assert got["userErrors"] == []
    assert (key["name"], key["channel"], key["profiles"], key["createdBy"]) == ("Shop", "web", True, {"email": "ada@example.com"})
    assert secret.startswith(key["prefix"] + "_")
    assert await status(client, secret) == 200
    answer = await client.post("{ customers { totalCount } }", access=secret)
    assert answer.status_code == 401
    assert (await client.http.post("/uploads", headers={"authorization": f"Bearer {secret}"})).status_code == 401


async def test_the_secret_is_not_stored(client: Client, ada: Member) -> None:
    secret = (await make(client, ada.access))["secret"]
    stored = str([[*row] for row in await database.rows("select * from write_keys")])
    assert secret not in stored
    assert secret.split("_")[2][:20] not in stored


@pytest.mark.parametrize(
    ("more", "field", "code"),
    [
        ({"name": " "}, "name", "BLANK"),
        ({"name": "x" * 101}, "name", "TOO_LONG"),
        ({"channel": ""}, "channel", "BLANK"),
        ({"channel": "the web"}, "channel", "INVALID"),
        ({"channel": "x" * 41}, "channel", "INVALID"),
    ],
)
async def test_what_is_refused_makes_no_key(client: Client, ada: Member, more: dict[str, object], field: str, code: str) -> None:
    got = await make(client, ada.access, **more)
    assert (got["writeKey"], got["secret"], got["userErrors"]) == (None, None, [{"field": ["input", field], "code": code}])
    assert await WriteKey.all().count() == 0


async def test_one_name_until_the_key_has_ended(client: Client, ada: Member) -> None:
    first = await make(client, ada.access)
    assert (await make(client, ada.access))["userErrors"] == [{"field": ["input", "name"], "code": "TAKEN"}]
    await client.run(REVOKE, {"input": {"id": first["writeKey"]["id"]}}, access=ada.access)
    assert (await make(client, ada.access))["userErrors"] == []


async def test_a_revoked_key_stops_at_once_and_revoking_twice_is_once(client: Client, ada: Member) -> None:
    got = await make(client, ada.access)
    assert await status(client, got["secret"]) == 200
    revoke = {"input": {"id": got["writeKey"]["id"]}}
    first = (await client.run(REVOKE, revoke, access=ada.access))["data"]["writeKeyRevoke"]
    assert await status(client, got["secret"]) == 401
    assert first["writeKey"]["revokedAt"]
    assert (await client.run(REVOKE, revoke, access=ada.access))["data"]["writeKeyRevoke"] == first


async def test_what_another_process_revoked_stops_when_it_says_so(client: Client, ada: Member) -> None:
    got = await make(client, ada.access)
    with time_machine.travel(clock.now(), tick=False) as now:
        assert await status(client, got["secret"]) == 200
        row = await WriteKey.get()
        await WriteKey.all().update(revoked_at=clock.now())
        assert await status(client, got["secret"]) == 200, "this process can't know yet"
        announcements.hear(Announcement(writekeys.REVOKED, (str(row.id),)))
        assert await status(client, got["secret"]) == 401
        await WriteKey.all().update(revoked_at=None)
        assert await status(client, got["secret"]) == 200
        await WriteKey.all().update(revoked_at=clock.now())
        now.shift(writekeys.BELIEF)
        assert await status(client, got["secret"]) == 401


async def test_a_second_look_within_a_second_asks_no_database(client: Client, ada: Member) -> None:
    got = await make(client, ada.access)
    with time_machine.travel(clock.now(), tick=False):
        await status(client, got["secret"])
        with database.counting() as count:
            assert await status(client, got["secret"]) == 200
        assert count.statements == []


async def test_an_unknown_key_and_an_id_of_something_else_are_refused(client: Client, ada: Member) -> None:
    for noun, code in (("WriteKey", "NOT_FOUND"), ("Customer", "INVALID")):
        got = await client.run(REVOKE, {"input": {"id": relay.encode(noun, UUID(int=1))}}, access=ada.access)
        assert got["data"]["writeKeyRevoke"]["userErrors"] == [{"field": ["input", "id"], "code": code}]


async def test_without_the_scope_nothing_is_made_ended_or_read(client: Client, ada: Member, member: MakeMember) -> None:
    got = await make(client, ada.access)
    bo = await member(Role.MARKETER, "bo@example.com", "Bo")
    for document, wish in ((CREATE, {"name": "More", "channel": "web"}), (REVOKE, {"id": got["writeKey"]["id"]})):
        denied = await client.run(document, {"input": wish}, access=bo.access)
        assert denied["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert (await client.run("{ writeKeys { totalCount } }", access=bo.access))["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert await status(client, got["secret"]) == 200
    with database.counting() as count:
        page = (await client.run("{ writeKeys { nodes { name createdBy { email } } } }", access=ada.access))["data"]["writeKeys"]
    assert page == {"nodes": [{"name": "Shop", "createdBy": {"email": "ada@example.com"}}]}
    assert len(count.statements) <= 3


async def test_use_is_noted_apart_from_the_request(client: Client, ada: Member) -> None:
    await status(client, (await make(client, ada.access))["secret"])
    assert (await WriteKey.get()).last_used_at is None
    await writekeys.note_use(Actor.worker("uses"))
    assert (await WriteKey.get()).last_used_at is not None
