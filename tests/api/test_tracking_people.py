"""What `identify` and `alias` make of people: who is one, what their profile says, what never happens."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from siyu.domain import attributes, customers, writekeys
from siyu.domain.attributes import AttributeDefine, AttributeType
from siyu.domain.customers import CustomerUpdate, IdentityGiven, IdentityKind
from siyu.domain.customers.tables import Customer, Identity
from siyu.domain.events.tables import Event
from siyu.domain.tracking.people import forget
from siyu.privacy.actor import Actor
from tests.api.conftest import Client, Member

Send = Callable[..., Awaitable[dict[str, Any]]]

PROFILE = """query ($id: String!) { customer(identity: {kind: EXTERNAL_ID, value: $id}) {
  email phone displayName givenName birthday gender city occupation address { line1 } attributes { key value } anonymous
} }"""


@pytest.fixture
def send(client: Client, admin: Actor) -> Send:
    """Sends a batch with a key that may, or may not, change profiles."""
    secrets: dict[bool, str] = {}

    async def sent(*batch: dict[str, Any], profiles: bool = True) -> dict[str, Any]:
        if profiles not in secrets:
            wish = writekeys.WriteKeyCreate(name=f"Key {profiles}", channel="web", profiles=profiles)
            secrets[profiles] = (await writekeys.create(admin, wish)).secret
        basic = base64.b64encode(f"{secrets[profiles]}:".encode()).decode()
        got = await client.http.post("/v1/batch", json={"batch": batch}, headers={"authorization": f"Basic {basic}"})
        assert got.status_code == 200, got.text
        answer: dict[str, Any] = got.json()
        return answer

    return sent


def track(event: str, **who: str) -> dict[str, Any]:
    return {"type": "track", "event": event, **who}


def identify(minutes: float = 0, *, user: str = "u-1", anonymous: str | None = None, **traits: object) -> dict[str, Any]:
    at = (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()
    return {"type": "identify", "userId": user, "anonymousId": anonymous, "timestamp": at, "traits": traits}


async def profile(client: Client, ada: Member, user: str = "u-1") -> dict[str, Any]:
    answer = await client.run(PROFILE, {"id": user}, access=ada.access)
    assert "errors" not in answer, answer
    found: dict[str, Any] = answer["data"]["customer"]
    return found


async def holder(admin: Actor, kind: IdentityKind, value: str) -> object:
    return await customers.find(admin, IdentityGiven(kind=kind, value=value))


async def whose(admin: Actor, user: str = "u-1") -> list[str]:
    """The names of a user's events."""
    holds = await holder(admin, IdentityKind.EXTERNAL_ID, user)
    return sorted([row.name for row in await Event.filter(customer_id=holds)])


async def test_a_visitors_history_comes_along_whatever_the_order(send: Send, admin: Actor, client: Client, ada: Member) -> None:
    await send(track("Before", anonymousId="a-1"))
    assert (await Customer.get()).anonymous
    got = await send(track("Beside", anonymousId="a-1"), identify(anonymous="a-1", firstName="Ada"), track("After", userId="u-1"))
    assert (got["accepted"], got["rejected"]) == (3, [])
    await send(track("Later", anonymousId="a-1"))
    assert await whose(admin) == ["After", "Before", "Beside", "Later"]
    person = await profile(client, ada)
    assert (person["givenName"], person["anonymous"]) == ("Ada", False)
    again = await send(identify(anonymous="a-1"))
    assert (again["accepted"], await Customer.filter(merged_into_id__isnull=True).count()) == (1, 1)


async def test_a_visitor_who_turns_out_to_be_somebody_known_joins_them(send: Send, admin: Actor) -> None:
    await send(track("Bought", userId="u-1"), track("Looked", anonymousId="a-1"), track("Stranger", anonymousId="a-2"))
    await send({"type": "alias", "userId": "u-1", "previousId": "a-1"})
    assert await whose(admin) == ["Bought", "Looked"]
    assert await Customer.filter(merged_into_id__isnull=True).count() == 2, "the stranger is nobody's"


async def test_track_with_both_ids_joins_nobody(send: Send, admin: Actor) -> None:
    await send(track("Looked", anonymousId="a-1"), track("Both", userId="u-1", anonymousId="a-1"))
    assert await whose(admin) == ["Both"]


async def test_two_users_are_not_made_one_by_an_alias(send: Send, admin: Actor) -> None:
    await send(track("One", userId="u-1"), track("Two", userId="u-2"))
    got = await send({"type": "alias", "userId": "u-1", "previousId": "u-2"})
    assert got["success"]
    assert (await whose(admin), await whose(admin, "u-2")) == (["One"], ["Two"])


