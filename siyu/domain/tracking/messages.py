"""The messages of Segment's published specification, as they are taken here. Pure: JSON values in, a message or a refusal out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from siyu.domain.kernel import ids
from siyu.domain.tracking import moments
from siyu.domain.tracking.context import Kept, viewed
from siyu.privacy.refusal import Code, Refusal

MESSAGE_ID_MAX: Final = 100
#: Names of the events that pages, screens and groups become.
PAGE_VIEWED: Final = "Page Viewed"
SCREEN_VIEWED: Final = "Screen Viewed"
GROUP_JOINED: Final = "Group Joined"

Json = Mapping[str, object]
_NOTHING: Final[Json] = {}


class Type(StrEnum):
    """The six calls of the specification."""

    IDENTIFY = "identify"
    TRACK = "track"
    PAGE = "page"
    SCREEN = "screen"
    GROUP = "group"
    ALIAS = "alias"


@dataclass(slots=True)
class Message:
    """One call, its moment corrected. `name` and `properties` are those of the event that it becomes; none for identify and alias."""

    type: Type
    id: str
    at: datetime
    #: The moment in the sender's own words; empty where it said none.
    said_at: str
    user_id: str
    anonymous_id: str
    previous_id: str
    name: str
    properties: dict[str, object]
    traits: Json


@dataclass(frozen=True, slots=True)
class Clock:
    """When a batch came, and how far its sender's clock is behind."""

    received_at: datetime
    behind: timedelta


def parse(raw: object, clock: Clock, kept: Kept, expected: Type | None = None) -> Message:
    """The message in `raw`, as JSON gives it. `expected` is the type that the address says; then the body need not.

    Raises a `Refusal` whose path is the field that is wrong; it names no value.
    """
    if not isinstance(raw, dict):
        raise Refusal("A message is a JSON object.")
    return _straight(raw, clock, kept, expected) or thorough(raw, clock, kept, expected)


def _straight(raw: Json, clock: Clock, kept: Kept, expected: Type | None) -> Message | None:
    """A usual `track`, as nearly all are, at a third of the cost; None where anything about it is unusual."""
    get = raw.get
    user, anonymous, key, name, text = get("userId"), get("anonymousId", ""), get("messageId"), get("event"), get("timestamp")
    properties, context = get("properties"), get("context", _NOTHING)
    if (
        (expected or get("type")) != "track"
        or not (type(user) is type(anonymous) is type(key) is type(name) is type(text) is str)
        or not (type(properties) is type(context) is dict)
        or not 0 < len(key) <= MESSAGE_ID_MAX
        or len(text) < moments.LENGTH_MIN
        or get("originalTimestamp")
        or get("sentAt")
    ):
        return None
    user, name = user.strip(), name.strip()
    if not user or not name:
        return None
    try:
        said = datetime.fromisoformat(text)
        if said.tzinfo is not UTC:
            return None
        at = said + clock.behind
    except (ValueError, OverflowError):
        return None
    if context:
        kept.into(properties, context)
    return Message(Type.TRACK, key, at, text, user, anonymous.strip(), "", name, properties, _NOTHING)


def thorough(raw: Json, clock: Clock, kept: Kept, expected: Type | None = None) -> Message:
    """The message, whatever it is: `parse` gives the same, sooner where the message is as usual."""
    type_ = expected or _type(raw.get("type"))
    user_id, anonymous_id = _key(raw, "userId"), _key(raw, "anonymousId")
    if not (user_id or anonymous_id):
        raise Refusal("Say who: give userId or anonymousId.", path=("userId",), code=Code.BLANK)
    message = Message(type_, message_id(raw), *_moment(raw, clock), user_id, anonymous_id, "", "", {}, _NOTHING)
    _FILL[type_](message, raw)
    context = _object(raw, "context")
    if context and message.name:
        kept.into(message.properties, context)
    return message


def message_id(raw: Json) -> str:
    """The idempotency key; a new one where the sender gave none, so that a repetition is another event."""
    given = raw.get("messageId")
    if given is None or given == "":
        return ids.uuid7().hex
    if not isinstance(given, str):
        raise Refusal("messageId is a text.", path=("messageId",))
    if len(given) > MESSAGE_ID_MAX:
        raise Refusal(f"messageId has at most {MESSAGE_ID_MAX} characters.", path=("messageId",), code=Code.TOO_LONG)
    return given


