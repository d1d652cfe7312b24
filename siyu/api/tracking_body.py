"""The body of a call to the tracking API: unpacked within bounds, read, and told apart into messages. Pure."""

from __future__ import annotations

import base64
import binascii
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson

from siyu.domain import tracking
from siyu.domain.tracking import Clock, Kept, Message, Type
from siyu.privacy.refusal import Code, Refusal

#: Messages that one batch may hold, however small they are.
MESSAGES_MAX: Final = 2_500
_ENCODINGS: Final = {"": None, "identity": None, "gzip": 31, "x-gzip": 31}
_NESTING: Final = "The JSON nests too deep."

Json = dict[str, object]


class Unreadable(Exception):
    """The request can't be taken at all: with which status, why, and at which field where it is one."""

    def __init__(self, status: int, message: str, field: str = "", *, retry_seconds: int = 0) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.field = field
        self.retry_seconds = retry_seconds


@dataclass(frozen=True, slots=True)
class Rejected:
    """One message that was not taken, or of which something was left out."""

    index: int
    message_id: str
    field: str
    message: str
    code: Code

    @classmethod
    def of(cls, index: int, message_id: str, refusal: Refusal) -> Rejected:
        """From a refusal whose path is spelled as the specification does."""
        return cls(index, message_id, ".".join(refusal.path), refusal.message, refusal.code)


@dataclass(frozen=True, slots=True)
class Read:
    """The messages of a body that are well-formed, each with its place in it, and the others."""

    messages: list[Message]
    places: list[int]
    rejected: list[Rejected]
    #: What each refused message called itself a type of, for the counters.
    refused_types: list[str]


def unpacked(body: bytes, encoding: str, bytes_max: int) -> bytes:
    """The body as it was before it was compressed. Never more than `bytes_max` are unpacked."""
    bits = _ENCODINGS.get(encoding.strip().lower(), 0)
    if bits == 0:
        raise Unreadable(415, "Send the body as it is, or with Content-Encoding: gzip.")
    if bits is None:
        return body
    try:
        unpacking = zlib.decompressobj(bits)
        found = unpacking.decompress(body, bytes_max + 1)
    except zlib.error:
        raise Unreadable(400, "The body is no gzip.") from None
    if len(found) > bytes_max:
        raise too_large(bytes_max)
    if not unpacking.eof:
        raise Unreadable(400, "The gzip ends too soon.")
    return found


def too_large(bytes_max: int) -> Unreadable:
    """The refusal of a body that is too large, packed or unpacked."""
    return Unreadable(413, f"A request holds at most {bytes_max // 1024} KB, unpacked.")


def loaded(text: bytes) -> Json:
    """The JSON object in a body."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as problem:
        # The parser's words quote nothing of the text.
        raise Unreadable(400, f"The body is no JSON: {problem.msg} at line {problem.lineno}, column {problem.colno}.") from None
    if not isinstance(found, dict):
        raise Unreadable(400, "The body is a JSON object.")
    return found


def write_key(authorization: str, body: Json) -> str:
    """The write key: the user of HTTP Basic, a bearer's secret, or `writeKey` in the body; empty where there is none."""
    scheme, _, rest = authorization.strip().partition(" ")
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(rest.strip(), validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    if scheme.lower() == "bearer":
        return rest.strip()
    given = body.get("writeKey")
    return given if isinstance(given, str) else ""


def batch(body: Json) -> list[object]:
    """The messages of a batch, as they are."""
    found = body.get("batch")
    if not isinstance(found, list):
        raise Unreadable(400, "batch is a list of messages.", "batch")
    if len(found) > MESSAGES_MAX:
        raise Unreadable(413, f"A batch holds at most {MESSAGES_MAX} messages.", "batch")
    return found


def read(raws: list[object], body: Json, received_at: datetime, kept: Kept, *, expected: Type | None, call_bytes_max: int) -> Read:
    """Tell the good messages from the bad. `expected` is the type of a single call."""
    try:
        sent_at = tracking.parsed(body.get("sentAt"), "sentAt")
    except Refusal:
        sent_at = None  # a sender that can't say when it sent is taken at its word for the rest
    clock = Clock(received_at, tracking.skew(sent_at, received_at))
    found = Read([], [], [], [])
    for place, raw in enumerate(raws):
        try:
            if len(orjson.dumps(raw)) > call_bytes_max:
                raise Refusal(f"A message has at most {call_bytes_max // 1024} KB.", code=Code.TOO_LONG)
            found.messages.append(tracking.parse(raw, clock, kept, expected))
            found.places.append(place)
        except Refusal as refusal:
            found.rejected.append(Rejected.of(place, tracking.said_id(raw), refusal))
            found.refused_types.append(_type(raw, expected))
        except TypeError:  # the encoder's, of JSON that nests deeper than it follows
            found.rejected.append(Rejected(place, tracking.said_id(raw), "", _NESTING, Code.INVALID))
            found.refused_types.append(_type(raw, expected))
    return found


def _type(raw: object, expected: Type | None) -> str:
    said = raw.get("type") if isinstance(raw, dict) else None
    return expected or (said if isinstance(said, str) and said in _TYPES else "unknown")


_TYPES: Final = frozenset(type_.value for type_ in Type)
