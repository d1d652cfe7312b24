"""The tracking API over HTTP: each call done, refused, not allowed, repeated; and what must not happen."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import zlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import structlog
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from siyu.api.tracking import PATHS
from siyu.domain import writekeys
from siyu.domain.customers.tables import Customer, Identity
from siyu.domain.events.tables import Event
from siyu.domain.kernel import database
from siyu.privacy.actor import Actor
from tests.api.conftest import Client

Post = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
async def key(client: Client, admin: Actor) -> str:
    """A write key of the channel `web`."""
    return (await writekeys.create(admin, writekeys.WriteKeyCreate(name="Shop", channel="web"))).secret


@pytest.fixture
def post(client: Client, key: str) -> Post:
    """Posts with the key."""
    basic = "Basic " + base64.b64encode(f"{key}:".encode()).decode()

    async def posted(path: str, body: object = None, *, content: bytes | None = None, **headers: str) -> httpx.Response:
        sent = {"authorization": basic, "content-type": "text/plain", **headers}
        return await client.http.post(path, content=json.dumps(body) if content is None else content, headers=sent)

    return posted


def track(number: int = 0, **more: object) -> dict[str, Any]:
    return {"type": "track", "event": "Tea Drunk", "userId": "u-1", "messageId": f"m-{number}", **more}


async def stored() -> list[tuple[str, object]]:
    """Name and properties of the events that there are."""
    return sorted((row.name, row.properties) for row in await Event.all())


CALLS: dict[str, dict[str, Any]] = {
    "identify": {"userId": "u-1", "traits": {"email": "ada@example.com"}},
    "track": {"userId": "u-1", "event": "Tea Drunk"},
    "page": {"userId": "u-1", "name": "Home"},
    "screen": {"anonymousId": "a-1", "name": "Basket"},
    "group": {"userId": "u-1", "groupId": "club"},
    "alias": {"userId": "u-1", "previousId": "a-1"},
}


@pytest.mark.parametrize("path", sorted(PATHS))
async def test_each_address_takes_its_call_and_a_second_time_is_once(post: Post, path: str) -> None:
    name = next((name for name in CALLS if path in (f"/v1/{name}", f"/v1/{name[0]}")), "")
    call = {**CALLS[name or "track"], "messageId": "m-1", "timestamp": datetime.now(UTC).isoformat()}
    body = call if name else {"batch": [{"type": "track", **call}]}
    first = await post(path, body)
    assert (first.status_code, first.json()) == (200, {"success": True, "accepted": 1, "duplicates": 0, "rejected": []})
    events, people = await stored(), await Customer.all().count()
    assert people == 1
    again = await post(path, body)
    is_event = name not in ("identify", "alias")
    assert again.json() == {"success": True, "accepted": int(not is_event), "duplicates": int(is_event), "rejected": []}
    assert (await stored(), await Customer.all().count()) == (events, people)
    assert len(events) == int(is_event)


async def test_one_bad_message_never_loses_the_others(post: Post) -> None:
    batch = [track(1), track(2, event=""), track(3, userId=""), {"type": "dance"}, "tea", track(6, timestamp="soon"), track(7)]
    got = (await post("/v1/batch", {"batch": batch})).json()
    assert (got["success"], got["accepted"], got["duplicates"]) == (True, 2, 0)
    assert [(each["index"], each["messageId"], each["field"]) for each in got["rejected"]] == [
        (1, "m-2", "event"),
        (2, "m-3", "userId"),
        (3, "", "type"),
        (4, "", ""),
        (5, "m-6", "timestamp"),
    ]
    assert all(each["message"] and each["code"] for each in got["rejected"])
    assert len(await stored()) == 2


async def test_what_the_domain_refuses_is_said_in_the_words_of_the_specification(post: Post) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    batch = [track(1, event="ada@example.com was here"), track(2, timestamp=tomorrow), track(3, userId="x" * 300), track(4)]
    got = (await post("/v1/batch", {"batch": batch})).json()
    assert got["accepted"] == 1
    assert [(each["index"], each["field"]) for each in got["rejected"]] == [(0, "event"), (1, "timestamp"), (2, "userId")]
    assert "ada@example.com" not in json.dumps(got["rejected"])


async def test_a_single_call_that_is_refused_is_a_400(post: Post) -> None:
    got = await post("/v1/track", {"userId": "u-1"})
    assert got.status_code == 400
    answer = got.json()
    assert (answer["success"], answer["code"], answer["field"]) == (False, "invalid_request", "event")
    assert await Event.all().count() == 0
    assert await Customer.all().count() == 0


async def test_another_event_under_the_same_id_is_said_and_a_repetition_is_told_by_what_was_said(post: Post) -> None:
    sent = datetime.now(UTC) - timedelta(minutes=1)
    call = track(1, timestamp=sent.isoformat())
    assert (await post("/v1/track", {**call, "sentAt": sent.isoformat()})).json()["accepted"] == 1
    later = {**call, "sentAt": (sent + timedelta(seconds=20)).isoformat()}
    assert (await post("/v1/track", later)).json()["duplicates"] == 1, "an SDK that tries again says a new sentAt"
    other = await post("/v1/track", {**call, "properties": {"cups": 2}})
    assert (other.status_code, other.json()["field"]) == (400, "messageId")
    assert len(await stored()) == 1


async def test_the_moment_is_corrected_by_the_senders_clock(post: Post) -> None:
    wrong = datetime.now(UTC) - timedelta(hours=8)
    body = {"batch": [track(1, timestamp=(wrong - timedelta(seconds=30)).isoformat())], "sentAt": wrong.isoformat()}
    assert (await post("/v1/batch", body)).json()["accepted"] == 1
    happened = (await Event.get()).occurred_at
    assert abs(datetime.now(UTC) - timedelta(seconds=30) - happened) < timedelta(seconds=20)


@pytest.mark.parametrize("where", ["header", "bearer", "body", "call"])
async def test_a_key_is_told_in_one_of_four_ways(client: Client, key: str, where: str) -> None:
    body: dict[str, object] = {"batch": [track(1)]}
    headers = {"bearer": {"authorization": f"Bearer {key}"}}.get(where, {})
    if where == "header":
        headers = {"authorization": "basic " + base64.b64encode(f"{key}:".encode()).decode()}
    if where == "body":
        body["writeKey"] = key
    if where == "call":
        got = await client.http.post("/v1/t", json={**track(1), "writeKey": key})
    else:
        got = await client.http.post("/v1/b", json=body, headers=headers)
    assert (got.status_code, got.json()["accepted"]) == (200, 1)


@pytest.mark.parametrize("authorization", ["", "Basic", "Basic !!!", "Basic bm9ib2R5Og==", "Basic /w==", "Bearer nobody", "Digest x"])
async def test_without_a_key_of_ours_nothing_is_taken(client: Client, authorization: str) -> None:
    got = await client.http.post("/v1/batch", json={"batch": [track(1)]}, headers={"authorization": authorization})
    assert got.status_code == 401
    assert got.json() == {"success": False, "code": "unauthenticated", "message": "This is no write key of ours.", "field": "writeKey"}
    assert got.headers["www-authenticate"].startswith("Basic")
    assert await Event.all().count() == 0


@pytest.mark.parametrize(
    ("content", "status", "field"),
    [
        (b"", 400, None),
        (b"{", 400, None),
        (b"[1]", 400, None),
        (b'{"batch": {}}', 400, "batch"),
        (b"{}", 400, "batch"),
        (b'{"batch": ' + b"[" * 1_500 + b"]" * 1_500 + b"}", 400, None),
        (b'{"batch": [' + b",".join([b"1"] * 2_501) + b"]}", 413, "batch"),
        (b'{"batch": ["' + b"x" * 512_000 + b'"]}', 413, None),
    ],
)
async def test_what_cannot_be_read_is_refused_whole(post: Post, content: bytes, status: int, field: str | None) -> None:
    got = await post("/v1/batch", content=content)
    assert (got.status_code, got.json()["success"], got.json().get("field")) == (status, False, field)
    assert got.json()["message"]


async def test_a_message_that_is_too_large_is_refused_alone(post: Post) -> None:
    nested: Any = 1
    for _ in range(400):
        nested = [nested]
    got = await post("/v1/batch", {"batch": [track(1, properties={"x": "y" * 33_000}), track(2, properties={"x": nested}), track(3)]})
    assert (got.json()["accepted"], [each["index"] for each in got.json()["rejected"]]) == (1, [0, 1])


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZIP"])
async def test_gzip_is_taken(post: Post, encoding: str) -> None:
    packed = gzip.compress(json.dumps({"batch": [track(1)]}).encode())
    got = await post("/v1/batch", content=packed, **{"content-encoding": encoding})
    assert got.json()["accepted"] == 1


@pytest.mark.parametrize(
    ("content", "encoding", "status"),
    [
        (gzip.compress(b" " * 50_000_000), "gzip", 413),
        (gzip.compress(b'{"batch": []}')[:-6], "gzip", 400),
        (b"no gzip", "gzip", 400),
        (zlib.compress(b"{}"), "gzip", 400),
        (b"{}", "br", 415),
    ],
    ids=["a bomb", "cut off", "none", "zlib", "another"],
)
async def test_what_cannot_be_unpacked_is_refused(post: Post, content: bytes, encoding: str, status: int) -> None:
    got = await post("/v1/batch", content=content, **{"content-encoding": encoding})
    assert (got.status_code, got.json()["success"]) == (status, False)


async def test_pages_of_every_origin_may_send_by_default_and_of_some_where_it_is_set(client: Client, key: str) -> None:
    origin = {"origin": "https://shop.example"}
    before = await client.http.options("/v1/t", headers={**origin, "access-control-request-method": "POST"})
    assert (before.status_code, before.headers["access-control-allow-origin"]) == (204, "*")
    assert "authorization" in before.headers["access-control-allow-headers"]
    got = await client.http.post("/v1/t", json={**track(1), "writeKey": key}, headers=origin)
    assert got.headers["access-control-allow-origin"] == "*"
    client.app.tracking._origins = frozenset({"https://other.example"})
    closed = await client.http.options("/v1/t", headers=origin)
    assert "access-control-allow-origin" not in closed.headers


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/v1/track", 405), ("POST", "/v1/pixel", 404), ("DELETE", "/v1/batch", 405)]
)
async def test_there_is_nothing_else(client: Client, method: str, path: str, status: int) -> None:
    assert (await client.http.request(method, path)).status_code == status


async def test_who_sends_too_much_is_told_when_to_come_again(client: Client, post: Post) -> None:
    client.app.tracking._rates.messages_per_second = 2
    assert (await post("/v1/batch", {"batch": [track(number) for number in range(8)]})).status_code == 200
    got = await post("/v1/batch", {"batch": [track(9)]})
    assert (got.status_code, got.json()["code"], got.headers["retry-after"]) == (429, "rate_limited", "2")
    assert len(await stored()) == 8


async def test_many_at_once_share_transactions_and_each_is_told_its_own(post: Post) -> None:
    def body(number: int) -> dict[str, object]:
        return {"batch": [track(number, anonymousId=f"a-{number % 3}", userId=None), track(1_000), track(number, event="")]}

    answers = await asyncio.gather(*(post("/v1/batch", body(number)) for number in range(20)))
    told = [each.json() for each in answers]
    assert [each["accepted"] + each["duplicates"] for each in told] == [2] * 20
    assert sum(each["accepted"] for each in told) == 21, "the one that all of them send is new once"
    assert [[each["index"] for each in one["rejected"]] for one in told] == [[2]] * 20
    assert len(await stored()) == 21
    assert await Customer.all().count() == 4


async def test_events_take_the_same_statements_whatever_their_number(post: Post) -> None:
    await post("/v1/batch", {"batch": [track(0)]})
    counts = []
    for size in (5, 200):
        batch = [track(size * 10 + number, userId=f"u-{number % 7}") for number in range(size)]
        await post("/v1/batch", {"batch": [{**each, "messageId": f"w-{at}-{size}"} for at, each in enumerate(batch[:7])]})
        with database.counting() as count:
            assert (await post("/v1/batch", {"batch": batch})).json()["accepted"] == size
        counts.append(len(count.statements))
    assert counts[0] == counts[1] <= 8


async def test_what_is_counted_and_logged_holds_no_value(client: Client, post: Post) -> None:
    with structlog.testing.capture_logs() as logs:
        await post("/v1/batch", {"batch": [track(1), track(1), track(2, event=""), track(3, properties={"mail": "ada@example.com"})]})
    told = json.dumps(logs)
    assert "rejected" in told
    assert "ada@" not in told
    assert "m-2" not in told
    metrics = (await client.http.get("/metrics")).text
    for line in (
        'siyu_tracking_messages_total{outcome="accepted",type="track"} 2.0',
        'siyu_tracking_messages_total{outcome="duplicate",type="track"} 1.0',
        'siyu_tracking_messages_total{outcome="rejected",type="track"} 1.0',
        'siyu_tracking_requests_total{status="200"} 1.0',
    ):
        assert line in metrics
    assert "ada@" not in str(await database.rows("select properties from events"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
NAMES = ["type", "userId", "anonymousId", "previousId", "groupId", "event", "timestamp", "traits", "context", "messageId", "properties"]


@pytest.mark.on("sqlite")
@examples(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.dictionaries(st.sampled_from(NAMES), JSON, max_size=6) | JSON, max_size=4), st.sampled_from(sorted(PATHS)), JSON)
async def test_nothing_that_comes_is_a_bug_of_ours(post: Post, messages: list[Any], path: str, sent_at: object) -> None:
    typed = [{"type": "track", "userId": "u", "event": "e", **each} if isinstance(each, dict) else each for each in messages]
    body = {"batch": typed, "sentAt": sent_at} if PATHS[path] is None else (typed or [{}])[0]
    got = await post(path, body)
    assert got.status_code in (200, 400), got.text


@pytest.mark.on("sqlite")
@examples(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60), st.sampled_from(["", "gzip", "br"]))
async def test_no_bytes_are_a_bug_of_ours(post: Post, content: bytes, encoding: str) -> None:
    got = await post("/v1/batch", content=content, **{"content-encoding": encoding})
    assert got.status_code in (400, 415), got.text


async def test_identities_are_of_their_kinds(post: Post) -> None:
    await post("/v1/batch", {"batch": [track(1), track(2, userId=None, anonymousId="a-1")]})
    kinds = sorted([each.kind.value for each in await Identity.all()])
    assert kinds == ["ANONYMOUS_ID", "EXTERNAL_ID"]