def said_id(raw: object) -> str:
    """What a refused message called itself, to be said back; empty where that can't be."""
    given = raw.get("messageId") if isinstance(raw, dict) else None
    return given if isinstance(given, str) and len(given) <= MESSAGE_ID_MAX else ""


def _type(given: object) -> Type:
    found = _TYPES.get(given) if isinstance(given, str) else None
    if found is None:
        raise Refusal("type is one of identify, track, page, screen, group and alias.", path=("type",))
    return found


_TYPES: Final = {type_.value: type_ for type_ in Type}


def _key(raw: Json, field: str) -> str:
    """An id: a text, or a number as some senders write it; empty where there is none."""
    given = raw.get(field)
    if given is None:
        return ""
    if isinstance(given, str):
        return given.strip()
    if isinstance(given, int) and not isinstance(given, bool):
        return str(given)
    raise Refusal(f"{field} is a text.", path=(field,))


def _moment(raw: Json, clock: Clock) -> tuple[datetime, str]:
    """The sender's moment, which it may call by either name, corrected by its own `sentAt` before the batch's; and as it was said."""
    field = "originalTimestamp" if raw.get("originalTimestamp") else "timestamp"
    text = raw.get(field)
    said = moments.parsed(text, field)
    behind = clock.behind
    if raw.get("sentAt"):
        behind = moments.skew(moments.parsed(raw["sentAt"], "sentAt"), clock.received_at)
    return moments.corrected(said, behind, clock.received_at), text if isinstance(text, str) else ""


def _object(raw: Json, field: str) -> Json:
    given = raw.get(field)
    if given is None:
        return _NOTHING
    if not isinstance(given, dict):
        raise Refusal(f"{field} is an object.", path=(field,))
    return given


def _text(raw: Json, field: str) -> str:
    given = raw.get(field)
    if given is None:
        return ""
    if not isinstance(given, str):
        raise Refusal(f"{field} is a text.", path=(field,))
    return given.strip()


def _identify(message: Message, raw: Json) -> None:
    # Some SDKs put traits into the context; the message's own win.
    context = _object(raw, "context")
    said = context.get("traits")
    message.traits = {**said, **_object(raw, "traits")} if isinstance(said, dict) else _object(raw, "traits")


def _track(message: Message, raw: Json) -> None:
    name = _text(raw, "event")
    if not name:
        raise Refusal("Say what was done: event is a text.", path=("event",), code=Code.BLANK)
    message.name = name
    properties = raw.get("properties")
    # The JSON is ours alone: what is kept of the context may go into it.
    message.properties = properties if type(properties) is dict else dict(_object(raw, "properties"))


def _view(message: Message, raw: Json) -> None:
    message.name = PAGE_VIEWED if message.type is Type.PAGE else SCREEN_VIEWED
    properties = dict(_object(raw, "properties"))
    for field in ("name", "category"):
        if said := _text(raw, field):
            properties[field] = said
    viewed(properties)
    message.properties = properties


def _group(message: Message, raw: Json) -> None:
    group = _key(raw, "groupId")
    if not group:
        raise Refusal("Say which group: groupId is a text.", path=("groupId",), code=Code.BLANK)
    message.name = GROUP_JOINED
    message.properties = {**_object(raw, "traits"), "group_id": group}


def _alias(message: Message, raw: Json) -> None:
    message.previous_id = _key(raw, "previousId")
    if not message.previous_id:
        raise Refusal("Say who it was: previousId is a text.", path=("previousId",), code=Code.BLANK)
    if not message.user_id:
        raise Refusal("Say who it is: userId is a text.", path=("userId",), code=Code.BLANK)


_FILL: Final = {
    Type.IDENTIFY: _identify,
    Type.TRACK: _track,
    Type.PAGE: _view,
    Type.SCREEN: _view,
    Type.GROUP: _group,
    Type.ALIAS: _alias,
}