async def test_one_visitor_is_not_two_users(send: Send, admin: Actor) -> None:
    """A shared phone: the second to sign in doesn't get what the first has done."""
    await send(track("Looked", anonymousId="a-1"), identify(user="u-1", anonymous="a-1"))
    await send(identify(user="u-2", anonymous="a-1"), track("Mine", userId="u-2"))
    assert (await whose(admin), await whose(admin, "u-2")) == (["Looked"], ["Mine"])


async def test_the_reserved_traits_go_into_the_profile(send: Send, client: Client, ada: Member, admin: Actor) -> None:
    wish = AttributeDefine(key="favorite_color", title="Colour", type=AttributeType.TEXT, personal=False)
    await attributes.define(admin, wish)
    address = {"street": "1 Nanjing Road", "city": "Shanghai"}
    traits: dict[str, Any] = {
        "email": "Ada@Example.com",
        "phone": "13800001111",
        "firstName": "Ada",
        "birthday": "1990-12-10",
        "gender": "f",
    }
    got = await send(identify(**traits, title="Analyst", address=address, favoriteColor="green"))
    assert (got["accepted"], got["rejected"]) == (1, [])
    person = await profile(client, ada)
    assert person == {
        "email": "ada@example.com",
        "phone": "+8613800001111",
        "displayName": "Ada",
        "givenName": "Ada",
        "birthday": "1990-12-10",
        "gender": "FEMALE",
        "city": "Shanghai",
        "occupation": "Analyst",
        "address": {"line1": "1 Nanjing Road"},
        "attributes": [{"key": "favorite_color", "value": "green"}],
        "anonymous": False,
    }


async def test_a_bad_trait_is_refused_alone_and_said(send: Send, client: Client, ada: Member) -> None:
    await send(identify(user="u-2", email="taken@example.com"))
    got = await send(identify(email="taken@example.com", phone="12", firstName="Ada", gender="x", plan="gold", city=1))
    assert got["accepted"] == 1
    fields = sorted(each["field"] for each in got["rejected"])
    assert fields == ["traits.city", "traits.gender", "traits.phone", "traits.plan"]
    person = await profile(client, ada)
    assert (person["givenName"], person["email"], person["phone"]) == ("Ada", None, None)


async def test_a_write_key_learns_nothing_of_who_is_known(send: Send, client: Client, ada: Member) -> None:
    await send(identify(user="u-2", email="taken@example.com", phone="13800001111"))
    got = await send(identify(user="u-1", email="taken@example.com", phone="13800001111"))
    assert got == await send(identify(user="u-3", email="free@example.com", phone="13800002222"))
    assert (await profile(client, ada))["email"] is None


async def test_the_last_word_wins_for_each_trait_apart(send: Send, client: Client, ada: Member) -> None:
    await send(identify(-10, firstName="Newer", title="Analyst"))
    await send(identify(-20, firstName="Older", email="ada@example.com"))
    person = await profile(client, ada)
    assert (person["givenName"], person["occupation"], person["email"]) == ("Newer", "Analyst", "ada@example.com")
    await send(identify(-4, firstName="Last"), identify(-5, firstName="Before", title=None))
    person = await profile(client, ada)
    assert (person["givenName"], person["occupation"]) == ("Last", None)


async def test_what_staff_changed_since_is_not_replaced(send: Send, client: Client, ada: Member, admin: Actor) -> None:
    await send(identify(-30, firstName="Ada"))
    found = await holder(admin, IdentityKind.EXTERNAL_ID, "u-1")
    assert isinstance(found, type((await Customer.get()).id))
    await customers.update(admin, CustomerUpdate(id=found, given_name="Augusta"))
    await send(identify(-10, firstName="Late", title="Analyst"))
    person = await profile(client, ada)
    assert (person["givenName"], person["occupation"]) == ("Augusta", "Analyst"), "it fills what is empty, and replaces nothing"
    await send(identify(4, firstName="Newest"))
    assert (await profile(client, ada))["givenName"] == "Newest"


async def test_a_key_without_profiles_names_people_and_changes_nothing(send: Send, client: Client, ada: Member, admin: Actor) -> None:
    await send(track("Looked", anonymousId="a-1"))
    got = await send(identify(anonymous="a-1", firstName="Mallory"), profiles=False)
    assert (got["accepted"], [each["field"] for each in got["rejected"]]) == (1, ["traits"])
    assert (await profile(client, ada))["givenName"] is None
    assert await whose(admin) == ["Looked"]


async def test_somebody_who_was_just_erased_is_somebody_new(send: Send, admin: Actor) -> None:
    await send(track("Once", userId="u-1"))
    await send(track("Remembered", userId="u-1"))
    first = await Customer.get()
    await first.delete()
    await Event.all().delete()
    await Identity.all().delete()
    got = await send(track("Again", userId="u-1"))
    assert (got["accepted"], got["rejected"]) == (1, [])
    assert (await Event.get()).customer_id == (await Customer.get()).id != first.id
    forget([(IdentityKind.EXTERNAL_ID, "u-1")])
