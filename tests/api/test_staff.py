"""Staff through HTTP: signing in, staying signed in, inviting, changing; and what must not happen."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
import time_machine

from siyu.domain import staff
from siyu.domain.kernel import clock, database
from siyu.domain.kernel.boot import House
from siyu.domain.staff.tables import Staff, StaffLogin
from siyu.privacy.actor import Actor, Role, Scope
from siyu.privacy.refusal import Forbidden
from siyu.schema import relay
from tests.api.conftest import LOGIN, PASSWORD, Client, MakeMember, Member

REFRESH = "mutation ($input: StaffRefreshInput!) { staffRefresh(input: $input) { accessToken refreshToken userErrors { field code } } }"
INVITE = """mutation ($input: StaffInviteInput!) {
  staffInvite(input: $input) { staff { id email role active } inviteUrl userErrors { field code } }
}"""
ACCEPT = "mutation ($input: StaffInviteAcceptInput!) { staffInviteAccept(input: $input) { accepted userErrors { field code } } }"
UPDATE = "mutation ($input: StaffUpdateInput!) { staffUpdate(input: $input) { staff { id name role active } userErrors { field code } } }"
LOGOUT = "mutation { staffLogout { ended userErrors { code } } }"
VIEWER = "{ viewer { kind name scopes staff { email role } token { id } } }"


async def login(client: Client, email: str = "ada@example.com", password: str = PASSWORD) -> dict[str, Any]:
    found: dict[str, Any] = (await client.run(LOGIN, {"input": {"email": email, "password": password}}))["data"]["staffLogin"]
    return found


async def refresh(client: Client, token: str) -> dict[str, Any]:
    found: dict[str, Any] = (await client.run(REFRESH, {"input": {"refreshToken": token}}))["data"]["staffRefresh"]
    return found


async def code_of_viewer(client: Client, access: str) -> str | None:
    answer = await client.run(VIEWER, access=access)
    return answer["errors"][0]["extensions"]["code"] if "errors" in answer else None


async def test_login_gives_a_pair_that_works(client: Client, ada: Member) -> None:
    got = await login(client, " ADA@Example.com ")
    assert got["userErrors"] == []
    viewer = (await client.run(VIEWER, access=got["accessToken"]))["data"]["viewer"]
    assert (viewer["kind"], viewer["name"], viewer["token"]) == ("STAFF", "Ada Lovelace", None)
    assert viewer["staff"] == {"email": "ada@example.com", "role": "ADMIN"}
    assert "staff:write" in viewer["scopes"]


@pytest.mark.parametrize(
    "given", [("ada@example.com", "wrong"), ("nobody@example.com", PASSWORD), ("no address", ""), ("ada@example.com", "")]
)
async def test_whatever_is_wrong_is_said_in_the_same_words(client: Client, ada: Member, given: tuple[str, str]) -> None:
    before = await StaffLogin.all().count()
    got = await login(client, *given)
    assert (got["accessToken"], got["refreshToken"]) == (None, None)
    assert [(e["field"], e["code"]) for e in got["userErrors"]] == [(["input"], "INVALID")]
    assert got["userErrors"][0]["message"].startswith("The email address or the password is wrong")
    assert await StaffLogin.all().count() == before


async def test_wrong_passwords_lock_and_the_lock_ends_by_itself(client: Client, ada: Member, house: House) -> None:
    with time_machine.travel(clock.now(), tick=True) as now:
        for _ in range(3):
            assert (await login(client, password="wrong"))["accessToken"] is None
        assert (await login(client))["accessToken"] is None, "locked, though the password is right"
        now.shift(timedelta(minutes=house.settings.login_lock_minutes, seconds=1))
        assert (await login(client, password="wrong"))["accessToken"] is None
        now.shift(timedelta(minutes=house.settings.login_lock_minutes, seconds=1))
        assert (await login(client))["accessToken"] is None, "the second lock is twice as long"
        now.shift(timedelta(minutes=house.settings.login_lock_minutes))
        assert (await login(client))["accessToken"]
    who = await Staff.get(email="ada@example.com")
    assert (who.failures, who.locked_until) == (0, None)


async def test_many_guesses_at_once_get_no_further_than_one_after_the_other(client: Client, ada: Member) -> None:
    await asyncio.gather(*(login(client, password=f"guess {n}") for n in range(6)))
    assert (await Staff.get(email="ada@example.com")).failures == 3
    assert (await login(client))["accessToken"] is None


async def test_a_strangers_login_is_all_that_a_stranger_may(client: Client, ada: Member) -> None:
    mixed = "mutation ($input: StaffLoginInput!) { staffLogin(input: $input) { accessToken } staffLogout { ended } }"
    asked = [
        "{ viewer { name } }",
        "{ customers { totalCount } }",
        "{ __schema { types { name } } }",
        '{ __type(name: "Customer") { name } }',
    ]
    for document in (*asked, mixed):
        answer = await client.post(document, {"input": {"email": "ada@example.com", "password": PASSWORD}})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert [e["extensions"]["code"] for e in answer.json()["errors"]] == ["UNAUTHENTICATED"]
        assert "data" not in answer.json()
    assert await StaffLogin.all().count() == 1


async def test_strangers_get_no_hints_and_members_do(client: Client, ada: Member) -> None:
    told = (await client.run("mutation { staffLogin(inputt: 1) { accessTokn } }"))["errors"]
    assert told
    assert not any("Did you mean" in error["message"] for error in told)
    helped = (await client.run("{ viewer { nam } }", access=ada.access))["errors"]
    assert "Did you mean 'name'" in helped[0]["message"]


@pytest.mark.parametrize("header", ["Bearer", "Bearer x", "Basic YTpi", "Bearer siyu_s" + "0" * 22 + "_" + "0" * 49, "nonsense"])
async def test_a_secret_that_is_no_good_is_401(client: Client, header: str) -> None:
    answer = await client.http.post("/graphql", json={"query": "{ __typename }"}, headers={"authorization": header})
    assert answer.status_code == 401


async def test_secrets_are_not_stored_and_not_interchangeable(client: Client, ada: Member) -> None:
    assert await code_of_viewer(client, ada.refresh) == "UNAUTHENTICATED"
    assert (await refresh(client, ada.access))["userErrors"] == [{"field": ["input", "refreshToken"], "code": "INVALID"}]
    stored = str([[*row] for table in ("staff", "staff_logins") for row in await database.rows(f"select * from {table}")])
    assert "ada@example.com" in stored
    assert not any(part in stored for part in (ada.access, ada.refresh, ada.access.split("_")[2], PASSWORD))


async def test_refresh_gives_a_new_pair_and_the_old_access_token_ends_by_itself(client: Client, ada: Member, house: House) -> None:
    with time_machine.travel(clock.now(), tick=True) as now:
        got = await refresh(client, ada.refresh)
        assert got["userErrors"] == []
        assert await code_of_viewer(client, got["accessToken"]) is None
        now.shift(timedelta(minutes=house.settings.session_minutes, seconds=1))
        assert await code_of_viewer(client, ada.access) == "UNAUTHENTICATED"
        assert await code_of_viewer(client, got["accessToken"]) == "UNAUTHENTICATED"
        assert (await refresh(client, got["refreshToken"]))["accessToken"]


async def test_a_refresh_token_that_is_used_twice_ends_the_login(client: Client, ada: Member) -> None:
    got = await refresh(client, ada.refresh)
    assert (await refresh(client, ada.refresh))["userErrors"] == [{"field": ["input", "refreshToken"], "code": "EXPIRED"}]
    assert (await refresh(client, got["refreshToken"]))["userErrors"][0]["code"] == "EXPIRED"
    assert await code_of_viewer(client, got["accessToken"]) == "UNAUTHENTICATED"
    assert await StaffLogin.filter(revoked_at__isnull=True).count() == 0


async def test_a_refresh_token_used_twice_at_once_ends_the_login(client: Client, ada: Member) -> None:
    both = await asyncio.gather(refresh(client, ada.refresh), refresh(client, ada.refresh))
    assert sorted(bool(each["accessToken"]) for each in both) == [False, True]
    assert await StaffLogin.filter(revoked_at__isnull=True).count() == 0


async def test_logout_ends_this_login_only_and_at_once(client: Client, ada: Member) -> None:
    other = await login(client)
    assert await code_of_viewer(client, ada.access) is None
    assert (await client.run(LOGOUT, access=ada.access))["data"]["staffLogout"]["ended"] is True
    assert await code_of_viewer(client, ada.access) == "UNAUTHENTICATED"
    assert (await refresh(client, ada.refresh))["userErrors"][0]["code"] == "EXPIRED"
    assert await code_of_viewer(client, other["accessToken"]) is None


async def invite(client: Client, access: str, **given: str) -> dict[str, Any]:
    usual = {"name": "Bo", "email": "bo@example.com", "role": "SERVICE"}
    return await client.run(INVITE, {"input": {**usual, **given}}, access=access)


async def test_an_invitation_is_accepted_once_and_opens_the_door(client: Client, ada: Member) -> None:
    got = (await invite(client, ada.access))["data"]["staffInvite"]
    assert got["staff"] == {"id": got["staff"]["id"], "email": "bo@example.com", "role": "SERVICE", "active": True}
    link = urlsplit(got["inviteUrl"])
    assert (await client.http.get(link.path)).status_code == 200
    given = {"input": {"token": link.fragment, "password": "a long enough one"}}
    assert (await login(client, "bo@example.com", ""))["accessToken"] is None
    assert (await client.run(ACCEPT, given))["data"]["staffInviteAccept"] == {"accepted": True, "userErrors": []}
    again = (await client.run(ACCEPT, given))["data"]["staffInviteAccept"]
    assert (again["accepted"], again["userErrors"]) == (False, [{"field": ["input", "token"], "code": "INVALID"}])
    assert (await login(client, "bo@example.com", "a long enough one"))["accessToken"]


async def test_inviting_again_replaces_the_link(client: Client, ada: Member) -> None:
    first, second = [(await invite(client, ada.access))["data"]["staffInvite"] for _ in range(2)]
    assert first["staff"]["id"] == second["staff"]["id"]
    for got, accepted in ((first, False), (second, True)):
        given = {"input": {"token": urlsplit(got["inviteUrl"]).fragment, "password": "a long enough one"}}
        assert (await client.run(ACCEPT, given))["data"]["staffInviteAccept"]["accepted"] is accepted


async def test_an_invitation_expires(client: Client, ada: Member) -> None:
    got = (await invite(client, ada.access))["data"]["staffInvite"]
    given = {"input": {"token": urlsplit(got["inviteUrl"]).fragment, "password": "a long enough one"}}
    with time_machine.travel(clock.now() + timedelta(days=8)):
        assert (await client.run(ACCEPT, given))["data"]["staffInviteAccept"]["userErrors"][0]["code"] == "EXPIRED"
    assert (await Staff.get(email="bo@example.com")).password_hash is None


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", ["INVALID", "INVALID"]),
        ("a" * 20, ["INVALID"]),
        ("bolivia and more", []),
        ("x" * 250 + "abcdefghi", ["TOO_LONG"]),
        ("robert is my name", ["INVALID"]),
    ],
)
async def test_weak_passwords_are_refused_with_every_reason(client: Client, ada: Member, password: str, why: list[str]) -> None:
    got = (await invite(client, ada.access, name="Bo Robert"))["data"]["staffInvite"]
    given = {"input": {"token": urlsplit(got["inviteUrl"]).fragment, "password": password}}
    errors = (await client.run(ACCEPT, given))["data"]["staffInviteAccept"]["userErrors"]
    assert [error["code"] for error in errors] == why
    assert (await Staff.get(email="bo@example.com")).password_hash is None or not why


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"email": "Ada@example.com"}, "email", "TAKEN"),
        ({"email": "nonsense"}, "email", "INVALID"),
        ({"email": ""}, "email", "BLANK"),
        ({"name": " "}, "name", "BLANK"),
        ({"name": "x" * 101}, "name", "TOO_LONG"),
    ],
)
async def test_a_refused_invitation_invites_nobody(client: Client, ada: Member, given: dict[str, str], field: str, code: str) -> None:
    got = (await invite(client, ada.access, **given))["data"]["staffInvite"]
    assert (got["staff"], got["inviteUrl"]) == (None, None)
    assert got["userErrors"] == [{"field": ["input", field], "code": code}]
    assert await Staff.all().count() == 1


async def test_who_lacks_the_scope_neither_invites_nor_changes_nor_reads(client: Client, ada: Member, member: MakeMember) -> None:
    bo = await member(Role.MARKETER, "bo@example.com", "Bo")
    me = relay.encode("Staff", UUID(str(bo.actor.id)))
    denied = [
        await invite(client, bo.access, email="eve@example.com"),
        await client.run(UPDATE, {"input": {"id": me, "role": "ADMIN"}}, access=bo.access),
        await client.run("{ staff { totalCount } }", access=bo.access),
    ]
    assert [[e["extensions"]["code"] for e in answer["errors"]] for answer in denied] == [["FORBIDDEN"]] * 3
    assert await Staff.all().count() == 2
    assert (await Staff.get(email="bo@example.com")).role is Role.MARKETER
    assert (await client.run(VIEWER, access=bo.access))["data"]["viewer"]["staff"] == {"email": "bo@example.com", "role": "MARKETER"}


async def test_a_new_role_binds_at_once(client: Client, ada: Member, member: MakeMember) -> None:
    bo = await member(Role.SERVICE, "bo@example.com", "Bo")
    given = {"input": {"id": relay.encode("Staff", UUID(str(bo.actor.id))), "role": "ANALYST", "name": "Bo  B"}}
    got = (await client.run(UPDATE, given, access=ada.access))["data"]["staffUpdate"]
    assert (got["staff"]["role"], got["staff"]["name"], got["userErrors"]) == ("ANALYST", "Bo B", [])
    assert await code_of_viewer(client, bo.access) == "UNAUTHENTICATED"
    repeated = (await client.run(UPDATE, given, access=ada.access))["data"]["staffUpdate"]
    assert repeated == got


async def test_who_is_deactivated_is_out_and_stays_out(client: Client, ada: Member, member: MakeMember) -> None:
    bo = await member(Role.SERVICE, "bo@example.com", "Bo")
    given = {"input": {"id": relay.encode("Staff", UUID(str(bo.actor.id))), "active": False}}
    assert (await client.run(UPDATE, given, access=ada.access))["data"]["staffUpdate"]["staff"]["active"] is False
    assert await code_of_viewer(client, bo.access) == "UNAUTHENTICATED"
    assert (await refresh(client, bo.refresh))["userErrors"][0]["code"] == "EXPIRED"
    assert (await login(client, "bo@example.com"))["accessToken"] is None
    assert (await invite(client, ada.access))["data"]["staffInvite"]["userErrors"][0]["code"] == "TAKEN"


@pytest.mark.parametrize("change", [{"role": "MARKETER"}, {"active": False}])
async def test_nobody_changes_what_they_are_themselves(client: Client, ada: Member, change: dict[str, object]) -> None:
    given = {"input": {"id": relay.encode("Staff", UUID(str(ada.actor.id))), **change}}
    got = (await client.run(UPDATE, given, access=ada.access))["data"]["staffUpdate"]
    assert got["userErrors"] == [{"field": ["input", next(iter(change))], "code": "SECOND_PERSON_REQUIRED"}]
    assert await code_of_viewer(client, ada.access) is None


async def test_staff_are_paged_newest_first(client: Client, ada: Member) -> None:
    for n in range(3):
        await invite(client, ada.access, email=f"n{n}@example.com")
    page = "query ($after: String) { staff(first: 2, after: $after) { totalCount nodes { email } pageInfo { hasNextPage endCursor } } }"
    first = (await client.run(page, access=ada.access))["data"]["staff"]
    assert (first["totalCount"], [node["email"] for node in first["nodes"]]) == (4, ["n2@example.com", "n1@example.com"])
    second = (await client.run(page, {"after": first["pageInfo"]["endCursor"]}, access=ada.access))["data"]["staff"]
    assert [node["email"] for node in second["nodes"]] == ["n0@example.com", "ada@example.com"]


async def test_the_first_administrator_is_made_once(client: Client) -> None:
    boss = Actor.worker("command line", Scope.STAFF_WRITE)
    made = await staff.bootstrap_admin(boss, email="first@example.com")
    assert made is not None
    assert made.password not in repr(made)
    assert (await login(client, made.email, made.password))["accessToken"]
    assert await staff.bootstrap_admin(boss, email="second@example.com") is None
    assert await Staff.all().count() == 1


async def test_only_the_command_line_sets_somebodys_password(ada: Member) -> None:
    with pytest.raises(Forbidden):
        await staff.add(ada.actor, email="eve@example.com", name="Eve", role=Role.ADMIN, password="a long enough one")
    assert await Staff.all().count() == 1
