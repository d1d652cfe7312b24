"""Which events are taken, and what is said of the moment that they give. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final

from siyu.domain.events.tables import CHANNEL_MAX, NAME_MAX, PROPERTY_NAME_MAX
from siyu.domain.kernel import normal
from siyu.privacy.refusal import Code, Refusal

#: Events that one call may bring.
BATCH_MAX: Final = 1_000
KEY_MAX: Final = 200
PROPERTIES_BYTES_MAX: Final = 32 * 1024
#: Levels of objects and lists in the properties, the outermost object being the first.
DEPTH_MAX: Final = 8
#: Members of all objects, and elements of all lists, in the properties of one event.
PARTS_MAX: Final = 1_000

#: What a sender's clock may be ahead by.
SKEW: Final = timedelta(minutes=5)
#: What happened longer ago is no behaviour that anybody may still use.
AGE_MAX: Final = timedelta(days=3_653)

_NAME: Final = re.compile(r"[\w$][\w $.:/&-]*")


class Timing(StrEnum):
    """How an event's moment lies to the one at which it came."""

    USUAL = "USUAL"
    LATE = "LATE"
    #: Ahead, by no more than a clock may be: taken as it is.
    FUTURE = "FUTURE"


def timing(occurred_at: datetime, received_at: datetime, late_after: timedelta) -> Timing:
    """Whether it is late or ahead; refused, at `occurred_at`, where it is too far away. Both moments are aware."""
    age = received_at - occurred_at
    if age > AGE_MAX:
        raise Refusal("This happened more than ten years ago; such events aren't kept.", path=("occurred_at",), code=Code.EXPIRED)
    if age < -SKEW:
        raise Refusal(
            "This is more than five minutes ahead of our clock. Set the sender's clock, or send the event once it has happened.",
            path=("occurred_at",),
        )
    if age > late_after:
        return Timing.LATE
    return Timing.FUTURE if occurred_at > received_at else Timing.USUAL


@lru_cache(maxsize=4_096)
def event_name(text: str) -> str:
    """The name in its normal spelling: one line, NFKC, single spaces; case counts. Refused, at `name`, where it is none."""
    name = normal.line(text)
    if not name:
        raise Refusal("An event needs a name.", path=("name",), code=Code.BLANK)
    if len(name) > NAME_MAX:
        raise Refusal(f"An event's name has at most {NAME_MAX} characters.", path=("name",), code=Code.TOO_LONG)
    if not _NAME.fullmatch(name):
        raise Refusal(
            "An event's name begins with a letter, a digit, _ or $ and holds nothing else but spaces and any of . : / & -",
            path=("name",),
        )
    if normal.looks_personal(name):
        raise Refusal("This name holds what looks like somebody's number or address; put that into a property.", path=("name",))
    return name


def idempotency_key(text: str) -> str:
    """The key as it is; refused, at `idempotency_key`, where it is blank or too long."""
    if not text.strip():
        raise Refusal("Give each event a key of its own, such as a UUID.", path=("idempotency_key",), code=Code.BLANK)
    if len(text) > KEY_MAX:
        raise Refusal(f"A key has at most {KEY_MAX} characters.", path=("idempotency_key",), code=Code.TOO_LONG)
    return text


@lru_cache(maxsize=4_096)
def channel_name(text: str | None) -> str | None:
    """The channel in its normal spelling; refused, at `channel`, where it is too long or looks like somebody's number or address."""
    if text is None:
        return None
    name = normal.line(text)
    if len(name) > CHANNEL_MAX:
        raise Refusal(f"A channel has at most {CHANNEL_MAX} characters.", path=("channel",), code=Code.TOO_LONG)
    if normal.looks_personal(name) or "\0" in name:
        raise Refusal("This is no name of a channel.", path=("channel",))
    return name or None


def property_name(text: str) -> str:
    """The name as it is; refused, at `name`, where it is blank, too long or holds what no database stores."""
    if not text.strip() or len(text) > PROPERTY_NAME_MAX or "\0" in text:
        raise Refusal(f"A property's name has 1 to {PROPERTY_NAME_MAX} characters.", path=("name",), code=Code.INVALID)
    return text
