"""Reading messages: every field of the specification, each mistake by its name, and never anything but a message or a refusal."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.domain import tracking
from siyu.domain.tracking import Clock, Kept, Message, Type
from siyu.domain.tracking.messages import thorough
from siyu.domain.tracking.moments import parsed, skew
from siyu.privacy.refusal import Refusal

RECEIVED = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CLOCK = Clock(RECEIVED, timedelta(0))
KEPT = Kept.of(["app.version", "page.path", "page.referrer", "campaign.name"])


def read(raw: dict[str, Any], clock: Clock = CLOCK) -> Message:
    return tracking.parse(raw, clock, KEPT)


def track(**more: object) -> dict[str, object]:
    return {"type": "track", "event": "Tea Drunk", "userId": "u", "messageId": "m", **more}


def test_a_track_is_read() -> None:
    got = read(track(anonymousId="a", timestamp="2026-03-01T11:00:00.000Z", properties={"cups": 2}))
    assert (got.type, got.id, got.user_id, got.anonymous_id, got.name) == (Type.TRACK, "m", "u", "a", "Tea Drunk")
    assert (got.at, got.properties) == (RECEIVED - timedelta(hours=1), {"cups": 2})


@pytest.mark.parametrize(
    ("raw", "name", "properties"),
    [
        ({"type": "page", "userId": "u", "name": "Home", "category": "Docs"}, "Page Viewed", {"name": "Home", "category": "Docs"}),
        ({"type": "page", "userId": "u"}, "Page Viewed", {}),
        ({"type": "screen", "anonymousId": "a", "name": "Basket", "properties": {"n": 1}}, "Screen Viewed", {"n": 1, "name": "Basket"}),
        ({"type": "group", "userId": "u", "groupId": "g", "traits": {"size": 3}}, "Group Joined", {"size": 3, "group_id": "g"}),
        ({"type": "group", "userId": "u", "groupId": 7}, "Group Joined", {"group_id": "7"}),
    ],
)
def test_pages_screens_and_groups_are_events(raw: dict[str, Any], name: str, properties: dict[str, object]) -> None:
    got = read(raw)
    assert (got.name, got.properties) == (name, properties)


def test_identify_and_alias_are_no_events() -> None:
    got = read({"type": "identify", "userId": 7, "traits": {"email": "a@b.co"}, "context": {"traits": {"email": "old", "plan": "x"}}})
    assert (got.name, got.user_id, got.traits) == ("", "7", {"email": "a@b.co", "plan": "x"})
    got = read({"type": "alias", "userId": "u", "previousId": "p"})
    assert (got.name, got.previous_id) == ("", "p")


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (track(userId=None), "userId"),
        (track(userId="  "), "userId"),
        (track(userId={"id": 1}), "userId"),
        (track(userId=True), "userId"),
        (track(anonymousId=[]), "anonymousId"),
        (track(type="tracks"), "type"),
        (track(type=None), "type"),
        (track(type={}), "type"),
        (track(event=""), "event"),
        (track(event=7), "event"),
        (track(properties=[1]), "properties"),
        (track(context="web"), "context"),
        (track(messageId=7), "messageId"),
        (track(messageId="m" * 101), "messageId"),
        (track(timestamp=1700000000000), "timestamp"),
        (track(timestamp="yesterday, at noon"), "timestamp"),
        (track(originalTimestamp="2026-13-01T00:00:00Z"), "originalTimestamp"),
        (track(sentAt="soon"), "sentAt"),
        ({"type": "alias", "userId": "u"}, "previousId"),
        ({"type": "alias", "anonymousId": "a", "previousId": "p"}, "userId"),
        ({"type": "group", "userId": "u"}, "groupId"),
        ({"type": "page", "userId": "u", "name": 7}, "name"),
        ({"type": "identify", "userId": "u", "traits": "email"}, "traits"),
    ],
)
def test_what_is_wrong_is_named(raw: dict[str, Any], field: str) -> None:
    with pytest.raises(Refusal) as refused:
        read(raw)
    assert refused.value.path == (field,)


def test_without_a_message_id_each_reading_is_another() -> None:
    assert read(track(messageId=None)).id != read(track(messageId=None)).id


@pytest.mark.parametrize("behind", [timedelta(hours=-8), timedelta(0), timedelta(days=400), timedelta(seconds=3)])
def test_a_wrong_clock_is_corrected(behind: timedelta) -> None:
    """The sender's clock is behind by so much; what happened ten seconds before it sent, happened then, whatever it says."""
    said = RECEIVED - behind
    clock = Clock(RECEIVED, skew(said, RECEIVED))
    got = read(track(timestamp=(said - timedelta(seconds=10)).isoformat()), clock)
    assert got.at == RECEIVED - timedelta(seconds=10)
    own = track(originalTimestamp=(said - timedelta(seconds=10)).isoformat(), sentAt=said.isoformat(), timestamp="2000-01-01T00:00:00Z")
    assert read(own).at == got.at


