"""Events through the schema."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

from siyu.domain.events.tables import Event, EventDefinition
from siyu.domain.kernel import clock, database
from siyu.domain.kernel.reading import Reason
from siyu.domain.work.tables import Work
from siyu.privacy.actor import Actor, Role, Scope
from tests import actors
from tests.schema.conftest import Answer, Run

TRACK = """mutation ($input: EventsTrackInput!) {
  eventsTrack(input: $input) { accepted duplicates late future userErrors { field code message } }
}"""
PAGE = """query ($first: Int, $after: String, $names: [String!], $since: DateTime, $until: DateTime) {
  customers(sort: CREATED_AT_ASC) { nodes {
    events(first: $first, after: $after, names: $names, since: $since, until: $until) {
      totalCount nodes { name occurredAt channel properties late customer { externalId } } pageInfo { hasNextPage endCursor }
    } } }
}"""
DEFINE = """mutation ($input: EventDefineInput!) {
  eventDefine(input: $input) {
    definition { name title description properties { name personal sealing } } job { kind state } userErrors { field code }
  }
}"""
REGISTER = """query ($search: String, $first: Int) {
  eventDefinitions(search: $search, first: $first) { totalCount nodes { name properties { name types personal seenPersonal } } }
}"""


def event(
    key: str, *, who: str = "ada", name: str = "product_viewed", ago: timedelta = timedelta(hours=1), **more: object
) -> dict[str, object]:
    return {
        "customer": {"kind": "EXTERNAL_ID", "value": who},
        "name": name,
        "occurredAt": (clock.now() - ago).isoformat(),
        "idempotencyKey": key,
        **more,
    }


async def track(run: Run, actor: Actor, *events: dict[str, object], **more: object) -> Answer:
    return await run(actor, TRACK, input={"events": list(events), **more})


async def test_events_are_tracked_and_read_newest_first_in_whatever_order_they_came(run: Run, admin: Actor) -> None:
    batch = [event(f"k{n}", ago=timedelta(hours=hours), channel="app", properties={"n": n}) for n, hours in enumerate((5, 1, 900, 3))]
    got = (await track(run, admin, *batch)).data["eventsTrack"]
    assert got == {"accepted": 4, "duplicates": 0, "late": 1, "future": 0, "userErrors": []}
    assert (await track(run, admin, *batch)).data["eventsTrack"]["duplicates"] == 4
    page = (await run(admin, PAGE, first=3)).data["customers"]["nodes"][0]["events"]
    assert [node["properties"]["n"] for node in page["nodes"]] == [1, 3, 0]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"], page["nodes"][0]["channel"]) == (4, True, "app")
    rest = (await run(admin, PAGE, after=page["pageInfo"]["endCursor"])).data["customers"]["nodes"][0]["events"]
    assert [(node["properties"]["n"], node["late"]) for node in rest["nodes"]] == [(2, True)]


async def test_a_bad_event_is_told_by_its_path_and_the_others_are_taken(run: Run, admin: Actor) -> None:
    got = await track(run, admin, event("a"), event("b", name=""), event("c", customer={"kind": "PHONE", "value": "12"}))
    assert got.data["eventsTrack"]["accepted"] == 1
    assert [(each["field"], each["code"]) for each in got.data["eventsTrack"]["userErrors"]] == [
        (["input", "events", "1", "name"], "BLANK"),
        (["input", "events", "2", "customer", "value"], "INVALID"),
    ]


async def test_an_unknown_customer_is_refused_where_the_caller_says_so(run: Run, admin: Actor) -> None:
    got = await track(run, admin, event("a"), unknownCustomers="REFUSE")
    assert [(each["field"], each["code"]) for each in got.data["eventsTrack"]["userErrors"]] == [
        (["input", "events", "0", "customer"], "NOT_FOUND")
    ]
    assert await Event.all().count() == 0


async def test_tracking_without_the_scope_is_denied_and_writes_nothing(run: Run) -> None:
    got = await track(run, actors.holder(Scope.EVENTS_READ), event("a"))
    assert got.codes == ["FORBIDDEN"]
    assert await Event.all().count() == 0


async def test_events_are_filtered_by_name_and_time(run: Run, admin: Actor) -> None:
    names = ("viewed", "clicked", "shared", "viewed")
    await track(run, admin, *(event(f"k{n}", name=name, ago=timedelta(hours=n + 1)) for n, name in enumerate(names)))

    async def found(**given: object) -> list[str]:
        return [node["name"] for node in (await run(admin, PAGE, **given)).data["customers"]["nodes"][0]["events"]["nodes"]]

    assert await found(names=["viewed", "shared"]) == ["viewed", "shared", "viewed"]
    assert await found(names=[]) == []
    since, until = (clock.now() - timedelta(hours=hours, minutes=30) for hours in (3, 1))
    assert await found(since=since.isoformat(), until=until.isoformat()) == ["clicked", "shared"]
    assert await found(since=since.isoformat(), names=["viewed"]) == ["viewed"]


async def test_what_is_personal_is_shown_to_who_may_see_identities_and_null_to_others(run: Run, admin: Actor) -> None:
    properties = {
        "phone": "13800001111",
        "sku": "S",
        "to": {"email": "a@example.com", "city": "杭州"},
        "mixed": ["x", "110101199003078515"],
    }
    await track(run, admin, event("a", properties=properties))
    shown = await run(admin, PAGE)
    assert shown.data["customers"]["nodes"][0]["events"]["nodes"][0]["properties"] == properties
    assert shown.denied == []
    analyst = await run(actors.staff(Role.ANALYST), PAGE)
    assert analyst.data["customers"]["nodes"][0]["events"]["nodes"][0]["properties"] == {
        "phone": None, "sku": "S", "to": {"email": None, "city": "杭州"}, "mixed": ["x", None],
    }  # fmt: skip
    denied = [(".".join(each.path), each.reason, each.scope) for each in analyst.denied if each.path[-1] == "properties"]
    assert denied == [("customers.nodes.events.nodes.properties", Reason.SCOPE_REQUIRED, Scope.CUSTOMER_IDENTITY_READ)]


async def test_events_are_not_shown_without_their_scope(run: Run, admin: Actor) -> None:
    await track(run, admin, event("a"))
    got = await run(actors.holder(Scope.CUSTOMERS_READ), PAGE)
    assert "FORBIDDEN" in got.codes


@pytest.mark.parametrize("number", [1, 30])
async def test_a_page_of_events_is_one_statement_more(run: Run, admin: Actor, number: int) -> None:
    for who in range(3):
        await track(run, admin, *(event(f"{who}-{n}", who=f"p{who}", properties={"email": "a@example.com"}) for n in range(number)))
    ask = "{ customers { nodes { city events { nodes { name properties } } } } }"
    await run(admin, ask)
    with database.counting() as count:
        got = await run(admin, ask)
    assert [len(each["events"]["nodes"]) for each in got.data["customers"]["nodes"]] == [number] * 3
    assert len([sql for sql in count.sent if " from customers" in sql or " from events" in sql]) == 2


async def test_the_register_lists_names_and_properties(run: Run, admin: Actor) -> None:
    await track(run, admin, event("a", name="Product Viewed", properties={"sku": "S", "price": 9.5, "to": {"phone": "13800001111"}}))
    await track(run, admin, event("b", name="searched", properties={"q": "red_shoes", "at": "2026-01-31"}))
    everything = (await run(admin, REGISTER)).data["eventDefinitions"]
    assert (everything["totalCount"], [each["name"] for each in everything["nodes"]]) == (2, ["Product Viewed", "searched"])
    assert everything["nodes"][0]["properties"] == [
        {"name": "phone", "types": ["string"], "personal": False, "seenPersonal": True},
        {"name": "price", "types": ["number"], "personal": False, "seenPersonal": False},
        {"name": "sku", "types": ["string"], "personal": False, "seenPersonal": False},
        {"name": "to", "types": ["object"], "personal": False, "seenPersonal": False},
    ]
    assert {each["name"]: each["types"] for each in everything["nodes"][1]["properties"]} == {"at": ["date"], "q": ["string"]}
    assert [each["name"] for each in (await run(admin, REGISTER, search="VIEW")).data["eventDefinitions"]["nodes"]] == ["Product Viewed"]
    assert (await run(admin, REGISTER, search="_")).data["eventDefinitions"]["nodes"] == []
    one = await run(admin, '{ eventDefinition(name: "searched") { name count } nothing: eventDefinition(name: "no") { name } }')
    assert one.data == {"eventDefinition": {"name": "searched", "count": 0}, "nothing": None}


async def test_an_event_is_defined_and_seals_what_came_before(run: Run, admin: Actor) -> None:
    await track(run, admin, event("a", properties={"nick": "Lily"}))
    wish = {"name": "product_viewed", "title": "Viewed a product", "properties": [{"name": "nick", "personal": True}]}
    got = (await run(admin, DEFINE, input=wish)).data["eventDefine"]
    assert got["definition"] == {
        "name": "product_viewed", "title": "Viewed a product", "description": None,
        "properties": [{"name": "nick", "personal": True, "sealing": True}],
    }  # fmt: skip
    assert got["job"] == {"kind": "seal_event_properties", "state": "QUEUED"}
    again = (await run(admin, DEFINE, input={"name": "product_viewed", "properties": wish["properties"]})).data["eventDefine"]
    assert (again["job"], again["definition"]["title"]) == (None, "Viewed a product")
    cleared = (await run(admin, DEFINE, input={"name": "product_viewed", "title": None})).data["eventDefine"]
    assert cleared["definition"]["title"] is None


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"name": " "}, ["input", "name"]),
        ({"name": "x", "title": "y" * 81}, ["input", "title"]),
        ({"name": "x", "description": "ask 13800001111"}, ["input", "description"]),
        ({"name": "x", "properties": [{"name": "13800001111", "personal": True}]}, ["input", "properties", "0", "name"]),
        (
            {"name": "x", "properties": [{"name": "a", "personal": True}, {"name": "a", "personal": False}]},
            ["input", "properties", "1", "name"],
        ),
    ],
)
async def test_a_senseless_definition_is_refused_by_its_field(run: Run, admin: Actor, wish: dict[str, object], field: list[str]) -> None:
    got = (await run(admin, DEFINE, input=wish)).data["eventDefine"]
    assert (got["definition"], [each["field"] for each in got["userErrors"]]) == (None, [field])
    assert (await EventDefinition.all().count(), await Work.all().count()) == (0, 0)


async def test_defining_without_the_scope_is_denied(run: Run) -> None:
    got = await run(actors.holder(Scope.EVENTS_READ), DEFINE, input={"name": "x"})
    assert got.codes == ["FORBIDDEN"]
    assert await EventDefinition.all().count() == 0


async def test_names_that_nothing_can_have_are_no_mistake_of_ours(run: Run, admin: Actor) -> None:
    long = "x" * 100_000
    one = await run(admin, "query ($name: String!) { eventDefinition(name: $name) { name } }", name=long)
    assert (one.data["eventDefinition"], one.errors) == (None, [])
    assert (await run(admin, REGISTER, search=long)).codes == ["TOO_LONG"]


async def test_a_number_that_nothing_holds_is_refused_and_not_lost(run: Run, admin: Actor) -> None:
    one = json.dumps(event("k")).replace('"EXTERNAL_ID"', "EXTERNAL_ID")
    written = re.sub(r'"(\w+)":', r"\1:", one)[:-1] + ", properties: {list: [{price: 1e999}]}}"
    got = await run(admin, f"mutation {{ eventsTrack(input: {{events: [{written}]}}) {{ accepted }} }}")
    assert (got.codes, await Event.all().count()) == (["BAD_REQUEST"], 0)
    fine = await run(admin, f"mutation {{ eventsTrack(input: {{events: [{written.replace('1e999', '1e9')}]}}) {{ accepted }} }}")
    assert fine.data["eventsTrack"]["accepted"] == 1
