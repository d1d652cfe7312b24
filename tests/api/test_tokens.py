"""Access tokens through HTTP: made, used, renewed, ended; and what must not happen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine

from siyu.domain import tokens
from siyu.domain.kernel import announcements, clock, database
from siyu.domain.kernel.announcements import Announcement
from siyu.domain.kernel.boot import House
from siyu.domain.staff.tables import Staff
from siyu.domain.tokens.tables import AccessToken
from siyu.privacy.actor import Actor, Role
from siyu.schema import relay
from siyu.schema.scalars import datetime_text
from tests.api.conftest import Client, MakeMember, Member

CREATE = """mutation ($input: AccessTokenCreateInput!) { accessTokenCreate(input: $input) {
  token { id name partner prefix lastFour scopes createdBy { email } expiresAt lastUsedAt revokedAt } secret userErrors { field code }
} }"""
ROTATE = """mutation ($input: AccessTokenRotateInput!) {
  accessTokenRotate(input: $input) { token { id lastFour } secret userErrors { field code } }
}"""
REVOKE = """mutation ($input: AccessTokenRevokeInput!) {
  accessTokenRevoke(input: $input) { token { id revokedAt } userErrors { field code } }
}"""
VIEWER = "{ viewer { kind name scopes token { id partner } staff { id } } }"


def given(**more: object) -> dict[str, Any]:
    usual = {"name": "sync", "partner": "Shop", "scopes": ["customers:read"], "purpose": "service"}
    return {"input": {**usual, "expiresAt": datetime_text(clock.now() + timedelta(days=30)), **more}}


async def make(client: Client, access: str, **more: object) -> dict[str, Any]:
    got: dict[str, Any] = (await client.run(CREATE, given(**more), access=access))["data"]["accessTokenCreate"]
    return got


async def works(client: Client, secret: str) -> bool:
    return "errors" not in await client.run(VIEWER, access=secret)


async def test_a_token_works_with_its_own_scopes_only(client: Client, ada: Member) -> None:
    got = await make(client, ada.access)
    token, secret = got["token"], got["secret"]
    assert got["userErrors"] == []
    assert secret.startswith(token["prefix"] + "_")
    assert secret.endswith(token["lastFour"])
    assert token["createdBy"] == {"email": "ada@example.com"}
    viewer = (await client.run(VIEWER, access=secret))["data"]["viewer"]
    assert (viewer["kind"], viewer["name"], viewer["scopes"], viewer["staff"]) == ("TOKEN", "Shop: sync", ["customers:read"], None)
    assert viewer["token"] == {"id": token["id"], "partner": "Shop"}
    assert (await client.run("{ customers { totalCount } }", access=secret))["data"] == {"customers": {"totalCount": 0}}
    denied = await client.run("{ staff { totalCount } }", access=secret)
    assert denied["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_the_secret_is_not_stored(client: Client, ada: Member) -> None:
    secret = (await make(client, ada.access))["secret"]
    stored = str([[*row] for row in await database.rows("select * from access_tokens")])
    assert secret not in stored
    assert secret.split("_")[2][:20] not in stored


@pytest.mark.parametrize(
    ("more", "field", "code"),
    [
        ({"scopes": []}, ["scopes"], "BLANK"),
        ({"scopes": ["customers:read", "everything"]}, ["scopes", "1"], "INVALID"),
        ({"scopes": ["keys:rotate"]}, ["scopes", "0"], "INVALID"),
        ({"purpose": "curiosity"}, ["purpose"], "NOT_FOUND"),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, ["expiresAt"], "INVALID"),
        ({"expiresAt": "2099-01-01T00:00:00Z"}, ["expiresAt"], "LIMIT_EXCEEDED"),
        ({"name": " "}, ["name"], "BLANK"),
        ({"partner": "x" * 101}, ["partner"], "TOO_LONG"),
    ],
)
async def test_what_is_refused_makes_no_token(client: Client, ada: Member, more: dict[str, object], field: list[str], code: str) -> None:
    got = await make(client, ada.access, **more)
    assert (got["token"], got["secret"]) == (None, None)
    assert got["userErrors"] == [{"field": ["input", *field], "code": code}]
    assert await AccessToken.all().count() == 0


async def test_nobody_gives_away_more_than_they_hold(client: Client, ada: Member, member: MakeMember) -> None:
    bo = await member(Role.MARKETER, "bo@example.com", "Bo")
    denied = await client.run(CREATE, given(), access=bo.access)
    assert denied["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    holder = (await make(client, ada.access, scopes=["tokens:write", "tokens:read"]))["secret"]
    from_token = await client.run(CREATE, given(name="more"), access=holder)
    assert from_token["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert await AccessToken.all().count() == 1


async def test_one_name_a_partner_until_the_token_has_ended(client: Client, ada: Member) -> None:
    first = await make(client, ada.access)
    assert (await make(client, ada.access))["userErrors"] == [{"field": ["input", "name"], "code": "TAKEN"}]
    assert (await make(client, ada.access, partner="Other"))["userErrors"] == []
    await client.run(REVOKE, {"input": {"id": first["token"]["id"]}}, access=ada.access)
    assert (await make(client, ada.access))["userErrors"] == []


async def test_a_token_ends_by_itself(client: Client, ada: Member) -> None:
    secret = (await make(client, ada.access))["secret"]
    with time_machine.travel(clock.now() + timedelta(days=30, seconds=1)):
        assert not await works(client, secret)


async def test_a_revoked_token_stops_at_once_and_revoking_twice_is_once(client: Client, ada: Member) -> None:
    got = await make(client, ada.access)
    assert await works(client, got["secret"])
    revoke = {"input": {"id": got["token"]["id"]}}
    first = (await client.run(REVOKE, revoke, access=ada.access))["data"]["accessTokenRevoke"]
    assert not await works(client, got["secret"])
    assert first["token"]["revokedAt"]
    assert (await client.run(REVOKE, revoke, access=ada.access))["data"]["accessTokenRevoke"] == first


async def test_what_another_process_revoked_stops_within_a_second(client: Client, ada: Member) -> None:
    got = await make(client, ada.access)
    with time_machine.travel(clock.now(), tick=False) as now:
        assert await works(client, got["secret"])
        await AccessToken.all().update(revoked_at=clock.now())
        assert await works(client, got["secret"]), "this process can't know yet"
        now.shift(tokens.BELIEF)
        assert not await works(client, got["secret"])


async def test_what_another_process_revoked_stops_when_it_says_so(client: Client, ada: Member) -> None:
    got = await make(client, ada.access)
    with time_machine.travel(clock.now(), tick=False):
        assert await works(client, got["secret"])
        row = await AccessToken.get()
        await AccessToken.all().update(revoked_at=clock.now())
        announcements.hear(Announcement(tokens.REVOKED, (str(row.id),)))
        assert not await works(client, got["secret"])


async def test_a_second_look_within_a_second_asks_no_database(client: Client, ada: Member) -> None:
    with time_machine.travel(clock.now(), tick=False):
        await client.run("{ viewer { name } }", access=ada.access)
        with database.counting() as count:
            assert (await client.run("{ viewer { name } }", access=ada.access))["data"]
        assert count.statements == []


async def test_a_new_secret_overlaps_with_the_old_one(client: Client, ada: Member) -> None:
    got = await make(client, ada.access)
    rotate = {"input": {"id": got["token"]["id"], "overlapSeconds": 60}}
    with time_machine.travel(clock.now(), tick=False) as now:
        new = (await client.run(ROTATE, rotate, access=ada.access))["data"]["accessTokenRotate"]
        assert new["token"]["id"] == got["token"]["id"]
        assert await works(client, got["secret"])
        assert await works(client, new["secret"])
        now.shift(61)
        assert not await works(client, got["secret"])
        assert await works(client, new["secret"])


async def test_without_overlap_the_old_secret_stops_at_once_and_repeating_makes_another(client: Client, ada: Member) -> None:
    got = await make(client, ada.access)
    assert await works(client, got["secret"])
    rotate = {"input": {"id": got["token"]["id"], "overlapSeconds": 0}}
    one, two = [(await client.run(ROTATE, rotate, access=ada.access))["data"]["accessTokenRotate"]["secret"] for _ in range(2)]
    assert [await works(client, secret) for secret in (got["secret"], one, two)] == [False, False, True]


@pytest.mark.parametrize("seconds", [-1, 604801])
async def test_an_overlap_has_bounds(client: Client, ada: Member, seconds: int) -> None:
    got = await make(client, ada.access)
    rotate = {"input": {"id": got["token"]["id"], "overlapSeconds": seconds}}
    refused = (await client.run(ROTATE, rotate, access=ada.access))["data"]["accessTokenRotate"]
    assert refused["userErrors"] == [{"field": ["input", "overlapSeconds"], "code": "LIMIT_EXCEEDED"}]
    assert await works(client, got["secret"])


async def test_an_ended_token_is_not_renewed(client: Client, ada: Member) -> None:
    got = await make(client, ada.access)
    await client.run(REVOKE, {"input": {"id": got["token"]["id"]}}, access=ada.access)
    refused = (await client.run(ROTATE, {"input": {"id": got["token"]["id"]}}, access=ada.access))["data"]["accessTokenRotate"]
    assert refused == {"token": None, "secret": None, "userErrors": [{"field": ["input", "id"], "code": "WRONG_STATE"}]}


@pytest.mark.parametrize("document", [ROTATE, REVOKE])
async def test_an_unknown_token_and_an_id_of_something_else_are_refused(client: Client, ada: Member, document: str) -> None:
    for noun, code in (("AccessToken", "NOT_FOUND"), ("Customer", "INVALID")):
        got = await client.run(document, {"input": {"id": relay.encode(noun, UUID(int=1))}}, access=ada.access)
        assert next(iter(got["data"].values()))["userErrors"] == [{"field": ["input", "id"], "code": code}]


async def test_without_the_scope_nothing_is_renewed_ended_or_read(client: Client, ada: Member, member: MakeMember) -> None:
    got = await make(client, ada.access)
    bo = await member(Role.SERVICE, "bo@example.com", "Bo")
    for document in (ROTATE, REVOKE):
        denied = await client.run(document, {"input": {"id": got["token"]["id"]}}, access=bo.access)
        assert denied["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert (await client.run("{ accessTokens { totalCount } }", access=bo.access))["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert await works(client, got["secret"])
    page = (await client.run("{ accessTokens { totalCount nodes { name } } }", access=ada.access))["data"]["accessTokens"]
    assert page == {"totalCount": 1, "nodes": [{"name": "sync"}]}


async def test_use_is_noted_apart_from_the_request(client: Client, ada: Member, house: House) -> None:
    secret = (await make(client, ada.access))["secret"]
    await Staff.all().update(last_seen_at=None)
    await works(client, secret)
    assert (await AccessToken.get()).last_used_at is None
    await tokens.note_use(Actor.worker("uses"))
    used = (await AccessToken.get()).last_used_at
    assert used is not None
    assert (await Staff.get()).last_seen_at is not None
    await tokens.note_use(Actor.worker("uses"))
    assert (await AccessToken.get()).last_used_at == used