def test_a_moment_that_no_calendar_has_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        read(track(timestamp="9999-12-31T23:59:59Z"), Clock(RECEIVED, timedelta(days=2)))
    assert refused.value.path == ("timestamp",)


def test_a_moment_without_a_zone_is_utc() -> None:
    assert parsed("2026-03-01T12:00:00", "timestamp") == RECEIVED
    assert parsed("2026-03-01T20:00:00+08:00", "timestamp") == RECEIVED
    assert parsed("", "timestamp") is None


def test_of_the_context_only_what_the_setting_names_is_kept() -> None:
    context = {
        "ip": "203.0.113.9",
        "userAgent": "Mozilla",
        "device": {"id": "d", "advertisingId": "x"},
        "app": {"version": "1.2", "build": 7},
        "page": {"path": "/tea", "referrer": "https://search.example/?q=ada", "search": "?token=1"},
        "campaign": {"name": "spring"},
    }
    got = read(track(context=context, properties={"context_app_version": "mine"}))
    assert got.properties == {
        "context_app_version": "mine",
        "context_page_path": "/tea",
        "context_page_referrer": "https://search.example/",
        "context_campaign_name": "spring",
    }


def test_a_pages_address_loses_what_hangs_on_it() -> None:
    raw = {"url": "https://a.b/c?email=ada%40b.co#x", "referrer": "https://d/?q=1", "search": "?email=ada%40b.co", "path": "/c"}
    got = read({"type": "page", "userId": "u", "properties": raw})
    assert got.properties == {"url": "https://a.b/c", "referrer": "https://d/", "path": "/c"}
    assert read(track(properties={"search": "green tea"})).properties == {"search": "green tea"}


json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
names = ["type", "userId", "anonymousId", "previousId", "groupId", "event", "name", "timestamp", "sentAt", "traits", "context", "messageId"]
messages = st.dictionaries(st.sampled_from([*names, "properties", "other"]), json, max_size=8)
types = st.sampled_from([*Type])


@settings(max_examples=60, deadline=None)
@given(messages | json, types | st.none(), types)
def test_whatever_comes_is_a_message_or_a_refusal(raw: object, expected: Type | None, type_: Type) -> None:
    if isinstance(raw, dict):
        raw = {"userId": "u", "type": str(type_), **raw}
    got: Message | Refusal
    try:
        got = tracking.parse(raw, CLOCK, KEPT, expected)
    except Refusal as refused:
        got = refused
    if isinstance(got, Refusal):
        assert got.message
        assert len(got.path) <= 1
    else:
        assert got.user_id or got.anonymous_id
        assert got.at.tzinfo is UTC
        assert bool(got.name) == (got.type not in (Type.IDENTIFY, Type.ALIAS))


_WORDS = st.sampled_from(
    ["", " ", "u", " Tea Drunk ", "m" * 101, "2026-03-01T11:00:00Z", "2026-03-01", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]
)
_MOMENTS = st.sampled_from(["2026-03-01T11:00:00.123Z", "2026-03-01T19:00:00+08:00", "2026-03-01T11:00:00", "soon", "", None, 7])
_ODD: st.SearchStrategy[object] = st.none() | st.booleans() | st.integers() | _WORDS | st.just([]) | st.just({})
_PROPERTIES = st.dictionaries(st.sampled_from(["cups", "context_app_version"]), st.integers(), max_size=2)
_CONTEXT = st.fixed_dictionaries(
    {}, optional={"app": st.just({"version": "4.2"}), "page": st.just({"path": "/a?b"}), "traits": st.just({})}
)


@settings(max_examples=200)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["track", "track", "page", "identify"]) | _ODD,
            "event": st.just("Tea Drunk") | _ODD,
            "userId": st.just("u") | _ODD,
            "anonymousId": st.just("a") | _ODD,
            "messageId": st.just("m") | _ODD,
            "timestamp": _MOMENTS | _ODD,
            "originalTimestamp": st.none() | _MOMENTS,
            "sentAt": st.none() | _MOMENTS,
            "properties": _PROPERTIES | _ODD,
            "context": _CONTEXT | _ODD,
        },
    ),
    st.booleans(),
    st.sampled_from([None, Type.TRACK, Type.PAGE]),
    st.sampled_from([timedelta(0), timedelta(days=-5), timedelta(hours=3)]),
)
def test_the_short_way_gives_what_the_long_way_gives(
    changes: dict[str, Any], usual: bool, expected: Type | None, behind: timedelta
) -> None:
    raw = {**track(timestamp="2026-03-01T11:00:00.000Z", properties={"cups": 2}), **changes} if usual else changes

    def told(way: Any) -> object:
        try:
            got = way(copy.deepcopy(raw), Clock(RECEIVED, behind), KEPT, expected)
        except Refusal as refusal:
            return refusal.path, refusal.code, refusal.message
        if not raw.get("messageId"):
            assert got.id  # made anew each time
            got.id = ""
        return got

    assert told(tracking.parse) == told(thorough)
